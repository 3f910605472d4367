//! The process that wrote a message on a socket.
//!
//! Only Linux stamps messages with their writer; on other systems the first
//! process that connects is believed.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::io::Errno;
use rustix::process::Pid;

#[cfg(target_os = "linux")]
mod imp {
    use std::io::IoSliceMut;
    use std::mem::MaybeUninit;

    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, sockopt};

    use super::{Errno, Pid, UnixListener, UnixStream, io};

    pub(in super::super) fn request_credentials(listener: &UnixListener) -> io::Result<()> {
        Ok(sockopt::set_socket_passcred(listener, true)?)
    }

    pub(in super::super) fn is_from(stream: &UnixStream, main: Pid, _is_first: bool) -> bool {
        sockopt::socket_peercred(stream).is_ok_and(|peer| peer.pid == main)
    }

    pub(in super::super) fn writer(stream: &UnixStream) -> Option<Pid> {
        sockopt::socket_peercred(stream).ok().map(|peer| peer.pid)
    }

    pub(in super::super) fn receive(
        stream: &UnixStream,
        bytes: &mut [u8],
        main: Pid,
    ) -> Result<(usize, bool), Errno> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut pieces = [IoSliceMut::new(bytes)];
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let message = rustix::net::recvmsg(stream, &mut pieces, &mut control, flags)?;
        let writer = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmCredentials(credentials) => Some(credentials.pid),
            _ => None,
        });
        // Git never passes file descriptors, which do not fit here.
        let whole = !message.flags.contains(ReturnFlags::CTRUNC);
        Ok((message.bytes, whole && writer == Some(main)))
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::io::Read;

    use super::{Errno, Pid, UnixListener, UnixStream, io};

    pub(in super::super) fn request_credentials(_: &UnixListener) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn is_from(_: &UnixStream, _: Pid, is_first: bool) -> bool {
        is_first
    }

    pub(in super::super) fn writer(_: &UnixStream) -> Option<Pid> {
        None
    }

    pub(in super::super) fn receive(
        mut stream: &UnixStream,
        bytes: &mut [u8],
        _: Pid,
    ) -> Result<(usize, bool), Errno> {
        match stream.read(bytes) {
            Ok(n) => Ok((n, true)),
            Err(e) => Err(Errno::from_io_error(&e).unwrap_or(Errno::IO)),
        }
    }
}

pub(super) use imp::{is_from, receive, request_credentials, writer};

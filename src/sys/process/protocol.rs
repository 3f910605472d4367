//! The messages between the runner and a supervisor.
//!
//! The runner sends orders of one byte each. An order to start comes with two
//! open files: a pipe that holds the command, and the pipe for its output. The
//! supervisor answers with reports, one JSON object per line.
//!
//! A command is a line of JSON, then words and variables, each ended by a zero
//! byte: both may hold any other byte.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::command::Cmd;
use super::observation::{Observations, Watch};
use crate::model::evidence::Ending;

/// The hidden verb under which the program supervises a step.
pub const VERB: &str = "__supervise";

/// The longest time limit: the end of a longer one is no valid `Instant`.
pub(super) const MAX_LIMIT: Duration = Duration::from_secs(u32::MAX as u64);

/// An order of the runner to a supervisor, one byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Send TERM now, and KILL after a grace period.
    Terminate,
    /// Send KILL now.
    Kill,
    /// Stop the step and its clock.
    Pause,
    /// Resume the step and its clock.
    Resume,
    /// Start the command that comes with this order.
    Start,
}

impl Order {
    const ALL: [Self; 5] = [
        Self::Terminate,
        Self::Kill,
        Self::Pause,
        Self::Resume,
        Self::Start,
    ];

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Terminate => b't',
            Self::Kill => b'k',
            Self::Pause => b'p',
            Self::Resume => b'r',
            Self::Start => b's',
        }
    }

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.byte() == byte)
    }
}

/// A report of a supervisor to its runner, one JSON object per line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Report {
    /// The step runs, as the leader of this process group.
    Started(i32),
    /// The step ended, and no process of it is left.
    Ended {
        ending: Ending,
        leaked: bool,
        seen: Observations,
    },
}

#[derive(Serialize, Deserialize)]
struct Header {
    /// Zero for no limit.
    limit_ms: u64,
    watch: Watch,
    /// The number of words of the command; variables follow.
    argc: usize,
}

/// Writes a command.
pub(super) fn write(cmd: &Cmd, to: &mut impl Write) -> io::Result<()> {
    let limit = cmd.limit.map_or(Duration::ZERO, |l| l.min(MAX_LIMIT));
    let header = Header {
        limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        watch: cmd.watch.clone(),
        argc: cmd.argv.len(),
    };
    let mut bytes = serde_json::to_vec(&header)?;
    bytes.push(b'\n');
    let variables = cmd.env.iter().flat_map(|(name, value)| [name, value]);
    let words = cmd.argv.iter().chain(variables).map(OsString::as_os_str);
    for word in std::iter::once(cmd.cwd.as_os_str()).chain(words) {
        bytes.extend_from_slice(word.as_bytes());
        bytes.push(0);
    }
    to.write_all(&bytes)
}

/// Reads a command to the end of the stream.
pub(super) fn read(from: &mut impl Read) -> io::Result<Cmd> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    let cut_short = || io::Error::new(io::ErrorKind::InvalidData, "a request was cut short");
    let end = bytes.iter().position(|&b| b == b'\n');
    let (line, body) = bytes.split_at(end.ok_or_else(cut_short)?);
    let header: Header = serde_json::from_slice(line)?;
    let mut words = body[1..].split(|&b| b == 0).map(text);
    let cwd = words.next().ok_or_else(cut_short)?;
    let argv: Vec<OsString> = words.by_ref().take(header.argc).collect();
    let mut env = Vec::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        env.push((name, value));
    }
    if argv.len() != header.argc || argv.is_empty() {
        return Err(cut_short());
    }
    Ok(Cmd {
        argv,
        env,
        cwd: PathBuf::from(cwd),
        limit: (header.limit_ms > 0).then(|| Duration::from_millis(header.limit_ms)),
        watch: header.watch,
    })
}

fn text(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn a_command_arrives_as_it_was_sent() {
        let odd = OsString::from_vec(b"\xff\n \"=".to_vec());
        let cmd = Cmd {
            argv: vec!["sh".into(), "".into(), odd.clone()],
            env: vec![("A".into(), "".into()), ("B".into(), odd)],
            cwd: "/some where".into(),
            limit: Some(Duration::from_millis(1500)),
            watch: Watch::default(),
        };
        let mut bytes = Vec::new();
        write(&cmd, &mut bytes).unwrap();
        let read = read(&mut &*bytes).unwrap();
        assert_eq!(format!("{read:?}"), format!("{cmd:?}"));
    }
}

//! A command on its way to a supervisor: a line of JSON, then words and
//! variables, each ended by a zero byte. Both may hold any other byte.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Cmd, Watch};

/// No limit is longer: a clock could not tell its end.
pub(super) const MAX_LIMIT: Duration = Duration::from_secs(u32::MAX as u64);

#[derive(Serialize, Deserialize)]
struct Header {
    /// Zero for no limit.
    limit_ms: u64,
    watch: Watch,
    /// How many of the words are those of the command; variables follow.
    argc: usize,
}

/// Writes a command.
pub(super) fn write(cmd: &Cmd, to: &mut impl Write) -> io::Result<()> {
    let limit = cmd
        .limit
        .map_or(Duration::ZERO, |limit| limit.min(MAX_LIMIT));
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

/// Reads a command to the end of what is written.
pub(super) fn read(from: &mut impl Read) -> io::Result<Cmd> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    let cut_short = || io::Error::new(io::ErrorKind::InvalidData, "a request was cut short");
    let end = bytes.iter().position(|&b| b == b'\n');
    let (header, words) = bytes.split_at(end.ok_or_else(cut_short)?);
    let header: Header = serde_json::from_slice(header)?;
    let mut words = words[1..].split(|&b| b == 0).map(text);
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
    OsString::from_vec(OsStr::from_bytes(bytes).as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
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

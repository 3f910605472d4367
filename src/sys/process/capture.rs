//! Writes the output of a step into a log of bounded size, without secrets.
//!
//! Reasons and markers are searched in the output as it was printed, before
//! secrets are removed and the log is cut.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::seeker::Seeker;
use crate::model::reason::Reason;
use crate::sys::fs;
use crate::sys::secrets;

/// The size of the start of the output that a log always keeps.
const HEAD: u64 = 1024 * 1024;
/// The size of each of the two files through which the rest rotates; with the
/// head and the marker they stay below 10 MiB.
const TAIL: u64 = (9 * 1024 * 1024 - 256) / 2;
/// A log while it is written: its head, a marker, its tail.
pub struct Capture {
    path: PathBuf,
    head: File,
    digest: Sha256,
    written: u64,
    /// The number of bytes printed.
    total: u64,
    /// Removes secrets from the output.
    redactor: secrets::Stream,
    /// The number of bytes printed, with secrets removed.
    clean_total: u64,
    tail: Option<Tail>,
    reason: Option<Seeker>,
    marker: Option<Seeker>,
    answer: Option<Vec<u8>>,
}

/// A finished log.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The SHA-256 digest of the file, hexadecimal.
    pub sha256: String,
    /// The size of the file.
    pub bytes: u64,
    /// The number of bytes printed.
    pub bytes_total: u64,
    /// Set if the expected reason was found.
    pub reason_found: bool,
    /// Set if the expected marker was found.
    pub marker_found: bool,
}

/// The texts that a log is searched for while it is written.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    /// The reason for which the command blocks.
    pub reason: Option<Reason>,
    /// The mark of the gate.
    pub marker: Option<Reason>,
}

impl From<Option<Reason>> for Patterns {
    fn from(reason: Option<Reason>) -> Self {
        Self {
            reason,
            marker: None,
        }
    }
}

/// The end of the output, in two unnamed files beside the log.
struct Tail {
    folder: PathBuf,
    current: File,
    current_bytes: u64,
    previous: Option<File>,
    previous_bytes: u64,
}

impl Capture {
    /// Creates a log and replaces an earlier one of that name.
    ///
    /// # Errors
    /// If the file or its folder cannot be created.
    pub fn create(path: &Path, patterns: impl Into<Patterns>) -> io::Result<Self> {
        let Patterns { reason, marker } = patterns.into();
        Ok(Self {
            path: path.to_owned(),
            head: fs::create_in_new_folder(path)?,
            digest: Sha256::new(),
            written: 0,
            total: 0,
            redactor: secrets::Stream::new(secrets::for_this_process()),
            clean_total: 0,
            tail: None,
            reason: reason.map(Seeker::new),
            marker: marker.map(Seeker::new),
            answer: None,
        })
    }

    /// Returns the path of the log.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps further output in memory too, for internal commands whose output
    /// is an answer.
    pub fn keep_answer(&mut self) {
        self.answer = Some(Vec::new());
    }

    /// Returns the output since [`Self::keep_answer`].
    pub fn take_answer(&mut self) -> Vec<u8> {
        self.answer.take().unwrap_or_default()
    }

    /// Adds output.
    ///
    /// # Errors
    /// If the log cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.total += bytes.len() as u64;
        for seeker in self.reason.iter_mut().chain(&mut self.marker) {
            seeker.feed(bytes);
        }
        if let Some(answer) = &mut self.answer {
            answer.extend_from_slice(bytes);
        }
        let mut clean = Vec::with_capacity(bytes.len());
        self.redactor.take(bytes, &mut clean);
        self.keep(&clean)
    }

    /// Adds output without secrets.
    fn keep(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.clean_total += bytes.len() as u64;
        let room = usize::try_from(HEAD - self.written.min(HEAD)).unwrap_or(usize::MAX);
        let (head, rest) = bytes.split_at(room.min(bytes.len()));
        self.append(head)?;
        if rest.is_empty() {
            return Ok(());
        }
        match &mut self.tail {
            Some(tail) => tail.write(rest),
            None => self
                .tail
                .insert(Tail::new(fs::parent(&self.path))?)
                .write(rest),
        }
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        fs::write_log(&mut self.head, &self.path, bytes)?;
        self.digest.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Joins head, marker and tail.
    ///
    /// # Errors
    /// If the log cannot be written.
    pub fn finish(mut self) -> io::Result<Captured> {
        let mut held = Vec::new();
        self.redactor.finish(&mut held);
        self.keep(&held)?;
        if let Some(mut tail) = self.tail.take() {
            let left_out =
                self.clean_total - self.written - tail.current_bytes - tail.previous_bytes;
            if left_out > 0 {
                self.append(format!("\n[matrix: {left_out} bytes left out here]\n").as_bytes())?;
            }
            for part in tail.parts()? {
                let mut buffer = vec![0; 64 * 1024];
                loop {
                    match part.read(&mut buffer)? {
                        0 => break,
                        n => self.append(&buffer[..n])?,
                    }
                }
            }
        }
        Ok(Captured {
            sha256: fs::hex(&self.digest.finalize()),
            bytes: self.written,
            bytes_total: self.total,
            reason_found: self.reason.is_some_and(Seeker::finish),
            marker_found: self.marker.is_some_and(Seeker::finish),
        })
    }
}

impl Tail {
    fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            current: tempfile::tempfile_in(folder)?,
            current_bytes: 0,
            previous: None,
            previous_bytes: 0,
        })
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.current_bytes == TAIL {
                self.rotate()?;
            }
            let room = usize::try_from(TAIL - self.current_bytes).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.current.write_all(now)?;
            self.current_bytes += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        let mut next = match self.previous.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        next.set_len(0)?;
        next.seek(SeekFrom::Start(0))?;
        self.previous = Some(std::mem::replace(&mut self.current, next));
        self.previous_bytes = std::mem::replace(&mut self.current_bytes, 0);
        Ok(())
    }

    fn parts(&mut self) -> io::Result<Vec<&mut File>> {
        let mut parts: Vec<&mut File> = self.previous.iter_mut().collect();
        parts.push(&mut self.current);
        for part in &mut parts {
            part.seek(SeekFrom::Start(0))?;
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(reason: Option<&str>) -> (tempfile::TempDir, Capture) {
        let folder = tempfile::tempdir().unwrap();
        let reason = reason.map(|text| Reason::Text(text.to_owned()));
        let capture = Capture::create(&folder.path().join("a/b.log"), reason).unwrap();
        (folder, capture)
    }

    #[test]
    fn a_short_log_is_kept_to_the_byte() {
        let (folder, mut capture) = capture(None);
        capture.write(b"one\0\xff").unwrap();
        capture.write(b"two").unwrap();
        let done = capture.finish().unwrap();
        let file = fs::read(folder.path().join("a/b.log")).unwrap();
        assert_eq!(file, b"one\0\xfftwo");
        assert_eq!(done.sha256, fs::hex(&Sha256::digest(&file)));
        assert_eq!((done.bytes, done.bytes_total), (8, 8));
    }

    #[test]
    fn a_long_log_keeps_its_ends_and_says_what_it_lost() {
        let (folder, mut capture) = capture(None);
        let chunk: Vec<u8> = (0..64 * 1024u32).map(|i| b'a' + (i % 26) as u8).collect();
        for _ in 0..400 {
            capture.write(&chunk).unwrap();
        }
        capture.write(b"the end").unwrap();
        let done = capture.finish().unwrap();
        let file = fs::read(folder.path().join("a/b.log")).unwrap();
        assert_eq!(done.bytes_total, 400 * 64 * 1024 + 7);
        assert_eq!(done.bytes, file.len() as u64);
        assert!(file.len() <= 10 * 1024 * 1024 && file.len() > 5 * 1024 * 1024);
        assert!(file.ends_with(b"the end"));
        assert_eq!(done.sha256, fs::hex(&Sha256::digest(&file)));
        let marker = file.windows(9).position(|w| w == b"[matrix: ").unwrap();
        let text = String::from_utf8_lossy(&file[marker + 9..marker + 30]);
        let left_out: u64 = text.split(' ').next().unwrap().parse().unwrap();
        let marker_bytes = format!("\n[matrix: {left_out} bytes left out here]\n").len() as u64;
        assert_eq!(left_out + done.bytes - marker_bytes, done.bytes_total);
    }

    /// A token over the border of head and tail, one over that of the two
    /// files of the tail, and one in what is left out.
    #[test]
    fn no_secret_is_split_where_a_log_is_cut() {
        let token = format!("ghp_{}", "aZ09".repeat(9));
        let starts = [HEAD - 20, HEAD + TAIL - 20, HEAD + 2 * TAIL - 20];
        for cut in 0..4 {
            let (folder, mut capture) = capture(Some(&token));
            let mut at = 0;
            for start in starts {
                let start = start + cut * 10;
                while at < start {
                    let size = (start - at).min(60_000);
                    capture.write(&vec![b'.'; size as usize]).unwrap();
                    at += size;
                }
                capture.write(&token.as_bytes()[..25]).unwrap();
                capture.write(&token.as_bytes()[25..]).unwrap();
                at += token.len() as u64;
            }
            capture.write(b"the end").unwrap();
            let done = capture.finish().unwrap();
            let file = fs::read(folder.path().join("a/b.log")).unwrap();
            assert!(!file.windows(8).any(|w| w == b"aZ09aZ09"));
            assert!(done.reason_found, "it is judged as it was printed");
            assert_eq!(done.bytes_total, at + 7);
            assert_eq!(done.bytes, file.len() as u64);
            assert_eq!(done.sha256, fs::hex(&Sha256::digest(&file)));
        }
    }

    #[test]
    fn an_answer_is_not_redacted() {
        let (_folder, mut capture) = capture(None);
        capture.keep_answer();
        let token = format!("npm_{}", "aZ09".repeat(9));
        capture.write(token.as_bytes()).unwrap();
        assert_eq!(capture.take_answer(), token.as_bytes());
    }

    #[test]
    fn a_reason_is_found_across_reads_and_under_colour() {
        let (_folder, mut plain) = capture(Some("FIXME found"));
        plain.write(b"x FIX").unwrap();
        plain.write(b"ME \x1b[31mfound\x1b[0m").unwrap();
        assert!(plain.finish().unwrap().reason_found);
        let (_folder, mut long) = capture(Some("FIXME found"));
        for _ in 0..3 {
            long.write(&vec![b'x'; 65_530]).unwrap();
            long.write(b"FIXME").unwrap();
        }
        long.write(b" found").unwrap();
        long.write(&vec![b'x'; 200_000]).unwrap();
        assert!(long.finish().unwrap().reason_found);
        let (_folder, mut other) = capture(Some("FIXME found"));
        other.write(b"FIXME\nfound\n").unwrap();
        assert!(!other.finish().unwrap().reason_found);
    }
}

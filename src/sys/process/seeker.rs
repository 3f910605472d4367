//! Searches the output of a command for a pattern.

use crate::model::reason::Reason;

/// A longer line is searched in pieces of this size, each of which repeats the
/// end of the one before.
const LINE: usize = 64 * 1024;
const OVERLAP: usize = 4 * 1024;

/// Searches a stream line by line, without escape sequences.
pub(super) struct Seeker {
    reason: Reason,
    line: Vec<u8>,
    found: bool,
}

impl Seeker {
    pub(super) fn new(reason: Reason) -> Self {
        Self {
            reason,
            line: Vec::new(),
            found: false,
        }
    }

    /// Searches the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.found {
            return;
        }
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            for piece in line.chunks(LINE - OVERLAP) {
                self.line.extend_from_slice(piece);
                if self.line.len() >= LINE {
                    self.search_line();
                    self.line.drain(..self.line.len() - OVERLAP);
                }
            }
            if line.ends_with(b"\n") {
                self.search_line();
                self.line.clear();
            }
        }
    }

    fn search_line(&mut self) {
        let unix = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let text = unix.strip_suffix(b"\r").unwrap_or(unix);
        let plain: Vec<u8> = anstream::adapter::strip_bytes(text)
            .flatten()
            .copied()
            .collect();
        self.found |= self.reason.matches(&plain);
    }

    /// Searches the last line, and returns true if the pattern was found.
    pub(super) fn finish(mut self) -> bool {
        self.search_line();
        self.found
    }
}

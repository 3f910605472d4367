//! Cuts a script into commands.

use std::ops::Range;

/// One command, which may take several lines.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) span: Range<usize>,
    /// As long as the command, byte for byte: quoted and substituted text is
    /// `q`, comments and continued line ends are spaces, so that a pattern
    /// sees only what the shell itself would read as words and operators.
    pub(super) mask: String,
}

/// A construct that has been opened and not yet closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Double,
    Backtick,
    /// `${`
    Parameter,
    /// `$(`
    Substitution,
    /// One of the two parentheses of `$((`, or one inside of it.
    Arithmetic,
    /// `(`
    Group,
}

/// The commands of a script.
///
/// # Errors
/// The place of something that is opened and never closed.
pub(super) fn commands(text: &str) -> Result<Vec<Command>, String> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        mask: text.as_bytes().to_vec(),
        at: 0,
        open: Vec::new(),
        here: Vec::new(),
        begin: 0,
        ends: Vec::new(),
        joined: (0, true),
    };
    while scan.at < scan.bytes.len() {
        scan.step()?;
    }
    if let Some((_, byte)) = scan.open.last() {
        return Err(unclosed(scan.bytes, *byte));
    }
    scan.finish(scan.bytes.len());
    Ok(scan.commands())
}

fn unclosed(bytes: &[u8], at: usize) -> String {
    let line = bytes[..at].split(|b| *b == b'\n').count();
    format!("line {line}: a quote or a parenthesis is not closed")
}

struct Scan<'a> {
    bytes: &'a [u8],
    mask: Vec<u8>,
    at: usize,
    open: Vec<(Open, usize)>,
    /// Ends of here-documents that begin on the next line, and whether tabs
    /// before them count.
    here: Vec<(Vec<u8>, bool)>,
    begin: usize,
    ends: Vec<Range<usize>>,
    /// The position behind the last continued line, and true if a word begins there.
    joined: (usize, bool),
}

impl Scan<'_> {
    fn step(&mut self) -> Result<(), String> {
        let (bytes, at) = (self.bytes, self.at);
        let top = self.open.last().map(|(open, _)| *open);
        let next = bytes.get(at + 1).copied();
        let words = matches!(
            top,
            None | Some(Open::Group | Open::Substitution | Open::Backtick)
        );
        match bytes[at] {
            b'\\' => {
                let continued = next == Some(b'\n');
                // What is escaped is a character, of several bytes perhaps.
                let rest = bytes.get(at + 2..).unwrap_or_default();
                let more = rest.iter().take_while(|b| (**b & 0xC0) == 0x80).count();
                let begins = self.begins_a_word();
                self.hide(2 + more, if continued { b' ' } else { b'q' });
                self.joined = (self.at, continued && begins);
            }
            b'\'' if words || top == Some(Open::Parameter) && !self.in_double() => {
                let length = bytes[at + 1..].iter().position(|b| *b == b'\'');
                let length = length.ok_or_else(|| unclosed(bytes, at))?;
                self.hide(length + 2, b'q');
            }
            b'"' => self.toggle(Open::Double),
            b'`' => self.toggle(Open::Backtick),
            b'$' if next == Some(b'(') => {
                if bytes.get(at + 2) == Some(&b'(') {
                    self.push(Open::Arithmetic);
                    self.push(Open::Arithmetic);
                    self.hide(3, b'q');
                } else {
                    self.push(Open::Substitution);
                    self.hide(2, b'q');
                }
            }
            b'$' if next == Some(b'{') => {
                self.push(Open::Parameter);
                self.hide(2, b'q');
            }
            b'(' => match top {
                None | Some(Open::Group) => {
                    self.push(Open::Group);
                    self.at += 1;
                }
                Some(inner @ (Open::Substitution | Open::Arithmetic)) => {
                    self.push(inner);
                    self.hide(1, b'q');
                }
                _ => self.hide(1, b'q'),
            },
            b')' => self.close_parenthesis(top),
            b'}' if top == Some(Open::Parameter) => {
                self.hide(1, b'q');
                self.open.pop();
            }
            b'#' if words && self.begins_a_word() => {
                let length = bytes[at..].iter().position(|b| *b == b'\n');
                self.hide(length.unwrap_or(bytes.len() - at), b' ');
            }
            b'<' if words && bytes[at..].starts_with(b"<<<") => self.plain(3),
            b'<' if words && next == Some(b'<') => self.here_document(),
            b'\n' => self.line_end(),
            _ => self.plain(1),
        }
        Ok(())
    }

    fn in_double(&self) -> bool {
        self.open.iter().any(|(open, _)| *open == Open::Double)
    }

    /// True if the current position is hidden from patterns.
    fn hidden(&self) -> bool {
        self.open.iter().any(|(open, _)| *open != Open::Group)
    }

    fn begins_a_word(&self) -> bool {
        if self.at == self.joined.0 {
            return self.joined.1;
        }
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        before.is_none_or(|b| match b {
            // The one that closes is the end of a word.
            b'`' => self
                .open
                .last()
                .is_some_and(|(top, _)| *top == Open::Backtick),
            _ => b.is_ascii_whitespace() || b";|&(".contains(b),
        })
    }

    fn hide(&mut self, count: usize, with: u8) {
        let end = (self.at + count).min(self.bytes.len());
        self.mask[self.at..end].fill(with);
        self.at = end;
    }

    fn plain(&mut self, count: usize) {
        if self.hidden() {
            self.hide(count, b'q');
        } else {
            self.at += count;
        }
    }

    fn push(&mut self, open: Open) {
        self.open.push((open, self.at));
    }

    fn toggle(&mut self, open: Open) {
        if self.open.last().is_some_and(|(top, _)| *top == open) {
            self.open.pop();
        } else {
            self.push(open);
        }
        self.hide(1, b'q');
    }

    fn close_parenthesis(&mut self, top: Option<Open>) {
        match top {
            Some(Open::Substitution | Open::Arithmetic) => {
                self.hide(1, b'q');
                self.open.pop();
            }
            Some(Open::Group) => {
                self.open.pop();
                self.at += 1;
            }
            // The end of a pattern of `case`.
            None => self.at += 1,
            Some(_) => self.hide(1, b'q'),
        }
    }

    fn here_document(&mut self) {
        let mut at = self.at + 2;
        let tabs = self.bytes.get(at) == Some(&b'-');
        at += usize::from(tabs);
        while self.bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        let rest = &self.bytes[at..];
        let length = rest
            .iter()
            .position(|b| b.is_ascii_whitespace() || b";|&<>()".contains(b))
            .unwrap_or(rest.len());
        let end: Vec<u8> = (rest[..length].iter().copied())
            .filter(|b| !b"'\"\\".contains(b))
            .collect();
        self.here.push((end, tabs));
        // Visible, so that no pattern takes it for a part of the word before it.
        self.plain(2);
        self.hide(at + length - self.at, b'q');
    }

    fn line_end(&mut self) {
        let end = self.at;
        let group = self.open.last().is_some_and(|(top, _)| *top == Open::Group);
        // The end of a line in quotes is a part of the word.
        let space = if self.hidden() { b'q' } else { b' ' };
        self.hide(1, if group { b';' } else { space });
        let body = self.at;
        for (end, tabs) in std::mem::take(&mut self.here) {
            self.skip_here_document(&end, tabs);
        }
        self.mask[body..self.at].fill(space);
        if self.open.is_empty() && !self.continues(end) {
            self.finish(end);
        }
    }

    fn skip_here_document(&mut self, end: &[u8], tabs: bool) {
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let mut line = rest[..length]
                .strip_suffix(b"\r")
                .unwrap_or(&rest[..length]);
            while tabs && line.first() == Some(&b'\t') {
                line = &line[1..];
            }
            let last = line == end;
            self.at = (self.at + length + 1).min(self.bytes.len());
            if last {
                return;
            }
        }
    }

    /// True if an operator at the end of the line asks for more.
    fn continues(&self, end: usize) -> bool {
        let line = self.mask[self.begin..end].trim_ascii_end();
        line.ends_with(b"&&") || line.ends_with(b"|")
    }

    fn finish(&mut self, end: usize) {
        self.ends.push(self.begin..end);
        self.begin = self.at;
    }

    fn commands(&self) -> Vec<Command> {
        let trimmed = |span: &Range<usize>| {
            let mask = &self.mask[span.clone()];
            let start = span.start + (mask.len() - mask.trim_ascii_start().len());
            let end = start + mask.trim_ascii().len();
            (start < end).then(|| Command {
                span: start..end,
                mask: String::from_utf8_lossy(&self.mask[start..end]).into_owned(),
            })
        };
        self.ends.iter().filter_map(trimmed).collect()
    }
}

//! A log as readable lines: cut, without escape sequences and progress bars.

use regex::Regex;

use crate::model::text::plain;

/// Maximum number of bytes read from the beginning and the end of a log.
const HEAD_BYTES: usize = 256 * 1024;
const TAIL_BYTES: usize = 1024 * 1024;
/// Maximum number of bytes read and of characters shown of a line.
const MAX_LINE: usize = 4096;
const MAX_SHOWN: usize = 400;
/// Lines shown on each side of the decisive one.
const CONTEXT_LINES: usize = 5;

/// The lines of a log with their numbers.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: Vec<(usize, String)>,
}

impl Log {
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut log = Self::default();
        if bytes.len() <= HEAD_BYTES + TAIL_BYTES {
            log.add(1, bytes);
            return log;
        }
        log.add(1, &bytes[..HEAD_BYTES]);
        let from = bytes.len() - TAIL_BYTES;
        let before = bytes[..from].split(|byte| *byte == b'\n').count();
        log.add(before, &bytes[from..]);
        log
    }

    fn add(&mut self, first: usize, bytes: &[u8]) {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let lines = bytes.split(|byte| *byte == b'\n').zip(first..);
        self.lines
            .extend(lines.map(|(line, number)| (number, readable(line))));
    }

    /// Returns lines with their positions, starting at a position.
    pub(super) fn from(&self, place: usize) -> impl DoubleEndedIterator<Item = (usize, &str)> {
        let lines = self.lines.iter().enumerate().skip(place);
        lines.map(|(at, (_, line))| (at, line.as_str()))
    }

    /// Returns the lines before a position, the nearest first.
    pub(super) fn back_from(&self, place: usize) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.lines[..place].iter().enumerate().rev();
        lines.map(|(at, (_, line))| (at, line.as_str()))
    }

    /// Returns the position of the last `count` lines that are not blank.
    pub(super) fn last(&self, count: usize) -> usize {
        let saying = self.from(0).rev().filter(|(_, line)| says(line));
        saying.take(count).last().map_or(0, |(at, _)| at)
    }

    /// Returns the position of the first line that says a text, or matches it as a regular
    /// expression.
    pub(super) fn saying(&self, text: &str) -> Option<usize> {
        let find = |says: &dyn Fn(&str) -> bool| {
            let found = self.from(0).find(|(_, line)| says(line));
            found.map(|(place, _)| place)
        };
        let regex = || Regex::new(text).ok();
        find(&|line| line.contains(text))
            .or_else(|| regex().and_then(|regex| find(&|line| regex.is_match(line))))
    }

    pub(super) fn number(&self, place: usize) -> usize {
        self.lines[place].0
    }

    pub(super) fn shown(&self, place: usize) -> String {
        shown(&self.lines[place].1)
    }

    /// Returns the lines before and after a position.
    pub(super) fn around(&self, place: usize) -> (Vec<String>, Vec<String>) {
        let part = |lines: &[(usize, String)]| lines.iter().map(|(_, line)| shown(line)).collect();
        let from = place.saturating_sub(CONTEXT_LINES);
        let to = self.lines.len().min(place + 1 + CONTEXT_LINES);
        (
            part(&self.lines[from..place]),
            part(&self.lines[place + 1..to]),
        )
    }
}

fn says(line: &str) -> bool {
    !line.trim().is_empty()
}

/// Returns a line as a terminal would finally show it, cut.
///
/// A carriage return before a quote or colon is the end of a name, as that of a program in
/// a script with CRLF, and overwrites nothing.
fn readable(line: &[u8]) -> String {
    let line = line.trim_ascii_end();
    let overwrites = |at: &usize| {
        let rest = &line[at + 1..];
        line[*at] == b'\r'
            && !["'", "\"", "`", ":", "’"]
                .iter()
                .any(|end| rest.starts_with(end.as_bytes()))
    };
    let from = (0..line.len()).rev().find(overwrites);
    let line = &line[from.map_or(0, |at| at + 1)..];
    let text = String::from_utf8_lossy(&line[..line.len().min(MAX_LINE)]);
    if text.contains('\u{1b}') {
        return anstream::adapter::strip_str(&text).to_string();
    }
    text.into_owned()
}

fn shown(line: &str) -> String {
    let line = plain(line.trim_end());
    match line.char_indices().nth(MAX_SHOWN) {
        None => line,
        Some((at, _)) => format!("{} …", &line[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_file() {
        let mut bytes = b"first\n".to_vec();
        for number in 2..200_000 {
            bytes.extend(format!("line {number}\n").bytes());
        }
        bytes.extend(b"last\n");
        let log = Log::from_bytes(&bytes);
        let last = log.last(1);
        assert_eq!((log.number(0), log.number(last)), (1, 200_000));
        assert_eq!(log.shown(last), "last");
        assert_eq!(log.shown(last - 1), "line 199999");
    }

    #[test]
    fn what_a_terminal_would_not_show_is_not_there() {
        let log = Log::from_bytes(b"10%\r50%\r100%\r\n\x1b[31mred\x1b[0m \xff\n\n");
        assert_eq!(
            (log.shown(0), log.shown(1)),
            ("100%".into(), "red \u{fffd}".into())
        );
        let log = Log::from_bytes(b"sh: 0: cannot open gate.sh\r: No such file\r\n");
        assert_eq!(
            log.shown(0),
            "sh: 0: cannot open gate.sh\u{fffd}: No such file"
        );
    }
}

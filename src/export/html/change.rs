//! The change of a lane, line by line.

use crate::model::change::LaneChange;
use crate::model::evidence::Hunk;
use crate::page::{Change, ChangeLine};

/// The number of lines of a change that are shown.
const LINES: usize = 120;
/// The longest line that is shown whole, in characters.
const WIDTH: usize = 240;

/// Returns the change with the lines that make it a violation marked.
pub(super) fn change(change: &LaneChange) -> Change {
    let mut reader = Reader {
        violation: &change.violation,
        file: String::new(),
        at: 0,
        in_hunk: false,
    };
    let mut lines: Vec<ChangeLine> = change
        .diff
        .lines()
        .filter_map(|line| reader.line(line))
        .collect();
    let is_cut = change.is_cut || lines.len() > LINES;
    lines.truncate(LINES);
    Change { lines, is_cut }
}

/// Reads a diff from top to bottom.
struct Reader<'a> {
    violation: &'a [Hunk],
    /// The file of the lines that follow.
    file: String,
    /// The number of the next line of the new side.
    at: u32,
    in_hunk: bool,
}

impl Reader<'_> {
    /// Returns a line as it is shown; None for a line of a file's head that says nothing new.
    fn line(&mut self, line: &str) -> Option<ChangeLine> {
        if let Some(files) = line.strip_prefix("diff --git ") {
            self.in_hunk = false;
            self.file = new_name(files);
            return Some(shown('f', &self.file, false));
        }
        if let Some(hunk) = line.strip_prefix("@@ ") {
            self.in_hunk = true;
            let new = hunk.split_once('+').map_or("", |(_, new)| new);
            let first = new.split([',', ' ']).next().unwrap_or_default();
            self.at = first.parse().unwrap_or(0);
            return Some(shown('@', line, false));
        }
        if !self.in_hunk {
            let tells = ["new file", "deleted", "old mode", "new mode", "Binary"];
            let is_news = tells.iter().any(|word| line.starts_with(word));
            return is_news.then(|| shown('@', line, false));
        }
        let sign = line.chars().next().unwrap_or(' ');
        match sign {
            '+' | '-' | ' ' => {
                // A removed line stands before the added ones that replace it.
                let violates = sign != ' ' && self.is_violation();
                if sign != '-' {
                    self.at += 1;
                }
                Some(shown(sign, line.get(1..).unwrap_or_default(), violates))
            }
            _ => Some(shown('@', line, false)),
        }
    }

    fn is_violation(&self) -> bool {
        self.violation.iter().any(|hunk| {
            let here = |[first, last]: [u32; 2]| (first..=last).contains(&self.at);
            let is_file =
                self.file == hunk.path || self.file.starts_with(&format!("{}/", hunk.path));
            is_file && hunk.lines.is_none_or(here)
        })
    }
}

/// Returns the name in the head of a file's diff, `a/NAME b/NAME`: both sides have the same,
/// since renames are not looked for. A name with other than plain characters stands in
/// quotes, as C writes them.
fn new_name(files: &str) -> String {
    let side = files.len().div_ceil(2);
    let new = files.get(side..).unwrap_or_default();
    let name = match new.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => unquoted(quoted),
        None => new.to_owned(),
    };
    name.strip_prefix("b/").unwrap_or(&name).to_owned()
}

/// Reads the escapes of C that git writes.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (_, false) => byte,
            (_, true) => match rest.next() {
                Some(digit @ b'0'..=b'7') => {
                    let octal = [digit].into_iter().chain(rest.by_ref().take(2));
                    let value = octal.fold(0_u32, |sum, digit| {
                        sum * 8 + u32::from(digit.saturating_sub(b'0'))
                    });
                    u8::try_from(value).unwrap_or(b'?')
                }
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(other) => other,
                None => b'\\',
            },
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn shown(sign: char, text: &str, violates: bool) -> ChangeLine {
    let text = match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{} …", &text[..end]).into(),
        None => text.into(),
    };
    ChangeLine {
        sign,
        text,
        violates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_git_writes_it() {
        for (head, name) in [
            ("a/src/a b.js b/src/a b.js", "src/a b.js"),
            ("a/y.sh b/x b/y.sh b/x", "y.sh b/x"),
            (
                r#""a/gr\303\266\303\237e.sh" "b/gr\303\266\303\237e.sh""#,
                "größe.sh",
            ),
            (r#""a/quote\"d\\.sh" "b/quote\"d\\.sh""#, "quote\"d\\.sh"),
            ("a/größe b/größe", "größe"),
            ("", ""),
        ] {
            assert_eq!(new_name(head), name, "{head}");
        }
    }

    #[test]
    fn the_lines_of_the_violation_are_marked() {
        let diff = "diff --git a/src/a b.js b/src/a b.js\nindex 1..2 100644\n--- a/src/a b.js\n\
                    +++ b/src/a b.js\n@@ -1,2 +1,4 @@ fn\n-one\n+two\n same\n+debugger\n+++ more\n\
                    \\ No newline at end of file\ndiff --git a/new b/new\nnew file mode 100644\n\
                    @@ -0,0 +1 @@\n+debugger\n";
        let hunk = Hunk {
            path: "src/a b.js".to_owned(),
            lines: Some([3, 4]),
        };
        let lines = change(&LaneChange {
            schema_version: 1,
            scenario: "red".parse().unwrap(),
            diff: diff.to_owned(),
            is_cut: false,
            violation: vec![hunk],
        })
        .lines;
        let shown = |line: &ChangeLine| {
            let mark = if line.violates { "!" } else { "" };
            format!("{mark}{}{}", line.sign, line.text.as_str())
        };
        assert_eq!(
            lines.iter().map(shown).collect::<Vec<_>>(),
            [
                "fsrc/a b.js",
                "@@@ -1,2 +1,4 @@ fn",
                "-one",
                "+two",
                " same",
                "!+debugger",
                "!+++ more",
                "@\\ No newline at end of file",
                "fnew",
                "@new file mode 100644",
                "@@@ -0,0 +1 @@",
                "+debugger",
            ]
        );
    }
}

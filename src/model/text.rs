//! Text of others, made harmless.
//!
//! What a gate, a path or a branch says must not move a cursor, start a
//! line that looks like ours, or talk to the CI engine that reads us.

use std::path::Path;

/// A text without control characters, escape sequences and workflow
/// commands; line breaks become `⏎`.
#[must_use]
pub fn plain(text: &str) -> String {
    let without_escapes = anstream::adapter::strip_str(text).to_string();
    let mut out = String::with_capacity(without_escapes.len());
    for c in without_escapes.chars() {
        match c {
            '\n' => out.push('⏎'),
            '\t' => out.push(' '),
            c if c.is_control() || is_invisible(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    // GitHub looks for `##[` anywhere in a line, Azure for `##vso[` too.
    out.replace("##[", "# #[").replace("##vso[", "# #vso[")
}

/// A path as a person reads it, harmless.
#[must_use]
pub fn shown(path: impl AsRef<Path>) -> String {
    plain(&path.as_ref().to_string_lossy())
}

/// A path for a shell, always quoted, harmless.
#[must_use]
pub fn shell(path: impl AsRef<Path>) -> String {
    plain(&super::command::quote(
        &path.as_ref().to_string_lossy(),
        true,
    ))
}

/// Lines of ours, each made harmless on its own.
#[must_use]
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// Characters that change the direction or hide what stands there.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The last lines of a log, each made harmless. A caller puts something
/// before each, so that none can begin as a line of ours or a command.
#[must_use]
pub fn last_lines(log: &[u8], count: usize) -> Vec<String> {
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let from = lines.len().saturating_sub(count);
    lines[from..]
        .iter()
        .map(|line| shortened(&plain(line)))
        .collect()
}

/// A line that fits a screen.
fn shortened(line: &str) -> String {
    const WIDTH: usize = 400;
    match line.char_indices().nth(WIDTH) {
        None => line.to_owned(),
        Some((at, _)) => format!("{} …", &line[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_comes_through() {
        let nasty = "\x1b[31mred\x1b[0m\r\x07##[error]x\u{202e}\n=== scenario:clean ===\x1b]8;;http://x\x1b\\";
        let text = plain(nasty);
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains("##["), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
    }

    #[test]
    fn the_last_lines_are_whole_lines() {
        assert_eq!(last_lines(b"a\n\nb\r\nc", 2), ["b", "c"]);
        assert_eq!(last_lines(b"", 2), Vec::<String>::new());
    }
}

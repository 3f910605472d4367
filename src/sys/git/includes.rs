//! The files that a configuration of git includes, read as libgit2 reads it.

use std::path::PathBuf;

/// The characters that libgit2 takes for space.
const SPACES: [char; 6] = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];

/// Returns the files that a configuration may include. Conditions are taken to hold.
pub(super) fn includes(text: &str) -> Vec<PathBuf> {
    let mut is_include = false;
    let mut found = Vec::new();
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).split('\n');
    while let Some(line) = lines.next() {
        let mut rest = line.trim_start_matches(SPACES);
        // A setting may stand behind the header, and even another header.
        while let Some(header) = rest.strip_prefix('[') {
            is_include = header.to_ascii_lowercase().starts_with("include");
            rest = behind(header).trim_start_matches(SPACES);
        }
        let (setting, quotes) = without_comment(rest, 0);
        let Some((key, value)) = setting.split_once('=') else {
            continue;
        };
        // Any value may go on in the next lines, which are no settings then.
        let value = whole_value(value.trim_start_matches(SPACES), quotes % 2, &mut lines);
        if is_include && key.trim_matches(SPACES).eq_ignore_ascii_case("path") {
            found.push(value.into());
        }
    }
    found
}

/// Returns the part of a line behind a header, whose quoted part may hold any brackets.
fn behind(header: &str) -> &str {
    let mut is_quoted = false;
    let mut chars = header.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '"' => is_quoted = !is_quoted,
            ']' if !is_quoted => return &header[at + 1..],
            _ => {}
        }
    }
    ""
}

/// Returns a line without its comment and the space at its end, and the number of quotes so
/// far. A text of C ends at a zero byte.
fn without_comment(line: &str, mut quotes: usize) -> (&str, usize) {
    let line = line.split('\0').next().unwrap_or_default();
    let mut end = line.len();
    let (mut before, mut backslashes) = (None, 0_u32);
    for (at, c) in line.char_indices() {
        match c {
            '"' if before != Some('\\') => quotes += 1,
            '#' | ';' if quotes.is_multiple_of(2) && backslashes.is_multiple_of(2) => {
                end = at;
                break;
            }
            _ => {}
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        before = Some(c);
    }
    (line[..end].trim_end_matches(SPACES), quotes)
}

/// Returns a value with the lines in which it goes on.
fn whole_value<'a>(
    first: &str,
    mut quotes: usize,
    lines: &mut impl Iterator<Item = &'a str>,
) -> String {
    let (mut value, mut goes_on) = unescaped(first);
    while goes_on {
        let Some(next) = lines.next().filter(|line| !line.starts_with('\0')) else {
            break;
        };
        let (piece, count) = without_comment(next, quotes);
        quotes = count;
        // Lines without anything do not end it.
        if !piece.is_empty() {
            let (text, more) = unescaped(piece);
            value.push_str(&text);
            goes_on = more;
        }
    }
    value
}

/// Returns a line of a value without quotes and backslashes, and true if the next line
/// belongs to it.
fn unescaped(line: &str) -> (String, bool) {
    let mut value = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {}
            '\\' => match chars.next() {
                None => return (value, true),
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('b') => value.push('\u{8}'),
                Some(other) => value.push(other),
            },
            _ => value.push(c),
        }
    }
    (value, false)
}

//! Foreign text, made harmless.
//!
//! The output of a gate, a path or a branch must not move the cursor, start a line that
//! looks like one of `matrix`, or reach the CI engine as a command.

use std::path::Path;

use serde::{Serialize, Serializer};

/// The name of a newtype whose text the program wrote itself.
pub const OWN: &str = "matrix::own";

/// Serialises a value whose texts the program chose itself, such as a time, a
/// digest or an id.
///
/// Documents are written without secrets. Such a value is left alone: readers
/// find their way by it, also if a password is a common word. For
/// `#[serde(serialize_with)]`.
///
/// # Errors
/// As the serialiser.
pub fn own<T: Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_newtype_struct(OWN, value)
}

/// Serialises the path of a file in a run folder: [`own`] if it is that of a log,
/// which is named after its lane and step.
///
/// # Errors
/// As the serialiser.
pub fn own_log_path<S: Serializer>(path: &str, to: S) -> Result<S::Ok, S::Error> {
    if path.starts_with("logs/") {
        own(&path, to)
    } else {
        to.serialize_str(path)
    }
}

/// Removes control characters, escape sequences and workflow commands from a text.
///
/// Line breaks become `⏎`.
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
    without_commands(&out)
}

/// Breaks up the commands of CI engines.
///
/// GitHub looks for `##[` anywhere in a line, Azure for `##vso[`, `TeamCity` for
/// `##teamcity[`.
fn without_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let (before, from) = rest.split_at(at + 1);
        out.push_str(before);
        let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if from[1..].trim_start_matches(word).starts_with('[') {
            out.push(' ');
        }
        rest = from;
    }
    out + rest
}

/// Returns a path for messages, harmless.
#[must_use]
pub fn shown(path: impl AsRef<Path>) -> String {
    plain(&path.as_ref().to_string_lossy())
}

/// Returns a path for a shell, always quoted, harmless.
#[must_use]
pub fn shell(path: impl AsRef<Path>) -> String {
    plain(&super::command::quote(
        &path.as_ref().to_string_lossy(),
        true,
    ))
}

/// Makes each line of a text harmless on its own.
#[must_use]
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain_line).collect::<Vec<_>>().join("\n")
}

/// Makes each line harmless and keeps the line breaks.
///
/// This is the last filter before the console.
#[must_use]
pub fn inert(text: &str) -> String {
    let line = |line: &str| match line.strip_suffix('\n') {
        Some(line) => plain_line(line) + "\n",
        None => plain_line(line),
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Breaks up a line that GitHub would run: it begins with two colons, maybe after spaces.
fn plain_line(line: &str) -> String {
    let line = plain(line);
    if line.trim_start().starts_with("::") {
        line.replacen("::", ": :", 1)
    } else {
        line
    }
}

/// Escapes a JSON text so that no CI engine finds a command and no terminal acts on it.
#[must_use]
pub fn inert_json(json: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(json.len());
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        let opens = c == '#' && chars.peek() == Some(&'#');
        if opens || c != '\n' && (c.is_control() || is_invisible(c)) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// True for characters that change the direction of text or hide it, and for two that are
/// none: no XML may hold those.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Joins the first names, and adds the number of the others.
#[must_use]
pub fn some_of(names: &[String], max: usize) -> String {
    let first = names[..names.len().min(max)].join(", ");
    match names.len().saturating_sub(max) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Returns the last lines of a log, each made harmless.
///
/// Callers indent them, so that none can begin as a line of `matrix` or a command.
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

/// Cuts a line to the width of a screen.
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
    fn no_engine_finds_a_command() {
        for (text, expected) in [
            ("##[error]x", "# #[error]x"),
            ("a ###[b", "a ## #[b"),
            ("##vso[x]##teamcity[y", "# #vso[x]# #teamcity[y"),
            ("#\x1b[0m#[x", "# #[x"),
            ("## a heading", "## a heading"),
            (" ::error::x::", " : :error::x::"),
            ("a::b", "a::b"),
            ("x\r::error::y", "x\u{fffd}::error::y"),
            ("section_start:1:a\r\x1b[0Kb", "section_start:1:a\u{fffd}b"),
        ] {
            assert_eq!(inert(text), expected);
            assert_eq!(
                inert(&format!("{text}\n\n{text}\n")),
                format!("{expected}\n\n{expected}\n")
            );
        }
    }

    #[test]
    fn json_is_the_same_json() {
        let value = serde_json::json!({"a": "###[b]\u{9b}\u{202e}\r\n::x"});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let told = inert_json(&text);
        assert!(!told.contains("##") && !told.contains('\u{9b}'), "{told}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&told).unwrap(),
            value
        );
    }

    #[test]
    fn the_last_lines_are_whole_lines() {
        assert_eq!(last_lines(b"a\n\nb\r\nc", 2), ["b", "c"]);
        assert_eq!(last_lines(b"", 2), Vec::<String>::new());
    }
}

//! Globs and expressions with which gates choose files, and texts that match them.

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The reading of `*` and of a pattern without a slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `*` ends at a slash, and a pattern without one is compared with the file's name.
    Names,
    /// `*` also matches slashes.
    Flat,
    /// `*` ends at a slash, and the whole path is compared.
    Paths,
}

/// Translates a glob; None if it uses what is not known here.
pub(super) fn glob(pattern: &str, style: Style) -> Option<Regex> {
    let pattern = pattern.trim_start_matches("./");
    let mut out = String::from("^");
    if style == Style::Names && !pattern.contains('/') {
        out.push_str("(?:.*/)?");
    }
    let star = if style == Style::Flat { ".*" } else { "[^/]*" };
    let chars: Vec<char> = pattern.chars().collect();
    let (mut at, mut braces) = (0, 0usize);
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        at += 1;
        match (c, next) {
            // Extended patterns: `!(…)`, `@(…)`, `+(…)`.
            ('!' | '@' | '+' | '?', Some('(')) => return None,
            ('*', Some('*')) => {
                at += 1;
                if chars.get(at) == Some(&'/') {
                    at += 1;
                    out.push_str("(?:.*/)?");
                } else {
                    out.push_str(".*");
                }
            }
            ('*', _) => out.push_str(star),
            ('?', _) => out.push_str("[^/]"),
            ('{', _) => {
                braces += 1;
                out.push_str("(?:");
            }
            ('}', _) if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            (',', _) if braces > 0 => out.push('|'),
            ('[', _) => out.push('['),
            (']', _) => out.push(']'),
            (c, _) => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    out.push('$');
    Regex::new(&out).ok()
}

/// Returns an expression for a text. Dashes stay as they are, so that it can be read.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// True if a word is a pattern of files.
pub(super) fn is_glob(word: &str) -> bool {
    word.contains('*') && word.contains('.') && !word.contains(['$', '\\', '^', '|'])
}

/// Makes a text that an expression matches, as short and plain as it allows.
pub(super) fn example(expression: &str) -> Option<String> {
    let regex = Regex::new(expression).ok()?;
    let mut out = String::new();
    write(&regex_syntax::parse(expression).ok()?, &mut out)?;
    let is_line = !out.trim().is_empty() && !out.contains(['\n', '\r', '\0']);
    (is_line && out.len() <= 200 && regex.is_match(&out)).then_some(out)
}

fn write(hir: &Hir, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
        // `console.log` is written for what has a dot there.
        HirKind::Class(class) if takes_most(class) => out.push('.'),
        HirKind::Class(class) => out.push(one_of(class)?),
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                match repetition.sub.kind() {
                    HirKind::Class(class) => out.push(one_of(class)?),
                    _ => write(&repetition.sub, out)?,
                }
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, out)?;
            }
        }
        HirKind::Alternation(parts) => write(parts.first()?, out)?,
    }
    Some(())
}

fn is_in(class: &Class, c: char) -> bool {
    match class {
        Class::Unicode(class) => class.iter().any(|r| r.start() <= c && c <= r.end()),
        Class::Bytes(class) => {
            (class.iter()).any(|r| char::from(r.start()) <= c && c <= char::from(r.end()))
        }
    }
}

/// True for `.` and what leaves little out, if it takes a dot.
fn takes_most(class: &Class) -> bool {
    ('!'..='~').filter(|c| !is_in(class, *c)).count() < 4 && is_in(class, '.')
}

/// The plainest character of a class.
fn one_of(class: &Class) -> Option<char> {
    let plain = ['x', 'a', 'X', 'A', '1', '0', ' ', '.', '-', '_', ':'];
    plain
        .into_iter()
        .find(|c| is_in(class, *c))
        .or_else(|| ('!'..='~').find(|c| is_in(class, *c)))
}

/// Translates grep's basic expressions to extended ones.
pub(super) fn extended(basic: &str) -> String {
    let mut out = String::new();
    let mut chars = basic.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next @ ('|' | '(' | ')' | '{' | '}' | '+' | '?')) => out.push(next),
                Some('<' | '>') => out.push_str("\\b"),
                Some(next) => out.extend(['\\', next]),
                None => {}
            },
            '|' | '(' | ')' | '{' | '}' | '+' | '?' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// Replaces the named classes of POSIX that are no part of a bracket of their own here.
pub(super) fn posix(expression: &str) -> String {
    expression.replace("\\<", "\\b").replace("\\>", "\\b")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn matches(pattern: &str, style: Style, path: &str, expected: bool) {
        let regex = glob(pattern, style).unwrap();
        assert_eq!(regex.is_match(path), expected, "{pattern} {path}");
    }

    #[test]
    fn globs_match_as_their_gates_read_them() {
        matches("*.js", Style::Names, "src/deep/a.js", true);
        matches("*.{js,ts}", Style::Names, "a.ts", true);
        matches("*.js", Style::Paths, "src/a.js", false);
        matches("*.js", Style::Flat, "src/a.js", true);
        matches("src/**/*.py", Style::Names, "src/a.py", true);
        matches("src/**/*.py", Style::Names, "lib/src/a.py", false);
        matches("src/*.py", Style::Names, "src/deep/a.py", false);
        assert!(glob("!(*test).js", Style::Names).is_none());
    }

    #[test]
    fn an_example_matches_its_expression() {
        for (expression, expected) in [
            (r"\bFIXME\b|\bdebugger;", Some("FIXME")),
            (r"console\.(log|debug)\(", Some("console.log(")),
            (r"^(feat|fix)(\(.+\))?: .{3,}$", Some("feat: xxx")),
            (r"[0-9]{3}", Some("111")),
            ("console.log", Some("console.log")),
            ("foo.bar[^;]", Some("foo.bar.")),
            (r"a[^.]\Wb", Some("ax b")),
            (r"(unclosed", None),
            (r"^$", None),
        ] {
            assert_eq!(example(expression).as_deref(), expected, "{expression}");
        }
        assert_eq!(extended(r"TODO\|FIXME(x)"), r"TODO|FIXME\(x\)");
    }
}

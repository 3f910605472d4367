//! Looks at one command, masked: what it does, and whether it can decide.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Compiles a constant pattern once; the tests use each.
macro_rules! pattern {
    ($pattern:expr) => {{
        static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($pattern).ok());
        PATTERN.as_ref()
    }};
}

/// Before a word that is run: nothing, an operator, or a keyword.
const RUN: &str = r"(?:^|[;&|({)!]|(?:^|[\s;])(?:then|else|do)\s)\s*";

/// An `exit` or a `return`.
pub(super) struct Exit {
    /// The rest after the word, with the space before it; empty if there is none.
    pub(super) value: Range<usize>,
}

/// Every `exit` and `return` that is run.
pub(super) fn exits(mask: &str) -> Vec<Exit> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&format!(
            r"{RUN}(?:exit|return)(?P<value>[ \t]+[^\s;&|(){{}}<]+|[ \t]*)(?:$|[\s;&|)}}<])"
        ))
        .ok()
    });
    let found = PATTERN
        .iter()
        .flat_map(|pattern| pattern.captures_iter(mask));
    found
        .filter_map(|found| found.name("value"))
        .map(|value| {
            // Spaces before an operator stay.
            let kept = value.as_str().trim_end().len();
            Exit {
                value: value.start()..value.start() + kept,
            }
        })
        .collect()
}

/// An `exec` with a command; one that only redirects is none.
pub(super) struct Exec {
    pub(super) whole: Range<usize>,
    pub(super) command: Range<usize>,
    /// True if the command has no other part.
    pub(super) alone: bool,
}

/// The first `exec` that is run.
pub(super) fn exec(mask: &str) -> Option<Exec> {
    static PATTERN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!(r"{RUN}(?P<exec>exec)\s+[^\s<>0-9&{{}}]")).ok());
    let word = PATTERN.as_ref()?.captures(mask)?.name("exec")?;
    let rest = &mask[word.end()..];
    let length = pattern!(r";|&&|\|\||\s\}|\)")?
        .find(rest)
        .map_or(rest.len(), |end| end.start());
    let end = word.end() + rest[..length].trim_end().len();
    Some(Exec {
        whole: word.start()..end,
        command: word.end()..end,
        alone: word.start() == 0 && end == mask.len(),
    })
}

/// True if a command ends with what makes it succeed: with nothing, by noting
/// the failure, or by saying something.
pub(super) fn already_succeeds(command: &str) -> bool {
    pattern!(r"\|\|\s*(?:true|:|[A-Za-z_]\w*=(?:\$\?|\d+)|(?:echo|printf)\s[^;|]*)\s*;*$")
        .is_some_and(|pattern| pattern.is_match(command))
}

/// Words that cannot refuse a change, or that no scenario is about.
const NEVER_DECIDE: [&str; 24] = [
    ":", "true", ".", "source", "echo", "printf", "cd", "pushd", "popd", "export", "readonly",
    "local", "declare", "typeset", "set", "unset", "shift", "trap", "umask", "alias", "read",
    "break", "continue", "exec",
];

/// The place of ` || true`; None if the command cannot decide.
pub(super) fn decides_until(mask: &str) -> Option<usize> {
    // What ends an arm of `case`, or a command before nothing.
    let end = pattern!(r"\s*(?:;;&?|;&|;)$")?
        .find(mask)
        .map_or(mask.len(), |end| end.start());
    let start = after_pattern(&mask[..end])?;
    let mask = &mask[start..end];
    if already_succeeds(mask) || asks_for_more(mask)? || is_compound(mask)? {
        return None;
    }
    let without_redirections = pattern!(r"[0-9]*[<>]&[0-9-]*|&>>?")?.replace_all(mask, " ");
    pattern!(r"[;&|(){}]+")?
        .split(&without_redirections)
        .any(decides)
        .then_some(end)
}

/// Past the pattern of an arm of `case`; none where nothing follows it.
fn after_pattern(mask: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in mask.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => {
                return (!mask[at + 1..].trim().is_empty()).then_some(at + 1);
            }
            b')' => depth -= 1,
            _ => {}
        }
    }
    Some(0)
}

/// True if the end asks for more, so that nothing can be put behind it.
fn asks_for_more(mask: &str) -> Option<bool> {
    let more = pattern!(r"(?:^|[\s;])(?:then|else|do)$|[{(&|]$")?;
    Some(mask.trim().is_empty() || more.is_match(mask))
}

/// True for a part of a compound command that decides by its parts, or that
/// makes a function.
fn is_compound(mask: &str) -> Option<bool> {
    let opens = pattern!(r"^\s*(?:if|while|until|for|case|select)\s")?.is_match(mask);
    let closes = pattern!(r"(?:^|[\s;])(?:fi|done|esac)$")?.is_match(mask);
    let middle = pattern!(r"^\s*elif\s")?.is_match(mask);
    let end = pattern!(r"^\s*(?:fi|done|esac|\})(?:$|[^\w])[^|]*$")?.is_match(mask);
    let function = pattern!(r"^\s*(?:function\s+\S+|[\w-]+\s*\(\s*\))")?.is_match(mask);
    Some((opens && !closes) || middle || end || function)
}

/// True if a simple command can refuse.
fn decides(part: &str) -> bool {
    let keywords = [
        "then", "else", "do", "!", "if", "while", "until", "time", "fi", "done", "esac",
    ];
    let mut words = part
        .split_whitespace()
        .skip_while(|word| keywords.contains(word));
    let is_assignment =
        |word: &str| pattern!(r"^[A-Za-z_]\w*\+?=").is_some_and(|pattern| pattern.is_match(word));
    // What is only assigned is fetched, not decided.
    let word = words.find(|word| !is_assignment(word));
    word.is_some_and(|word| !NEVER_DECIDE.contains(&word))
}

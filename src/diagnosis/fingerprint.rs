//! Fingerprints: the text of a failure without what varies between lanes, runs and
//! machines.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::sys::fs;

/// Patterns and their replacements, applied in this order.
const RULES: &[(&str, &str)] = &[
    // Addresses before paths: the path of an URL says what was asked for.
    (r"\b((?:https?|git|ssh)://)[^/\s'\x22]+", "${1}HOST"),
    // A path inside a lane's clone is kept relative to it.
    (r"(?:/[^\s'\x22:()/]+)*/lanes/[^\s'\x22:()/]+/", "/lane/"),
    (r"/lane/(?:clone|tools|origin\.git|home)/", ""),
    // Of any other path, only the file name is kept.
    (
        r"(^|[\s'\x22\x60(=:@<\[])(?:file://)?/(?:tmp|var/tmp|private/tmp)/[^\s'\x22\x60/:()]+($|[\s'\x22\x60:,)>\]])",
        "${1}PATH${2}",
    ),
    (
        r"(^|[\s'\x22\x60(=:@<\[])(?:file://)?/(?:[^\s'\x22\x60/:()]+/)+([^\s'\x22\x60/:()]*)",
        "${1}PATH/${2}",
    ),
    (
        r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        "ID",
    ),
    (r"\bsha(?:1|256|384|512)-[A-Za-z0-9+/=]{20,}", "ID"),
    (r"\b0x[0-9a-fA-F]+\b", "ID"),
    (
        r"\b\d{4}-\d{2}-\d{2}(?:[T _]\d{2}[:_]\d{2}[:_]\d{2}(?:[.,_]\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?",
        "TIME",
    ),
    (
        r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d+ )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* ?\d*",
        "TIME",
    ),
    (r"\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b", "TIME"),
    (
        r"\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)\b",
        "TIME",
    ),
    (
        r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b|\[[0-9a-f]*:[0-9a-f:]+\](?::\d+)?|\blocalhost(?::\d+)?\b|\bHOST(?::\d+)?\b",
        "HOST",
    ),
    (r"\b(?i:(port|pid|process))([ =:#]+)\d+\b", "${1}${2}N"),
    (
        r"\b[vV]?\d+\.\d+\.\d+(?:[-+.][0-9A-Za-z.+-]*[0-9A-Za-z])?",
        "VERSION",
    ),
    (r"\b\d{5,}\b", "N"),
    (r"/\d+/", "/N/"),
];

static COMPILED: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let compile = |(pattern, with): &(&str, &'static str)| Some((Regex::new(pattern).ok()?, *with));
    RULES.iter().filter_map(compile).collect()
});

static HEX: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[0-9a-f]{7,64}\b").ok());

/// Returns a text without what varies; `lane` is the lane that it comes from.
pub(super) fn normal(text: &str, lane: Option<&str>) -> String {
    let mut text = Cow::Borrowed(text);
    if let Some(lane) = lane {
        text = without_lane(&text, lane).into();
    }
    for (pattern, with) in COMPILED.iter() {
        text = pattern.replace_all(&text, *with).into_owned().into();
    }
    let id = |found: &regex::Captures<'_>| {
        let has_digit = found[0].bytes().any(|byte| byte.is_ascii_digit());
        if has_digit {
            "ID".to_owned()
        } else {
            found[0].to_owned()
        }
    };
    match &*HEX {
        Some(hex) => hex.replace_all(&text, id).trim().to_owned(),
        None => text.trim().to_owned(),
    }
}

/// Replaces the lane's name if it is a word of its own and not in quotes.
///
/// In quotes it names something that may have made the lane fail. Short names
/// are too often ordinary words.
fn without_lane(text: &str, lane: &str) -> String {
    let text = text.replace(&format!("upstream-{lane}"), "upstream-LANE");
    if lane.len() < 4 {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(lane) {
        let (before, from) = rest.split_at(at);
        let after = &from[lane.len()..];
        let is_word =
            |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || "-_@.".contains(c));
        let quoted = before.ends_with(['\'', '"', '`']) && after.starts_with(['\'', '"', '`']);
        out.push_str(before);
        let last = before.chars().next_back().or(out.chars().next_back());
        let stands_alone = is_word(last) && is_word(after.chars().next());
        out.push_str(if stands_alone && !quoted {
            "LANE"
        } else {
            lane
        });
        rest = after;
    }
    out + rest
}

/// Returns a line of a log without the hook and its file, which differ between stages.
pub(super) fn line(text: &str) -> String {
    match &*HOOK_FILE {
        Some(hook) => hook.replace_all(text, "${1}HOOK${2}").into_owned(),
        None => text.to_owned(),
    }
}

/// The names of hooks that git launches.
macro_rules! hooks {
    () => {
        "(?:(?:pre|post)-(?:commit|merge-commit|merge|push|rebase|rewrite|checkout|receive|update|applypatch)|prepare-commit-msg|commit-msg|applypatch-msg|reference-transaction)"
    };
}

static HOOK_FILE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"((?:^|[\s'\x22\x60(])(?:[^\s'\x22\x60:()]*/)?)\b",
        hooks!(),
        r"(?:\.legacy)?(?: hook)?($|[\s'\x22\x60:,.)])"
    ))
    .ok()
});

/// Returns the message without the git command, the hook and the lane that ran a shared
/// step.
pub(super) fn sentence(message: &str) -> String {
    let message = match message.rfind(" (in ") {
        Some(at) if message.ends_with(", for all lanes)") => &message[..at],
        _ => message,
    };
    match &*WHO {
        Some(who) => who.replace_all(message, "WHO").into_owned(),
        None => message.to_owned(),
    }
}

static WHO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(r"\bgit (?:commit(?: --amend)?|push(?: --\w+)?|merge|rebase|cherry-pick|am|tag)\b|\bthe stage's program\b|\b", hooks!(), r"\b(?: hook)?")).ok()
});

/// Returns a short digest of the parts.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut digest = fs::sha256(parts.join("\0").as_bytes());
    digest.truncate(16);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(COMPILED.len(), RULES.len());
        assert!(HEX.is_some() && WHO.is_some() && HOOK_FILE.is_some());
    }

    #[test]
    fn a_line_is_the_same_from_every_hook() {
        for (one, other) in [
            (
                ".husky/pre-commit: 2: x: not found",
                ".husky/pre-push: 2: x: not found",
            ),
            (
                "/lane/clone/.git/hooks/pre-commit: line 2: x",
                "/lane/clone/.git/hooks/commit-msg: line 2: x",
            ),
            (
                "error: the pre-commit hook is bad",
                "error: the pre-push hook is bad",
            ),
            (
                "fatal: cannot exec '.git/hooks/pre-commit': x",
                "fatal: cannot exec '.git/hooks/pre-push': x",
            ),
        ] {
            assert_eq!(line(one), line(other));
        }
        let (one, other) = (
            "Cannot find module 'pre-commit-a'",
            "Cannot find module 'pre-push-a'",
        );
        assert_ne!(line(one), line(other));
    }
}

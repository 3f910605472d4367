//! The place that a decisive line is about, if the log names it in another line.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::super::log::Log;
use super::{Rank, WORDS, rank};

/// Number of lines that are searched after a line, and before it.
const LINES_AFTER: usize = 20;
const LINES_BEFORE: usize = 60;

/// Lines after an error that name its place.
const AFTER: &[&str] = &[
    // rustc, oxlint, miette, typos, vitest.
    r"^\s*(?:-->|,-\[|╭─\[|╭▸|┌─|❯) ?(?P<at>[^\s:\]]+:\d+(?::\d+)?)\]?$",
    // A stack of node, at the consumer's own file.
    r"^\s+at (?:\S.* \()?(?:file://)?(?P<at>[^\s:()]+:\d+:\d+)\)?$",
    // bandit; TAP of node.
    r"^\s*(?i:location): +'?(?P<at>[^\s:']+:\d+(?::\d+)?)'?$",
    // pytest.
    r"^(?P<at>[^\s:]+\.py:\d+): \w+$",
    // PyYAML; the name may be that of no file.
    r#"^\s+in "(?P<file>[^"]+)", line (?P<line>\d+), column (?P<column>\d+)$"#,
];

/// An error, and the line before it that names its place.
const BEFORE: &[(&str, &str)] = &[
    // eslint, stylelint, secretlint, yamllint: a heading with the file.
    (r"^\s+\d+:\d+\s", r"^\s*(?P<at>[^\s:]*[./][^\s:]*)$"),
    (r"\bSC\d{4}\b", r"^\s*In (?P<at>\S+) line (?P<line>\d+):$"),
    (
        r"^\s*\w+(?:Error|Exception)\b",
        r#"^\s*File "(?P<at>[^"]+)", line (?P<line>\d+)"#,
    ),
    // node, of a file that it cannot read.
    (r"^\s*\w*Error\b", r"^\s*(?P<at>[^\s:]+\.[cm]?[jt]sx?:\d+)$"),
    (
        r"^assertion |^called `|^explicit panic",
        r"panicked at (?P<at>[^\s:]+:\d+:\d+):$",
    ),
    (r"^=====> ", r"^==> File (?P<at>\S+)$"),
    (
        r"^\s*caused by: ",
        r"^error: Failed to parse `(?P<at>[^`]+)`$",
    ),
];

pub(super) struct Rules {
    /// A place in the line itself.
    own: Regex,
    after: Vec<Regex>,
    before: Vec<(Regex, Regex)>,
}

pub(super) static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| {
    let regex = |text: &&str| Regex::new(text).ok();
    let pair = |(line, place): &(&str, &str)| Some((regex(line)?, regex(place)?));
    Some(Rules {
        own: Regex::new(r"^\s*[^\s:()]+\(\d+,\d+\): ").ok()?,
        after: AFTER.iter().map(regex).collect::<Option<_>>()?,
        before: BEFORE.iter().map(pair).collect::<Option<_>>()?,
    })
});

/// Returns the place that a line is about; None if the line has one, or none is known.
pub(in super::super) fn subject(log: &Log, place: usize) -> Option<String> {
    let rules = RULES.as_ref()?;
    let (_, line) = log.from(place).next()?;
    let has_own = |words: &super::Words| words.place.is_match(line);
    if rules.own.is_match(line) || WORDS.as_ref().is_some_and(has_own) {
        return None;
    }
    let before = before(rules, log, place, line);
    match after(rules, log, place) {
        Some(After::At(at)) => Some(at),
        // A text in memory has lines, and another line names its file.
        Some(After::Of(at)) => before.map(|file| format!("{file}:{at}")),
        None => before,
    }
}

enum After {
    At(String),
    /// Line and column of what has no name.
    Of(String),
}

fn after(rules: &Rules, log: &Log, place: usize) -> Option<After> {
    let mut position = None;
    for (_, line) in log.from(place + 1).take(LINES_AFTER) {
        let found = rules.after.iter().find_map(|rule| rule.captures(line));
        if let Some(found) = found.filter(|found| !is_of_others(&found[0])) {
            if let Some(at) = found.name("at") {
                return Some(match at.as_str().split_once(">:") {
                    Some((name, stopped)) if name.starts_with('<') => After::Of(stopped.to_owned()),
                    _ => After::At(short(at.as_str())),
                });
            }
            // The last of several is where the parser stopped.
            let stopped = format!("{}:{}", &found["line"], &found["column"]);
            position = Some(match &found["file"] {
                name if name.starts_with('<') => After::Of(stopped),
                name => After::At(format!("{}:{stopped}", short(name))),
            });
            continue;
        }
        // The next error has a place of its own.
        if rank(line).is_some_and(|rank| rank <= Rank::Warning) {
            break;
        }
    }
    position
}

fn before(rules: &Rules, log: &Log, place: usize, line: &str) -> Option<String> {
    let at = |found: Captures<'_>| {
        let file = short(&found["at"]);
        match found.name("line") {
            Some(line) => format!("{file}:{}", line.as_str()),
            None => file,
        }
    };
    let mut pairs = rules.before.iter().filter(|(of, _)| of.is_match(line));
    pairs.find_map(|(of, heading)| {
        // Other errors of the same file may stand between them.
        let mut lines = log.back_from(place).take(LINES_BEFORE);
        lines.find_map(|(_, line)| {
            let found = heading.captures(line).filter(|_| !of.is_match(line))?;
            (!is_of_others(&found[0])).then(|| at(found))
        })
    })
}

/// True for a frame of a runtime, or of an installed package.
fn is_of_others(line: &str) -> bool {
    [
        "node:",
        "(internal/",
        " internal/",
        "node_modules/",
        "site-packages/",
        "/lib/python",
    ]
    .iter()
    .any(|part| line.contains(part))
}

/// A path as it is in the consumer: that of a lane is below its folder `clone`.
fn short(path: &str) -> String {
    let below = path.rsplit_once("/clone/").map_or(path, |(_, below)| below);
    below.trim_start_matches("./").to_owned()
}

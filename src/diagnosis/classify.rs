//! Classifying a symptom: by structure first, then by the output of the failed command.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::cause::{At, Cause, Fact, Line, Text, Where};
use super::commands::EXPLAIN;
use super::decisive;
use super::log::Log;
use super::symptom::Symptom;
use super::table::{self, causes};

/// Maximum number of a stage's last lines that are searched.
///
/// A gate gives its reason at its end; earlier lines name what it looked at.
const MAX_STAGE_LINES: usize = 60;

/// The cause and the line that shows it.
pub(super) struct Classification {
    pub(super) cause: &'static Cause,
    /// The position of the decisive line in the log.
    pub(super) place: Option<usize>,
    /// True if the line matches a text of the table.
    pub(super) by_text: bool,
    /// A remedy that fits better than the cause's.
    pub(super) remedy: Option<&'static str>,
}

impl Classification {
    pub(super) fn remedy(&self) -> &'static str {
        self.remedy.unwrap_or(self.cause.remedy)
    }
}

/// Classifies a symptom by the table.
pub(super) fn classify(symptom: &Symptom<'_>, log: &Log) -> Classification {
    let facts = symptom.facts();
    let holds = |all: &&[Fact]| all.iter().all(|fact| symptom.has(&facts, *fact));
    let found = if symptom.text_counts() {
        TextMatch::of(log, symptom)
    } else {
        Vec::new()
    };
    if let Some(best) = found.iter().find(|found| found.is_certain) {
        return classification(symptom, log, best.cause, Some(best));
    }
    let certain = causes().find(|cause| cause.certain.iter().any(holds));
    if let Some(cause) = certain {
        let own = found.iter().find(|found| std::ptr::eq(found.cause, cause));
        return classification(symptom, log, cause, own);
    }
    if let Some(best) = found.first().filter(|best| symptom.may_have(best.cause)) {
        return classification(symptom, log, best.cause, Some(best));
    }
    let usual = causes().find(|cause| cause.usual.iter().any(holds));
    let default = || causes().find(|cause| cause.default_of.contains(&symptom.class));
    let cause = usual.or_else(default).unwrap_or_else(unknown);
    classification(symptom, log, cause, None)
}

fn unknown() -> &'static Cause {
    static UNKNOWN: Cause = Cause::blank(&[EXPLAIN]);
    table::cause("unknown").unwrap_or(&UNKNOWN)
}

fn classification(
    symptom: &Symptom<'_>,
    log: &Log,
    cause: &'static Cause,
    found: Option<&TextMatch>,
) -> Classification {
    let place = match (found, cause.line) {
        (Some(found), _) => Some(found.place),
        (None, Line::Reason) => symptom.reason_given().and_then(|text| log.saying(text)),
        (None, Line::None) => None,
        (None, _) if symptom.is_stage() && symptom.ended_well() => None,
        (None, Line::Last) => decisive::last(log),
        (None, Line::Complaint) => decisive::place(log),
    };
    let facts = symptom.facts();
    let by_fact = || {
        let mut fitting = cause.remedies.iter();
        let (_, remedy) = fitting.find(|(fact, _)| symptom.has(&facts, *fact))?;
        Some(*remedy)
    };
    Classification {
        cause,
        place,
        by_text: found.is_some(),
        remedy: found.and_then(|found| found.remedy).or_else(by_fact),
    }
}

/// Classifies a missing hook by the log of a step that installed before.
///
/// `package` is the gate's: a package manager may hold back the scripts of others alone.
pub(super) fn by_installation(log: &Log, package: Option<&str>) -> Option<Classification> {
    held_back(log, package).map(|(_, found)| found)
}

/// Returns the same with the position of the line that it begins with.
pub(super) fn held_back(log: &Log, package: Option<&str>) -> Option<(usize, Classification)> {
    let counts = |at: At| matches!(at, At::Installed | At::InstalledNamed);
    let found = TextMatch::find(log, 0, false, counts);
    found.into_iter().find_map(|found| {
        let place = match (found.at, package) {
            (At::InstalledNamed, Some(package)) => named_after(log, found.place, package)?,
            _ => found.place,
        };
        let classification = Classification {
            cause: found.cause,
            place: Some(place),
            by_text: true,
            remedy: found.remedy,
        };
        Some((found.place, classification))
    })
}

/// Returns the position of a line that names a package, at or after a position.
fn named_after(log: &Log, place: usize, package: &str) -> Option<usize> {
    let is_it = |word: &str| {
        let rest = word.trim_matches(['.', ',']).strip_prefix(package);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('@'))
    };
    let mut lines = log.from(place).take(MAX_STAGE_LINES);
    let found = lines.find(|(_, line)| line.split_whitespace().any(is_it));
    found.map(|(place, _)| place)
}

/// A text of the table that was found in a log.
struct TextMatch {
    cause: &'static Cause,
    at: At,
    rank: u8,
    is_certain: bool,
    place: usize,
    remedy: Option<&'static str>,
}

impl TextMatch {
    /// Finds all texts of the table, the most reliable first.
    fn of(log: &Log, symptom: &Symptom<'_>) -> Vec<Self> {
        let is_stage = symptom.is_stage();
        let counts = |at: At| match at {
            At::SetUp => !is_stage,
            At::Any => true,
            At::Offline => symptom.is_offline(),
            At::Installed | At::InstalledNamed => false,
        };
        let from = if is_stage { last_words(log) } else { 0 };
        Self::find(log, from, !is_stage, counts)
    }

    fn find(log: &Log, from: usize, quotes: bool, counts: impl Fn(At) -> bool) -> Vec<Self> {
        let patterns = &*PATTERNS;
        let mut seen: Vec<Option<(usize, usize)>> = vec![None; patterns.texts.len()];
        for (place, line) in log.from(from) {
            let line = if quotes { unquoted(line) } else { line };
            for at in &patterns.seen.matches(line) {
                let first = seen[at].map_or(place, |(first, _)| first);
                seen[at] = Some((first, place));
            }
        }
        let texts = patterns.texts.iter().zip(seen);
        let mut found: Vec<Self> = texts
            .filter(|(pattern, _)| counts(pattern.text.at))
            .filter_map(|(pattern, seen)| Some(pattern.found(log, seen?, quotes)))
            .collect();
        found.sort_by_key(|found| found.rank);
        found
    }
}

/// Returns a line as the installer printed it that another one quotes.
///
/// pre-commit sets the output of an installer in that failed in the environment of a hook.
fn unquoted(line: &str) -> &str {
    line.strip_prefix("    ").unwrap_or(line)
}

/// Returns the position from which a stage's texts count.
///
/// Git explains all of a command's options after the one that it does not know.
fn last_words(log: &Log) -> usize {
    let from = log.last(MAX_STAGE_LINES);
    let mut usage = log
        .from(0)
        .filter(|(_, line)| line.starts_with("usage: git "));
    let before = usage.next().map(|(place, _)| place.saturating_sub(1));
    before.map_or(from, |before| before.min(from))
}

struct Pattern {
    cause: &'static Cause,
    text: &'static Text,
    line: Option<Regex>,
}

impl Pattern {
    fn found(&self, log: &Log, (first, last): (usize, usize), quotes: bool) -> TextMatch {
        let is_it = |(_, line): &(usize, &str)| {
            let line = if quotes { unquoted(line) } else { line };
            self.line
                .as_ref()
                .is_some_and(|line_of| line_of.is_match(line))
        };
        let place = match self.text.line {
            Where::Itself => None,
            Where::Chosen => decisive::place(log).and_then(|place| log.from(place).next()),
            Where::After(_) => log.from(last).skip(1).find(is_it),
            Where::Before(_) => log.back_from(last).find(is_it),
        };
        TextMatch {
            cause: self.cause,
            at: self.text.at,
            rank: self.text.rank,
            is_certain: self.text.is_certain,
            remedy: self.text.remedy,
            place: place.map_or(first, |(place, _)| place),
        }
    }
}

struct Patterns {
    seen: RegexSet,
    texts: Vec<Pattern>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let texts: Vec<_> = causes()
        .flat_map(|cause| cause.texts.iter().map(move |text| (cause, text)))
        .collect();
    let seen = texts.iter().map(|(_, text)| text.seen);
    Patterns {
        seen: RegexSet::new(seen).unwrap_or_else(|_| RegexSet::empty()),
        texts: texts
            .into_iter()
            .map(|(cause, text)| Pattern {
                cause,
                text,
                line: match text.line {
                    Where::Itself | Where::Chosen => None,
                    Where::After(line) | Where::Before(line) => Regex::new(line).ok(),
                },
            })
            .collect(),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(PATTERNS.seen.len(), PATTERNS.texts.len());
        for pattern in &PATTERNS.texts {
            let has_line = matches!(pattern.text.line, Where::After(_) | Where::Before(_));
            assert_eq!(pattern.line.is_some(), has_line, "{}", pattern.cause.id);
        }
    }
}

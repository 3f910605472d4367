//! The decisive line of a log: the first error of the gate's own output.
//!
//! Runners of hooks put words of their own around that output ([`tools`]). Where they mark
//! the output of each job, only that of the jobs that failed counts.

mod checks;
mod part;
mod runners;
mod sections;
mod subject;
mod tools;

use std::sync::LazyLock;

use regex::Regex;

use super::log::Log;
use part::Part;
pub(super) use subject::subject;
use tools::{TABLE, ascii};

/// Number of last lines that are searched for words of an error. A gate gives its reason
/// at its end; earlier lines name what it looked at.
const MAX_LINES: usize = 60;
/// Number of last lines that are searched for findings, which are told by their form.
const MAX_FINDING_LINES: usize = 2000;

/// A line that may be decisive, with its position.
struct Candidate {
    place: usize,
    rank: Rank,
}

/// The ranks of lines, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Finding,
    Complaint,
    Warning,
    WeakComplaint,
    Headline,
    Plain,
    Summary,
}

/// Returns the position of the decisive line; None if no line says anything of its own.
pub(super) fn place(log: &Log) -> Option<usize> {
    let lines: Vec<_> = log.from(log.last(MAX_FINDING_LINES)).collect();
    let jobs = sections::failed(&lines);
    let of_jobs = jobs.iter().filter_map(|job| {
        let (head, own) = job.lines(&lines)?;
        let ranked: Vec<_> = own.iter().filter_map(candidate).collect();
        let rank = ranked.iter().map(|line| line.rank).min();
        let place = best(&ranked, true).unwrap_or(head);
        Some((rank.unwrap_or(Rank::Headline), place))
    });
    // The first of those that say most.
    let of_jobs = of_jobs.min_by_key(|(rank, _)| (*rank).min(Rank::Headline));
    if let Some((rank, place)) = of_jobs
        && rank < Rank::Headline
    {
        return Some(place);
    }
    let from = log.last(MAX_LINES);
    let ranked = lines.iter().filter_map(candidate);
    let counts = |line: &Candidate| line.rank == Rank::Finding || line.place >= from;
    let ranked: Vec<_> = ranked.filter(counts).collect();
    match of_jobs {
        // The runner's own words say why a job that says nothing failed.
        Some((_, place)) => {
            let mut of_runner = ranked.iter().filter(|line| line.rank == Rank::Complaint);
            Some(of_runner.next().map_or(place, |line| line.place))
        }
        None => best(&ranked, false),
    }
}

/// Returns the position of the last line that says anything of its own.
pub(super) fn last(log: &Log) -> Option<usize> {
    let mut lines = log.from(0).rev();
    let says = |(_, line): &(usize, &str)| rank(line).is_some_and(|rank| rank != Rank::Summary);
    lines.find(says).map(|(place, _)| place)
}

/// Returns the first line of the best rank; of plain ones the last, which concludes.
///
/// In the output of one job its own words count before the name of what failed.
fn best(lines: &[Candidate], of_job: bool) -> Option<usize> {
    let order = |rank: Rank| match rank {
        Rank::Headline if of_job => Rank::Plain as u8 + 1,
        Rank::Summary => Rank::Summary as u8 + 1,
        rank => rank as u8,
    };
    let rank = lines.iter().map(|line| order(line.rank)).min()?;
    let mut found = lines.iter().filter(|line| order(line.rank) == rank);
    let best = if rank == Rank::Plain as u8 {
        found.next_back()
    } else {
        found.next()
    };
    best.map(|line| line.place)
}

fn candidate((place, line): &(usize, &str)) -> Option<Candidate> {
    let (place, rank) = (*place, rank(line)?);
    Some(Candidate { place, rank })
}

/// Returns the rank of a line; None for one that is never decisive.
fn rank(line: &str) -> Option<Rank> {
    let line = line.trim_end();
    // prek sets the output of a hook in; a runner of many tasks names the task.
    let of_hook = || TABLE.part(line.strip_prefix("  ")?);
    let task = TASK.as_ref().and_then(|task| task.find(line));
    let rest = task.map(|task| line[task.end()..].trim_end());
    if rest == Some("") {
        return None;
    }
    let of_task = || TABLE.part(rest?);
    match TABLE.part(line).or_else(of_hook).or_else(of_task) {
        Some(Part::Frame) => None,
        Some(Part::Summary) => Some(Rank::Summary),
        Some(Part::Headline) => Some(Rank::Headline),
        Some(Part::Finding) => Some(Rank::Finding),
        Some(Part::Warning) => Some(Rank::Warning),
        Some(Part::Complaint) => Some(Rank::Complaint),
        None => WORDS
            .as_ref()
            .map_or(Some(Rank::Plain), |words| words.rank(line)),
    }
}

/// Expressions that tell lines of tools that are not in the table.
struct Words {
    place: Regex,
    mild: Regex,
    complaint: Regex,
    weak: Regex,
    good: Regex,
}

/// `path:line: message`, `path:line:column message`.
const PLACE: &str = r#"^\s*(?:[^\s:'"<>]*[A-Za-z_][^\s:'"<>]*\.[\w-]+|[^\s:'"<>]*/[^\s:'"<>]*[A-Za-z_][^\s:'"<>]*|\w*(?:file|ignore))(?::\d+){1,2}(?:-\d+)?(?::| -|\s)\s*(?P<message>\S.*)$|^::error\b(?P<annotation>.*)"#;
const MILD: &str =
    r"^(?:\[?\w+\d+\]?:? )?\[?(?i:warning|warn|note|info|style|hint|\w+warning)\b|^[+>-] ";
const COMPLAINT: &str = r"(?:^|[^\w-])(?:(?i:errors?)|ERR!|FAIL(?:ED|URE)?|[Ff]ailed|fatal|FATAL|(?i:block(?:ed)?)|✖|✗|✘|×|❌|\w+(?:Error|Exception))(?:$|[^\w.-]|\.(?:$|\s))";
const WEAK: &str = r"\b(?i:not (?:found|allowed|permitted|formatted)|missing|denied|forbidden|rejected|invalid|refus(?:ed|es|ing)|violat(?:es|ed|ion|ions)|too (?:large|long|big|many|few|short|old|complex)|exceed(?:s|ed)|cannot|can't|could not|unable|must)\b";

/// The name of a task, as turbo, concurrently and pnpm put it before each line.
static TASK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let tasks =
        r"^(?:\[[\w:@/.-]+\]|(?:@[\w.-]+/)?[\w.-]+:[A-Za-z][\w:-]*:|[\w.@/-]+ [\w:-]+:)(?: |$)";
    Regex::new(&ascii(tasks)).ok()
});

/// Words of success.
const GOOD: &str =
    r"(?:\bok|(?i:\bpassed))[.!]?\s*$|\b(?:0|no) (?:errors?|failed|failures?|problems?)\b";

static WORDS: LazyLock<Option<Words>> = LazyLock::new(|| {
    Some(Words {
        place: Regex::new(&ascii(PLACE)).ok()?,
        mild: Regex::new(&ascii(MILD)).ok()?,
        complaint: Regex::new(&ascii(COMPLAINT)).ok()?,
        weak: Regex::new(&ascii(WEAK)).ok()?,
        good: Regex::new(&ascii(GOOD)).ok()?,
    })
});

impl Words {
    /// Returns the rank of a line; None for one that says that all went well.
    fn rank(&self, line: &str) -> Option<Rank> {
        let rest = self.good.replace_all(line, "");
        if rest != line {
            let begins_well = self.good.find(line).is_some_and(|good| {
                let before = &line[..good.start()];
                !before.contains(char::is_alphanumeric)
            });
            if begins_well {
                return None;
            }
            return self.complaint.is_match(&rest).then_some(Rank::Complaint);
        }
        Some(self.rank_of_other(line))
    }

    fn rank_of_other(&self, line: &str) -> Rank {
        if let Some(found) = self.place.captures(line) {
            let message = found.name("message").map_or("", |message| message.as_str());
            let is_mild = self.mild.is_match(message);
            return if is_mild {
                Rank::Warning
            } else {
                Rank::Finding
            };
        }
        if self.complaint.is_match(line) {
            Rank::Complaint
        } else if self.weak.is_match(line) {
            Rank::WeakComplaint
        } else {
            Rank::Plain
        }
    }
}

#[cfg(test)]
mod tests;

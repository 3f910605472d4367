//! A run as GitHub Actions shows it: the step's summary, its outputs, and annotations.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use super::markdown;
use super::run_report::{Case, Outcome, RunReport};
use crate::model::FailureDigest;
use crate::model::github::Annotation;
use crate::model::text::plain;
use crate::sys::fs::sha256;

/// The number of errors that GitHub shows of a step.
const ANNOTATIONS: usize = 10;

/// The most of a step's summary, in bytes: GitHub takes none of a larger one.
const SUMMARY: u64 = 1024 * 1024;

/// Returns the Markdown for a summary that has so many bytes already, and true if it is whole.
///
/// The rest is cut at the end of a block; the last line then says so.
#[must_use]
pub fn fitting(run: &RunReport, elsewhere: Option<&str>, there: u64) -> (String, bool) {
    let mut text = markdown::render(run);
    if let Some(command) = elsewhere {
        let again = markdown::block(&[command.to_owned()]);
        let _ = write!(text, "\nOn another machine:\n\n{again}");
    }
    // A line break may have to go before it.
    let room = usize::try_from(SUMMARY.saturating_sub(there + 1)).unwrap_or(0);
    if text.len() <= room {
        return (text, true);
    }
    let note = format!(
        "…cut here: 1 MiB is the most. The whole: `matrix report {} markdown`\n",
        run.run_id
    );
    let mut out = String::new();
    if let Some(for_text) = room.checked_sub(note.len()) {
        let mut at = 0;
        for block in blocks(&text) {
            if at + block.len() > for_text {
                break;
            }
            at += block.len();
        }
        out = text[..at].to_owned() + &note;
    }
    (out, false)
}

/// Cuts a document behind each block: an empty line that is in no code and in no details.
fn blocks(text: &str) -> Vec<&str> {
    let (mut found, mut from, mut at) = (Vec::new(), 0, 0);
    let mut fence: Option<String> = None;
    let mut is_folded = false;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let line = line.trim_end();
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if line.starts_with("<details>") => is_folded = true,
            None if line == "</details>" => is_folded = false,
            None if line.is_empty() && !is_folded => {
                found.push(&text[from..at]);
                from = at;
            }
            _ => {}
        }
    }
    found.push(&text[from..]);
    found
}

/// Returns the step's outputs: the verdict, the run's id, and the path of its verdict file.
///
/// Invariant: none of them is a text of a gate.
#[must_use]
pub fn outputs(run: &RunReport, document: Option<&Path>) -> String {
    let mut out = format!("verdict={}\nrun_id={}\n", run.verdict.as_str(), run.run_id);
    if let Some(path) = document.and_then(Path::to_str) {
        // A path may have line breaks, but does not hold its own digest.
        let end = format!("matrix_{}", sha256(path.as_bytes()));
        let _ = write!(out, "summary<<{end}\n{path}\n{end}\n");
    }
    out
}

/// Returns the errors of a run, at most ten: one for each cause, then the others.
#[must_use]
pub fn annotations(run: &RunReport, repo: &Path, workspace: Option<&Path>) -> Vec<Annotation> {
    let red = |case: &&Case| matches!(case.outcome, Outcome::Failed(..) | Outcome::Error(..));
    let mut rest: Vec<&Case> = run.cases().filter(red).collect();
    let mut first = Vec::new();
    for cluster in &run.clusters {
        let fingerprint = |case: &Case| {
            case.digest
                .as_ref()
                .is_some_and(|it| it.fingerprint == cluster.fingerprint)
        };
        let smallest = cluster.smallest.as_ref().map(ToString::to_string);
        let of_cluster = || rest.iter().filter(|case| fingerprint(case));
        let named = of_cluster().find(|case| Some(&case.name) == smallest.as_ref());
        if let Some(case) = named.or_else(|| of_cluster().next()).copied() {
            first.push((case, cluster.cells.len()));
        }
    }
    rest.retain(|case| !first.iter().any(|(told, _)| told.name == case.name));
    let place = Places { repo, workspace };
    let all = first
        .into_iter()
        .chain(rest.into_iter().map(|case| (case, 1)));
    // A step that failed before the stages is the failure of each of their cells.
    let mut told = BTreeSet::new();
    let is_new = |(case, _): &(&Case, usize)| {
        told.insert(match &case.digest {
            Some(digest) => format!("{:?}/{}", digest.lane, digest.step),
            None => case.name.clone(),
        })
    };
    let annotation = |(case, cells)| place.annotation(run, case, cells);
    all.filter(is_new)
        .take(ANNOTATIONS)
        .map(annotation)
        .collect()
}

/// The places in which a run's files are named.
struct Places<'a> {
    repo: &'a Path,
    workspace: Option<&'a Path>,
}

impl Places<'_> {
    fn annotation(&self, run: &RunReport, case: &Case, cells: usize) -> Annotation {
        let digest = case.digest.as_ref();
        let (file, line) = digest.and_then(|it| self.place(it)).unzip();
        let of = digest.map(|digest| format!("{}: ", digest.cause));
        let more = match cells {
            0 | 1 => String::new(),
            cells => format!(" and {} more", cells - 1),
        };
        let mut lines = match &case.outcome {
            Outcome::Failed(_, text) | Outcome::Error(_, text) => vec![text.clone()],
            _ => Vec::new(),
        };
        lines.extend(case.lines());
        if digest.is_none() {
            lines.push(format!("command: {}", run.command));
        }
        Annotation {
            file,
            line: line.flatten(),
            title: format!(
                "{}: {}{}{more}",
                plain(&run.gate),
                of.unwrap_or_default(),
                case.name
            ),
            message: lines.join("\n"),
        }
    }

    /// The line of the contract that a failure breaks, else the file of the consumer that its
    /// decisive line names.
    fn place(&self, digest: &FailureDigest) -> Option<(String, Option<usize>)> {
        let about = digest.line.as_ref().and_then(|line| line.about.as_deref());
        let mut places = [digest.expected_at.as_deref(), about].into_iter();
        places.find_map(|place| {
            let (file, line) = match place?.rsplit_once(':') {
                Some((file, line)) if line.parse::<usize>().is_ok() => (file, line.parse().ok()),
                _ => (place?, None),
            };
            Some((self.file(file)?, line))
        })
    }

    /// A file of the consumer, relative to the workspace.
    fn file(&self, name: &str) -> Option<String> {
        let named = Path::new(name);
        // The name may be a text of the gate.
        if named.components().any(|part| part == Component::ParentDir) {
            return None;
        }
        let file: PathBuf = self.repo.join(named);
        let top = self.workspace.unwrap_or(self.repo);
        let below = file.strip_prefix(top).ok().filter(|_| file.is_file())?;
        below.to_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> RunReport {
        let mut run = RunReport::died(&"r1".parse().unwrap(), "matrix replay r1".to_owned());
        run.package = "x".repeat(1000);
        run
    }

    #[test]
    fn a_summary_is_cut_at_the_end_of_a_block() {
        let (whole, is_whole) = fitting(&run(), Some("gh"), 0);
        assert!(is_whole && whole.ends_with("```text\ngh\n```\n\n"));
        let note = "…cut here";
        for room in 0..=whole.len() {
            let (text, is_whole) = fitting(&run(), Some("gh"), SUMMARY - room as u64);
            assert!(text.len() < room.max(1), "{room}: {text}");
            let kept = text.split(note).next().unwrap();
            assert!(whole.starts_with(kept) && (kept.is_empty() || kept.ends_with("\n\n")));
            assert!(!is_whole && (text.is_empty() || text.contains(note)));
        }
    }

    #[test]
    fn code_and_details_are_one_block() {
        let text = "a\n\n````text\n```\n\n<details>\n````\n\n<details>\n\nb\n\n</details>\n\nc";
        assert_eq!(
            blocks(text),
            [
                "a\n\n",
                "````text\n```\n\n<details>\n````\n\n",
                "<details>\n\nb\n\n</details>\n\n",
                "c"
            ]
        );
    }

    #[test]
    fn an_output_ends_where_it_ends() {
        let text = outputs(&run(), Some(Path::new("a\nverdict=PASS\nEOF\nb")));
        let (head, path) = text.split_once("summary<<").unwrap();
        assert_eq!(head, "verdict=FAIL\nrun_id=r1\n");
        let (end, path) = path.split_once('\n').unwrap();
        assert_eq!(path, format!("a\nverdict=PASS\nEOF\nb\n{end}\n"));
    }
}

//! A case and its evidence as the cell of a page.

use std::fmt::Write as _;

use super::chain::chain;
use super::change::change;
use super::ending::words;
use crate::artifact::bundle::{Commands, Failed};
use crate::artifact::flakes::SeenOutcome;
use crate::export::run_report::{ALTERED, Case, Outcome, RunReport};
use crate::model::evidence::{CellVerdict, Ending};
use crate::model::proof::FileDemand;
use crate::model::text::plain;
use crate::model::{
    CellEvidence, CellName, DecisiveLine, Expectation, ProofEvidence, ScenarioName, StageName,
    StepId,
};
use crate::page::{Cell, Change, Excerpt, Line, Proof, Remedy, Side, Text, Tone};

/// The longest line of a log that is shown whole, in characters.
const WIDTH: usize = 400;

/// The room that a page has for details.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Bytes of logs and changes.
    bytes: usize,
    /// True for every command of a cell, false for the first.
    all_commands: bool,
}

impl Room {
    pub(super) const fn new(bytes: usize, all_commands: bool) -> Self {
        Self {
            bytes,
            all_commands,
        }
    }
}

/// Makes the cells of a page, as long as there is room for their logs.
pub(super) struct Cells<'a> {
    report: &'a RunReport,
    room: Room,
}

impl<'a> Cells<'a> {
    pub(super) fn new(report: &'a RunReport, room: Room) -> Self {
        Self { report, room }
    }

    /// Returns the cell of what failed outside of every cell.
    pub(super) fn beside(&mut self, case: &Case) -> Cell {
        self.of_case(case, None)
    }

    /// Returns the cell of a lane at a stage.
    pub(super) fn of_lane(&mut self, case: &Case, lane: &ScenarioName, stage: &StageName) -> Cell {
        let detail = &self.report.detail;
        let name = CellName::new(lane, stage);
        let evidence = detail.cells.get(&name);
        let mut cell = self.of_case(case, evidence);
        let failed = detail
            .failures
            .iter()
            .find(|failed| failed.failure_digest.impacted_cells.contains(&name));
        if let Some(failed) = failed {
            cell.commands = commands(failed);
            if !self.room.all_commands {
                cell.commands.truncate(1);
            }
            cell.change = self.change(lane);
        }
        let clusters = self.report.clusters.iter().enumerate();
        cell.causes = clusters
            .filter(|(_, cluster)| cluster.cells.contains(&name))
            .map(|(at, _)| at + 1)
            .collect();
        let flaky = detail
            .flaky
            .iter()
            .find(|(flaky, _)| flaky.scenario == *lane && flaky.stage == *stage);
        if let Some((flaky, logs)) = flaky {
            let seen = flaky.outcomes.iter().zip(logs);
            cell.sides = seen.map(|(seen, log)| self.side(seen, log)).collect();
        }
        if let Some(evidence) = evidence {
            cell.chain = chain(evidence, &StepId::stage(stage));
        }
        cell
    }

    fn of_case(&mut self, case: &Case, evidence: Option<&CellEvidence>) -> Cell {
        let (tone, word, so) = match &case.outcome {
            Outcome::Passed => (Tone::Good, "pass".to_owned(), so_passed(evidence)),
            Outcome::Failed(class, text) | Outcome::Error(class, text) => {
                (Tone::Bad, class.to_string(), with_lines(case, text))
            }
            Outcome::Skipped(ALTERED) => (Tone::Off, "altered".to_owned(), ALTERED.into()),
            Outcome::Skipped(why) => (Tone::Off, "not tried".to_owned(), (*why).into()),
        };
        let exit = evidence.and_then(|cell| cell.exit).or(case.exit);
        let digest = case.digest.as_ref();
        let log = digest.and_then(|digest| digest.line.as_ref());
        let log = log.and_then(|line| self.fit(decisive(line)));
        let end = (!case.log.is_empty()).then(|| self.fit(end(case, evidence)));
        Cell {
            name: (&case.name).into(),
            tone,
            short: exit.map_or_else(Text::default, |exit| exit.to_string().into()),
            word: word.into(),
            causes: Vec::new(),
            wanted: wanted(case, evidence),
            saw: evidence.map(saw).unwrap_or_default(),
            so,
            remedy: digest.map(|digest| Remedy {
                cause: (&digest.cause).into(),
                text: (&digest.remediation).into(),
            }),
            chain: Vec::new(),
            change: None,
            proofs: evidence
                .and_then(|cell| cell.proof.as_ref())
                .map(proofs)
                .unwrap_or_default(),
            log,
            end: end.flatten(),
            sides: Vec::new(),
            duration_ms: evidence.map(|cell| cell.run.duration_ms),
            ran: evidence.and_then(|cell| cell.run.command.as_ref().map(Text::from)),
            commands: Vec::new(),
        }
    }

    fn side(&mut self, seen: &SeenOutcome, log: &[String]) -> Side {
        let numbers: Vec<String> = seen.repetitions.iter().map(usize::to_string).collect();
        let noun = if numbers.len() == 1 {
            "repetition"
        } else {
            "repetitions"
        };
        let excerpt = Excerpt {
            file: seen.example.log.as_deref().unwrap_or_default().into(),
            lines: log.iter().map(|line| plain_line(line)).collect(),
        };
        Side {
            outcome: seen.outcome.in_words().into(),
            repetitions: format!("{noun} {}", numbers.join(", ")).into(),
            tone: match seen.outcome.verdict {
                CellVerdict::Pass(_) => Tone::Good,
                CellVerdict::Failed(_) => Tone::Bad,
            },
            problem: seen.example.problem.as_deref().map(Text::lines),
            log: self.fit(excerpt).unwrap_or_default(),
        }
    }

    /// Returns an excerpt if there is still room for it.
    fn fit(&mut self, excerpt: Excerpt) -> Option<Excerpt> {
        self.take(excerpt.lines.iter().map(|line| &line.text))?;
        Some(excerpt)
    }

    /// Returns the change of a lane if there is still room for it.
    pub(super) fn change(&mut self, lane: &ScenarioName) -> Option<Change> {
        let change = change(self.report.detail.changes.get(lane)?);
        self.take(change.lines.iter().map(|line| &line.text))?;
        Some(change)
    }

    /// Takes the room of these lines; None if there is not enough.
    fn take<'t>(&mut self, lines: impl Iterator<Item = &'t Text>) -> Option<()> {
        // The markup around a line takes as much as a short one.
        let bytes: usize = lines.map(|line| line.len() + 24).sum();
        self.room.bytes = self.room.bytes.checked_sub(bytes)?;
        Some(())
    }
}

/// A failure's sentence with the lines that it was recorded with.
fn with_lines(case: &Case, text: &str) -> Text {
    let recorded = case.digest.as_ref().map(|digest| &digest.message);
    let same = recorded.filter(|message| plain(message) == text);
    Text::lines(same.map_or(text, String::as_str))
}

fn so_passed(evidence: Option<&CellEvidence>) -> Text {
    match evidence {
        Some(cell) if cell.expected.blocks() => "blocked, as the contract expects".into(),
        Some(_) => "let in, as the contract expects".into(),
        None => "as the contract expects".into(),
    }
}

fn wanted(case: &Case, evidence: Option<&CellEvidence>) -> Vec<Text> {
    let Some(cell) = evidence else {
        let of_case = case.expected.iter();
        return of_case.map(|exit| format!("exit {exit}").into()).collect();
    };
    let Expectation { exit, hook_exit } = &cell.expected;
    let mut first = format!("exit {}", exit.describe());
    if let Some(hook) = hook_exit {
        let _ = write!(first, ", hook exit {}", hook.describe());
    }
    if let Some(at) = &cell.expected_at {
        let _ = write!(first, " ({at})");
    }
    let reason = cell.reason.as_ref();
    let said = reason.map(|reason| format!("the reason: {}", reason.wanted).into());
    [first.into()].into_iter().chain(said).collect()
}

fn saw(cell: &CellEvidence) -> Vec<Text> {
    let mut first = match (&cell.run.ending, cell.exit) {
        (Some(Ending::Exited(_)) | None, Some(exit)) => format!("exit {exit}"),
        (Some(ending), _) => words(ending),
        (None, None) => "no exit".to_owned(),
    };
    if let Some(hook) = cell.hook_exit {
        let _ = write!(first, ", hook exit {hook}");
    }
    let mut saw = vec![first.into()];
    if let Some(reason) = &cell.reason {
        let found = if reason.found {
            "it gave the reason"
        } else {
            "it did not give the reason"
        };
        saw.push(found.into());
    }
    if cell.vacuous {
        let why = cell.vacuous_because.as_deref().unwrap_or("no file");
        saw.push(format!("nothing to look at: {why}").into());
    }
    saw
}

fn plain_line(text: &str) -> Line {
    let text = match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    };
    Line {
        text: text.into(),
        ..Line::default()
    }
}

/// The decisive line with what stands around it.
fn decisive(line: &DecisiveLine) -> Excerpt {
    let first = line.line.saturating_sub(line.before.len());
    let around = line.before.iter().chain([&line.text]).chain(&line.after);
    let lines = around.enumerate().map(|(at, text)| Line {
        number: Some(first + at),
        decides: first + at == line.line,
        ..plain_line(text)
    });
    Excerpt {
        file: format!("{}:{}", line.file, line.line).into(),
        lines: lines.collect(),
    }
}

fn end(case: &Case, evidence: Option<&CellEvidence>) -> Excerpt {
    let log = evidence.and_then(|cell| cell.run.log.as_ref());
    let of_digest = case.digest.as_ref().and_then(|digest| digest.line.as_ref());
    let file = log.map(|log| log.path.as_str());
    Excerpt {
        file: file
            .or(of_digest.map(|line| line.file.as_str()))
            .unwrap_or("log")
            .into(),
        lines: case.log.iter().map(|line| plain_line(line)).collect(),
    }
}

fn proofs(proof: &ProofEvidence) -> Vec<Proof> {
    let mut all = Vec::new();
    if let Some(marker) = &proof.marker {
        all.push(Proof {
            what: format!("prints {}", marker.wanted).into(),
            holds: marker.found,
            value: None,
            problem: None,
        });
    }
    for file in &proof.files {
        let demand = match file.demand {
            FileDemand::Exist => "exists",
            FileDemand::New => "is written",
            FileDemand::Unchanged => "is not changed",
        };
        all.push(Proof {
            what: format!("{} {demand}", file.path).into(),
            holds: file.holds,
            value: None,
            problem: file.problem.as_ref().map(Text::from),
        });
    }
    let Some(document) = &proof.evidence else {
        return all;
    };
    all.push(Proof {
        what: format!("{} is written", document.file).into(),
        holds: document.new && document.problem.is_none(),
        value: document.bytes.map(|bytes| format!("{bytes} bytes").into()),
        problem: document.problem.as_ref().map(Text::from),
    });
    all.extend(document.assertions.iter().map(|one| Proof {
        what: (&one.assertion).into(),
        holds: one.holds,
        value: one.value.as_ref().map(Text::from),
        problem: one.problem.as_ref().map(Text::from),
    }));
    all
}

fn commands(failed: &Failed) -> Vec<(&'static str, Text)> {
    let Commands { matrix, shell, git } = &failed.replay;
    let mut all: Vec<(&'static str, Text)> = vec![("with matrix", matrix.into())];
    let script = shell.as_ref().map(|shell| &shell.command);
    all.extend(script.map(|line| ("without matrix, as a shell script", line.into())));
    all.extend(
        git.as_ref()
            .map(|line| ("the consumer at its commit", line.into())),
    );
    for line in &failed.failure_digest.commands {
        // Those to replay are above, for this lane.
        if !line.starts_with("matrix replay ") {
            all.push(("more about it", line.into()));
        }
    }
    all
}

//! `--retries`: a lane that only the machine failed is played again, from its
//! beginning; every attempt stays on record.
//!
//! What a gate did, or left undone, is never tried again: that would be a way
//! to be green by chance.

use std::io;
use std::path::Path;

use super::cancel;
use super::ground::{self, Start};
use super::{Desk, Emitter, Ground, Job, Message};
use crate::lane::{Emit as _, LaneContext};
use crate::model::BuiltinStep;
use crate::model::event::EventKind;
use crate::model::evidence::CellVerdict;
use crate::model::plan::Sharing;
use crate::model::{CellEvidence, FailureClass, LaneEvidence, ScenarioName, StepEvidence};
use crate::sys::fs;

/// Steps whose failure has the class `infra`, and is not the machine's: the
/// installer did not do what it should, the consumer moved on, or the fault is
/// ours.
const NOT_THE_MACHINE: [BuiltinStep; 4] = [
    BuiltinStep::GateHooks,
    BuiltinStep::GateVersion,
    BuiltinStep::SourceMoved,
    BuiltinStep::RunIncomplete,
];

/// Whether an attempt, which followed those in it, is to be followed by
/// another.
pub(super) fn is_due(job: &Job, at: usize, attempt: &LaneEvidence) -> bool {
    attempt.attempts.len() < job.retries
        && !attempt.cancelled
        && !cancel::is_cancelled(&job.control, at)
        && only_the_machine_failed(attempt)
}

fn only_the_machine_failed(attempt: &LaneEvidence) -> bool {
    let infra = CellVerdict::Failed(FailureClass::Infra);
    let mut cells = attempt.cells.iter();
    let failure = attempt.failure.as_ref();
    failure.is_some_and(|failure| {
        failure.class == FailureClass::Infra
            && !NOT_THE_MACHINE.iter().any(|step| failure.step == *step)
    }) && cells.all(|cell| cell.verdict.is_pass() || cell.verdict == infra)
}

/// Puts an attempt aside, with all that it left in the run folder but the
/// logs of the steps that are kept, and says that there will be another. Its
/// record ends with this attempt.
///
/// # Errors
/// If its logs cannot be put aside; then there must be no other attempt.
pub(super) fn put_aside(
    job: &Job,
    at: usize,
    mut attempt: LaneEvidence,
    kept: &[StepEvidence],
    emitter: &mut Emitter<'_>,
) -> Result<Vec<LaneEvidence>, Box<LaneEvidence>> {
    let (cx, name) = (&**job.context(at), job.name(at));
    let number = attempt.attempts.len() + 1;
    if keep_logs(cx, name, number, kept).is_err() {
        return Err(Box::new(attempt));
    }
    let failure = attempt.failure.as_ref();
    let problem = failure.map(|failure| format!("{}: {}", failure.step, failure.message));
    emitter.event(EventKind::LaneRetried {
        attempt: number + 1,
        of: job.retries + 1,
        problem: problem.unwrap_or_default(),
    });
    let mut earlier = std::mem::take(&mut attempt.attempts);
    let aside = Box::new(attempt.clone());
    let _ = emitter.sender.send(Message::Aside(at, number, aside));
    earlier.push(moved(attempt, &cx.tree(), number));
    Ok(earlier)
}

/// The folder of an attempt, below that of its repetition.
fn folder(tree: &str, number: usize) -> String {
    format!("{tree}attempts/{number}/")
}

fn keep_logs(
    cx: &LaneContext,
    name: &ScenarioName,
    number: usize,
    kept: &[StepEvidence],
) -> io::Result<()> {
    let tree = cx.tree();
    let own = format!("{tree}logs/{name}");
    let from = cx.run_folder.join(&own);
    if !from.is_dir() {
        return Ok(());
    }
    let to = folder(&tree, number);
    fs::replicate(&from, &cx.run_folder.join(format!("{to}logs/{name}")))?;
    let kept = || kept.iter().filter_map(|step| step.log.as_ref());
    for file in fs::list_tree(&from)? {
        if !kept().any(|log| Path::new(&log.path) == Path::new(&own).join(&file)) {
            fs::remove_file(&from.join(&file))?;
        }
    }
    Ok(())
}

/// An attempt whose files are where they were put.
fn moved(attempt: LaneEvidence, tree: &str, number: usize) -> LaneEvidence {
    let to = folder(tree, number);
    let path = |path: String| match path.strip_prefix(tree) {
        Some(rest) => format!("{to}{rest}"),
        None => path,
    };
    let step = |step: StepEvidence| StepEvidence {
        log: step.log.map(|mut log| {
            log.path = path(log.path);
            log
        }),
        ..step
    };
    let cell = |mut cell: CellEvidence| {
        cell.run = step(cell.run);
        // The next attempt writes the document anew.
        let document = cell
            .proof
            .as_mut()
            .and_then(|proof| proof.evidence.as_mut());
        if let Some(document) = document {
            document.copy = None;
        }
        cell
    };
    let mut failure = attempt.failure;
    if let Some(failure) = &mut failure {
        failure.log = failure.log.take().map(path);
    }
    LaneEvidence {
        steps: attempt.steps.into_iter().map(step).collect(),
        cells: attempt.cells.into_iter().map(cell).collect(),
        failure,
        ..attempt
    }
}

impl Desk<'_> {
    /// Puts the cells of an attempt where its logs are.
    pub(super) fn put_cells_aside(&mut self, at: usize, number: usize, attempt: LaneEvidence) {
        let tree = self.job.context(at).tree();
        for cell in &attempt.cells {
            let written = self.writer.forget_cell(cell, &tree);
            self.note(written);
        }
        for cell in moved(attempt, &tree, number).cells {
            let written = self.writer.cell(&cell, &folder(&tree, number));
            self.note(written);
        }
    }
}

impl Ground {
    /// The steps of a lane whose results another attempt goes on from.
    pub(super) fn kept(&self, cx: &LaneContext, name: &ScenarioName) -> &[StepEvidence] {
        if self.is_lead(cx, name) && cx.isolation.lanes == Sharing::Layers {
            &self.so_far.steps
        } else {
            &[]
        }
    }

    /// How a lane begins once more. The lead wrote into what it made, unless
    /// that is a layer below it: it begins from nothing then.
    ///
    /// # Errors
    /// If what is left of the last attempt cannot be removed, or what it
    /// stands on cannot be copied.
    pub(super) fn start_again(&self, cx: &LaneContext, name: &ScenarioName) -> io::Result<Start> {
        clear(cx, name)?;
        if !self.is_lead(cx, name) || cx.isolation.lanes == Sharing::Layers {
            return self.start(cx, name);
        }
        let Start::Play {
            view,
            is_first,
            steps,
            so_far,
            ..
        } = ground::alone(cx, name)?
        else {
            return self.start(cx, name);
        };
        Ok(Start::Play {
            view,
            is_first,
            steps,
            so_far,
            package: self.pinned.clone(),
        })
    }
}

/// Removes what a lane left on the disk, also where it is to be kept: that is
/// for the last attempt.
///
/// # Errors
/// If it cannot be removed.
pub(super) fn clear(cx: &LaneContext, name: &ScenarioName) -> io::Result<()> {
    fs::remove_folder(&cx.root.join(cx.layer(name)))?;
    fs::remove_folder(&cx.lane_folder(name)).map(drop)
}

//! Lanes that are taken over from earlier runs, in a run that was asked to.

use super::Face;
use super::bind::Bound;
use super::held::Held;
use crate::artifact::folder::WriteError;
use crate::artifact::reader::{History, StoredRun};
use crate::artifact::run_folder::RunWriter;
use crate::model::event::Event;
use crate::model::text::plain;
use crate::model::{LaneEvidence, RunId, ScenarioName};
use crate::reuse::{self, Package, Question, Reuse, TakeError, Taken};
use crate::runner::Played;

/// What was taken over.
#[derive(Default)]
pub(super) struct TakenOver {
    lanes: Vec<LaneEvidence>,
    unwritten: Option<WriteError>,
}

impl TakenOver {
    pub(super) fn has(&self, lane: &ScenarioName) -> bool {
        self.lanes.iter().any(|taken| taken.scenario == *lane)
    }

    /// These lanes and those that were played, in declared order.
    pub(super) fn and(mut self, played: Played, bound: &Bound, altered: bool) -> Played {
        let order = bound.lanes(altered);
        self.lanes.extend(played.lanes);
        self.lanes
            .sort_by_key(|lane| order.iter().position(|name| *name == lane.scenario));
        for lane in &mut self.lanes {
            lane.inputs_sha256 = bound.inputs.of(&lane.scenario);
        }
        Played {
            lanes: self.lanes,
            flaky: played.flaky,
            unwritten: self.unwritten.or(played.unwritten),
        }
    }
}

impl Held<'_> {
    /// Takes over what may be, and says so. An altered lane never is.
    pub(super) fn take_over(
        &self,
        bound: &Bound,
        altered: bool,
        writer: &mut RunWriter,
        face: &mut dyn Face,
    ) -> TakenOver {
        let lanes = bound.lanes(altered);
        if altered || lanes.is_empty() {
            return TakenOver::default();
        }
        match self.request.reuse {
            Reuse::No => return TakenOver::default(),
            Reuse::IgnoredInCi => {
                face.say(IGNORED);
                return TakenOver::default();
            }
            Reuse::Yes if self.request.repeat > 1 => {
                face.say(REPEATED);
                return TakenOver::default();
            }
            Reuse::Yes => {}
        }
        let context = &bound.context;
        let env = &self.request.env;
        let package = Package::of(&context.profile, &context.package, &context.repo_root, env);
        let decision = reuse::decide(&Question {
            history: &History::of(self.folder.path()),
            gate: &self.gate,
            inputs: &bound.inputs,
            lanes: &lanes,
            package: &package,
        });
        face.say(&decision.lines());
        let mut past = Past::default();
        let mut taken = TakenOver::default();
        for (lane, stored) in &decision.from {
            match self.take(&mut past, stored, lane, bound, writer) {
                Ok(lane) => taken
                    .lanes
                    .push(shown(lane, writer, face, &mut taken.unwritten)),
                Err(TakeError::Source(e)) => face.say(&format!(
                    "not reused: {lane}: {}\n  next: {}\n",
                    plain(&e.to_string()),
                    e.next()
                )),
                Err(TakeError::Target(e)) => {
                    taken.unwritten.get_or_insert(e);
                }
            }
        }
        if taken.unwritten.is_some() {
            // A run folder that cannot be written ends the run.
            self.control.cancel_after(0);
        }
        taken
    }

    fn take(
        &self,
        past: &mut Past,
        stored: &StoredRun,
        lane: &ScenarioName,
        bound: &Bound,
        writer: &RunWriter,
    ) -> Result<Taken, TakeError> {
        let events = past.events(stored)?;
        let inputs = &bound.inputs;
        reuse::take(stored, events, lane, &self.run_id, inputs, writer)
    }
}

const REPEATED: &str = "--reuse is ignored under --repeat: every repetition is played\n";
const IGNORED: &str = "MATRIX_REUSE is ignored, since CI is set: every lane is played\n  \
     next: to take lanes over all the same, say so: --reuse\n";

/// Records and shows what happened then.
fn shown(
    lane: Taken,
    writer: &mut RunWriter,
    face: &mut dyn Face,
    unwritten: &mut Option<WriteError>,
) -> LaneEvidence {
    for event in &lane.events {
        if let Err(e) = writer.event(event) {
            unwritten.get_or_insert(e);
        }
        face.event(event);
    }
    lane.evidence
}

/// The events of the runs that lanes are taken from, read once.
#[derive(Default)]
struct Past {
    runs: Vec<(RunId, Vec<Event>)>,
}

impl Past {
    fn events(&mut self, stored: &StoredRun) -> Result<&[Event], TakeError> {
        let is_it = |(id, _): &(RunId, Vec<Event>)| id == stored.id();
        if !self.runs.iter().any(is_it) {
            self.runs.push((stored.id().clone(), stored.events()?));
        }
        let known = self.runs.iter().find(|run| is_it(run));
        Ok(known.map_or(&[], |(_, events)| events))
    }
}

//! A run that holds the artifacts folder: preflight, lanes, verdict.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::bind::{self, Bound};
use super::isolation::{Isolated, Needs};
use super::refusal::Refusal;
use super::rerun::{self, Parent};
use super::verdict::Verdict;
use super::{Face, Request, Trial, cannot_write};
use crate::artifact::bundle::{BUNDLE, ReplayBundle};
use crate::artifact::folder::{ArtifactsFolder, WriteError};
use crate::artifact::last_failure::LastFailure;
use crate::artifact::run_folder::{FailureRecord, RUN, RunWriter};
use crate::artifact::{retention, summary, to_bytes};
use crate::config::{self, ConfigError};
use crate::model::event::{Event, EventKind};
use crate::model::failure::says_disk_full;
use crate::model::profile::Retention;
use crate::model::text::shown;
use crate::model::{Asked, ExitCode, Failure, GateName, Kind, Profile, RunId};
use crate::report::{clusters, failure};
use crate::sys::clock::Clock;
use crate::sys::fs;
use crate::sys::git::{Consumer, Unsupported};
use crate::sys::process::Control;
use crate::{planner, preflight, runner};

/// A run that holds the artifacts folder.
pub(super) struct Held<'a> {
    pub(super) request: &'a Request,
    pub(super) trial: Option<&'a dyn Trial>,
    pub(super) control: &'a Control,
    pub(super) folder: ArtifactsFolder,
    pub(super) asked: Asked,
    pub(super) kind: Kind,
    pub(super) gate: GateName,
    pub(super) run_id: RunId,
    pub(super) marker: LastFailure,
    /// The run that is run again.
    pub(super) parent: Option<Parent>,
    /// How much of the past is kept; none where nobody could be asked, since
    /// the configuration cannot be read.
    pub(super) retention: Option<Retention>,
}

/// How many failures are told one by one; more are told by their causes.
const FEW: usize = 3;

/// Why a run ends before its first lane.
enum Halt {
    /// Something does not hold.
    Refused(Box<Refusal>),
    /// The plan could not be written.
    Unwritten(WriteError),
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Held<'_> {
    pub(super) fn play(
        self,
        consumer: Result<Consumer, Unsupported>,
        profile: Result<Profile, ConfigError>,
        mut writer: RunWriter,
        face: &mut dyn Face,
    ) -> ExitCode {
        let begun = Instant::now();
        let lanes_root = bind::lanes_root(self.request, self.folder.path());
        // The lock is held: whatever is there was left by a run that died.
        let _ = fs::remove_folder(&lanes_root);
        let mut events = RunEvents {
            seq: 0,
            clock: self.request.clock,
        };
        let ready = self.preflight(consumer, profile, &lanes_root, &writer);
        let mut verdict = match ready {
            Err(stop) => self.stopped(stop, face),
            Ok(bound) => {
                self.announce(&bound, face);
                let started = events.emit(bound.started(self.request), &mut writer, face);
                let mut verdict = self.lanes(&bound, &mut writer, face);
                verdict.note_unwritten(started.err());
                verdict
            }
        };
        let finished = EventKind::RunFinished {
            final_verdict: verdict.word.as_str().to_owned(),
            exit_code: verdict.exit.number(),
            duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        verdict.note_unwritten(events.emit(finished, &mut writer, face).err());
        let code = self.conclude(writer, &verdict, face);
        if self.request.keep && !verdict.lanes.is_empty() {
            face.say(&format!("kept: {}\n", shown(lanes_root.join("lanes"))));
        }
        clean_up(lanes_root, self.request.keep, self.control);
        code
    }

    /// What is to be known before the first lane.
    fn announce(&self, bound: &Bound, face: &mut dyn Face) {
        self.tell_not_pinned(bound, face);
        // stdout of a lane that is left to the user is the user's.
        if self.trial.is_none() && !self.request.leaves_a_lane() {
            face.planned(&bound.plan, self.request.fail_fast);
        }
        if let Some(parent) = &self.parent {
            face.say(&parent.left_out(&bound.plan, &bound.record));
        }
        if self.request.repeat > 1 {
            let times = self.request.repeat;
            face.say(&format!(
                "every lane is played {times} times; events are those of the first\n"
            ));
        }
    }

    /// Plays the lanes of the contract and, where they pass, those of the
    /// trial.
    fn lanes(&self, bound: &Bound, writer: &mut RunWriter, face: &mut dyn Face) -> Verdict {
        let mut play = |altered: bool| {
            let taken = self.take_over(bound, altered, writer, face);
            let job = bound.job(self, altered, &taken);
            let show = &mut |event: &Event| face.event(event);
            taken.and(runner::play(job, writer, show), bound, altered)
        };
        let mut verdict = Verdict::of(bound, play(false), self.control.signal());
        verdict.scripts = self.scripts(bound, &verdict.lanes);
        match self.trial {
            Some(trial) if verdict.passes() => {
                let played = play(true);
                verdict.and_of_trial(self, trial, bound, played)
            }
            Some(_) => verdict,
            // It stands beside the runs of the matrix, not among them.
            None if self.request.again.is_some() => verdict,
            None => {
                let parent = self.parent.as_ref();
                let cells = rerun::outstanding(parent, &bound.plan, &verdict.lanes);
                verdict.and_of_rerun(cells, parent)
            }
        }
    }

    /// The verdict of a run that ended before its first lane; a signal comes
    /// before whatever else was wrong.
    fn stopped(&self, stop: Halt, face: &mut dyn Face) -> Verdict {
        let refusal = match (self.control.signal(), stop) {
            (Some(code), _) => Refusal::interrupted(code),
            (None, Halt::Refused(refusal)) => *refusal,
            (None, Halt::Unwritten(e)) => return Verdict::unwritten(e),
        };
        face.say(&refusal.text);
        Verdict::preflight(refusal.failure)
    }

    /// Everything that must hold before the first lane, in the order of the
    /// contract.
    fn preflight(
        &self,
        consumer: Result<Consumer, Unsupported>,
        profile: Result<Profile, ConfigError>,
        lanes_root: &Path,
        writer: &RunWriter,
    ) -> Result<Bound, Halt> {
        let unsupported = |e: Unsupported| Refusal::unsupported(&e);
        let config = |text: String| Refusal::config(&text);
        let consumer = consumer.map_err(unsupported)?;
        if self.trial.is_some_and(Trial::takes_changes_apart) {
            consumer.can_be_taken_apart().map_err(unsupported)?;
        }
        let is_swept = !lanes_root.exists();
        let (consumer, profile) = self.clean_or_pinned(consumer, profile, lanes_root)?;
        let mut profile = profile.map_err(|e| config(e.to_string()))?;
        let plan = planner::plan(&profile, &self.request.selection);
        let mut plan = plan.map_err(|e| config(e.to_string()))?;
        let left = self.request.again.as_deref();
        if let Some((_, step)) = left.and_then(|again| again.shell.as_ref()) {
            plan.stop_before(step);
        }
        if let Some(parent) = &self.parent {
            parent.narrow(&mut plan);
        }
        if let Some(trial) = self.trial {
            let lanes = trial.lanes(&profile, &consumer);
            let lanes = lanes.map_err(|e| config(e.to_string()))?;
            planner::add_altered(&mut profile, &mut plan, lanes, trial.needs_contract())
                .map_err(|e| config(e.to_string()))?;
        }
        config::check_overlays(&profile, &consumer).map_err(|e| config(e.to_string()))?;
        let tools = preflight::find_tools(&profile, &self.request.env);
        let tools = tools.map_err(|missing| Refusal::missing_tools(&missing))?;
        if !is_swept {
            let text = format!("{} holds what cannot be removed", shown(lanes_root));
            return Err(Refusal::work_dir(&text).into());
        }
        let needs = Needs {
            root: lanes_root,
            repo: consumer.root(),
            tools: &tools,
            package: bind::package_places(self.request, &profile, lanes_root),
        };
        let isolated = Isolated::found(self.request, self.control, &needs);
        let isolated = isolated.map_err(Halt::Refused)?;
        let bound = bind::bind(
            self,
            &consumer,
            profile,
            plan,
            (tools, isolated),
            lanes_root,
            writer.path(),
        );
        let mut bound = bound.map_err(|text| Refusal::work_dir(&text))?;
        bound.plan_sha256 = Some(writer.plan(&bound.record).map_err(Halt::Unwritten)?);
        match self.control.signal() {
            Some(code) => Err(Refusal::interrupted(code).into()),
            None => Ok(bound),
        }
    }

    /// The consumer, which must be clean; or, of a run that is made again,
    /// the commit that it stood at.
    fn clean_or_pinned(
        &self,
        consumer: Consumer,
        profile: Result<Profile, ConfigError>,
        lanes_root: &Path,
    ) -> Result<(Consumer, Result<Profile, ConfigError>), Halt> {
        let unsupported = |e: Unsupported| Refusal::unsupported(&e);
        let again = self.request.again.as_deref();
        if let Some((again, source)) = again.and_then(|again| Some((again, again.source()?))) {
            let pinned = again.pinned(source, &consumer, self.request, lanes_root);
            // git takes half a copy away, so what it said counts too.
            let full = |e: &Unsupported| fs::is_full(lanes_root) || says_disk_full(&e.reason);
            return Ok(pinned.map_err(|e| {
                if full(&e) {
                    Refusal::work_dir(&e.reason)
                } else {
                    unsupported(e)
                }
            })?);
        }
        let dirt = consumer.dirt(self.folder.path()).map_err(unsupported)?;
        if dirt.is_empty() {
            Ok((consumer, profile))
        } else {
            Err(Refusal::dirty(consumer.root(), &dirt).into())
        }
    }

    /// Run folder, verdict, retention, exit code: in this order.
    fn conclude(&self, writer: RunWriter, verdict: &Verdict, face: &mut dyn Face) -> ExitCode {
        let run = verdict.run_record(self);
        let bundle = verdict.bundle(self, &writer);
        let documents = self.write_documents(verdict, &bundle, &writer);
        let compared = self.compare((verdict, &bundle), &run, &writer);
        let run_folder = documents.and_then(|()| writer.finish(&run));
        self.tell_again(verdict, face);
        if let Some(findings) = &verdict.findings {
            Self::tell_findings(findings, run_folder.as_deref().ok(), face);
        }
        let code = match (&verdict.unwritten, run_folder, &verdict.failure) {
            // The marker of the run stays: what it left is not complete.
            (Some(e), _, _) => self.unwritten(e, face),
            (None, Err(e), _) => self.unwritten(&e, face),
            (None, Ok(folder), failure) if self.request.leaves_a_lane() => {
                let record = failure.as_ref().map(FailureRecord::from);
                let told = record.map(|record| failure::recorded(&record, &folder));
                face.say(&told.unwrap_or_default());
                verdict.exit
            }
            (None, Ok(_), None) => self.passed(verdict, face),
            (None, Ok(folder), Some(failure)) => {
                self.failed((verdict, &bundle), failure, &folder, face)
            }
        };
        Self::tell_compared(compared, face);
        if verdict.exit == ExitCode::Pass && code != ExitCode::Pass {
            // No pass that has no verdict is to be found later either.
            let run = self.folder.runs().join(self.run_id.as_str());
            let _ = fs::remove_file(&run.join(RUN));
        }
        if let Some(retention) = self.retention {
            retention::prune(&self.folder, &self.run_id, retention, SystemTime::now());
        }
        code
    }

    /// What stands in the run folder before `run.json`.
    fn write_documents(
        &self,
        verdict: &Verdict,
        bundle: &ReplayBundle,
        writer: &RunWriter,
    ) -> Result<(), WriteError> {
        verdict.write_findings(writer)?;
        writer.file(BUNDLE, &to_bytes(bundle))?;
        self.write_flakes(verdict, writer)
    }

    /// An artifact could not be written; a signal weighs more.
    fn unwritten(&self, e: &WriteError, face: &mut dyn Face) -> ExitCode {
        face.closed(None);
        let code = cannot_write(e, face);
        self.control.signal().unwrap_or(code)
    }

    fn passed(&self, verdict: &Verdict, face: &mut dyn Face) -> ExitCode {
        let summary = verdict.summary(self);
        let document = verdict.findings.as_ref();
        let document = document.map_or_else(|| to_bytes(&summary), |found| found.summary.clone());
        if let Err(e) = self.folder.pass(&document) {
            return self.unwritten(&e, face);
        }
        if verdict.findings.is_some() {
            face.say(&format!("summary: {}\n", shown(self.folder.summary())));
            return ExitCode::Pass;
        }
        let whole = summary.final_verdict == summary::FinalVerdict::Pass;
        let package = summary
            .package_spec
            .unwrap_or_else(|| self.gate.to_string());
        face.closed(whole.then_some(package.as_str()));
        if !whole {
            face.say(&format!("PARTIAL: not tried were {}\n", verdict.left_out()));
        }
        face.say(&format!("summary: {}\n", shown(self.folder.summary())));
        ExitCode::Pass
    }

    fn failed(
        &self,
        (verdict, bundle): (&Verdict, &ReplayBundle),
        failure: &Failure,
        run_folder: &Path,
        face: &mut dyn Face,
    ) -> ExitCode {
        let written = match self.folder.fail(self.marker.clone(), failure, run_folder) {
            Ok(written) => written,
            Err(e) => return self.unwritten(&e, face),
        };
        face.closed(None);
        let json = self.folder.last_failure();
        let next = self.one_command(verdict);
        let told = verdict.findings.is_some();
        if told {
            face.say(&failure::describe(failure, &written, &next));
        } else if verdict.lanes.is_empty() {
            // What keeps a run from its lanes was told when it was found.
            face.say(&format!("last failure: {}\n", shown(&json)));
        } else {
            face.say(&match bundle.failures.len() {
                0..=FEW => failure::others(&verdict.lanes, failure),
                _ => clusters::clusters(&bundle.clusters),
            });
            face.say(&self.told_of_flakes(verdict));
            face.say(&failure::describe(failure, &written, &next));
            self.tell_nothing_was_tried(failure, face);
        }
        verdict.exit
    }
}

/// The events that belong to no lane.
struct RunEvents {
    seq: u64,
    clock: Clock,
}

impl RunEvents {
    fn emit(
        &mut self,
        kind: EventKind,
        writer: &mut RunWriter,
        face: &mut dyn Face,
    ) -> Result<(), WriteError> {
        self.seq += 1;
        let event = Event {
            seq: self.seq,
            at: self.clock.now_utc(),
            lane: None,
            kind,
        };
        let written = writer.event(&event);
        face.event(&event);
        written
    }
}

/// Removes the lanes. After a signal only as long as there is time; the rest
/// is found by the next run.
fn clean_up(lanes_root: PathBuf, keep: bool, control: &Control) {
    if keep {
        return;
    }
    let patience = match (control.signal(), control.is_killed()) {
        (None, _) => Duration::from_secs(60),
        (Some(_), false) => Duration::from_secs(1),
        (Some(_), true) => return,
    };
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = fs::remove_folder(&lanes_root);
        let _ = sender.send(());
    });
    let _ = receiver.recv_timeout(patience);
}

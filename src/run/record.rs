//! The last step of a run: its documents, its verdict file, retention and the
//! exit code, in this order.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::documents::{Documents, report_comparison};
use super::outcome::Outcome;
use super::session::{Session, not_written};
use super::{ci, github, reports};
use crate::artifact::bundle::ReplayBundle;
use crate::artifact::last_failure::LastFailure;
use crate::artifact::run_folder::{FailureRecord, RUN};
use crate::artifact::summary::FinalVerdict;
use crate::artifact::write_error::WriteError;
use crate::artifact::{retention, to_bytes};
use crate::model::fresh_clone::FreshCloneOutcome;
use crate::model::{BuiltinStep, ExitCode, Failure, FailureClass, FailureDigest, Kind, StepId};
use crate::preflight::own_hooks::OwnHooks;
use crate::prepare::{Findings, Mode};
use crate::replay::commands::next_command;
use crate::report::failure::Advice;
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::rerun::Parent;
use crate::runner::cancel;
use crate::sys::git::Consumer;
use crate::sys::process::Control;
use crate::sys::{fs, panics};

/// The maximum number of failures that are reported one by one; more are
/// reported by their causes.
const MAX_FAILURES: usize = 3;

/// Writes everything that the run leaves and returns the code to exit with.
pub(super) fn record(
    mut session: Session,
    outcome: &Outcome<'_>,
    mode: &Mode<'_>,
    control: &Control,
    reporter: &mut dyn Reporter,
) -> ExitCode {
    let parent = session.parent.as_ref().map(Parent::id);
    let (context, request) = (&session.context, &session.request);
    let documents = Documents::new(context, parent, outcome, request, mode);
    let mut written = documents.write(&session.writer);
    if lacks_room(&written) && make_room(&session) {
        written = documents.write(&session.writer);
    }
    // Before the manifest, which lists the comparison too.
    let baseline = mode.baseline();
    let compared = baseline.map(|baseline| documents.compare(baseline, &session.writer));
    let mut run_folder = written.and_then(|()| session.writer.finish(&documents.run));
    if lacks_room(&run_folder) && make_room(&session) {
        run_folder = session.writer.finish(&documents.run);
    }
    let record = Record {
        session: &session,
        outcome,
        documents: &documents,
        mode,
        control,
    };
    record.report_reproduction(reporter);
    record.report_repetitions(reporter);
    record.report_hooks(reporter);
    if let Some(findings) = &outcome.findings {
        report_findings(findings, run_folder.as_deref().ok(), reporter);
    }
    let code = record.conclude(run_folder, reporter);
    let folder = session.writer.path();
    if let Some(compared) = &compared {
        report_comparison(compared, folder, reporter);
    }
    if outcome.verdict.exit == ExitCode::Pass && code != ExitCode::Pass {
        // A pass without a verdict file must not be found later either.
        let _ = fs::remove_file(&folder.join(RUN));
    }
    let code = reports::write(&session, code, reporter);
    if let Some(keep) = session.retention {
        let this = &session.context.run_id;
        let dropped = retention::prune(&session.lock, this, keep, SystemTime::now());
        if !dropped.is_empty() {
            reporter.notice(&Notice::Dropped(&dropped));
        }
    }
    let has_lanes = !outcome.verdict.lanes.is_empty();
    if !session.request.execution.keep {
        remove_lanes(&session.lanes_root, control);
    } else if has_lanes {
        reporter.notice(&Notice::Kept(session.lanes_root.join("lanes")));
    }
    let output = &session.request.output;
    if let Some(step) = output.github.as_ref().filter(|_| mode.has_verdict()) {
        github::report(step, &session, code, reporter);
    }
    if let Some(job) = output.job.as_ref().filter(|_| mode.has_verdict()) {
        ci::report(job, &session, code, reporter);
    }
    code
}

/// True if something could not be written because the disk is full.
fn lacks_room<T>(written: &Result<T, WriteError>) -> bool {
    matches!(written, Err(e) if e.is_full())
}

/// Removes old runs, unless all are to be kept; false if there are none.
fn make_room(session: &Session) -> bool {
    session.retention.is_some() && retention::make_room(&session.lock, &session.context.run_id)
}

/// A run whose folder is complete, and whose verdict is not written yet.
struct Record<'a> {
    session: &'a Session,
    outcome: &'a Outcome<'a>,
    documents: &'a Documents<'a>,
    mode: &'a Mode<'a>,
    control: &'a Control,
}

impl Record<'_> {
    /// Puts the verdict file in place of the marker.
    fn conclude(
        &self,
        run_folder: Result<PathBuf, WriteError>,
        reporter: &mut dyn Reporter,
    ) -> ExitCode {
        let verdict = &self.outcome.verdict;
        if panics::happened() {
            // What the run found is not to be relied on: the marker stays.
            reporter.finish(None);
            return ExitCode::Internal;
        }
        if self.mode.has_verdict()
            && let Err(e) = self.session.verdicts.remove_planted()
        {
            return self.unwritten(&e, reporter);
        }
        // The marker stays where the run's folder is not complete.
        if let Some(e) = &verdict.unwritten {
            return self.unwritten(e, reporter);
        }
        let folder = match run_folder {
            Ok(folder) => folder,
            Err(e) => return self.unwritten(&e, reporter),
        };
        match &verdict.failure {
            failure if !self.mode.has_verdict() => {
                if let Some(failure) = failure.as_ref().map(FailureRecord::from) {
                    reporter.notice(&Notice::RecordedFailure {
                        digest: self.digest(failure.phase.as_deref(), &failure.step),
                        failure: &failure,
                        folder: &folder,
                        has_causes: false,
                    });
                }
                verdict.exit
            }
            None => self.passed(reporter),
            Some(failure) => self.failed(failure, &folder, reporter),
        }
    }

    fn passed(&self, reporter: &mut dyn Reporter) -> ExitCode {
        let files_sha256 = self.session.writer.manifest_sha256();
        let summary = self.documents.summary(files_sha256);
        let findings = self.outcome.findings.as_ref();
        let bytes = findings.map_or_else(|| to_bytes(&summary), |found| found.summary.clone());
        let verdicts = &self.session.verdicts;
        let mut passed = verdicts.pass(&bytes);
        if lacks_room(&passed) && make_room(self.session) {
            passed = verdicts.pass(&bytes);
        }
        if let Err(e) = passed {
            return self.unwritten(&e, reporter);
        }
        // The document of a trial was reported before.
        if findings.is_none() {
            let is_whole = summary.final_verdict == FinalVerdict::Pass;
            let context = &self.session.context;
            let spec = context.package_spec.as_deref();
            let package = spec.unwrap_or(context.gate.as_str());
            reporter.finish(is_whole.then_some(package));
            if summary.source.worktree_on.is_some() {
                reporter.notice(&Notice::Uncommitted(&summary.source));
            }
            if summary.final_verdict == FinalVerdict::Partial {
                let plan = self.outcome.prepared.map(|prepared| &prepared.plan);
                let left_out = plan.map(crate::model::Plan::left_out).unwrap_or_default();
                reporter.notice(&Notice::Partial(&left_out));
            }
        }
        reporter.notice(&Notice::Summary(verdicts.summary()));
        ExitCode::Pass
    }

    fn failed(
        &self,
        failure: &Failure,
        run_folder: &Path,
        reporter: &mut dyn Reporter,
    ) -> ExitCode {
        let Session {
            verdicts,
            marker,
            context,
            ..
        } = self.session;
        let marker = LastFailure {
            sandbox: self.outcome.sandbox.clone(),
            generated_at_utc: context.clock.now_utc(),
            ..marker.clone()
        };
        let mut failed = verdicts.fail(marker.clone(), failure, run_folder);
        if lacks_room(&failed) && make_room(self.session) {
            failed = verdicts.fail(marker, failure, run_folder);
        }
        let written = match failed {
            Ok(written) => written,
            Err(e) => return self.unwritten(&e, reporter),
        };
        reporter.finish(None);
        let verdict = &self.outcome.verdict;
        let digest = self.digest(failure.phase.as_deref(), &failure.step);
        let is_compared = self.mode.baseline().is_some();
        let next = next_command(context, verdict, digest, is_compared);
        let bundle = &self.documents.bundle;
        let has_causes = self.outcome.findings.is_none() && bundle.failures.len() > MAX_FAILURES;
        let failed = Notice::Failed {
            failure,
            digest,
            written: &written,
            advice: Advice {
                next: &next,
                by_hand: by_hand(failure, bundle),
                has_causes,
            },
        };
        if self.outcome.findings.is_some() {
            reporter.notice(&failed);
        } else if verdict.lanes.is_empty() {
            // The refusal was reported when it was found.
            if let Some(digest) = digest {
                reporter.notice(&Notice::Cause(digest));
            }
            reporter.notice(&Notice::LastFailure(verdicts.last_failure()));
        } else {
            let (lanes, decided) = (&*verdict.lanes, failure);
            reporter.notice(&if has_causes {
                Notice::Causes(&bundle.clusters)
            } else {
                Notice::OtherFailures {
                    lanes,
                    decided,
                    bundle,
                }
            });
            let cells = &*self.outcome.flaky;
            reporter.notice(&Notice::Flaky {
                cells,
                folder: run_folder,
            });
            reporter.notice(&failed);
            self.report_trial_not_begun(failure, reporter);
        }
        verdict.exit
    }

    /// Says what came of the repetitions; the flaky cells follow with the failures.
    fn report_repetitions(&self, reporter: &mut dyn Reporter) {
        if let Some(repeat) = self.documents.run.repeat
            && !self.outcome.verdict.lanes.is_empty()
        {
            let flaky = self.outcome.flaky.len();
            reporter.notice(&Notice::Repeated { repeat, flaky });
        }
    }

    /// Returns the digest of a failure.
    fn digest(&self, phase: Option<&str>, step: &StepId) -> Option<&FailureDigest> {
        self.documents.bundle.digest(phase, step)
    }

    /// An artifact could not be written; a signal outranks it.
    fn unwritten(&self, e: &WriteError, reporter: &mut dyn Reporter) -> ExitCode {
        reporter.finish(None);
        let code = not_written(e, reporter);
        cancel::exit_code(self.control).unwrap_or(code)
    }

    /// Reports the hooks that a fresh clone, and the consumer's own, would not run.
    fn report_hooks(&self, reporter: &mut dyn Reporter) {
        let (outcome, verdict) = (self.outcome, &self.outcome.verdict);
        if let Some(document) = &outcome.fresh_clone {
            let is_open = document.outcome == FreshCloneOutcome::Open;
            let failure = verdict.failure.as_ref();
            let is_reported = failure.is_some_and(|own| own.step == BuiltinStep::FreshClone);
            if !is_reported && (is_open || failure.is_none()) {
                let folder = self.session.writer.path();
                reporter.notice(&Notice::FreshClone { document, folder });
            }
        }
        let prepared = outcome
            .prepared
            .filter(|_| self.mode.kind() == Kind::Matrix);
        let mut lanes = verdict.lanes.iter();
        let folder = lanes.find_map(|lane| lane.hooks_folder.as_ref());
        let (Some(prepared), Some(folder)) = (prepared, folder) else {
            return;
        };
        let (cx, has_hooks) = (&prepared.context, prepared.needs_hooks());
        let consumer = Consumer::open(&cx.repo_folder, &cx.terms).ok();
        let consumer = consumer.filter(|_| has_hooks);
        if let Some(own) = consumer.and_then(|consumer| OwnHooks::against_lane(&consumer, folder)) {
            reporter.notice(&Notice::OwnHooks(&own));
        }
    }

    /// Reports which failures of the recorded run happened again.
    fn report_reproduction(&self, reporter: &mut dyn Reporter) {
        let Some(recorded) = self.mode.recorded().filter(|_| self.mode.has_verdict()) else {
            return;
        };
        let verdict = &self.outcome.verdict;
        if !verdict.lanes.is_empty() || recorded.plan.is_none() {
            let found = recorded.reproduction(&verdict.lanes, verdict.failure.as_ref());
            reporter.notice(&Notice::Reproduction(&found));
        }
    }

    fn report_trial_not_begun(&self, failure: &Failure, reporter: &mut dyn Reporter) {
        let trial = self.mode.trial().filter(|trial| trial.needs_contract());
        if let Some(trial) = trial.filter(|_| failure.class != FailureClass::Interrupted) {
            reporter.notice(&Notice::TrialNotBegun(trial.kind()));
        }
    }
}

/// Returns the command that runs a failed step outside of its lane, if the step's own command
/// names a path of the lane.
fn by_hand<'a>(failure: &Failure, bundle: &'a ReplayBundle) -> Option<&'a str> {
    let template = &failure.command.as_ref()?.template;
    let mut of_lane = ["{tool_dir}", "{clone_dir}"].into_iter();
    if !of_lane.any(|place| template.contains(place)) {
        return None;
    }
    let failed = bundle.failed(failure.phase.as_deref(), &failure.step)?;
    failed
        .replay
        .shell
        .as_ref()
        .map(|shell| shell.command.as_str())
}

/// Reports what a trial found, and where the documents are that record it.
fn report_findings(findings: &Findings, folder: Option<&Path>, reporter: &mut dyn Reporter) {
    reporter.finish(None);
    reporter.document(&findings.console);
    let Some(folder) = folder else {
        return;
    };
    for (name, _) in &findings.files {
        reporter.notice(&Notice::Written(folder.join(name)));
    }
}

/// Removes the lanes. After a signal there is little time; the next run finds
/// what is left.
fn remove_lanes(lanes_root: &Path, control: &Control) {
    let patience = match (control.signal(), control.is_killed()) {
        (None, _) => Duration::from_secs(60),
        (Some(_), false) => Duration::from_secs(1),
        (Some(_), true) => return,
    };
    let (sender, receiver) = std::sync::mpsc::channel();
    let folder = lanes_root.to_owned();
    let removal = std::thread::Builder::new().spawn(move || {
        let _ = fs::remove_folder(&folder);
        let _ = sender.send(());
    });
    if removal.is_err() {
        let _ = fs::remove_folder(lanes_root);
    }
    let _ = receiver.recv_timeout(patience);
}

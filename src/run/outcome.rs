//! A run whose lanes have ended, with everything that its files need.

use super::fresh_clone;
use super::session::Session;
use crate::artifact::context::RunContext;
use crate::artifact::flakes::FlakyCell;
use crate::artifact::fresh_clone::FreshClone;
use crate::artifact::summary::FinalVerdict;
use crate::model::Plan;
use crate::model::fresh_clone::Checkout;
use crate::model::package::PackageResolved;
use crate::model::sandbox::SandboxRecord;
use crate::preflight::Refusal;
use crate::prepare::{About, Findings, Halt, Mode, Prepared, Trial};
use crate::replay::script::Scripts;
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::rerun::Parent;
use crate::runner::{Executed, cancel};
use crate::sys::process::Control;
use crate::verdict::{Terms, Verdict, interrupted, judge};

/// A run whose lanes have ended.
pub(super) struct Outcome<'a> {
    /// The verdict and the evidence.
    pub(super) verdict: Verdict,
    /// The cells that differ among repetitions.
    pub(super) flaky: Vec<FlakyCell>,
    /// The scripts of the lanes that failed, by place in the run folder.
    pub(super) scripts: Vec<(String, Vec<u8>)>,
    /// The conclusion of a trial.
    pub(super) findings: Option<Findings>,
    /// The answer of a fresh clone; None if nothing is to be said of one.
    pub(super) fresh_clone: Option<FreshClone>,
    /// The sandbox of the lanes; None if the run ended before it was tried.
    pub(super) sandbox: Option<SandboxRecord>,
    /// The bound plan; None if the run ended before.
    pub(super) prepared: Option<&'a Prepared>,
}

impl<'a> Outcome<'a> {
    /// The outcome of a run that ended before its first lane. A signal
    /// outranks whatever else was wrong.
    pub(super) fn halted(halt: Halt, control: &Control, reporter: &mut dyn Reporter) -> Self {
        let refusal = match (cancel::exit_code(control), halt) {
            (Some(code), _) => Refusal::Interrupted(code),
            (None, Halt::Refused(refusal)) => *refusal,
            (None, Halt::Unwritten(e)) => return Self::before_lanes(Verdict::unwritten(e)),
        };
        reporter.notice(&Notice::Refused(&refusal));
        Self {
            sandbox: refusal.sandbox().cloned(),
            ..Self::before_lanes(Verdict::halted(refusal.failure()))
        }
    }

    fn before_lanes(verdict: Verdict) -> Self {
        Self {
            verdict,
            flaky: Vec::new(),
            scripts: Vec::new(),
            findings: None,
            fresh_clone: None,
            sandbox: None,
            prepared: None,
        }
    }

    /// Judges the lanes of the contract.
    pub(super) fn judged(
        prepared: &'a Prepared,
        (executed, checkouts): (Executed, Option<Vec<Checkout>>),
        session: &Session,
        mode: &Mode<'_>,
        control: &Control,
    ) -> Self {
        let recorded = mode.recorded();
        let install = prepared.context.profile.install.last();
        let terms = Terms {
            plan: &prepared.plan,
            install_step: install.map(|step| &step.id),
            recorded: recorded.and_then(|run| Some((&run.of, run.package.as_ref()?))),
            before: session.parent.as_ref().map(Parent::green),
            counts_outstanding: mode.counts_outstanding(),
            uncommitted: prepared.context.source.worktree_on.is_some(),
            signal: cancel::exit_code(control),
        };
        let mut verdict = judge(&terms, executed.lanes, executed.unwritten);
        let fresh_clone = if terms.signal.is_some() {
            None
        } else {
            let mut lanes = verdict.lanes.iter();
            let of_lane = lanes.find_map(|lane| lane.hooks_folder.as_deref());
            fresh_clone::document(prepared, session, checkouts, of_lane)
        };
        if session.request.execution.strict {
            let document = fresh_clone.as_ref();
            verdict.note_failure(document.and_then(|it| fresh_clone::failure(prepared, it)));
        }
        Self {
            flaky: executed.flaky,
            scripts: scripts(prepared, session, &verdict),
            verdict,
            findings: None,
            fresh_clone,
            sandbox: Some(prepared.record.isolation.sandbox.clone()),
            prepared: Some(prepared),
        }
    }

    /// Adds the altered lanes of a trial, and what it concludes from them.
    pub(super) fn conclude(
        &mut self,
        trial: &dyn Trial,
        prepared: &Prepared,
        altered: Executed,
        context: &RunContext,
        control: &Control,
    ) {
        // The lanes of the contract need not have run.
        let installed = || altered.lanes.iter().find_map(|lane| lane.package.clone());
        let package = self.verdict.package().or_else(installed);
        let about = about(trial, prepared, context, package);
        let failure = if let Some(code) = cancel::exit_code(control) {
            Some(interrupted(code, &altered.lanes))
        } else {
            let findings = trial.conclude(&altered.lanes, &about);
            let failure = findings.failure.clone();
            self.findings = Some(findings);
            failure
        };
        self.verdict
            .add_altered(altered.lanes, failure, about.if_good);
        self.verdict.note_unwritten(altered.unwritten);
    }
}

/// A script for each lane that failed, by its place in the run folder.
fn scripts(prepared: &Prepared, session: &Session, verdict: &Verdict) -> Vec<(String, Vec<u8>)> {
    if session.context.asked.worktree {
        // A script would clone a commit that is not there.
        return Vec::new();
    }
    let scripts = Scripts {
        context: &prepared.context,
        plan: &prepared.plan,
        env: &session.request.env,
        repo: &session.context.asked.repo,
        package: None,
        timeout: session.request.execution.timeout,
    };
    let lanes = verdict.lanes.iter();
    lanes.filter_map(|lane| scripts.file(lane)).collect()
}

/// The facts for the document of a trial.
fn about<'a>(
    trial: &dyn Trial,
    prepared: &'a Prepared,
    context: &'a RunContext,
    package: Option<PackageResolved>,
) -> About<'a> {
    About {
        if_good: if is_whole(trial, &prepared.plan) {
            FinalVerdict::Pass
        } else {
            FinalVerdict::Partial
        },
        run_id: &context.run_id,
        generated_at_utc: context.clock.now_utc(),
        profile: &prepared.context.profile,
        package,
        source: &prepared.context.source,
        run_folder: &prepared.context.run_folder,
    }
}

/// True if nothing was left out. A trial that does not need the contract runs
/// no scenario of the profile.
fn is_whole(trial: &dyn Trial, plan: &Plan) -> bool {
    let scenarios = !trial.needs_contract() || plan.scenarios.iter().all(|s| s.selected);
    let stages = plan.stages.iter().all(|(_, selected)| *selected);
    scenarios && stages && trial.is_whole()
}

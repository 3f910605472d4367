//! A failure and the evidence available for classifying it.

use super::cause::{Cause, Fact};
use crate::model::evidence::{CellVerdict, Ending};
use crate::model::failure::PREFLIGHT;
use crate::model::text::plain;
use crate::model::{
    BuiltinStep, CellEvidence, Failure, FailureClass, FailureDetail, LaneEvidence, On, Shortage,
    StageName, StepEvidence, StepId,
};

/// A failure and its evidence.
pub(super) struct Symptom<'a> {
    pub(super) lane: Option<&'a LaneEvidence>,
    pub(super) stage: Option<StageName>,
    pub(super) step: &'a StepId,
    pub(super) class: FailureClass,
    pub(super) message: &'a str,
    /// The log of the step that failed, relative to the run folder.
    pub(super) log: Option<&'a str>,
    detail: Option<FailureDetail>,
    ending: Option<&'a Ending>,
    cell: Option<&'a CellEvidence>,
}

impl<'a> Symptom<'a> {
    /// Returns the symptom of a cell that is not green.
    pub(super) fn from_cell(lane: &'a LaneEvidence, cell: &'a CellEvidence) -> Option<Self> {
        let CellVerdict::Failed(class) = cell.verdict else {
            return None;
        };
        Some(Self {
            lane: Some(lane),
            stage: Some(cell.stage.clone()),
            step: &cell.run.step,
            class,
            message: cell.problem.as_deref().unwrap_or("the cell is not green"),
            log: cell.run.log.as_ref().map(|log| log.path.as_str()),
            detail: short(class, cell.problem.as_deref().unwrap_or_default()),
            ending: cell.run.ending.as_ref(),
            cell: Some(cell),
        })
    }

    /// Returns the symptom of a failure outside the cells: of an earlier step,
    /// the preflight or the run.
    pub(super) fn from_failure(
        failure: &'a Failure,
        lane: Option<&'a LaneEvidence>,
        lanes: &'a [LaneEvidence],
    ) -> Self {
        // If lanes share a step, the evidence is another lane's.
        let steps = || lanes.iter().flat_map(|lane| &lane.steps);
        let has_log = |step: &&StepEvidence| {
            let log = step.log.as_ref().map(|log| log.path.as_str());
            log.is_some() && log == failure.log.as_deref()
        };
        let own = || lane.and_then(|lane| lane.steps.iter().find(|s| s.step == failure.step));
        let ran = steps().find(has_log).or_else(own);
        Self {
            lane,
            stage: None,
            step: &failure.step,
            class: failure.class,
            message: &failure.message,
            log: failure.log.as_deref(),
            // A stored failure has the words alone.
            detail: failure
                .detail
                .or_else(|| short(failure.class, &failure.message)),
            ending: ran.and_then(|step| step.ending.as_ref()),
            cell: None,
        }
    }

    /// Adds the evidence of the cell that failed, if there is one.
    pub(super) fn of_cell(self, cell: Option<&'a CellEvidence>) -> Self {
        Self {
            ending: cell.map_or(self.ending, |cell| cell.run.ending.as_ref()),
            cell,
            ..self
        }
    }

    pub(super) fn is_stage(&self) -> bool {
        self.stage.is_some() || self.step.is_stage()
    }

    pub(super) fn kind(&self) -> &str {
        match (self.is_stage(), self.lane) {
            (true, _) => "stage",
            (false, Some(_)) => self.step.as_str(),
            (false, None) => PREFLIGHT,
        }
    }

    /// True if the stage exited 0: no command failed that could give a reason.
    pub(super) fn ended_well(&self) -> bool {
        let exit = self
            .cell
            .map_or(self.ending.and_then(Ending::code), |cell| cell.exit);
        exit == Some(0)
    }

    /// Returns the exit codes that the contract expects of the cell, in words.
    pub(super) fn expected(&self) -> Option<String> {
        let expected = &self.cell?.expected;
        let exit = expected.exit.describe();
        let exit = match &expected.hook_exit {
            Some(hook) => format!("exit {exit}, and {} of the hook", hook.describe()),
            None => format!("exit {exit}"),
        };
        let reason = self.cell?.reason.as_ref();
        Some(match reason.filter(|reason| !reason.found) {
            Some(reason) => format!("{exit}, and `{}` in the output", plain(&reason.wanted)),
            None => exit,
        })
    }

    /// Returns the place in a configuration where they stand.
    pub(super) fn expected_at(&self) -> Option<&str> {
        self.cell?.expected_at.as_deref()
    }

    /// Returns the reason that a stage gave although it let the change in.
    pub(super) fn reason_given(&self) -> Option<&str> {
        let reason = self.cell?.reason.as_ref()?;
        (self.class == FailureClass::Contract && self.ended_well() && reason.found)
            .then_some(reason.wanted.as_str())
    }

    /// True if the sandbox kept the network from a stage.
    pub(super) fn is_offline(&self) -> bool {
        self.cell.is_some_and(|cell| !cell.network)
    }

    /// True if the output of the command is evidence.
    pub(super) fn text_counts(&self) -> bool {
        use FailureClass::{Contract, Infra, Install, Seed, Signal, WrongReason};
        let by_class = matches!(
            self.class,
            Contract | Infra | Install | Seed | Signal | WrongReason
        );
        by_class && !self.ended_well()
    }

    /// True unless a cause says that the exit code is another than expected, and it is not.
    pub(super) fn may_have(&self, cause: &Cause) -> bool {
        let is_of_exit = cause.default_of.contains(&FailureClass::Contract);
        !is_of_exit || self.class == FailureClass::Contract
    }

    /// Returns the deciding exit code: the hook's, else the command's.
    pub(super) fn exit(&self) -> Option<i32> {
        let hook = self
            .cell
            .and_then(|cell| cell.hook_exit)
            .filter(|code| *code != 0);
        hook.or_else(|| self.ending.and_then(Ending::code))
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact::Class(self.class)];
        facts.extend(match self.detail {
            Some(FailureDetail::Short(shortage)) => Some(Fact::Short(shortage)),
            Some(FailureDetail::NoRecord) => Some(Fact::NoRecord),
            Some(FailureDetail::NotCommitted) => Some(Fact::NotCommitted),
            Some(FailureDetail::NoPlace) => Some(Fact::NoPlace),
            Some(FailureDetail::WrongConfiguration) => Some(Fact::WrongConfiguration),
            Some(FailureDetail::Survived) => Some(Fact::Survived),
            Some(FailureDetail::NotCovered) => Some(Fact::NotCovered),
            Some(FailureDetail::StillBlocks) => Some(Fact::StillBlocks),
            Some(FailureDetail::Opened) => Some(Fact::Opened),
            Some(FailureDetail::AcceptedAtFault) => Some(Fact::AcceptedAtFault),
            // Those of a program that did not start are facts of its ending.
            Some(FailureDetail::NotExecutable | FailureDetail::NotFound) | None => None,
        });
        if self.lane.is_some() && !self.is_stage() && !self.step.is_builtin() {
            facts.push(Fact::Installs);
        }
        facts.extend(self.of_ending());
        if let Some(cell) = self.cell {
            facts.extend(self.of_cell_evidence(cell));
        }
        facts
    }

    /// True if a hook is not there that an installation has to make.
    pub(super) fn lacks_installed_hook(&self) -> bool {
        let facts = self.facts();
        let lacks_hook = *self.step == BuiltinStep::GateHooks || facts.contains(&Fact::NoHook);
        lacks_hook && !facts.contains(&Fact::NotCommitted)
    }

    /// True if a fact holds for this failure.
    pub(super) fn has(&self, facts: &[Fact], wanted: Fact) -> bool {
        match wanted {
            Fact::Step(step) => *self.step == step,
            other => facts.contains(&other),
        }
    }

    fn of_ending(&self) -> Vec<Fact> {
        match self.ending {
            Some(Ending::Exited(0)) => vec![Fact::Succeeded],
            Some(Ending::Exited(code)) if self.cell.is_none() => vec![Fact::Exit(*code)],
            Some(Ending::Signaled(_)) => vec![Fact::Signaled],
            Some(Ending::Lost) => vec![Fact::Lost],
            ending => match ending.and_then(Ending::start_failure) {
                Some(FailureDetail::NotExecutable) => vec![Fact::NotExecutable],
                Some(FailureDetail::NotFound) => vec![Fact::NotFound],
                _ => Vec::new(),
            },
        }
    }

    /// Returns facts in the order in which a cell is judged.
    ///
    /// Later checks were not made once an earlier one had failed.
    fn of_cell_evidence(&self, cell: &CellEvidence) -> Vec<Fact> {
        use FailureClass::{Contract, NotEnforced, Signal, WrongReason};
        if Self::has_crlf(cell) {
            return vec![Fact::Crlf];
        }
        if !matches!(self.class, Contract | NotEnforced | Signal | WrongReason) {
            return Vec::new();
        }
        let mut facts = Vec::new();
        facts.extend(cell.witness.led_outside().map(|_| Fact::LeadsOut));
        if cell.witness.not_committed.is_some() && (self.class == NotEnforced || self.ended_well())
        {
            facts.push(Fact::NotCommitted);
        }
        if (self.class == NotEnforced || self.ended_well()) && no_hook(cell) {
            facts.push(Fact::NoHook);
        }
        facts.extend(self.of_exit(cell));
        let was_idle = cell.witness.idle_program().is_some();
        if self.class == Contract {
            if self.ended_well() && was_idle {
                facts.push(Fact::IdleProgram);
            } else if self.reason_given().is_some() && facts.is_empty() {
                facts.push(Fact::SaidAndLetIn);
            }
            return facts;
        }
        if !facts.is_empty() || went_wrong_in_git(cell) {
            return facts;
        }
        if was_idle {
            facts.push(Fact::IdleProgram);
        } else if cell.reason.as_ref().is_some_and(|reason| !reason.found) {
            facts.push(Fact::NoReason);
        } else {
            facts.extend(unproven(cell));
        }
        facts
    }

    /// True if a code is that of the hook, or of a stage's program that was to give another;
    /// git itself has codes for other things.
    fn is_own(&self, cell: &CellEvidence, code: i32) -> bool {
        let by_program = cell.witness.executable.is_some() && !cell.expected.exit.contains(code);
        let exited = matches!(self.ending, Some(Ending::Exited(_)));
        cell.hook_exit == Some(code) || (by_program && exited)
    }

    /// True if a hook could not do its work because its first line ends in CRLF.
    ///
    /// Git does not launch it, or waits without end for a push that it never began.
    fn has_crlf(cell: &CellEvidence) -> bool {
        cell.witness.crlf.iter().any(|name| {
            let hook = cell.witness.hook(name);
            hook.map_or(no_hook(cell), |hook| hook.exit != Some(0))
        })
    }

    fn of_exit(&self, cell: &CellEvidence) -> Option<Fact> {
        let expected = cell.expected.hook_exit.as_ref();
        let is_meant = |code| expected.is_some_and(|set| set.contains(code));
        match self.exit()? {
            code if cell.hook_exit == Some(code) && is_meant(code) => None,
            code @ (126 | 127) => Some(Fact::Exit(code)),
            code if code < 0 => Some(Fact::NotFound),
            code if code > 127 && self.is_own(cell, code) => Some(match code {
                128 | 129 => Fact::GitFailed,
                _ => Fact::Crashed,
            }),
            _ => None,
        }
    }
}

/// Returns the finer kind of a failure that is blamed on what the machine lacks.
///
/// Such a message is this program's own, with an error of the system at most.
fn short(class: FailureClass, message: &str) -> Option<FailureDetail> {
    let is_of_machine = class == FailureClass::Infra;
    let told = || Shortage::of_message(message).or_else(|| Shortage::named_in(message));
    is_of_machine.then(told)?.map(FailureDetail::Short)
}

fn no_hook(cell: &CellEvidence) -> bool {
    let Some(moved) = &cell.witness.moved else {
        return false;
    };
    let pushes = moved.what != "HEAD";
    let name = cell.stage.as_str();
    let commands = On::ALL.iter().filter(|(on, _)| on.is_push() == pushes);
    if commands.clone().any(|(on, _)| on.hooks().contains(&name)) {
        cell.witness.hook(name).is_none()
    } else {
        cell.witness.hooks.is_empty()
    }
}

/// True if git itself decided: HEAD or the remote contradict the exit code.
///
/// Also true if git refused the change after its hook had let it through.
fn went_wrong_in_git(cell: &CellEvidence) -> bool {
    let Some(moved) = &cell.witness.moved else {
        return false;
    };
    let blocks = cell.expected.exit.is_blocking();
    let refused = blocks && cell.hook_exit == Some(0);
    let got_in = cell.witness.got_in();
    refused || (blocks && got_in) || (!blocks && !moved.happened())
}

fn unproven(cell: &CellEvidence) -> Option<Fact> {
    let proof = cell.proof.as_ref()?;
    if proof.marker.as_ref().is_some_and(|marker| !marker.found) {
        return Some(Fact::NoMarker);
    }
    let document = proof.evidence.as_ref();
    if proof.files.iter().any(|file| !file.holds)
        || document.is_some_and(|document| document.problem.is_some())
    {
        return Some(Fact::NoEvidence);
    }
    let refuted = document?
        .assertions
        .iter()
        .any(|assertion| !assertion.holds);
    refuted.then_some(Fact::Refuted)
}

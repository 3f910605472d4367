//! The verdict of one cell.

use std::time::Duration;

use super::cell_failure::CellFailure;
use super::proof;
use crate::model::evidence::Ending;
use crate::model::stage::{Drive, Stage};
use crate::model::witness::{HookEvidence, Witness};
use crate::model::{Expectation, FailureClass, ProofEvidence, StageName};

/// What is known of a stage that was played.
pub(super) struct StageFacts<'a> {
    pub(super) name: &'a StageName,
    pub(super) stage: &'a Stage,
    pub(super) ending: &'a Ending,
    pub(super) witness: &'a Witness,
    pub(super) expected: &'a Expectation,
    /// What the commit that was made is like, where HEAD moved.
    pub(super) commit: Option<Commit>,
    /// Whether the gate comes from a package, whose programs are the lane's.
    pub(super) from_package: bool,
    /// Programs of the machine that the profile relies on.
    pub(super) tools: &'a [String],
    /// The reason that a blocking stage must give, and whether it did.
    pub(super) reason: Option<(&'a str, bool)>,
    /// What the stage left to prove that the gate decided.
    pub(super) proof: Option<&'a ProofEvidence>,
    pub(super) vacuous: Option<&'a str>,
    pub(super) strict: bool,
    pub(super) limit: Duration,
}

/// Programs that run what is the gate's: which one, only `programs` can tell.
const INTERPRETERS: [&str; 13] = [
    "sh", "bash", "dash", "busybox", "zsh", "env", "node", "deno", "bun", "python", "ruby", "perl",
    "make",
];

/// What a commit that a stage made is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commit {
    /// It holds a change on top of the baseline.
    Change,
    /// It holds none.
    Empty,
    /// It does not stand on the baseline.
    Elsewhere,
}

impl StageFacts<'_> {
    /// The first thing that is wrong with the cell, if anything is. `why`
    /// tells why git launched no hook.
    pub(super) fn problem(&self, why: impl Fn() -> String) -> Option<CellFailure> {
        self.ending_problem()
            .or_else(|| self.exit_problem(&why))
            .or_else(|| self.expected_hook_problem())
            .or_else(|| self.launch_problem(&why))
            .or_else(|| self.hook_problem())
            .or_else(|| self.effect_problem())
            .or_else(|| self.program_problem())
            .or_else(|| self.reason_problem())
            .or_else(|| self.proof_problem())
            .or_else(|| self.vacuous_problem())
    }

    fn blocks(&self) -> bool {
        self.expected.exit.is_blocking()
    }

    /// `it exited 0 as expected`, of whom it is.
    fn as_expected(&self) -> String {
        let code = self.ending.code().unwrap_or_default();
        format!("{} returned {code} as expected", self.who())
    }

    fn who(&self) -> &'static str {
        match self.stage.drive {
            Drive::Commit => "git commit",
            Drive::Push => "git push",
            Drive::Command => "the stage's program",
        }
    }

    /// Not the gate's doing: let through, that is `not_enforced`; blocked,
    /// it is blocked for another reason.
    fn not_by_the_gate(&self, what: &str) -> CellFailure {
        let class = if self.blocks() {
            FailureClass::WrongReason
        } else {
            FailureClass::NotEnforced
        };
        CellFailure::new(class, format!("{}, but {what}", self.as_expected()))
    }

    fn proof_problem(&self) -> Option<CellFailure> {
        let (class, what) = proof::unproven(self.proof?, self.blocks())?;
        Some(CellFailure::new(
            class,
            format!("{}, but {what}", self.as_expected()),
        ))
    }

    fn ending_problem(&self) -> Option<CellFailure> {
        let problem = |class, text: &str| Some(CellFailure::new(class, text));
        match self.ending {
            Ending::TimedOut => Some(CellFailure::timeout(self.limit)),
            Ending::Cancelled => problem(FailureClass::Interrupted, "it was stopped"),
            Ending::Lost => problem(FailureClass::Infra, "its supervisor was killed or stopped"),
            Ending::NotStarted(text) => Some(CellFailure::new(
                FailureClass::WrongReason,
                format!("its program could not be started: {text}"),
            )),
            Ending::Signaled(signal) if !self.expected.exit.contains(128 + signal) => {
                Some(CellFailure::new(
                    FailureClass::Signal,
                    format!(
                        "it died of signal {signal}, {} was expected",
                        self.expected.exit.describe()
                    ),
                ))
            }
            Ending::Exited(_) | Ending::Signaled(_) => None,
        }
    }

    fn exit_problem(&self, why: impl Fn() -> String) -> Option<CellFailure> {
        let exit = self.ending.code()?;
        if self.expected.exit.contains(exit) {
            return None;
        }
        let who = self.who();
        let wanted = self.expected.exit.describe();
        let mut text = match self.hook_exit() {
            Some(code) => {
                let name = self.name;
                format!(
                    "{who} exited {exit} (its {name} hook exited {code}), {wanted} was expected"
                )
            }
            None => format!("{who} exited {exit}, {wanted} was expected"),
        };
        // What was let through: because nobody looked?
        if self.blocks() && exit == 0 {
            if let Some(missing) = self.missing_hook(why) {
                text = format!("{text}: {missing}");
            } else if let Some(idle) = self.idle_program() {
                text = format!("{text}: {idle}");
            }
        }
        Some(CellFailure::new(FailureClass::Contract, text))
    }

    fn hook_exit(&self) -> Option<i32> {
        self.witness.hook(self.name.as_str())?.exit
    }

    fn expected_hook_problem(&self) -> Option<CellFailure> {
        let wanted = self.expected.hook_exit.as_ref()?;
        let name = self.name;
        match self.hook_exit() {
            Some(code) if wanted.contains(code) => None,
            Some(code) => {
                let wanted = wanted.describe();
                let text = format!("the {name} hook exited {code}, {wanted} was expected");
                Some(CellFailure::new(FailureClass::Contract, text))
            }
            None => {
                let wanted = wanted.describe();
                let text =
                    format!("git launched no {name} hook, one that exits {wanted} was expected");
                Some(CellFailure::new(FailureClass::NotEnforced, text))
            }
        }
    }

    /// git refuses for reasons of its own too: no identity, a branch that
    /// clashes. That is not the gate that blocked.
    fn launch_problem(&self, why: impl Fn() -> String) -> Option<CellFailure> {
        let text = self.missing_hook(why)?;
        let text = format!("{}, but {text}", self.as_expected());
        Some(self.unless_blind(CellFailure::new(FailureClass::NotEnforced, text)))
    }

    /// The machine's fault, where it kept us from seeing.
    fn unless_blind(&self, problem: CellFailure) -> CellFailure {
        match &self.witness.blind {
            Some(why) => {
                let text = format!("{} ({why})", problem.message);
                CellFailure::new(FailureClass::Infra, text)
            }
            None => problem,
        }
    }

    fn missing_hook(&self, why: impl Fn() -> String) -> Option<String> {
        let name = self.name;
        if !self.stage.launches(name) {
            // Git has no hook of the stage's name: some other one plays it.
            let by_git = !matches!(self.stage.drive, Drive::Command);
            let missing = by_git && self.witness.hooks.is_empty();
            return missing.then(|| "git launched no hook at all".to_owned());
        }
        match self.witness.hook(name.as_str()) {
            Some(hook) if hook.exit.is_some() => None,
            Some(_) => Some(format!("the {name} hook did not end before git did")),
            None => Some(format!("no {name} hook was launched: {}", why())),
        }
    }

    /// The hook that decided: that of the stage's name, or the last one that
    /// did not let the change through.
    fn deciding_hook(&self) -> Option<&HookEvidence> {
        if self.stage.launches(self.name) {
            return self.witness.hook(self.name.as_str());
        }
        let hooks = &self.witness.hooks;
        let blocking = hooks.iter().rfind(|hook| hook.exit != Some(0));
        blocking.or(hooks.last())
    }

    /// A hook blocks with a code of its own: 126 and 127 are a shell's words
    /// for a program that cannot be run, what is above a crash; a negative
    /// one is git's word for a hook that it could not start.
    fn hook_problem(&self) -> Option<CellFailure> {
        if !self.blocks() {
            return None;
        }
        let hook = self.deciding_hook()?;
        // The profile may say how a hook blocks, but none blocks with 0.
        if self.expected.hook_exit.is_some() && hook.exit != Some(0) {
            return None;
        }
        let what = match hook.exit? {
            0 => "let it through: git refused it".to_owned(),
            126 => "could not run a program (126)".to_owned(),
            127 => "did not find a program (127)".to_owned(),
            code @ 129..=192 => format!("was killed by signal {}", code - 128),
            code if code > 127 => format!(
                "exited {code}, as crashes do (where it is how the gate blocks, expect {{ exit = 1, hook_exit = {code} }})"
            ),
            code if code < 0 => "could not be started (its interpreter is missing?)".to_owned(),
            _ => return None,
        };
        let class = match hook.exit {
            Some(0) => FailureClass::NotEnforced,
            _ => FailureClass::WrongReason,
        };
        let text = format!("{}, but its {} hook {what}", self.as_expected(), hook.name);
        Some(CellFailure::new(class, text))
    }

    /// Whether the change got in or stayed out, whatever git exited.
    fn effect_problem(&self) -> Option<CellFailure> {
        let moved = self.witness.moved.as_ref()?;
        let got_in = moved.happened();
        let what = match (&self.stage.drive, self.blocks(), got_in) {
            (_, true, false) if !self.witness.got_in_by.is_empty() => {
                let refs = self.witness.got_in_by.join(", ");
                format!("the change got in: the remote has it under {refs}")
            }
            (_, true, true) => format!("the change got in: {} moved", moved.what),
            // It is there already, which is said elsewhere.
            (Drive::Push, false, false) if self.vacuous.is_some() => return None,
            (_, false, false) => format!("the change stayed out: {} did not move", moved.what),
            // A commit that cannot be read is none on the baseline.
            (Drive::Commit, false, true) => match self.commit.unwrap_or(Commit::Elsewhere) {
                Commit::Change => return None,
                Commit::Empty if self.vacuous.is_some() => return None,
                Commit::Empty => "the change stayed out: the commit is empty".to_owned(),
                Commit::Elsewhere => "HEAD is not a commit on the baseline".to_owned(),
            },
            _ => return None,
        };
        let text = format!("{}, but {what}", self.as_expected());
        Some(CellFailure::new(FailureClass::NotEnforced, text))
    }

    /// Whether the gate's own programs ran.
    fn program_problem(&self) -> Option<CellFailure> {
        if let Some(what) = self.idle_program() {
            return Some(self.unless_blind(self.not_by_the_gate(&what)));
        }
        let executable = self.witness.executable.as_ref()?;
        let name = executable.path.rsplit('/').next().unwrap_or_default();
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let is_tool = self.tools.iter().any(|tool| tool == name) || INTERPRETERS.contains(&stem);
        let must_be_known = self.from_package && self.witness.programs.is_empty();
        if executable.in_lane || is_tool || !must_be_known {
            return None;
        }
        let what = format!(
            "what ran is {}, not a program of the lane (call it by its path there, list it in `tools`, or name `programs`)",
            executable.path
        );
        Some(self.not_by_the_gate(&what))
    }

    fn idle_program(&self) -> Option<String> {
        let program = self.witness.idle_program()?;
        let name = &program.program;
        Some(if program.files.is_empty() {
            format!("the gate did not run: there is no {name}")
        } else {
            format!("the gate did not run: nothing opened {name}")
        })
    }

    fn reason_problem(&self) -> Option<CellFailure> {
        match self.reason {
            Some((wanted, false)) => Some(CellFailure::new(
                FailureClass::WrongReason,
                format!("it blocked as expected, but never said `{wanted}`"),
            )),
            _ => None,
        }
    }

    fn vacuous_problem(&self) -> Option<CellFailure> {
        let why = self.vacuous.filter(|_| self.strict)?;
        let text = format!("{why}, so nothing was tried");
        Some(CellFailure::new(FailureClass::Vacuous, text))
    }
}

#[cfg(test)]
mod tests;

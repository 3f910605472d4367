//! Judges one cell.
//!
//! Invariants: the checks are ordered, and the first that fails decides; a
//! blocking cell is green only if the gate itself blocked, for its reason.

use std::time::Duration;

use super::cell_failure::CellFailure;
use super::proof;
use crate::model::evidence::Ending;
use crate::model::stage::Stage;
use crate::model::text::plain;
use crate::model::witness::{HookEvidence, Witness};
use crate::model::{Expectation, FailureClass, On, ProofEvidence, StageName};

/// The facts about a stage that has run.
pub(super) struct StageFacts<'a> {
    pub(super) name: &'a StageName,
    pub(super) stage: &'a Stage,
    pub(super) ending: &'a Ending,
    pub(super) witness: &'a Witness,
    pub(super) expected: &'a Expectation,
    /// The commit that was made; None if HEAD did not move.
    pub(super) commit: Option<Commit>,
    /// Set if the gate comes from a package, so that its programs are in the
    /// lane.
    pub(super) from_package: bool,
    /// Programs of the machine that the profile relies on.
    pub(super) tools: &'a [String],
    /// The reason that a blocking stage must give, and if it did.
    pub(super) reason: Option<(&'a str, bool)>,
    /// The proof that the gate decided.
    pub(super) proof: Option<&'a ProofEvidence>,
    pub(super) vacuous: Option<&'a str>,
    /// Set if the violation was taken out of the change, and nothing else was in it.
    pub(super) nothing_is_left: bool,
    pub(super) strict: bool,
    pub(super) limit: Duration,
}

/// Programs that can run a script of the gate; only `programs` tells which one.
const INTERPRETERS: [&str; 13] = [
    "sh", "bash", "dash", "busybox", "zsh", "env", "node", "deno", "bun", "python", "ruby", "perl",
    "make",
];

/// A commit that a stage made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commit {
    /// It holds a change on top of the baseline.
    Change,
    /// It holds none.
    Empty,
    /// It does not descend from the baseline.
    Elsewhere,
}

impl StageFacts<'_> {
    /// Returns the first failure of the cell, None if it is green.
    ///
    /// `why` explains why git launched no hook; it reads the disk, so it is
    /// called only if needed.
    pub(super) fn problem(&self, why: impl Fn() -> String) -> Option<CellFailure> {
        self.ending_problem()
            .or_else(|| self.outside_problem())
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

    /// Renders "`git commit` returned 0 as expected" with the stage's own
    /// program as the subject.
    fn as_expected(&self) -> String {
        let code = self.ending.code().unwrap_or_default();
        format!("{} returned {code} as expected", self.who())
    }

    fn who(&self) -> &'static str {
        self.stage.on().map_or("the stage's program", On::command)
    }

    /// Fails a cell that the gate did not decide: `wrong_reason` if the change
    /// was blocked, else `not_enforced`.
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

    /// Fails a cell whose hook leads out of the lane: what was installed did not decide.
    fn outside_problem(&self) -> Option<CellFailure> {
        let found = self.witness.led_outside()?;
        let (hook, path) = (&found.hook, plain(&found.path));
        let what = match found.ran {
            None => format!(
                "its {hook} hook calls {path}, which is outside of the lane (the sandbox hides it)"
            ),
            Some(_) => format!("its {hook} hook ran {path}, which is outside of the lane"),
        };
        let exit = self.ending.code()?;
        if self.expected.exit.contains(exit) {
            return Some(self.not_by_the_gate(&what));
        }
        let (who, wanted) = (self.who(), self.expected.exit.describe());
        let text = format!("{who} exited {exit}, {wanted} was expected: {what}");
        Some(CellFailure::new(FailureClass::Contract, text))
    }

    fn exit_problem(&self, why: impl Fn() -> String) -> Option<CellFailure> {
        let exit = self.ending.code()?;
        if self.expected.exit.contains(exit) {
            return None;
        }
        let who = self.who();
        let wanted = self.expected.exit.describe();
        let deciding = self.blocking_hook().filter(|_| exit != 0);
        let deciding = deciding.or_else(|| self.deciding_hook());
        let named = deciding.and_then(|hook| Some((self.named(hook), hook.exit?)));
        let mut text = if let Some((hook, code)) = named {
            let killed = killed_by(code);
            format!("{who} exited {exit} (its {hook} exited {code}{killed}), {wanted} was expected")
        } else {
            let killed = killed_by(exit);
            format!("{who} exited {exit}{killed}, {wanted} was expected")
        };
        // If the change was let through, say if the gate even ran.
        if self.blocks() && exit == 0 {
            if let Some(missing) = self.missing_hook(why) {
                text = format!("{text}: {missing}");
            } else if let Some(idle) = self.idle_program() {
                text = format!("{text}: {idle}");
            } else if let Some((reason, true)) = self.reason {
                text = format!("{text}: it said `{}` and let the change in", plain(reason));
            }
        }
        Some(CellFailure::new(FailureClass::Contract, text))
    }

    fn deciding_hook(&self) -> Option<&HookEvidence> {
        self.stage.deciding_hook(self.name, self.witness)
    }

    fn blocking_hook(&self) -> Option<&HookEvidence> {
        self.witness.blocking_hook(self.name.as_str())
    }

    /// Renders "pre-commit hook", with its command if several of its event ran.
    fn named(&self, hook: &HookEvidence) -> String {
        let name = &hook.name;
        match hook.argv.first() {
            Some(command) if self.witness.runs_of(name).nth(1).is_some() => {
                format!("{name} hook `{}`", plain(command))
            }
            _ => format!("{name} hook"),
        }
    }

    fn expected_hook_problem(&self) -> Option<CellFailure> {
        let wanted = self.expected.hook_exit.as_ref()?;
        let name = self.name;
        let deciding = self.deciding_hook();
        match deciding.and_then(|hook| Some((&hook.name, hook.exit?))) {
            Some((_, code)) if wanted.contains(code) => None,
            Some((name, code)) => {
                let wanted = wanted.describe();
                let text = format!("the {name} hook exited {code}, {wanted} was expected");
                Some(CellFailure::new(FailureClass::Contract, text))
            }
            None => {
                let wanted = wanted.describe();
                let mut text =
                    format!("git launched no {name} hook, one that exits {wanted} was expected");
                if let Some(hook) = self.blocking_hook() {
                    text = format!("{text}: {}", self.refused(hook));
                }
                Some(CellFailure::new(FailureClass::NotEnforced, text))
            }
        }
    }

    /// Fails a cell whose hook git did not launch: git itself may refuse a
    /// commit, for example without an identity, and that is not the gate.
    fn launch_problem(&self, why: impl Fn() -> String) -> Option<CellFailure> {
        let missing = self.missing_hook(why)?;
        let text = format!("{}, but {missing}", self.as_expected());
        Some(self.unless_blind(CellFailure::new(FailureClass::NotEnforced, text)))
    }

    /// Blames the machine if it kept the witness from observing.
    fn unless_blind(&self, problem: CellFailure) -> CellFailure {
        match &self.witness.blind {
            Some(why) => {
                let text = format!("{} ({why})", problem.message);
                CellFailure::new(FailureClass::Infra, text)
            }
            None => problem,
        }
    }

    fn missing_hook(&self, why_not: impl Fn() -> String) -> Option<String> {
        let name = self.name;
        if !self.stage.launches(name) {
            // Git has no hook of the stage's name: another one decides.
            let missing = self.stage.on().is_some() && self.witness.hooks.is_empty();
            return missing.then(|| "git launched no hook at all".to_owned());
        }
        let mut runs = self.witness.runs_of(name.as_str());
        match self.witness.hook(name.as_str()) {
            Some(_) if runs.all(|hook| hook.exit.is_some()) => None,
            Some(_) => Some(format!("the {name} hook did not end before git did")),
            None => {
                // Git stops at the first hook that refuses.
                let why = self.blocking_hook().map(|hook| self.refused(hook));
                let why = why.unwrap_or_else(|| self.with_not_committed(why_not()));
                Some(format!("no {name} hook was launched: {why}"))
            }
        }
    }

    /// Renders "its pre-commit hook exited 1".
    fn refused(&self, hook: &HookEvidence) -> String {
        format!(
            "its {} exited {}",
            self.named(hook),
            hook.exit.unwrap_or_default()
        )
    }

    /// Fails a cell whose hook did not block by a decision of its own.
    ///
    /// A shell exits 126 or 127 if a program cannot be run, crashes exit above
    /// that, and git records a negative code for a hook that it could not
    /// start.
    fn hook_problem(&self) -> Option<CellFailure> {
        if !self.blocks() {
            return None;
        }
        let hook = self.deciding_hook()?;
        // The profile may expect any code, but a hook never blocks with 0.
        if self.expected.hook_exit.is_some() && hook.exit != Some(0) {
            return None;
        }
        let what = match hook.exit? {
            0 => match self.blocking_hook() {
                Some(other) => format!("let it through: {}", self.refused(other)),
                None => "let it through: git refused it".to_owned(),
            },
            126 => "could not run a program (126)".to_owned(),
            127 => "did not find a program (127)".to_owned(),
            _ if self.witness.crlf.contains(&hook.name) => {
                "could not be started (its first line ends in CRLF)".to_owned()
            }
            128 => "exited 128, as git does when it gives up".to_owned(),
            129 => "exited 129, as git does with an option that it does not know".to_owned(),
            code @ 130..=192 => format!("was killed by signal {}", code - 128),
            code if code > 127 => format!(
                "exited {code}, as crashes do (where it is how the gate blocks, expect {{ exit = {}, hook_exit = {code} }})",
                self.ending.code().unwrap_or(1)
            ),
            code if code < 0 => "could not be started (its interpreter is missing?)".to_owned(),
            _ => return None,
        };
        let class = match hook.exit {
            Some(0) => FailureClass::NotEnforced,
            _ => FailureClass::WrongReason,
        };
        let text = format!(
            "{}, but its {} {what}",
            self.as_expected(),
            self.named(hook)
        );
        Some(CellFailure::new(class, text))
    }

    /// Checks that the change got in or stayed out, whatever git exited with.
    fn effect_problem(&self) -> Option<CellFailure> {
        let moved = self.witness.moved.as_ref()?;
        let got_in = moved.happened();
        let on = self.stage.on();
        let what = match (on, self.blocks(), got_in) {
            (_, true, false) if !self.witness.got_in_by.is_empty() => {
                let refs = self.witness.got_in_by.join(", ");
                format!("the change got in: the remote has it under {refs}")
            }
            (Some(On::Delete), true, true) => format!("the remote lost {}", moved.what),
            (_, true, true) => format!("the change got in: {} moved", moved.what),
            // The remote has it already, which is reported as vacuous.
            (Some(On::Push), false, false) if self.vacuous.is_some() => return None,
            (Some(On::Delete), false, false) => format!("the remote still has {}", moved.what),
            (_, false, false) => format!("the change stayed out: {} did not move", moved.what),
            // A commit that cannot be read does not count as one on the baseline.
            (Some(on), false, true) if !on.is_push() => {
                match self.commit.unwrap_or(Commit::Elsewhere) {
                    Commit::Change => return None,
                    Commit::Empty if self.vacuous.is_some() => return None,
                    Commit::Empty => "the change stayed out: the commit is empty".to_owned(),
                    Commit::Elsewhere => "HEAD is not a commit on the baseline".to_owned(),
                }
            }
            _ => return None,
        };
        let text = format!("{}, but {what}", self.as_expected());
        Some(CellFailure::new(FailureClass::NotEnforced, text))
    }

    /// Checks that the gate's own programs ran.
    fn program_problem(&self) -> Option<CellFailure> {
        // A hook that lists changed files starts no program if there are none. That it does for the
        // violation is what the scenario itself proves.
        if !self.nothing_is_left
            && let Some(what) = self.idle_program()
        {
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
            self.with_not_committed(format!("the gate did not run: there is no {name}"))
        } else {
            format!("the gate did not run: nothing opened {name}")
        })
    }

    /// Adds the file that the commit lacks to the reason for which nothing ran.
    fn with_not_committed(&self, why: String) -> String {
        match &self.witness.not_committed {
            Some(file) if why.ends_with(file.as_str()) => {
                format!("{why}, nor does the commit have it")
            }
            Some(file) => format!("{why}, and {} is not in the commit", plain(file)),
            None => why,
        }
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

/// Renders ", killed by signal 9" for a code by which shells report that; 128 and 129 are
/// git's own.
fn killed_by(code: i32) -> String {
    match code {
        130..=192 => format!(", killed by signal {}", code - 128),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;

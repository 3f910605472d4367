//! The verdict of one cell.

use std::time::Duration;

use crate::model::evidence::Ending;
use crate::model::profile::Drive;
use crate::model::{ExitCode, Expectation, FailureClass, StageName};

/// What is known of a stage that was attempt.
pub(super) struct Attempt<'a> {
    pub(super) stage: &'a StageName,
    pub(super) drive: &'a Drive,
    pub(super) ending: &'a Ending,
    pub(super) hook_exit: Option<i32>,
    pub(super) expected: &'a Expectation,
    /// The reason that a blocking stage must give, and whether it did.
    pub(super) reason: Option<(&'a str, bool)>,
    pub(super) vacuous: bool,
    pub(super) strict: bool,
    pub(super) limit: Duration,
}

/// Why a cell is not green.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) class: FailureClass,
    pub(super) exit: ExitCode,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn timeout(limit: Duration) -> Self {
        let limit = humantime::format_duration(limit);
        let text = format!("it ran past its time limit of {limit} (`timeout`, --timeout)");
        Self::new(FailureClass::Timeout, text)
    }

    pub(super) fn new(class: FailureClass, message: impl Into<String>) -> Self {
        let exit = match class {
            FailureClass::Timeout => ExitCode::Timeout,
            FailureClass::Io => ExitCode::Artifact,
            _ => ExitCode::Fail,
        };
        Self {
            class,
            exit,
            message: message.into(),
        }
    }
}

impl Attempt<'_> {
    /// The first thing that is wrong with the cell, if anything is.
    pub(super) fn problem(&self) -> Option<Problem> {
        self.ending_problem()
            .or_else(|| self.exit_problem())
            .or_else(|| self.hook_problem())
            .or_else(|| self.reason_problem())
            .or_else(|| self.vacuous_problem())
            .or_else(|| self.idle_problem())
    }

    fn ending_problem(&self) -> Option<Problem> {
        let problem = |class, text: &str| Some(Problem::new(class, text));
        match self.ending {
            Ending::TimedOut => Some(Problem::timeout(self.limit)),
            Ending::Cancelled => problem(FailureClass::Interrupted, "it was stopped"),
            Ending::Lost => problem(FailureClass::Infra, "its supervisor was killed or stopped"),
            Ending::NotStarted(text) => Some(Problem::new(
                FailureClass::WrongReason,
                format!("its program could not be started: {text}"),
            )),
            Ending::Signaled(signal) if !self.expected.exit.contains(128 + signal) => {
                Some(Problem::new(
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

    fn exit_problem(&self) -> Option<Problem> {
        let exit = self.ending.code()?;
        if self.expected.exit.contains(exit) {
            return None;
        }
        let who = match self.drive {
            Drive::Commit => "git commit",
            Drive::Push => "git push",
            Drive::Command => "the stage's program",
        };
        let hook = match self.hook_exit {
            Some(code) => format!(" (its {} hook exited {code})", self.stage),
            None => String::new(),
        };
        Some(Problem::new(
            FailureClass::Contract,
            format!(
                "{who} exited {exit}{hook}, {} was expected",
                self.expected.exit.describe()
            ),
        ))
    }

    fn hook_problem(&self) -> Option<Problem> {
        let stage = self.stage;
        let nothing = |wanted: &str| {
            let text =
                format!("git launched no {stage} hook, one that exits {wanted} was expected");
            Some(Problem::new(FailureClass::NotEnforced, text))
        };
        match (self.hook_exit, &self.expected.hook_exit) {
            (Some(code), Some(wanted)) if !wanted.contains(code) => {
                let text = format!(
                    "the {stage} hook exited {code}, {} was expected",
                    wanted.describe()
                );
                Some(Problem::new(FailureClass::Contract, text))
            }
            (Some(0), None) if self.expected.exit.is_blocking() && self.is_a_hook() => {
                let text = format!("the {stage} hook let it through, git refused it");
                Some(Problem::new(FailureClass::NotEnforced, text))
            }
            (None, Some(wanted)) => nothing(&wanted.describe()),
            // git refuses for reasons of its own too: no identity, a branch
            // that clashes. That is not the gate that blocked.
            (None, None) if self.expected.exit.is_blocking() && self.is_a_hook() => {
                nothing("other than 0")
            }
            _ => None,
        }
    }

    fn idle_problem(&self) -> Option<Problem> {
        let idle = self.strict && self.is_a_hook() && self.hook_exit.is_none();
        let text = format!("git launched no {} hook, so nothing was tried", self.stage);
        idle.then(|| Problem::new(FailureClass::NotEnforced, text))
    }

    /// Whether git launches a hook of the stage's name that can block.
    pub(super) fn is_a_hook(&self) -> bool {
        let hooks: &[&str] = match self.drive {
            Drive::Commit => &["pre-commit", "prepare-commit-msg", "commit-msg"],
            Drive::Push => &["pre-push"],
            Drive::Command => &[],
        };
        hooks.contains(&self.stage.as_str())
    }

    fn reason_problem(&self) -> Option<Problem> {
        match self.reason {
            Some((wanted, false)) => Some(Problem::new(
                FailureClass::WrongReason,
                format!("it blocked as expected, but never said `{wanted}`"),
            )),
            _ => None,
        }
    }

    fn vacuous_problem(&self) -> Option<Problem> {
        (self.vacuous && self.strict).then(|| {
            Problem::new(
                FailureClass::Vacuous,
                "the scenario changes nothing, so nothing was tried",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ExitSet;

    fn class(
        ending: &Ending,
        expected: &Expectation,
        change: impl Fn(&mut Attempt<'_>),
    ) -> Option<FailureClass> {
        let stage: StageName = "pre-commit".parse().unwrap();
        let mut attempt = Attempt {
            stage: &stage,
            drive: &Drive::Commit,
            ending,
            hook_exit: None,
            expected,
            reason: None,
            vacuous: false,
            strict: false,
            limit: Duration::from_secs(1),
        };
        change(&mut attempt);
        attempt.problem().map(|problem| problem.class)
    }

    #[test]
    fn each_way_to_be_red_has_its_word() {
        let zero = Expectation::exit(0);
        let one = Expectation::exit(1);
        let hooked = Expectation {
            hook_exit: Some(ExitSet::OneOf(vec![200])),
            ..one.clone()
        };
        let nonzero = Expectation {
            exit: ExitSet::Nonzero,
            hook_exit: None,
        };
        let nothing = |_: &mut Attempt<'_>| {};
        let e = Ending::Exited;
        assert_eq!(class(&e(0), &zero, nothing), None);
        assert_eq!(class(&e(1), &zero, nothing), Some(FailureClass::Contract));
        assert_eq!(class(&e(0), &one, nothing), Some(FailureClass::Contract));
        assert_eq!(class(&e(1), &hooked, |p| p.hook_exit = Some(200)), None);
        assert_eq!(
            class(&e(1), &hooked, |p| p.hook_exit = Some(1)),
            Some(FailureClass::Contract)
        );
        assert_eq!(
            class(&e(1), &hooked, nothing),
            Some(FailureClass::NotEnforced)
        );
        assert_eq!(class(&e(1), &one, nothing), Some(FailureClass::NotEnforced));
        assert_eq!(
            class(&e(1), &one, |p| p.hook_exit = Some(0)),
            Some(FailureClass::NotEnforced)
        );
        let blocked = |p: &mut Attempt<'_>| p.hook_exit = Some(1);
        assert_eq!(class(&e(1), &one, blocked), None);
        assert_eq!(class(&e(1), &one, |p| p.drive = &Drive::Command), None);
        assert_eq!(
            class(&e(1), &one, |p| (p.hook_exit, p.reason) =
                (Some(1), Some(("x", false)))),
            Some(FailureClass::WrongReason)
        );
        assert_eq!(
            class(&e(1), &one, |p| (p.hook_exit, p.reason) =
                (Some(1), Some(("x", true)))),
            None
        );
        assert_eq!(class(&e(0), &zero, |p| p.vacuous = true), None);
        assert_eq!(
            class(&e(0), &zero, |p| p.strict = true),
            Some(FailureClass::NotEnforced)
        );
        assert_eq!(
            class(&e(0), &zero, |p| (p.hook_exit, p.vacuous, p.strict) =
                (Some(0), true, true)),
            Some(FailureClass::Vacuous)
        );
        assert_eq!(
            class(&Ending::Signaled(11), &one, nothing),
            Some(FailureClass::Signal)
        );
        assert_eq!(
            class(&Ending::Signaled(11), &nonzero, nothing),
            Some(FailureClass::Signal)
        );
        assert_eq!(
            class(&Ending::NotStarted("x".into()), &nonzero, nothing),
            Some(FailureClass::WrongReason)
        );
        assert_eq!(
            class(&Ending::TimedOut, &one, nothing),
            Some(FailureClass::Timeout)
        );
        assert_eq!(
            class(&Ending::Lost, &one, nothing),
            Some(FailureClass::Infra)
        );
    }
}

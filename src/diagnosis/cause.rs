//! Rows of the table of causes.

use crate::model::{BuiltinStep, FailureClass, Shortage};

/// A cause: its conditions and its page in the runbook.
#[derive(Debug)]
pub struct Cause {
    /// Its id.
    pub id: &'static str,
    /// The situation, in a sentence.
    pub title: &'static str,
    /// The recognisable signs, in words.
    pub signature: &'static str,
    /// Likely reasons, the most likely first.
    pub likely: &'static [&'static str],
    /// The remedy, in a sentence.
    pub remedy: &'static str,
    /// Remedies that fit better if a fact holds.
    pub(super) remedies: &'static [(Fact, &'static str)],
    /// Commands with placeholders.
    pub commands: &'static [&'static str],
    /// Conjunctions of facts that decide alone, before any text.
    pub(super) certain: &'static [&'static [Fact]],
    /// Texts in the output of the failed command.
    pub(super) texts: &'static [Text],
    /// Conjunctions of facts that decide if no text does.
    pub(super) usual: &'static [&'static [Fact]],
    /// Failure classes that have this cause if nothing else matches.
    pub(super) default_of: &'static [FailureClass],
    /// The line to show if no text of the table matches.
    pub(super) line: Line,
}

impl Cause {
    /// Returns a row without conditions, as the base of others.
    pub(super) const fn blank(commands: &'static [&'static str]) -> Self {
        Self {
            id: "",
            title: "",
            signature: "",
            likely: &[],
            remedy: "",
            remedies: &[],
            commands,
            certain: &[],
            texts: &[],
            usual: &[],
            default_of: &[],
            line: Line::Complaint,
        }
    }
}

/// Evidence that does not depend on text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    /// The kind of the failure.
    Class(FailureClass),
    /// The step's id.
    Step(BuiltinStep),
    /// A step of the profile's own that installs or activates.
    Installs,
    /// The deciding command (the hook, else the stage's) exited with this unexpected code.
    Exit(i32),
    /// The command exited with 0.
    Succeeded,
    /// A signal ended the command or its hook.
    Signaled,
    /// The hook or the stage's program exited as crashes do.
    Crashed,
    /// The hook or the stage's program exited with one of git's own codes.
    GitFailed,
    /// Lines of the hook end in CRLF, so that git cannot start it.
    Crlf,
    /// The gate gave its reason and let the change in.
    SaidAndLetIn,
    /// The command's supervisor was lost.
    Lost,
    /// There is no such program.
    NotFound,
    /// The program may not be run.
    NotExecutable,
    /// A hook runs a program outside of the lane.
    LeadsOut,
    /// Git launched no hook.
    NoHook,
    /// A program of the gate did not run.
    IdleProgram,
    /// The gate never printed its marker.
    NoMarker,
    /// A blocking stage did not say why.
    NoReason,
    /// A required file is missing, or not new.
    NoEvidence,
    /// An assertion over the evidence does not hold.
    Refuted,
    /// The machine lacks something.
    Short(Shortage),
    /// No record of the installed package was found.
    NoRecord,
    /// The consumer is dirty, and its configuration cannot be used.
    WrongConfiguration,
    /// A file of the gate is not in the commit that is tried.
    NotCommitted,
    /// An error of the configuration that names no line of a file.
    NoPlace,
    /// More mutations survived than may.
    Survived,
    /// A configuration of a gate is not among the files that are weakened.
    NotCovered,
    /// A change is blocked without its violation.
    StillBlocks,
    /// Sabotages let the violation in that may not.
    Opened,
    /// An accepted opening is none, or none any more.
    AcceptedAtFault,
}

/// The steps in which a text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// In steps before the stages.
    SetUp,
    /// Anywhere; in stages only among the last lines.
    Any,
    /// In stages that had no network, among the last lines.
    Offline,
    /// In the logs of earlier steps that installed, if a hook is missing.
    Installed,
    /// The same, with the gate's package among the lines that follow.
    InstalledNamed,
}

/// The position of the decisive line.
#[derive(Debug, Clone, Copy)]
pub(super) enum Where {
    /// It is the first that matches.
    Itself,
    /// The first such line after the last that matches.
    After(&'static str),
    /// The last such line before the last that matches.
    Before(&'static str),
    /// The decisive line of the log, as for failures that no text tells.
    Chosen,
}

/// A text that identifies a cause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// Texts of a lower rank are believed first.
    pub(super) rank: u8,
    /// True if it decides before the facts that decide before other texts.
    pub(super) is_certain: bool,
    pub(super) at: At,
    /// A regular expression over one line.
    pub(super) seen: &'static str,
    pub(super) line: Where,
    /// A remedy that fits better than the cause's.
    pub(super) remedy: Option<&'static str>,
}

impl Text {
    pub(super) const fn set_up(seen: &'static str) -> Self {
        Self {
            rank: 1,
            is_certain: false,
            at: At::SetUp,
            seen,
            line: Where::Itself,
            remedy: None,
        }
    }

    pub(super) const fn any(seen: &'static str) -> Self {
        Self {
            at: At::Any,
            ..Self::set_up(seen)
        }
    }

    pub(super) const fn offline(seen: &'static str) -> Self {
        Self {
            rank: 0,
            at: At::Offline,
            ..Self::set_up(seen)
        }
    }

    pub(super) const fn installed(seen: &'static str) -> Self {
        Self {
            at: At::Installed,
            ..Self::set_up(seen)
        }
    }

    pub(super) const fn installed_named(seen: &'static str) -> Self {
        Self {
            at: At::InstalledNamed,
            ..Self::set_up(seen)
        }
    }

    pub(super) const fn remedy(self, remedy: &'static str) -> Self {
        Self {
            remedy: Some(remedy),
            ..self
        }
    }

    pub(super) const fn after(self, line: &'static str) -> Self {
        Self {
            line: Where::After(line),
            ..self
        }
    }

    pub(super) const fn before(self, line: &'static str) -> Self {
        Self {
            line: Where::Before(line),
            ..self
        }
    }

    pub(super) const fn chosen(self) -> Self {
        Self {
            line: Where::Chosen,
            ..self
        }
    }

    pub(super) const fn certain(self) -> Self {
        Self {
            rank: 0,
            is_certain: true,
            ..self
        }
    }

    pub(super) const fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// The line to show if no text of the table matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// None: the log has nothing to say of it.
    None,
    /// The last that says anything.
    Last,
    /// The first error of the gate's own output, else the last line of it.
    Complaint,
    /// The one that gives the scenario's reason.
    Reason,
}

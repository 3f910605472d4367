//! A stage of a profile: a moment at which the gate decides.

use super::command::CommandTemplate;
use super::names::StageName;
use super::on::On;
use super::proof::Proof;
use super::template::Template;
use super::witness::{HookEvidence, Witness};

/// The driver of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drive {
    /// A real git command.
    Git(On),
    /// The stage's own program.
    Command,
}

/// A stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its driver.
    pub drive: Drive,
    /// Set if the change is staged and not committed when the stage begins.
    ///
    /// This is so for `git commit`, and for a program that takes the role of its hook.
    pub before_commit: bool,
    /// The program, with the environment and limit of the stage. Its words are empty if git
    /// drives the stage: the lane composes those.
    pub command: CommandTemplate,
    /// Further words of the git command, at its end.
    pub args: Vec<Template>,
    /// Set if it gets the network, also in a sandbox.
    pub network: bool,
    /// Programs of the gate that must run in it, as patterns of paths below the clone. A
    /// folder means every file in it.
    pub programs: Vec<Template>,
    /// The proofs that it must leave, whatever the scenario.
    pub proof: Proof,
}

impl Stage {
    /// Returns the git command that drives it, if one does.
    #[must_use]
    pub fn on(&self) -> Option<On> {
        match self.drive {
            Drive::Git(on) => Some(on),
            Drive::Command => None,
        }
    }

    /// True if git launches a hook of the stage's name when it drives the stage.
    #[must_use]
    pub fn launches(&self, name: &StageName) -> bool {
        self.on()
            .is_some_and(|on| on.hooks().contains(&name.as_str()))
    }

    /// True if a scenario without a change proves something in it: what is pushed is a
    /// tag or a deletion, and its name may be all that the gate looks at.
    #[must_use]
    pub fn needs_no_change(&self) -> bool {
        matches!(self.on(), Some(On::Tag | On::Delete))
    }

    /// Returns the hook that decided: one of the stage's name, or one of the last event
    /// that blocked.
    #[must_use]
    pub fn deciding_hook<'w>(
        &self,
        name: &StageName,
        witness: &'w Witness,
    ) -> Option<&'w HookEvidence> {
        if self.launches(name) {
            return witness.hook(name.as_str());
        }
        let hooks = &witness.hooks;
        let blocking = hooks.iter().rfind(|hook| hook.exit != Some(0));
        witness.hook(&blocking.or(hooks.last())?.name)
    }
}

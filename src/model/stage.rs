//! A stage of a profile: a moment at which the gate decides.

use super::command::CommandTemplate;
use super::names::StageName;
use super::proof::Proof;
use super::template::Template;

/// The driver of a stage.
#[derive(Debug, Clone)]
pub enum Drive {
    /// A real `git commit`.
    Commit,
    /// A real `git push`.
    Push,
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
    /// This is so for every `git commit`, and for a program that takes the role of its hook.
    pub before_commit: bool,
    /// The program, with the environment and limit of the stage. Its words are empty if git
    /// drives the stage: the lane composes those.
    pub command: CommandTemplate,
    /// Set if it gets the network, also in a sandbox.
    pub network: bool,
    /// Programs of the gate that must run in it, as patterns of paths below the clone. A
    /// folder means every file in it.
    pub programs: Vec<Template>,
    /// The proofs that it must leave, whatever the scenario.
    pub proof: Proof,
}

impl Stage {
    /// True if git launches a hook of the stage's name when it drives the stage.
    #[must_use]
    pub fn launches(&self, name: &StageName) -> bool {
        let hooks: &[&str] = match self.drive {
            Drive::Commit => &[
                "pre-commit",
                "prepare-commit-msg",
                "commit-msg",
                "post-commit",
                "reference-transaction",
            ],
            Drive::Push => &["pre-push"],
            Drive::Command => &[],
        };
        hooks.contains(&name.as_str())
    }
}

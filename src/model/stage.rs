//! A stage of a profile: a moment at which the gate decides.

use super::command::{CommandTemplate, Template};
use super::names::StageName;
use super::proof::Proof;

/// What plays a stage.
#[derive(Debug, Clone)]
pub enum Drive {
    /// A real `git commit`.
    Commit,
    /// A real `git push`.
    Push,
    /// The stage's own program.
    Command,
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// What plays it.
    pub drive: Drive,
    /// Whether the change is only staged when the stage begins: so for every
    /// `git commit`, and for a program that plays a hook of `git commit`.
    pub before_commit: bool,
    /// The program, with the environment and limit of the stage. For the git
    /// drives the words are empty: git's are made by the lane.
    pub command: CommandTemplate,
    /// Whether it is given the network, also in a sandbox.
    pub network: bool,
    /// Programs of the gate that must run in it, as patterns of paths below
    /// the clone; a folder stands for the files in it.
    pub programs: Vec<Template>,
    /// What it must leave, whatever the scenario.
    pub proof: Proof,
}

impl Stage {
    /// Whether git launches a hook of the stage's name when it plays it.
    #[must_use]
    pub fn launches(&self, name: &StageName) -> bool {
        let hooks: &[&str] = match self.drive {
            Drive::Commit => &[
                "pre-commit",
                "prepare-commit-msg",
                "commit-msg",
                "post-commit",
            ],
            Drive::Push => &["pre-push"],
            Drive::Command => &[],
        };
        hooks.contains(&name.as_str())
    }
}

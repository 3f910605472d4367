//! A scenario of a profile: a change, and what the contract expects of it.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::alteration::{Alteration, Violation};
use super::command::CommandTemplate;
use super::expectation::Expectation;
use super::names::StageName;
use super::proof::Proof;
use super::reason::Reason;

/// One scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its change to the baseline.
    pub seed: Seed,
    /// Files that it removes.
    pub remove: Vec<String>,
    /// Paths to stage; none for everything that the seed changed.
    pub add: Option<Vec<String>>,
    /// The commit's message.
    pub message: String,
    /// The tag that a stage pushes.
    pub tag: String,
    /// The branch of the remote that a stage deletes.
    pub delete: String,
    /// The exit codes that the contract expects, by stage. Its lane does not run a stage
    /// without any.
    pub expect: IndexMap<StageName, Expectation>,
    /// The place in a configuration where each of them stands: `matrix.toml:14`, or
    /// `built-in lefthook`.
    pub expected_at: IndexMap<StageName, String>,
    /// The text that a blocking stage must print.
    pub reason: Option<Reason>,
    /// The part of the change that is the violation; if none, the lines that the reason
    /// matches.
    pub violation: Option<Violation>,
    /// The deviations of its lane.
    pub alteration: Alteration,
    /// The proofs that it demands of stages beyond their own.
    pub proofs: IndexMap<StageName, Proof>,
}

/// The change of a scenario to the baseline.
#[derive(Debug, Clone)]
pub enum Seed {
    /// A folder copied over the clone, relative to the profile's root.
    Overlay(PathBuf),
    /// A command that changes the clone.
    Command(CommandTemplate),
    /// None, apart from the files that `remove` names.
    Nothing,
}

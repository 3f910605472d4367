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
    /// How it changes the baseline.
    pub seed: Seed,
    /// Files that it takes away.
    pub remove: Vec<String>,
    /// What is staged; all that the seed changed where nothing is named.
    pub add: Option<Vec<String>>,
    /// The commit's message.
    pub message: String,
    /// What the contract demands, for every declared stage.
    pub expect: IndexMap<StageName, Expectation>,
    /// What a blocking stage must print.
    pub reason: Option<Reason>,
    /// What of the change is the violation; where nothing is named, what
    /// says the reason.
    pub violation: Option<Violation>,
    /// What its lane does otherwise than the profile says.
    pub alteration: Alteration,
    /// What stages must leave beyond their own proof.
    pub proofs: IndexMap<StageName, Proof>,
}

/// How a scenario changes the baseline.
#[derive(Debug, Clone)]
pub enum Seed {
    /// A folder laid over the clone, relative to the profile's root.
    Overlay(PathBuf),
    /// A command that changes the clone.
    Command(CommandTemplate),
    /// Nothing but what `remove` takes away.
    Nothing,
}

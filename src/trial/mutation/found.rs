//! The mutations of a consumer, and what cannot be mutated.

use std::path::PathBuf;

use super::configuration::Uncovered;
use super::probes::Probe;
use crate::mutation::{Mutation, Unread};

/// The mutations of a consumer, and what cannot be mutated.
#[derive(Default)]
pub(super) struct Found {
    pub(super) mutations: Vec<Mutation>,
    /// The lanes of each mutation, in the order of their scenarios.
    pub(super) probes: Vec<Vec<Probe>>,
    /// The files that are weakened, with their content.
    pub(super) files: Vec<(PathBuf, Vec<u8>)>,
    pub(super) unread: Vec<Unread>,
    pub(super) uncovered: Vec<Uncovered>,
}

//! The mutations of a consumer, and what cannot be mutated.

use super::configuration::Uncovered;
use super::probes::Probe;
use crate::mutation::{Mutation, Unread};

/// The mutations of a consumer, and what cannot be mutated.
#[derive(Default)]
pub(super) struct Found {
    pub(super) mutations: Vec<Mutation>,
    /// The lanes of each mutation, in the order of their scenarios.
    pub(super) probes: Vec<Vec<Probe>>,
    pub(super) unread: Vec<Unread>,
    pub(super) uncovered: Vec<Uncovered>,
}

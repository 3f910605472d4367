//! The reason why a repository cannot be used.

use std::path::{Path, PathBuf};

use crate::model::Shortage;

/// The option of a user who trusts filters and work trees.
pub(super) const TRUST: &str = "--trust-filters";

/// A repository that cannot be used here.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct Unsupported {
    /// The reason.
    pub reason: String,
    /// Advice for the user.
    pub remedy: String,
    /// The work tree, if it is the user's own and known.
    pub root: Option<PathBuf>,
    /// The shortage of the machine that is the reason.
    pub shortage: Option<Shortage>,
}

impl Unsupported {
    pub(super) fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            remedy: remedy.into(),
            root: None,
            shortage: None,
        }
    }

    pub(super) fn at(mut self, root: &Path) -> Self {
        self.root = Some(root.to_owned());
        self
    }
}

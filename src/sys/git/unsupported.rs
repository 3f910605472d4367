//! The reason why a repository cannot be used.

use std::path::{Path, PathBuf};

use crate::model::Shortage;

/// The option of a user who trusts filters and work trees.
pub(super) const TRUST: &str = "--trust-filters";

/// The advice if too many files are open.
const RAISE: &str = "close what holds files open, or raise the limit: ulimit -n 1024";

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
        let reason = reason.into();
        let shortage = Shortage::at_end_of(&reason);
        Self {
            remedy: match shortage {
                Some(Shortage::OpenFiles) => RAISE.to_owned(),
                _ => remedy.into(),
            },
            root: None,
            shortage,
            reason,
        }
    }

    pub(super) fn at(mut self, root: &Path) -> Self {
        self.root = Some(root.to_owned());
        self
    }
}

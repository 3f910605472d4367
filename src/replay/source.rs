//! The repository that has the commit of a recorded run.

use std::path::{Path, PathBuf};

use super::recorded::Recorded;
use crate::model::RunId;
use crate::model::text::{plain, shell, shown};
use crate::sys::git::{Consumer, OpenOptions};

/// The commit of a recorded run was not found.
#[derive(Debug, thiserror::Error)]
#[error(
    "the commit {} of run {run} is neither in the repository around {} nor in {}",
    plain(commit),
    shown(around),
    shown(recorded)
)]
pub struct CommitNotFound {
    commit: String,
    run: RunId,
    around: PathBuf,
    recorded: PathBuf,
}

impl CommitNotFound {
    /// The remedy.
    #[must_use]
    pub fn next(&self) -> String {
        format!(
            "change to a clone of the project that has it, or name one: --repo DIR; \
             to fetch it into a clone: git -C {} fetch origin {}",
            shell(&self.around),
            plain(&self.commit),
        )
    }
}

/// Finds the repository around the working directory, else the one that the
/// run ran in, whichever has the recorded commit.
///
/// # Errors
/// If neither has it.
pub fn find_source(
    recorded: &Recorded,
    working_directory: &Path,
    options: &OpenOptions,
) -> Result<PathBuf, CommitNotFound> {
    let Some(source) = recorded.source() else {
        // Nothing is pinned: the consumer is taken as it is.
        let place = if recorded.repo.exists() {
            &recorded.repo
        } else {
            working_directory
        };
        return Ok(place.to_owned());
    };
    let has_commit = |folder: &&Path| {
        Consumer::open(folder, options).is_ok_and(|repo| repo.has_commit(&source.head))
    };
    let places = [working_directory, &*recorded.repo];
    let found = places.into_iter().find(has_commit);
    found.map(Path::to_owned).ok_or_else(|| CommitNotFound {
        commit: source.head.clone(),
        run: recorded.of.clone(),
        around: working_directory.to_owned(),
        recorded: recorded.repo.clone(),
    })
}

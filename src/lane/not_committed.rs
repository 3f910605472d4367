//! Files of the gate that the lane's commit does not have.
//!
//! A hook that calls such a file finds nothing, and no installer makes it.

use std::path::{Path, PathBuf};

use super::state::Lane;
use crate::model::StageName;
use crate::model::Witness;
use crate::model::file_patterns::FilePatterns;
use crate::model::stage::Stage;
use crate::model::witness::ProgramEvidence;
use crate::sys::git::{Refs, deleted_file, files_of_commit};

impl Lane<'_> {
    /// Returns the files that git tracks in the lane.
    pub(super) fn tracked_files(&self) -> Vec<PathBuf> {
        let refs = Refs::open(&self.workspace.clone_dir(), &self.env);
        refs.map(|refs| refs.tracked_files()).unwrap_or_default()
    }

    /// Returns the files of the commit that is tried; None if they cannot be read.
    fn committed_files(&self) -> Option<Vec<PathBuf>> {
        // Not of the index: an installer may have deleted one, which is another fault.
        files_of_commit(&self.workspace.clone_dir(), &self.cx.source.head)
    }

    /// Returns the file that the commit or one before it deleted last.
    fn deleted(&self, is_asked: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
        deleted_file(&self.workspace.clone_dir(), &self.cx.source.head, is_asked)
    }

    /// Returns the gate's configuration if the commit has none: the file that a commit before
    /// deleted, else the patterns.
    pub(super) fn configuration_not_committed(&self) -> Option<String> {
        let wanted = FilePatterns::new(&self.cx.profile.configuration);
        let files = self.committed_files()?;
        if wanted.named().is_empty() || files.iter().any(|file| wanted.names_in_any_folder(file)) {
            return None;
        }
        let deleted = self.deleted(&|file| wanted.names_in_any_folder(file));
        let named = deleted.map(|file| file.to_string_lossy().into_owned());
        Some(named.unwrap_or_else(|| wanted.named().join(", ")))
    }

    /// Returns the file of the gate that a stage lacked since the commit does not have it: the
    /// file of its hook, else a program of the consumer's own.
    pub(super) fn not_committed(
        &self,
        name: &StageName,
        stage: &Stage,
        witness: &Witness,
    ) -> Option<String> {
        if stage.launches(name) && witness.hook(name.as_str()).is_none() {
            return self.hook_not_committed(name.as_str());
        }
        let absent = |program: &&ProgramEvidence| !program.ran && program.files.is_empty();
        let mut programs = witness.programs.iter().filter(absent);
        let program = programs.find(|program| self.was_committed(Path::new(&program.program)))?;
        Some(program.program.clone())
    }

    /// Returns the file of a hook that is in a folder of the consumer's, and not in the commit.
    pub(super) fn hook_not_committed(&self, hook: &str) -> Option<String> {
        let place = self.workspace.hooks_folder().path.join(hook);
        let file = place.strip_prefix(self.workspace.clone_dir()).ok()?;
        let is_absent = place.symlink_metadata().is_err() && self.was_committed(file);
        is_absent.then(|| file.to_string_lossy().into_owned())
    }

    /// True if a file is none of the commit, and a commit before had it or it would configure
    /// the gate.
    fn was_committed(&self, file: &Path) -> bool {
        let patterns = FilePatterns::new(&self.cx.profile.configuration);
        let is_own = || patterns.names_in_any_folder(file);
        let was_deleted = || self.deleted(&|other| other == file).is_some();
        let files = self.committed_files();
        let is_absent = files.is_some_and(|files| !files.iter().any(|other| other == file));
        is_absent && (is_own() || was_deleted())
    }
}

//! The inputs that decide which configuration is read.

use std::path::{Path, PathBuf};

use crate::model::PackageSpec;
use crate::model::plan::InheritedFile;
use crate::sys::env::Snapshot;

/// The inputs, apart from the files themselves, that decide which profile is used.
#[derive(Debug, Clone)]
pub struct ConfigSource<'a> {
    /// The consumer.
    pub repo_root: &'a Path,
    /// A configuration file named by the user.
    pub file: Option<&'a Path>,
    /// A package spec given by the user.
    pub package: Option<&'a PackageSpec>,
    /// The folder that a relative package is relative to.
    pub package_base: &'a Path,
    /// The access to what is inherited from git repositories, if there is one.
    pub remote: Option<Remote<'a>>,
}

/// The access to what is inherited from git repositories.
#[derive(Debug, Clone)]
pub struct Remote<'a> {
    /// The user's environment.
    pub env: &'a Snapshot,
    /// The folder that keeps what was fetched.
    pub cache: PathBuf,
    /// The commits that revisions were in an earlier run.
    pub pins: &'a [InheritedFile],
}

impl<'a> Remote<'a> {
    /// Returns the access of a run with this work folder.
    #[must_use]
    pub fn new(env: &'a Snapshot, work_dir: &Path, pins: &'a [InheritedFile]) -> Self {
        let cache = work_dir.join("inherited");
        Self { env, cache, pins }
    }
}

//! The folders of a lane.

use std::io;
use std::path::{Path, PathBuf};

use crate::sys::{fs, git};

/// The folder of one lane.
///
/// If lanes share a common path, only the thread that runs a lane sees it there.
#[derive(Debug, Clone)]
pub struct Workspace {
    host: PathBuf,
}

impl Workspace {
    /// Returns the workspace in this folder.
    #[must_use]
    pub fn new(host: PathBuf) -> Self {
        Self { host }
    }

    /// The lane's folder.
    #[must_use]
    pub fn host(&self) -> &Path {
        &self.host
    }

    /// The clone.
    #[must_use]
    pub fn clone_dir(&self) -> PathBuf {
        self.host.join("clone")
    }

    /// Returns the folder that git reads hooks from.
    #[must_use]
    pub fn hooks_folder(&self) -> git::HooksFolder {
        git::HooksFolder::of(&self.clone_dir(), &self.git_config(), &self.home())
    }

    /// True if the configuration names a hook for an event: git before 2.54 cannot be asked.
    #[must_use]
    pub fn configures(&self, event: &str) -> bool {
        let own = self.clone_dir().join(".git/config");
        !git::configured_hooks(&self.git_config(), &own, event).is_empty()
    }

    /// The lane's remote.
    #[must_use]
    pub fn origin(&self) -> PathBuf {
        self.host.join("origin.git")
    }

    /// Points a copied clone to the remote that was copied with it.
    ///
    /// # Errors
    /// If its configuration cannot be written.
    pub fn own_remote(&self) -> io::Result<()> {
        git::set_remote(&self.clone_dir(), &self.origin())
    }

    /// Returns the socket that git sends its trace of a stage to.
    #[must_use]
    pub fn socket(&self, stage: &str) -> PathBuf {
        self.host.join("trace").join(stage)
    }

    /// Returns the folder in which the assertions of a stage are evaluated.
    #[must_use]
    pub fn asked(&self, stage: &str) -> PathBuf {
        self.host.join("asked").join(stage)
    }

    /// The folder for tools.
    #[must_use]
    pub fn tool_dir(&self) -> PathBuf {
        self.host.join("tools")
    }

    /// HOME.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.host.join("home")
    }

    /// TMPDIR.
    #[must_use]
    pub fn tmp(&self) -> PathBuf {
        self.host.join("tmp")
    }

    /// Git's global configuration.
    #[must_use]
    pub fn git_config(&self) -> PathBuf {
        self.host.join("gitconfig")
    }

    /// Returns the settings of the runner's own git commands.
    #[must_use]
    pub fn own_settings(&self) -> git::OwnSettings {
        git::OwnSettings::of_lane(&self.host)
    }

    /// Creates the folders of the lane, in a folder that may exist.
    ///
    /// # Errors
    /// If one cannot be created.
    pub fn create(&self, trusted: &git::Trusted) -> io::Result<()> {
        for folder in ["home", "tmp", "trace", "tools"] {
            fs::create_folder(&self.host.join(folder))?;
        }
        self.own_settings().create(trusted)?;
        git::write_lane_config(&self.git_config(), trusted, "")
    }
}

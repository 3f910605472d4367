//! Where a lane lives: its folders, and how long they stay.

use std::io;
use std::path::{Path, PathBuf};

use crate::sys::{fs, git};

/// The folder of one lane. Where lanes have a path in common, only the
/// thread that plays a lane sees it there.
#[derive(Debug, Clone)]
pub struct Workspace {
    host: PathBuf,
}

impl Workspace {
    /// The lane that stands in this folder.
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

    /// Where git looks for hooks in the clone.
    #[must_use]
    pub fn hooks_folder(&self) -> git::HooksFolder {
        git::HooksFolder::of(
            &self.clone_dir(),
            &self.host.join("gitconfig"),
            &self.host.join("home"),
        )
    }

    /// The lane's remote.
    #[must_use]
    pub fn origin(&self) -> PathBuf {
        self.host.join("origin.git")
    }

    /// Gives a copied clone the remote that was copied beside it.
    ///
    /// # Errors
    /// If its configuration cannot be written.
    pub fn own_remote(&self) -> io::Result<()> {
        git::set_remote(&self.clone_dir(), &self.origin())
    }

    /// The socket at which git tells of a stage.
    #[must_use]
    pub fn socket(&self, stage: &str) -> PathBuf {
        self.host.join("trace").join(stage)
    }

    /// Where the evidence of a stage is put to the question.
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

    /// Makes the lane's folders, empty. The lane's own may stand already.
    ///
    /// # Errors
    /// If a new one cannot be made.
    pub fn create(&self, trusted: &git::Trusted) -> io::Result<()> {
        for folder in ["home", "tmp", "trace", "tools"] {
            fs::create_folder(&self.host.join(folder))?;
        }
        git::write_lane_config(&self.host.join("gitconfig"), trusted)
    }
}

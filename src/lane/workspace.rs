//! Where a lane lives: its folders, and how long they stay.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::ScenarioName;
use crate::sys::{fs, git};

/// The folder of one lane: where we read and write it, and where its
/// children see it. The two are the same until a lane has a namespace.
#[derive(Debug, Clone)]
pub struct Workspace {
    host: PathBuf,
    seen: PathBuf,
}

impl Workspace {
    /// The lane of a scenario below the folder of all lanes.
    #[must_use]
    pub fn new(lanes: &Path, scenario: &ScenarioName) -> Self {
        let host = lanes.join(scenario.as_str());
        Self {
            seen: host.clone(),
            host,
        }
    }

    /// The lane's folder, for us.
    #[must_use]
    pub fn host(&self) -> &Path {
        &self.host
    }

    /// The clone, for us.
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

    /// The lane's remote, for us.
    #[must_use]
    pub fn origin(&self) -> PathBuf {
        self.host.join("origin.git")
    }

    /// The socket at which git tells of a stage, for us.
    #[must_use]
    pub fn socket(&self, stage: &str) -> PathBuf {
        self.host.join("trace").join(stage)
    }

    /// Where the evidence of a stage is put to the question, for us.
    #[must_use]
    pub fn asked(&self, stage: &str) -> PathBuf {
        self.host.join("asked").join(stage)
    }

    /// The folder for tools, for us.
    #[must_use]
    pub fn tool_dir(&self) -> PathBuf {
        self.host.join("tools")
    }

    /// A path of ours as the lane's children see it.
    #[must_use]
    pub fn seen(&self, host: &Path) -> PathBuf {
        match host.strip_prefix(&self.host) {
            Ok(below) => self.seen.join(below),
            Err(_) => host.to_owned(),
        }
    }

    /// HOME, as children see it.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.seen.join("home")
    }

    /// TMPDIR, as children see it.
    #[must_use]
    pub fn tmp(&self) -> PathBuf {
        self.seen.join("tmp")
    }

    /// Git's global configuration, as children see it.
    #[must_use]
    pub fn git_config(&self) -> PathBuf {
        self.seen.join("gitconfig")
    }

    /// Makes the lane's folders, empty.
    ///
    /// # Errors
    /// If an old one cannot be removed or a new one not be made.
    pub fn create(&self, trusted: &[String]) -> io::Result<()> {
        fs::remove_folder(&self.host)?;
        for folder in ["home", "tmp", "trace", "tools"] {
            fs::create_folder(&self.host.join(folder))?;
        }
        git::write_lane_config(&self.host.join("gitconfig"), trusted)
    }

    /// Removes the lane. What cannot be removed is left for the sweep of the
    /// next run.
    pub fn remove(&self) {
        let _ = fs::remove_folder(&self.host);
    }
}

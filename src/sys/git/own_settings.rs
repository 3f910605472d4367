//! The settings of the runner's own git commands in a lane.
//!
//! An installer may leave any setting in the clone or in the lane's global
//! configuration: signing, templates, monitors, hooks as files or as settings.
//! Git reads the configuration and the hooks of a repository from
//! `GIT_COMMON_DIR`, so the runner's commands get a folder of their own there:
//! with the configuration that the clone was made with, and without hooks. Refs,
//! index and objects remain those of the clone.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::entry::{text_of, value_of};
use super::guard::{open_config, open_config_for_writing};
use super::identity::{Trusted, write_lane_config};
use crate::sys::fs;

/// The files of a clone that are settings, and content at the same time: with
/// the filters, attributes decide what git stores of a file.
const SHARED: [&str; 2] = ["info/attributes", "shallow"];

/// The repository that one of the runner's own commands runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The lane's clone.
    Clone,
    /// The lane's remote.
    Origin,
    /// Another one, or none.
    Elsewhere,
}

/// The folder of the runner's own settings, beside the clone.
#[derive(Debug, Clone)]
pub struct OwnSettings {
    folder: PathBuf,
    clone: PathBuf,
    origin: PathBuf,
}

impl OwnSettings {
    /// Returns the settings in the folder `own-git` of a lane.
    #[must_use]
    pub fn of_lane(host: &Path) -> Self {
        Self {
            folder: host.join("own-git"),
            clone: host.join("clone"),
            origin: host.join("origin.git"),
        }
    }

    /// Writes the global configuration, before there is a clone.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(&self, trusted: &Trusted) -> io::Result<()> {
        fs::create_folder(&self.folder)?;
        // Without these, git reads the user's files below XDG_CONFIG_HOME.
        let more = "[core]\n\texcludesFile = /dev/null\n\tattributesFile = /dev/null\n";
        write_lane_config(&self.global(), trusted, more)
    }

    /// Keeps the configurations of a clone and a remote that were just made.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn keep(&self) -> io::Result<()> {
        let config = fs::read(self.clone.join(".git/config"))?;
        fs::write(&self.config(), &config)?;
        let config = fs::read(self.origin.join("config"))?;
        fs::write(&self.of_origin().join("config"), &config)?;
        // Without it, git takes the folder for no repository.
        for folder in [&self.folder, &self.of_origin()] {
            fs::create_folder(&folder.join("refs"))?;
        }
        if self.origin.join("shallow").exists() {
            symlink("../../origin.git/shallow", self.of_origin().join("shallow"))?;
        }
        self.link()
    }

    /// Links the shared files that exist by now.
    fn link(&self) -> io::Result<()> {
        for name in SHARED {
            let link = self.folder.join(name);
            let is_missing = link.symlink_metadata().is_err();
            if is_missing && self.clone.join(".git").join(name).exists() {
                fs::create_folder(fs::parent(&link))?;
                // Relative: a lane may be copied.
                let up = "../".repeat(name.split('/').count());
                symlink(format!("{up}clone/.git/{name}"), link)?;
            }
        }
        Ok(())
    }

    /// Takes over what came since: shared files, and the filters that were
    /// configured in it or in the lane's global configuration.
    ///
    /// A filter is no habit of git's but a part of the content: without it, the
    /// index would differ from the one of a user.
    ///
    /// # Errors
    /// If a link cannot be made.
    pub fn refresh(&self, global: &Path) -> io::Result<()> {
        if !self.config().exists() {
            return Ok(());
        }
        self.link()?;
        let adopt = |from: &Path| -> Result<(), git2::Error> {
            let from = open_config(from)?;
            let mut own = None;
            let entries = from.entries(Some(r"^filter\."))?;
            entries.for_each(|entry| {
                let value = match value_of(entry) {
                    // A name alone means true, as `required` may be written.
                    None => Some("true"),
                    Some(_) => text_of(entry),
                };
                if let (Ok(name), Some(value)) = (entry.name(), value) {
                    let own = own.get_or_insert_with(|| open_config_for_writing(&self.config()));
                    // Only a filter that git could not read either is left out.
                    let _ = own.as_mut().map(|own| own.set_str(name, value));
                }
            })
        };
        for from in [global, &self.clone.join(".git/config")] {
            // A configuration that cannot be read fails the commands of the gate.
            let _ = adopt(from);
        }
        Ok(())
    }

    /// Returns the variables of a command in a place.
    #[must_use]
    pub fn env(&self, place: Place) -> BTreeMap<OsString, OsString> {
        let mut env = BTreeMap::new();
        env.insert("GIT_CONFIG_GLOBAL".into(), self.global().into());
        let (folder, objects) = match place {
            Place::Clone => (self.folder.clone(), self.clone.join(".git/objects")),
            Place::Origin => (self.of_origin(), self.origin.join("objects")),
            Place::Elsewhere => return env,
        };
        if self.config().exists() {
            env.insert("GIT_COMMON_DIR".into(), folder.into());
            env.insert("GIT_OBJECT_DIRECTORY".into(), objects.into());
            env.extend(self.lfs_env());
        }
        env
    }

    /// Returns the variables for Git LFS: the folder of its objects, from which it
    /// also pushes, and no server. Files without an object stay pointers.
    fn lfs_env(&self) -> [(OsString, OsString); 6] {
        let mut server = OsString::from("file://");
        server.push(&self.origin);
        [
            ("GIT_LFS_SKIP_DOWNLOAD_ERRORS", "1".into()),
            ("GIT_CONFIG_COUNT", "2".into()),
            ("GIT_CONFIG_KEY_0", "lfs.storage".into()),
            ("GIT_CONFIG_VALUE_0", self.clone.join(".git/lfs").into()),
            ("GIT_CONFIG_KEY_1", "lfs.url".into()),
            ("GIT_CONFIG_VALUE_1", server),
        ]
        .map(|(name, value)| (name.into(), value))
    }

    fn of_origin(&self) -> PathBuf {
        self.folder.join("origin")
    }

    fn global(&self) -> PathBuf {
        self.folder.join("gitconfig")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("config")
    }
}

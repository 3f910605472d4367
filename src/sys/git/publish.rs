//! Points refs of a lane at HEAD: in the clone, and in the lane's remote.

use std::io;
use std::path::Path;

use git2::{ErrorCode, Oid, ReferenceType};

use super::guard::{check_without_links, open_config_for_writing, open_for_writing};

/// The refs that are to point at HEAD.
#[derive(Debug, Default)]
pub struct Published {
    /// Full names in the clone.
    pub here: Vec<String>,
    /// Full names in the lane's remote.
    pub in_origin: Vec<String>,
}

/// Points the refs at HEAD with libgit2, in this process; false if it cannot,
/// for example if it does not know the format of the clone.
///
/// `reflog` is the message for the reflogs of the clone.
#[must_use]
pub fn publish_head(clone: &Path, origin: &Path, refs: &Published, reflog: &str) -> bool {
    let publish = || -> Result<bool, git2::Error> {
        let repository = open_for_writing(clone)?;
        let head = repository.head()?.peel_to_commit()?.id();
        for name in &refs.here {
            repository.reference(name, head, true, reflog)?;
        }
        check_without_links(origin).map_err(|text| git2::Error::from_str(&text))?;
        let place = origin.to_string_lossy();
        // Not the remote of the configuration, which an installer may change.
        let mut remote = repository.remote_anonymous(&place)?;
        if remote.url() != Ok(&*place) {
            return Ok(false);
        }
        // The source of a push is a ref by name: HEAD is none to libgit2.
        let Some(source) = refs.here.first() else {
            return Ok(false);
        };
        let pushed = refs.in_origin.iter();
        let pushed: Vec<_> = pushed.map(|name| format!("+{source}:{name}")).collect();
        remote.push(&pushed, None)?;
        Ok(true)
    };
    publish().unwrap_or(false)
}

/// Points a ref at a commit, or deletes it, with libgit2, in this process; false if it
/// cannot.
#[must_use]
pub fn set_ref(folder: &Path, name: &str, to: Option<&str>) -> bool {
    let set = || -> Result<(), git2::Error> {
        let repository = open_for_writing(folder)?;
        let found = repository.find_reference(name);
        if found.is_ok_and(|it| it.kind() == Some(ReferenceType::Symbolic)) {
            // Git follows it, and libgit2 would put a plain one in its place.
            return Err(git2::Error::from_str("a symbolic ref"));
        }
        let Some(commit) = to else {
            return match repository.find_reference(name) {
                Err(e) if e.code() == ErrorCode::NotFound => Ok(()),
                found => found?.delete(),
            };
        };
        let commit = Oid::from_str(commit)?;
        repository.reference(name, commit, true, "").map(drop)
    };
    set().is_ok()
}

/// Makes a branch of a clone track one of its `origin`.
///
/// # Errors
/// If the clone's configuration cannot be written.
pub fn set_upstream(clone: &Path, branch: &str, upstream: &str) -> io::Result<()> {
    let set = || -> Result<(), git2::Error> {
        let mut config = open_config_for_writing(&clone.join(".git/config"))?;
        config.set_str(&format!("branch.{branch}.remote"), "origin")?;
        config.set_str(
            &format!("branch.{branch}.merge"),
            &format!("refs/heads/{upstream}"),
        )
    };
    set().map_err(io::Error::other)
}

/// Takes what a clone noted of the repository that it was made from out of its configuration.
///
/// # Errors
/// If the configuration of the repository cannot be written.
pub fn forget_remote(bare: &Path, name: &str) -> io::Result<()> {
    let forget = || -> Result<(), git2::Error> {
        let mut config = open_config_for_writing(&bare.join("config"))?;
        for key in ["url", "fetch"] {
            config.remove_multivar(&format!("remote.{name}.{key}"), ".*")?;
        }
        Ok(())
    };
    forget().map_err(io::Error::other)
}

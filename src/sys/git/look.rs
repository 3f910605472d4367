//! Remembers the git folders that were looked through, and the repositories that were
//! opened, in the present turn of a lane.
#![expect(clippy::disallowed_methods, reason = "here libgit2 opens a repository")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use git2::{Error, Repository};

use crate::sys::process;

thread_local! {
    /// The turn, and what was opened in it.
    static OPEN: RefCell<(u64, BTreeMap<PathBuf, Rc<Repository>>)> =
        const { RefCell::new((0, BTreeMap::new())) };

    /// The turn, and what was looked through in it.
    static SEEN: RefCell<(u64, BTreeSet<Look>)> = const { RefCell::new((0, BTreeSet::new())) };
}

/// The treatment of links in a git folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Links {
    /// Look at what they lead to.
    Follow,
    /// Refuse them.
    Refuse,
}

/// A look through a git folder.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    git_dir: PathBuf,
    links: Links,
}

impl Look {
    pub(super) fn of(git_dir: &Path, links: Links) -> Self {
        let git_dir = git_dir.to_owned();
        Self { git_dir, links }
    }

    /// Returns whether the folder was looked through and nothing ran since.
    pub(super) fn is_known(&self) -> bool {
        let stricter = Self::of(&self.git_dir, Links::Refuse);
        SEEN.with_borrow(|(turn, seen)| {
            let is_now = process::turn() == Some(*turn);
            is_now && (seen.contains(self) || seen.contains(&stricter))
        })
    }

    /// Remembers that nothing was found.
    pub(super) fn remember(self) {
        let Some(now) = process::turn() else {
            return;
        };
        SEEN.with_borrow_mut(|(turn, seen)| {
            if *turn != now {
                seen.clear();
                *turn = now;
            }
            seen.insert(self);
        });
    }
}

/// Opens a repository that was looked through, once in a turn.
///
/// # Errors
/// As libgit2.
pub(super) fn open_once(folder: &Path) -> Result<Rc<Repository>, Error> {
    let Some(now) = process::turn() else {
        return Ok(Rc::new(Repository::open(folder)?));
    };
    OPEN.with_borrow_mut(|(turn, open)| {
        if *turn != now {
            open.clear();
            *turn = now;
        }
        if let Some(repository) = open.get(folder) {
            return Ok(Rc::clone(repository));
        }
        let repository = Rc::new(Repository::open(folder)?);
        open.insert(folder.to_owned(), Rc::clone(&repository));
        Ok(repository)
    })
}

/// Closes the repositories that this thread opened, and kept for what comes next.
pub fn close_repositories() {
    OPEN.with_borrow_mut(|(_, open)| open.clear());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_looked_through_once_in_a_turn() {
        let folder = tempfile::tempdir().unwrap();
        let ask = || {
            let look = Look::of(folder.path(), Links::Follow);
            (look.is_known(), look.remember()).0
        };
        assert!(!ask());
        assert!(!ask(), "this thread runs no lane");
        process::count_turns();
        assert!(!ask());
        assert!(ask());
        process::run_interactive(Path::new("true"), &BTreeMap::new(), folder.path()).unwrap();
        assert!(!ask(), "something ran since");
    }

    #[test]
    fn a_look_that_allows_no_links_holds_for_one_that_does() {
        process::count_turns();
        let folder = Path::new("clone/.git");
        Look::of(folder, Links::Refuse).remember();
        assert!(Look::of(folder, Links::Follow).is_known());
        let other = Path::new("origin.git");
        Look::of(other, Links::Follow).remember();
        assert!(!Look::of(other, Links::Refuse).is_known());
    }
}

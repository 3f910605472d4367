//! Records which files are opened and read, and in which order, by inotify.
//!
//! Running a file reads it (`touch` only opens it). The openings of the hooks
//! themselves are in the same record as those of the programs, in one order
//! that no load on the machine can change: a program counts for the hook that
//! it was opened after.

use std::collections::BTreeSet;
use std::io;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

/// The hooks that git may launch in a clone.
const HOOKS: [&str; 15] = [
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-push",
    "reference-transaction",
    "pre-merge-commit",
    "post-merge",
    "pre-rebase",
    "post-rewrite",
    "post-checkout",
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "post-index-change",
];

/// The number of openings that are kept; repetitions do not count.
const KEPT: usize = 1024 * 1024;

/// A watched file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watched {
    /// A position in [`HOOKS`].
    Hook(usize),
    /// The position of a program.
    Program(usize),
}

/// The openings of watched files.
pub(in super::super) struct FileAccesses {
    files: OwnedFd,
    watches: Vec<(i32, Watched)>,
    log: Vec<Watched>,
}

impl FileAccesses {
    /// Watches programs and the hooks in a folder.
    pub(in super::super) fn new(programs: &[PathBuf], hooks: Option<&Path>) -> io::Result<Self> {
        let files = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let mut watches = Vec::new();
        // A file that is both hook and program counts as the hook first.
        for (at, name) in HOOKS.iter().enumerate() {
            let path = hooks.map(|folder| folder.join(name));
            let watch =
                path.and_then(|path| inotify::add_watch(&files, path, WatchFlags::ACCESS).ok());
            watches.extend(watch.map(|watch| (watch, Watched::Hook(at))));
        }
        for (at, path) in programs.iter().enumerate() {
            let watch = inotify::add_watch(&files, path, WatchFlags::ACCESS)?;
            watches.push((watch, Watched::Program(at)));
        }
        Ok(Self {
            files,
            watches,
            log: Vec::new(),
        })
    }

    pub(in super::super) fn fd(&self) -> BorrowedFd<'_> {
        self.files.as_fd()
    }

    /// Reads the openings since the last call; false if some were lost.
    pub(in super::super) fn read(&mut self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut reader = inotify::Reader::new(&self.files, &mut buffer);
        let mut whole = true;
        while let Ok(event) = reader.next() {
            whole &= !event.events().contains(ReadFlags::QUEUE_OVERFLOW);
            if event.events().contains(ReadFlags::ISDIR) {
                continue;
            }
            for (watch, watched) in &self.watches {
                if *watch == event.wd() && self.log.last() != Some(watched) {
                    whole &= self.log.len() < KEPT;
                    if self.log.len() < KEPT {
                        self.log.push(*watched);
                    }
                }
            }
        }
        whole
    }

    /// Returns the number of openings.
    pub(in super::super) fn count(&self) -> usize {
        self.log.len()
    }

    /// Returns the programs that were opened at any time.
    pub(in super::super) fn all(&self) -> BTreeSet<usize> {
        self.programs(0..self.log.len())
    }

    /// Returns the programs that were opened in a range while a hook ran: after
    /// the file of the hook was opened, and before that of the next hook was. A
    /// hook without a file is named by none.
    ///
    /// The next hook may have been opened earlier too, by a gate that checks
    /// its hooks; so its last opening counts.
    pub(in super::super) fn of_hook(
        &self,
        range: Range<usize>,
        hook: Option<&str>,
        next: Option<&str>,
    ) -> BTreeSet<usize> {
        let is = |name: &str, watched: &Watched| match watched {
            Watched::Hook(at) => HOOKS[*at] == name,
            Watched::Program(_) => false,
        };
        let opened_at = hook.and_then(|hook| self.log.iter().position(|watched| is(hook, watched)));
        let next_opened_at =
            next.and_then(|next| self.log.iter().rposition(|watched| is(next, watched)));
        let from = range.start.max(opened_at.unwrap_or(0));
        let until = next_opened_at.filter(|at| *at > from).unwrap_or(range.end);
        self.programs(from..range.end.min(until).max(from))
    }

    fn programs(&self, range: Range<usize>) -> BTreeSet<usize> {
        let opened = self.log.get(range).unwrap_or_default().iter();
        let programs = opened.filter_map(|watched| match watched {
            Watched::Program(at) => Some(*at),
            Watched::Hook(_) => None,
        });
        programs.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the programs that the hook `pre-commit`, followed by
    /// `commit-msg`, opened: p and c are the hooks, digits programs.
    fn of_first(log: &str) -> String {
        let watched = |c: char| match c {
            'p' => Watched::Hook(0),
            'c' => Watched::Hook(2),
            digit => Watched::Program(digit as usize - '0' as usize),
        };
        let openings = FileAccesses {
            files: inotify::init(CreateFlags::empty()).unwrap(),
            watches: Vec::new(),
            log: log.chars().map(watched).collect(),
        };
        let range = 0..openings.count();
        let opened = openings.of_hook(range, Some("pre-commit"), Some("commit-msg"));
        opened.iter().map(usize::to_string).collect()
    }

    #[test]
    fn a_program_counts_for_the_hook_that_it_was_opened_after() {
        assert_eq!(of_first("0p1c2"), "1");
        assert_eq!(of_first("pc2"), "");
        assert_eq!(of_first("0p"), "");
        // A gate that checks its other hooks before it does its work.
        assert_eq!(of_first("pc1c2"), "1");
        assert_eq!(of_first("p1"), "1");
        // Hooks in an unknown place.
        assert_eq!(of_first("01"), "01");
    }
}

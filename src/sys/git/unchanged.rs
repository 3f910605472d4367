//! Remembers folders and files that were looked at, so that each is read again only if it
//! has changed.
//!
//! The time of the last change tells, which no program without rights over the clock can
//! set. A change within the same
//! tick of the clock as the look would not show; such a place is not remembered, just as
//! git looks twice at files that it calls racily clean. Nor is one on a file system that
//! keeps whole seconds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// More than a tick of the clock that stamps files, which is 10 ms on the slowest kernels.
const TICK: Duration = Duration::from_millis(20);

/// The most folders and files that are remembered.
const MAX: usize = 100_000;

/// The time of a last change, since 1970.
type Changed = Duration;

/// The role in which a place was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum As {
    /// A folder of objects.
    Objects,
    /// Another folder.
    Folder,
    /// A ref.
    Ref,
}

/// A place by device and inode, and what it was looked at as.
type Key = (u64, u64, As);

/// In a folder, what is to be looked at each time.
type Entries = Arc<[Entry]>;

static SEEN: Mutex<BTreeMap<Key, (Changed, Entries)>> = Mutex::new(BTreeMap::new());

/// An entry of a folder.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its name. Not its path: a folder above may get another name, which changes no time
    /// here.
    pub(super) name: OsString,
    /// Its type; a link is not followed.
    pub(super) kind: FileType,
}

/// Returns what is remembered of a folder or a file that has not changed since.
pub(super) fn recall(place: &Metadata, as_what: As) -> Option<Entries> {
    let now = changed(place)?;
    let seen = seen();
    let (at, entries) = seen.get(&key(place, as_what))?;
    (*at == now).then(|| Arc::clone(entries))
}

/// Remembers a folder or a file that was looked at from a time on.
pub(super) fn remember(place: &Metadata, as_what: As, looked_at: SystemTime, entries: &Entries) {
    let Some(changed) = changed(place).filter(|it| shows_changes_after(*it, looked_at)) else {
        return;
    };
    let mut seen = seen();
    if seen.len() < MAX {
        seen.insert(key(place, as_what), (changed, Arc::clone(entries)));
    }
}

/// Returns whether each change after the look gets a time other than the last one's.
fn shows_changes_after(last: Changed, looked_at: SystemTime) -> bool {
    let since_1970 = looked_at.duration_since(SystemTime::UNIX_EPOCH);
    let age = since_1970.ok().and_then(|it| it.checked_sub(last));
    last.subsec_nanos() != 0 && age.is_some_and(|age| age > TICK)
}

fn changed(place: &Metadata) -> Option<Changed> {
    let seconds = u64::try_from(place.ctime()).ok()?;
    let nanos = u32::try_from(place.ctime_nsec()).ok()?;
    Some(Duration::new(seconds, nanos))
}

fn key(place: &Metadata, as_what: As) -> Key {
    (place.dev(), place.ino(), as_what)
}

fn seen() -> MutexGuard<'static, BTreeMap<Key, (Changed, Entries)>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(last: (u64, u32), looked_at: (u64, u32)) -> bool {
        let looked_at = SystemTime::UNIX_EPOCH + Duration::new(looked_at.0, looked_at.1);
        shows_changes_after(Duration::new(last.0, last.1), looked_at)
    }

    #[test]
    fn a_folder_that_just_changed_is_looked_through_again() {
        assert!(shows((100, 5), (101, 0)));
        assert!(!shows((100, 5), (100, 19_000_000)));
    }

    #[test]
    fn whole_seconds_and_a_clock_that_stepped_back_tell_nothing() {
        assert!(!shows((100, 0), (200, 0)));
        assert!(!shows((100, 5), (99, 0)));
    }
}

//! Remembers folders of objects that hold files alone, so that each is read again only
//! if something came, went or was replaced in it.
//!
//! The time of a folder's last change tells, which no program can set. A change
//! within the same tick of the clock as the look would not show; such a folder is not
//! remembered, just as git looks twice at files that it calls racily clean. Nor is one
//! on a file system that keeps whole seconds.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// More than a tick of the clock that stamps files, which is 10 ms on the slowest kernels.
const TICK: Duration = Duration::from_millis(20);

/// How many folders are remembered; a git folder has at most 256.
const MAX: usize = 100_000;

/// The time of a folder's last change, since 1970.
type Changed = Duration;

/// By device and inode.
static SEEN: Mutex<BTreeMap<(u64, u64), Changed>> = Mutex::new(BTreeMap::new());

/// Returns whether a folder was remembered and has not changed since.
pub(super) fn is_unchanged(folder: &Metadata) -> bool {
    changed(folder).is_some_and(|it| seen().get(&key(folder)) == Some(&it))
}

/// Remembers a folder that was looked through from a time on.
pub(super) fn remember(folder: &Metadata, looked_at: SystemTime) {
    let Some(changed) = changed(folder).filter(|it| shows_changes_after(*it, looked_at)) else {
        return;
    };
    let mut seen = seen();
    if seen.len() < MAX {
        seen.insert(key(folder), changed);
    }
}

/// Returns whether each change after the look gets a time other than the last one's.
fn shows_changes_after(last: Changed, looked_at: SystemTime) -> bool {
    let since_1970 = looked_at.duration_since(SystemTime::UNIX_EPOCH);
    let age = since_1970.ok().and_then(|it| it.checked_sub(last));
    last.subsec_nanos() != 0 && age.is_some_and(|age| age > TICK)
}

fn changed(folder: &Metadata) -> Option<Changed> {
    let seconds = u64::try_from(folder.ctime()).ok()?;
    let nanos = u32::try_from(folder.ctime_nsec()).ok()?;
    Some(Duration::new(seconds, nanos))
}

fn key(folder: &Metadata) -> (u64, u64) {
    (folder.dev(), folder.ino())
}

fn seen() -> MutexGuard<'static, BTreeMap<(u64, u64), Changed>> {
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

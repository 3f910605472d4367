//! Remembers what calls of this thread failed for.
//!
//! Much that is read of a lane is optional: a file that cannot be opened counts as one that
//! is not there. If the machine is to blame for that, it is known here.

use std::cell::Cell;
use std::io;

use crate::model::Shortage;

thread_local! {
    static NOTED: Cell<Option<Shortage>> = const { Cell::new(None) };
}

/// Forgets what earlier calls of this thread met.
pub fn forget() {
    NOTED.set(None);
}

/// Returns the shortage that calls of this thread met since it was last told to forget.
#[must_use]
pub fn noted() -> Option<Shortage> {
    NOTED.get()
}

/// Notes the shortage that made a call fail, if one did.
pub(super) fn noting<T>(result: io::Result<T>) -> io::Result<T> {
    if let Err(e) = &result {
        note(Shortage::of_error(e));
    }
    result
}

/// Notes the shortage that a message of another library ends with, after the path.
pub(super) fn note_message(message: &str) {
    note(Shortage::at_end_of(message));
}

fn note(found: Option<Shortage>) {
    if found.is_some() {
        NOTED.set(found);
    }
}

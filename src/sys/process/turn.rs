//! Counts the turns of what runs in a lane.

use std::cell::Cell;

thread_local! {
    /// None in a thread that runs no lane, or one that others could reach.
    static TURN: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Counts the turns of this thread from now on. To be called by a thread that runs one lane
/// and nothing else, in a sandbox that hides the lane from all others.
pub fn count_turns() {
    TURN.set(Some(0));
}

/// Returns a number that stays the same as long as this thread starts no process of its
/// lane; None if turns are not counted here.
///
/// No process of a step outlives the step, and none of another lane sees this one. So as
/// long as the number stays the same, nothing but this program changes the lane.
#[must_use]
pub fn turn() -> Option<u64> {
    TURN.get()
}

/// Begins another turn; to be called before a process of a lane starts.
pub(super) fn next_turn() {
    TURN.set(TURN.get().map(|turn| turn + 1));
}

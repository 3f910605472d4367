//! Counts the turns of what runs in a lane.

use std::cell::Cell;

thread_local! {
    /// None in a thread that never ran a step.
    static TURN: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Returns a number that stays the same as long as this thread starts no process of a
/// lane; None if it has started none so far, as the threads that belong to no lane.
///
/// A thread runs one lane at a time, and no process of a step outlives the step. So as
/// long as the number stays the same, nothing of the lane changes its files.
#[must_use]
pub fn turn() -> Option<u64> {
    TURN.get()
}

/// Begins another turn; to be called before a process of a lane starts.
pub fn next_turn() {
    TURN.set(Some(TURN.get().unwrap_or_default() + 1));
}

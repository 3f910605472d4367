//! Cancels lanes by their position in the run.
//!
//! [`Control`] knows numbered groups of commands. Every lane is a group of its
//! own, counted from 1, so that 0 means "before all lanes".

use crate::model::ExitCode;
use crate::sys::process::{Control, StopSignal};

fn group(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1)
}

/// Returns the control for the commands of the lane at a position.
pub(super) fn control_of(control: &Control, at: usize) -> Control {
    control.for_group(group(at))
}

/// True if the lane at a position is to stop.
pub(super) fn is_cancelled(control: &Control, at: usize) -> bool {
    control_of(control, at).is_stopped()
}

/// Cancels the lanes that are declared after a position.
pub(super) fn cancel_after(control: &Control, at: usize) {
    control.cancel_after(group(at));
}

/// Cancels every lane.
pub fn cancel_all(control: &Control) {
    control.cancel_after(0);
}

/// Returns the exit code of a run that a signal stopped.
#[must_use]
pub fn exit_code(control: &Control) -> Option<ExitCode> {
    control.signal().map(|signal| match signal {
        StopSignal::Hangup => ExitCode::Hangup,
        StopSignal::Interrupt => ExitCode::Interrupt,
        StopSignal::Terminate => ExitCode::Terminate,
    })
}

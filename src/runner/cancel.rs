//! Cancels a whole run.

use crate::model::ExitCode;
use crate::sys::process::{Control, StopSignal};

/// Cancels every lane.
pub fn cancel_all(control: &Control) {
    // Lanes are groups that count from 1.
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

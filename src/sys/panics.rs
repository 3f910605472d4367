//! Panics of this program: each is a defect, told in a sentence, and never a pass.

use std::any::Any;
use std::cell::Cell;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::ExitCode;
use crate::model::text::plain;

/// Set by the first panic of any thread.
static HAPPENED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// True while a library runs that panics where it could return an error.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a call of a library that panics where the machine has no thread left.
///
/// # Errors
/// As the call, and instead of a panic.
pub fn contained<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let outer = CONTAINED.replace(true);
    let returned = panic::catch_unwind(AssertUnwindSafe(call));
    CONTAINED.set(outer);
    returned.unwrap_or_else(|payload| Err(io::Error::other(words(&*payload).to_owned())))
}

/// Runs the program. A panic of any thread is passed to `tell` in words, and ends the
/// program with 70 once it has wound up.
pub fn guarded(
    tell: fn(&str),
    program: impl FnOnce() -> std::process::ExitCode,
) -> std::process::ExitCode {
    panic::set_hook(Box::new(move |info| {
        if !CONTAINED.get() {
            HAPPENED.store(true, Ordering::SeqCst);
            tell(&report(info));
        }
    }));
    let ended = panic::catch_unwind(AssertUnwindSafe(program));
    match ended {
        Ok(code) if !happened() => code,
        _ => ExitCode::Internal.into(),
    }
}

/// True if a thread of this program has panicked.
#[must_use]
pub fn happened() -> bool {
    HAPPENED.load(Ordering::SeqCst)
}

/// Returns what a panic said.
fn words(payload: &dyn Any) -> &str {
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    let text = payload.downcast_ref::<&str>().copied().or_else(owned);
    text.unwrap_or("no reason given")
}

fn report(info: &panic::PanicHookInfo<'_>) -> String {
    let place = info.location().map(ToString::to_string);
    format!(
        "ERROR: matrix itself failed at {}: {}\n  next: this is a defect of matrix: please report \
         this line, with the version (matrix --version) and the command\n",
        place.unwrap_or_default(),
        plain(words(info.payload())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_library_becomes_an_error() {
        let ended = contained(|| -> io::Result<()> { panic!("no {}", "thread") });
        assert_eq!(ended.unwrap_err().to_string(), "no thread");
        assert_eq!(contained(|| Ok(1)).unwrap(), 1);
    }
}

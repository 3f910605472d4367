//! `matrix`: the face of `gate_matrix` in a terminal.

mod args;
mod commands;
mod display;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;
use gate_matrix::assertion;
use gate_matrix::sys::process::{VERB, supervise};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let verb = words.next().unwrap_or_default();
    if verb == VERB {
        // A supervisor that fails says so by ending without a report.
        return ExitCode::from(u8::from(supervise().is_err()));
    }
    if verb == assertion::VERB {
        return ExitCode::from(u8::from(assertion::serve(words).is_err()));
    }
    match args::Args::try_parse() {
        Ok(args) => commands::run(args),
        Err(e) => {
            let code = if e.use_stderr() { 2 } else { 0 };
            let _ = e.print();
            ExitCode::from(code)
        }
    }
}

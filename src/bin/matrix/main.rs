//! `matrix`: the face of `gate_matrix` in a terminal.

mod args;
mod commands;
mod complete;
mod display;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;
use gate_matrix::assertion;
use gate_matrix::sys::process::{VERB, supervise};
use gate_matrix::sys::{limits, namespace, panics, sandbox};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let verb = words.next().unwrap_or_default();
    if verb == VERB {
        // A supervisor that fails says so by ending without a report.
        return ExitCode::from(u8::from(supervise(words).is_err()));
    }
    if verb == namespace::VERB {
        return ExitCode::from(u8::from(namespace::try_out().is_err()));
    }
    if verb == sandbox::VERB {
        return ExitCode::from(u8::from(sandbox::probe_inside(words).is_err()));
    }
    if verb == assertion::VERB {
        return ExitCode::from(u8::from(assertion::serve(words).is_err()));
    }
    if complete::answered() {
        return ExitCode::SUCCESS;
    }
    if let Err(e) = limits::prepare() {
        commands::complain(&format!("ERROR: {e}\n"));
        return gate_matrix::model::ExitCode::Unusable.into();
    }
    panics::guarded(commands::complain, verb_of_user)
}

fn verb_of_user() -> ExitCode {
    match args::Args::try_parse() {
        Ok(args) => commands::run(args),
        Err(e) if e.use_stderr() => {
            commands::complain(&e.render().to_string());
            ExitCode::from(2)
        }
        Err(e) => {
            let _ = e.print();
            ExitCode::SUCCESS
        }
    }
}

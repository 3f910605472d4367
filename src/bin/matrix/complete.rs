//! Completion in a shell. clap knows verbs, flags and values that are listed; names come from
//! the consumer's configuration and its recorded runs.
//!
//! Invariants: nothing runs but this process, nothing is written but stdout, and whatever
//! cannot be read completes to nothing.

mod bash;
mod names;
mod typed;

use std::io;

use bash::Bash;
use clap::CommandFactory as _;
use clap_complete::CompleteEnv;
use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};
use gate_matrix::sys::env;
pub(crate) use names::{
    causes, gates, lanes, report_files, report_words, runs, sabotages, scenarios, schemas, stages,
    verbs,
};

use crate::args::Args;

/// The variable by which a script asks this program for an answer.
const VARIABLE: &str = "MATRIX_COMPLETE";
/// The program as the scripts call it: by its name, so that a package can contain them.
const PROGRAM: &str = "matrix";
const SHELLS: Shells<'static> = Shells(&[&Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// Answers a shell. False if none asked.
pub(crate) fn answered() -> bool {
    let engine = CompleteEnv::with_factory(Args::command)
        .var(VARIABLE)
        .bin(PROGRAM)
        .completer(PROGRAM)
        .shells(SHELLS);
    let folder = env::working_directory().ok();
    // An error is no answer: the shell would show it in the middle of a line.
    engine
        .try_complete(std::env::args_os(), folder.as_deref())
        .unwrap_or(true)
}

/// Returns the script that a shell reads once.
pub(crate) fn script(shell: &str) -> io::Result<String> {
    let shell = SHELLS.completer(shell).ok_or(io::ErrorKind::InvalidInput)?;
    let mut bytes = Vec::new();
    shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut bytes)?;
    let mut script = String::from_utf8_lossy(&bytes).trim_start().to_owned();
    if shell.is("zsh") {
        // As a file of `fpath` it is read when the first completion is asked for, and must answer it.
        script += "if [[ ${funcstack[1]} == _matrix ]]; then _clap_dynamic_completer_matrix; fi\n";
    }
    Ok(script)
}

//! The verbs: one file and one function each.

mod baseline;
mod check;
mod completions;
mod config;
mod demo;
mod diff;
mod doctor;
mod explain;
mod init;
mod init_files;
mod list;
mod man;
mod mock;
mod mutate;
mod output;
mod replay;
mod report;
mod run;
mod runs;
mod sabotage;
mod schema;
mod trial;
mod vacuity;
mod verify;

use std::io::Write as _;
use std::path::Path;
use std::process;

use gate_matrix::artifact::reader::locate::LocateError;
use gate_matrix::model::ExitCode;
use gate_matrix::model::text::{inert_json, plain, plain_lines};
use gate_matrix::report::outgoing;
use gate_matrix::sys::git::{Consumer, OpenOptions, Unsupported};

use crate::args::{Args, Verb};

/// Runs a verb. An error before it begins is an error of usage.
pub(crate) fn run(args: Args) -> process::ExitCode {
    if let Err(e) = output::choose(args.output) {
        complain(&format!("ERROR: {}\n", plain_lines(&format!("{e:#}"))));
        return ExitCode::Usage.into();
    }
    let code = match args.verb {
        Verb::Run(args) => run::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Replay(args) => replay::run(&args),
        Verb::Diff(args) => diff::run(&args),
        Verb::Sabotage(args) => sabotage::run(&args),
        Verb::Mutate(args) => mutate::run(&args),
        Verb::Init(args) => init::run(&args),
        Verb::Check(args) => check::run(&args),
        Verb::Runs(args) => runs::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::List(args) => list::run(&args),
        Verb::Config(args) => config::run(&args),
        Verb::Explain(args) => explain::run(&args),
        Verb::Schema(args) => schema::run(&args),
        Verb::Completions(args) => completions::run(&args),
        Verb::Doctor(args) => doctor::run(&args),
        Verb::Man(args) => man::run(&args),
    };
    code.unwrap_or_else(|e| {
        complain(&format!("ERROR: {}\n", plain_lines(&format!("{e:#}"))));
        ExitCode::Usage
    })
    .into()
}

/// Opens the consumer, or reports why it cannot be used.
fn open(repo: &Path, terms: &OpenOptions) -> Result<Consumer, ExitCode> {
    Consumer::open(repo, terms).map_err(|e| {
        complain(&unusable(&e));
        ExitCode::Unusable
    })
}

/// Reports why a run cannot be read, or that none was named.
fn cannot_read(e: &LocateError) -> ExitCode {
    complain(&format!("ERROR: {e}\n  next: {}\n", e.next()));
    if e.is_usage() {
        ExitCode::Usage
    } else {
        ExitCode::Unusable
    }
}

fn unusable(e: &Unsupported) -> String {
    format!(
        "ERROR: {}\n  next: {}\n",
        plain(&e.reason),
        plain(&e.remedy)
    )
}

/// Writes to stderr. A failure to do so cannot be reported.
pub(crate) fn complain(text: &str) {
    let _ = anstream::stderr().write_all(outgoing(text).as_bytes());
}

/// Writes to stdout. Ignores broken pipes.
fn print(text: &str) {
    print_whole(&outgoing(text));
}

/// The same for a document.
fn print_json(bytes: &[u8]) {
    print_whole(&inert_json(&String::from_utf8_lossy(bytes)));
}

fn print_whole(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

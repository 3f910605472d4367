//! `matrix completions`.

use anyhow::Context as _;
use gate_matrix::model::ExitCode;

use super::print_whole;
use crate::args::CompletionsArgs;
use crate::complete;

pub(super) fn run(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    let script = complete::script(args.shell.name()).context("the script cannot be made")?;
    print_whole(&script);
    Ok(ExitCode::Pass)
}

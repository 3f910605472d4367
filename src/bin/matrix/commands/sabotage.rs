//! `matrix sabotage`.

use gate_matrix::model::ExitCode;
use gate_matrix::trial::sabotage::Saboteur;

use super::trial::try_out;
use crate::args::SabotageArgs;

pub(super) fn run(args: &SabotageArgs) -> anyhow::Result<ExitCode> {
    let saboteur = Saboteur {
        only: args.only.clone(),
        max_open: args.max_open,
    };
    try_out(&args.place, &args.options, &saboteur)
}

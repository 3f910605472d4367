//! `matrix mutate`.

use gate_matrix::model::ExitCode;
use gate_matrix::trial::mutation::Mutator;

use super::trial::try_out;
use crate::args::MutateArgs;

pub(super) fn run(args: &MutateArgs) -> anyhow::Result<ExitCode> {
    try_out(
        &args.place,
        &args.options,
        args.ci,
        &Mutator::new(args.max_survivors),
    )
}

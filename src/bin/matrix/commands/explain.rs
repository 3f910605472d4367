//! `matrix explain`.

use anyhow::bail;
use gate_matrix::diagnosis;
use gate_matrix::model::ExitCode;
use gate_matrix::model::text::plain;

use super::print;
use crate::args::ExplainArgs;

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let text = match &args.id {
        _ if args.all => diagnosis::runbook(),
        None => diagnosis::list(),
        Some(id) => match (diagnosis::cause(id), diagnosis::nearest(id)) {
            (Some(cause), _) => diagnosis::page(cause),
            (None, Some(near)) => {
                bail!("there is no cause `{}`: did you mean `{near}`?", plain(id))
            }
            (None, None) => {
                bail!("there is no cause `{}`\n  next: matrix explain", plain(id))
            }
        },
    };
    print(&text);
    Ok(ExitCode::Pass)
}

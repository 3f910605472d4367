//! `matrix schema`.

use anyhow::Context as _;
use gate_matrix::artifact::to_bytes;
use gate_matrix::model::ExitCode;
use gate_matrix::schema;

use super::print_json;
use crate::args::SchemaArgs;

pub(super) fn run(args: &SchemaArgs) -> anyhow::Result<ExitCode> {
    let names = schema::NAMES.map(|(name, _)| name).join(", ");
    let schema = schema::schema(&args.name)
        .with_context(|| format!("there is no schema `{}`; schemas: {names}", args.name))?;
    print_json(&to_bytes(&schema));
    Ok(ExitCode::Pass)
}

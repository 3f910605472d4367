//! The JSON Schema of each file, made from the types that are written.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::last_failure::LastFailure;
use super::run_folder::Run;
use super::summary::Summary;
use super::vacuity::VacuityReport;
use crate::model::event::Event;
use crate::model::{BoundPlan, CellEvidence};

/// The files that have a schema, and what they are.
pub const NAMES: [(&str, &str); 7] = [
    ("summary", "<gate>-matrix-summary.json"),
    ("last-failure", "<gate>-matrix-last-failure.json"),
    ("plan", "runs/<run_id>/plan.json"),
    (
        "event",
        "a line of runs/<run_id>/events.jsonl and of --format jsonl",
    ),
    ("cell", "runs/<run_id>/cells/<scenario>/<stage>.json"),
    ("run", "runs/<run_id>/run.json"),
    ("vacuity", "runs/<run_id>/vacuity.json"),
];

/// The schema of a file by its name.
#[must_use]
pub fn schema(name: &str) -> Option<Schema> {
    match name {
        "summary" => Some(written::<Summary>()),
        "last-failure" => Some(written::<LastFailure>()),
        "plan" => Some(written::<BoundPlan>()),
        "event" => Some(written::<Event>()),
        "cell" => Some(written::<CellEvidence>()),
        "run" => Some(written::<Run>()),
        "vacuity" => Some(written::<VacuityReport>()),
        _ => None,
    }
}

/// A field that may be null is always there all the same.
fn written<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}

//! The JSON Schema of each file, made from the types that are written; that of `matrix.toml` from
//! those that read it.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::artifact::bundle::ReplayBundle;
use crate::artifact::flakes::Flakes;
use crate::artifact::fresh_clone::FreshClone;
use crate::artifact::last_failure::LastFailure;
use crate::artifact::manifest::Manifest;
use crate::artifact::run_folder::Run;
use crate::artifact::summary::Summary;
use crate::config;
use crate::model::change::LaneChange;
use crate::model::event::Event;
use crate::model::{BoundPlan, CellEvidence};
use crate::triage::Triage;
use crate::trial::mutation::MutationReport;
use crate::trial::sabotage::Scorecard;
use crate::trial::vacuity::VacuityReport;

/// The files that have a schema, and what they are.
pub const NAMES: [(&str, &str); 16] = [
    ("config", "matrix.toml"),
    ("summary", "<gate>-matrix-summary.json"),
    ("last-failure", "<gate>-<kind>-last-failure.json"),
    ("plan", "runs/<run_id>/plan.json"),
    (
        "event",
        "a line of runs/<run_id>/events.jsonl and of --format jsonl",
    ),
    ("cell", "runs/<run_id>/cells/<scenario>/<stage>.json"),
    ("change", "runs/<run_id>/changes/<scenario>.json"),
    ("run", "runs/<run_id>/run.json"),
    ("files", "runs/<run_id>/files.json"),
    ("bundle", "runs/<run_id>/replay_bundle.json"),
    ("flakes", "runs/<run_id>/flakes.json"),
    ("fresh-clone", "runs/<run_id>/fresh_clone.json"),
    (
        "sabotage",
        "<gate>-sabotage-summary.json and runs/<run_id>/sabotage.json",
    ),
    (
        "mutation",
        "<gate>-mutation-summary.json and runs/<run_id>/mutation.json",
    ),
    (
        "vacuity",
        "<gate>-vacuity-summary.json and runs/<run_id>/vacuity.json",
    ),
    ("triage", "runs/<run_id>/triage_diff.json"),
];

/// The schema of a file by its name.
#[must_use]
pub fn schema(name: &str) -> Option<Schema> {
    match name {
        "config" => Some(config::schema()),
        "summary" => Some(written::<Summary>()),
        "last-failure" => Some(written::<LastFailure>()),
        "plan" => Some(written::<BoundPlan>()),
        "event" => Some(written::<Event>()),
        "cell" => Some(written::<CellEvidence>()),
        "change" => Some(written::<LaneChange>()),
        "run" => Some(written::<Run>()),
        "files" => Some(written::<Manifest>()),
        "bundle" => Some(written::<ReplayBundle>()),
        "flakes" => Some(written::<Flakes>()),
        "fresh-clone" => Some(written::<FreshClone>()),
        "sabotage" => Some(written::<Scorecard>()),
        "mutation" => Some(written::<MutationReport>()),
        "vacuity" => Some(written::<VacuityReport>()),
        "triage" => Some(written::<Triage>()),
        _ => None,
    }
}

/// A field that may be null is always there all the same.
fn written<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}

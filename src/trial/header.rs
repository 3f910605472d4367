//! The head of every document of a trial.

use schemars::JsonSchema;
use serde::Serialize;

use crate::artifact::MATRIX_VERSION;
use crate::artifact::summary::FinalVerdict;
use crate::model::package::PackageResolved;
use crate::model::text::own;
use crate::model::{PackageSpec, SCHEMA_VERSION};
use crate::prepare::About;

/// The facts with which every document of a trial begins.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReportHeader {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    #[serde(serialize_with = "own")]
    pub run_id: String,
    /// The version of `matrix`.
    pub matrix_version: String,
    /// When the file was made, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// `PASS`; `PARTIAL` if only a part was selected; `FAIL` if a limit was
    /// exceeded or something could not be tried.
    pub final_verdict: FinalVerdict,
    /// The gate's name.
    #[serde(serialize_with = "own")]
    pub gate: String,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// The package that was installed.
    pub package_resolved: Option<PackageResolved>,
    /// The commit of the consumer.
    pub source_head: String,
}

impl ReportHeader {
    /// Returns the head of a document about a run.
    #[must_use]
    pub fn new(about: &About<'_>) -> Self {
        let package = about.profile.package.as_ref();
        Self {
            schema_version: SCHEMA_VERSION,
            run_id: about.run_id.to_string(),
            matrix_version: MATRIX_VERSION.to_owned(),
            generated_at_utc: about.generated_at_utc.clone(),
            final_verdict: about.if_good,
            gate: about.profile.gate.to_string(),
            package_spec: package.map(PackageSpec::as_str).map(ToOwned::to_owned),
            package_resolved: about.package.clone(),
            source_head: about.source.head.clone(),
        }
    }

    /// The gate with its version, as consoles name it.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.package_resolved {
            Some(package) => format!("{} {}", package.name, package.version),
            None => self.gate.clone(),
        }
    }
}

//! `<gate>-matrix-last-failure.json`: the verdict file of a run that broke its contract.

use std::path::Path;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::summary::FinalVerdict;
use crate::model::command::quote;
use crate::model::sandbox::SandboxRecord;
use crate::model::text::own;
use crate::model::{BuiltinStep, Failure, FailureClass, RunId, SCHEMA_VERSION, StepId};

/// The whole file. Null if there is nothing to say.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LastFailure {
    /// Version of this format.
    pub schema_version: u32,
    /// The run's id.
    pub run_id: RunId,
    /// The package as typed.
    pub package_spec: Option<String>,
    /// When the file was made, UTC.
    #[serde(serialize_with = "own")]
    pub generated_at_utc: String,
    /// Always `FAIL`.
    pub final_verdict: FinalVerdict,
    /// The code that `matrix` exits with; null in the marker of a run that
    /// has not ended.
    pub exit_code: Option<u8>,
    /// `preflight` or the scenario's name.
    #[serde(serialize_with = "own")]
    pub failure_phase: Option<String>,
    /// The step's id.
    pub failure_step: StepId,
    /// The kind of the failure.
    pub failure_class: FailureClass,
    /// The step's command; a shell can run it.
    pub failure_command: Option<String>,
    /// The command as the profile has it.
    pub failure_command_template: Option<String>,
    /// The values of its placeholders.
    pub failure_command_variables: Option<IndexMap<String, String>>,
    /// The step's log in the run folder.
    #[serde(serialize_with = "own")]
    pub failure_log_path: Option<String>,
    /// The copy of it beside this file.
    #[serde(serialize_with = "own")]
    pub failure_log_artifact: Option<String>,
    /// Digest of the bytes of the copy, hexadecimal.
    #[serde(serialize_with = "own")]
    pub failure_log_artifact_sha256: Option<String>,
    /// Size of the copy.
    pub failure_log_artifact_bytes: Option<u64>,
    /// The command that shows the run again, and with `--execute` runs it
    /// again; null in the marker of a run that has not ended.
    pub replay_command: Option<String>,
    /// The protection of the machine from the lanes; null if the run ended before it was
    /// tried.
    pub sandbox: Option<SandboxRecord>,
}

/// The copy of a log, as it was written.
#[derive(Debug, Clone)]
pub struct LogCopy {
    /// The log in the run folder.
    pub from: String,
    /// The copy.
    pub to: String,
    /// Digest of its bytes.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

impl LastFailure {
    /// Returns the marker of a run that has no verdict yet.
    #[must_use]
    pub fn marker(run_id: &RunId, package_spec: Option<String>, now: String) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            run_id: run_id.clone(),
            package_spec,
            generated_at_utc: now,
            final_verdict: FinalVerdict::Fail,
            exit_code: None,
            failure_phase: None,
            failure_step: BuiltinStep::RunIncomplete.into(),
            failure_class: FailureClass::Incomplete,
            failure_command: None,
            failure_command_template: None,
            failure_command_variables: None,
            failure_log_path: None,
            failure_log_artifact: None,
            failure_log_artifact_sha256: None,
            failure_log_artifact_bytes: None,
            replay_command: None,
            sandbox: None,
        }
    }

    /// Completes the marker with a failure, the copy of its log and the replay command.
    #[must_use]
    pub fn new(marker: Self, failure: &Failure, log: Option<LogCopy>, replay: String) -> Self {
        let command = failure.command.clone();
        Self {
            exit_code: Some(failure.exit.number()),
            failure_phase: failure.phase.clone(),
            failure_step: failure.step.clone(),
            failure_class: failure.class,
            failure_command: command.as_ref().map(|c| c.command.clone()),
            failure_command_template: command.as_ref().map(|c| c.template.clone()),
            failure_command_variables: command.map(|c| c.variables),
            failure_log_path: log.as_ref().map(|log| log.from.clone()),
            failure_log_artifact: log.as_ref().map(|log| log.to.clone()),
            failure_log_artifact_sha256: log.as_ref().map(|log| log.sha256.clone()),
            failure_log_artifact_bytes: log.map(|log| log.bytes),
            replay_command: Some(replay),
            ..marker
        }
    }
}

/// A path as artifacts have it.
#[must_use]
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns the command that shows a run, for any working directory.
#[must_use]
pub fn replay_command(artifacts: &Path, run_id: &RunId) -> String {
    let artifacts = quote(&text(artifacts), true);
    format!("matrix replay --artifacts {artifacts} {run_id}")
}

//! `replay_bundle.json`: the failures of a run with their causes, and the
//! commands that reproduce them.

use super::commands::{commands, environment, one_command};
use super::ended::Ended;
use crate::artifact::bundle::{Failed, ReplayBundle};
use crate::diagnosis::{Subject, diagnose};
use crate::model::SCHEMA_VERSION;

/// Makes the bundle from the evidence and the logs of the run folder.
#[must_use]
pub fn bundle(ended: &Ended<'_>) -> ReplayBundle {
    let (run, verdict) = (ended.run, ended.verdict);
    let lanes = if ended.has_findings {
        &[][..]
    } else {
        &verdict.lanes
    };
    let (failures, clusters) = diagnose(&Subject {
        run_id: &run.run_id,
        artifacts: &run.artifacts,
        folder: &run.run_folder(),
        repo: ended.repo,
        plan: ended.plan,
        lanes,
        all_lanes: &verdict.lanes,
        failure: verdict.failure.as_ref(),
        outstanding: verdict.outstanding_names(ended.plan),
    });
    let failures = failures.into_iter().map(|failure_digest| Failed {
        replay: commands(ended, &failure_digest),
        failure_digest,
    });
    ReplayBundle {
        schema_version: SCHEMA_VERSION,
        run_id: run.run_id.clone(),
        one_command_replay: one_command(run, verdict.exit, verdict.failure.is_some()),
        environment: environment(ended),
        failures: failures.collect(),
        clusters,
    }
}

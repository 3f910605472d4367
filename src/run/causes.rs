//! What of a run failed, and why: the document of its folder.

use super::held::Held;
use super::verdict::Verdict;
use crate::artifact::bundle::{Failed, ReplayBundle};
use crate::artifact::run_folder::RunWriter;
use crate::diagnosis::{Subject, diagnose};
use crate::model::SCHEMA_VERSION;

impl Verdict {
    /// What failed, from the evidence and the logs of the run folder.
    pub(super) fn bundle(&self, held: &Held<'_>, writer: &RunWriter) -> ReplayBundle {
        // The altered lanes of a trial fail as they should.
        let lanes = match &self.findings {
            Some(_) => &[][..],
            None => &self.lanes,
        };
        let (failures, clusters) = diagnose(&Subject {
            run_id: &held.run_id,
            artifacts: held.folder.path(),
            folder: writer.path(),
            repo: &held.request.repo,
            plan: self.plan.as_ref(),
            lanes,
            failure: self.failure.as_ref(),
            outstanding: self.owed(),
        });
        ReplayBundle {
            schema_version: SCHEMA_VERSION,
            run_id: held.run_id.clone(),
            one_command_replay: held.one_command(self),
            environment: held.environment(self),
            failures: failures
                .into_iter()
                .map(|failure_digest| Failed {
                    replay: held.commands(self, &failure_digest),
                    failure_digest,
                })
                .collect(),
            clusters,
        }
    }
}

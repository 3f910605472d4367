//! What differed among the repetitions of lanes: the document, and the words.

use super::held::Held;
use super::verdict::Verdict;
use crate::artifact::flakes::{FLAKES, Flakes};
use crate::artifact::folder::WriteError;
use crate::artifact::run_folder::RunWriter;
use crate::artifact::{MATRIX_VERSION, to_bytes};
use crate::model::SCHEMA_VERSION;
use crate::model::text::shown;
use crate::report::flakes;

impl Held<'_> {
    /// Writes `flakes.json`, of a run that played its lanes more than once.
    pub(super) fn write_flakes(
        &self,
        verdict: &Verdict,
        writer: &RunWriter,
    ) -> Result<(), WriteError> {
        let Some(source) = verdict.source.as_ref().filter(|_| self.request.repeat > 1) else {
            return Ok(());
        };
        let document = Flakes {
            schema_version: SCHEMA_VERSION,
            run_id: self.run_id.clone(),
            matrix_version: MATRIX_VERSION.to_owned(),
            generated_at_utc: self.request.clock.now_utc(),
            gate: self.gate.to_string(),
            source_head: source.head.clone(),
            repeat: self.request.repeat,
            cells: verdict.flaky.clone(),
        };
        writer.file(FLAKES, &to_bytes(&document))
    }

    /// Both evidences of each flaky cell, and where the document is.
    pub(super) fn told_of_flakes(&self, verdict: &Verdict) -> String {
        if verdict.flaky.is_empty() {
            return String::new();
        }
        let run = self.folder.runs().join(self.run_id.as_str());
        let cells = flakes::describe(&verdict.flaky, &run);
        format!("{cells}flakes: {}\n", shown(run.join(FLAKES)))
    }
}

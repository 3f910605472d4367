//! The documents of a run, made from its outcome.

use std::path::Path;

use indexmap::IndexMap;

use super::outcome::Outcome;
use crate::artifact::bundle::{BUNDLE, ReplayBundle};
use crate::artifact::context::RunContext;
use crate::artifact::flakes::{FLAKES, Flakes};
use crate::artifact::fresh_clone::FRESH_CLONE;
use crate::artifact::manifest::FileDigest;
use crate::artifact::run_folder::{FailureRecord, LaneRecord, Run, RunWriter};
use crate::artifact::summary::{self, ScenarioSummary, Summary};
use crate::artifact::write_error::WriteError;
use crate::artifact::{MATRIX_VERSION, to_bytes};
use crate::model::plan::Source;
use crate::model::{Plan, RunId, SCHEMA_VERSION, ScenarioName};
use crate::prepare::{Mode, Request};
use crate::replay::bundle::bundle;
use crate::replay::ended::Ended;
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::triage::commits;
use crate::triage::live::{self, Live};
use crate::triage::{self, Baseline, Incomparable, Triage};

/// The documents of a run.
pub(super) struct Documents<'a> {
    /// `run.json`.
    pub(super) run: Run,
    /// `replay_bundle.json`.
    pub(super) bundle: ReplayBundle,
    context: &'a RunContext,
    outcome: &'a Outcome<'a>,
}

impl<'a> Documents<'a> {
    /// Makes the documents from the evidence, and from the logs in the run's
    /// folder.
    pub(super) fn new(
        context: &'a RunContext,
        parent: Option<&RunId>,
        outcome: &'a Outcome<'a>,
        request: &Request,
        mode: &Mode<'_>,
    ) -> Self {
        let prepared = outcome.prepared;
        let bundle = bundle(&Ended {
            run: context,
            verdict: &outcome.verdict,
            plan: prepared.map(|prepared| &prepared.plan),
            record: prepared.map(|prepared| &prepared.record),
            scripts: &outcome.scripts,
            repo: &request.consumer.repo,
            has_findings: outcome.findings.is_some(),
        });
        Self {
            run: Run {
                replay_of: mode.recorded().map(|recorded| recorded.of.clone()),
                parent: parent.cloned(),
                ..run_record(context, outcome)
            },
            bundle,
            context,
            outcome,
        }
    }

    /// Writes everything that stands in the run's folder before `run.json`.
    pub(super) fn write(&self, writer: &RunWriter) -> Result<(), WriteError> {
        let findings = self.outcome.findings.iter();
        for (name, bytes) in findings.flat_map(|findings| &findings.files) {
            writer.file(name, bytes)?;
        }
        for (name, bytes) in &self.outcome.scripts {
            writer.file(name, bytes)?;
        }
        if let Some(document) = &self.outcome.fresh_clone {
            writer.file(FRESH_CLONE, &to_bytes(document))?;
            let steps = document.checkouts.iter().flat_map(|clone| &clone.steps);
            for log in steps.filter_map(|step| step.log.as_ref()) {
                let (sha256, bytes) = (log.sha256.clone(), log.bytes);
                writer.note(&log.path, FileDigest { sha256, bytes });
            }
        }
        writer.file(BUNDLE, &to_bytes(&self.bundle))?;
        match self.flakes() {
            Some(flakes) => writer.file(FLAKES, &to_bytes(&flakes)),
            None => Ok(()),
        }
    }

    /// `flakes.json`, of a run that ran its lanes more than once.
    fn flakes(&self) -> Option<Flakes> {
        let prepared = self.outcome.prepared?;
        Some(Flakes {
            schema_version: SCHEMA_VERSION,
            run_id: self.context.run_id.clone(),
            matrix_version: MATRIX_VERSION.to_owned(),
            generated_at_utc: self.context.clock.now_utc(),
            gate: self.context.gate.to_string(),
            source_head: prepared.context.source.head.clone(),
            repeat: self.run.repeat?,
            cells: self.outcome.flaky.clone(),
        })
    }

    /// The summary of a run that kept its contract.
    pub(super) fn summary(&self, files_sha256: Option<String>) -> Summary {
        let unknown = Source {
            head: String::new(),
            branch: None,
            worktree_on: None,
        };
        Summary {
            schema_version: SCHEMA_VERSION,
            run_id: self.context.run_id.clone(),
            package_spec: self.context.package_spec.clone(),
            package_resolved: self.run.package_resolved.clone(),
            generated_at_utc: self.context.clock.now_utc(),
            final_verdict: self.outcome.verdict.word,
            scenarios: self.run.scenarios.clone(),
            source: self.run.source.clone().unwrap_or(unknown),
            matrix_version: MATRIX_VERSION.to_owned(),
            sandbox: self.outcome.sandbox.clone(),
            files_sha256,
        }
    }

    /// Compares the run with its baseline and writes the comparison.
    pub(super) fn compare(
        &self,
        baseline: &Baseline,
        writer: &RunWriter,
    ) -> Result<Comparison, Incomparable> {
        let live = Live {
            run: &self.run,
            plan: self.outcome.prepared.map(|prepared| &prepared.plan),
            lanes: &self.outcome.verdict.lanes,
            bundle: &self.bundle,
            writer,
        };
        let triage = live.compare(baseline, self.context.clock.now_utc())?;
        let unwritten = live::write(&triage, writer).err();
        let commits = commits::between(&triage, self.context.repo());
        Ok(Comparison {
            triage,
            commits,
            unwritten,
        })
    }
}

/// The comparison of a run with its baseline.
pub(super) struct Comparison {
    triage: Triage,
    commits: String,
    unwritten: Option<WriteError>,
}

/// Reports the comparison, or why there is none.
pub(super) fn report_comparison(
    compared: &Result<Comparison, Incomparable>,
    run_folder: &Path,
    reporter: &mut dyn Reporter,
) {
    reporter.notice(&match compared {
        Err(e) => Notice::NotCompared(e),
        Ok(Comparison {
            triage,
            commits,
            unwritten,
        }) => Notice::Compared {
            triage,
            commits,
            written: match unwritten {
                None => Ok(run_folder.join(triage::FILE)),
                Some(e) => Err(e),
            },
        },
    });
}

fn run_record(context: &RunContext, outcome: &Outcome<'_>) -> Run {
    let (verdict, prepared) = (&outcome.verdict, outcome.prepared);
    let plan = prepared.map(|prepared| &prepared.plan);
    let lanes = verdict.lanes.iter();
    let repeat = context.asked.repeat;
    Run {
        schema_version: SCHEMA_VERSION,
        run_id: context.run_id.clone(),
        matrix_version: MATRIX_VERSION.to_owned(),
        number: 0,
        generated_at_utc: context.clock.now_utc(),
        kind: context.kind,
        replay_of: None,
        asked: context.asked.clone(),
        gate: context.gate.clone(),
        package_spec: context.package_spec.clone(),
        package_resolved: verdict.package(),
        final_verdict: verdict.word,
        exit_code: verdict.exit.number(),
        source: prepared.map(|prepared| prepared.context.source.clone()),
        plan_sha256: prepared.and_then(|prepared| prepared.plan_sha256.clone()),
        scenarios: scenarios(outcome),
        lanes: lanes
            .map(|lane| (lane.scenario.clone(), LaneRecord::from(lane)))
            .collect(),
        repeat: (repeat > 1).then_some(repeat),
        parent: None,
        outstanding: verdict
            .outstanding
            .as_ref()
            .map(|_| verdict.outstanding_names(plan)),
        unexpected: plan.map(Plan::unexpected).unwrap_or_default(),
        failure: verdict.failure.as_ref().map(FailureRecord::from),
    }
}

fn scenarios(outcome: &Outcome<'_>) -> IndexMap<ScenarioName, ScenarioSummary> {
    let plan = outcome.prepared.map(|prepared| &prepared.plan);
    plan.map(|plan| summary::scenarios(plan, &outcome.verdict.lanes))
        .unwrap_or_default()
}

//! The interface of a trial: altered lanes, and the conclusion from them.

use std::path::Path;

use indexmap::IndexMap;

use crate::artifact::summary::FinalVerdict;
use crate::config::ConfigError;
use crate::model::evidence::Ending;
use crate::model::package::PackageResolved;
use crate::model::plan::Source;
use crate::model::scenario::Scenario;
use crate::model::text::last_lines;
use crate::model::{
    BuiltinStep, Failure, FailureClass, Kind, LaneEvidence, Profile, RunId, ScenarioName,
    StepEvidence,
};
use crate::planner::Selection;
use crate::sys::fs;
use crate::sys::git::Consumer;

/// A run of altered lanes, and the conclusion from them.
pub trait Trial {
    /// Its name in files and ids.
    fn kind(&self) -> Kind;

    /// True if the lanes of the contract must pass first: a gate that is broken
    /// already cannot be broken on purpose.
    fn needs_contract(&self) -> bool {
        true
    }

    /// True unless the user selected a part of the trial.
    fn is_whole(&self) -> bool {
        true
    }

    /// Checks what the user named, before anything is touched.
    ///
    /// # Errors
    /// If it does not exist.
    fn check(&self, _: &Profile) -> Result<(), ConfigError> {
        Ok(())
    }

    /// The altered lanes, as scenarios beside those of the profile; of what the user
    /// selected, if the trial looks at more than one scenario.
    ///
    /// # Errors
    /// If there are none, or one cannot be made.
    fn lanes(
        &self,
        profile: &Profile,
        consumer: &Consumer,
        selection: &Selection,
    ) -> Result<IndexMap<ScenarioName, Scenario>, ConfigError>;

    /// The lanes to run next, of all and after those that ran; none once the trial is over.
    /// By default all of them run at once.
    fn next(&self, all: &[ScenarioName], ran: &[LaneEvidence]) -> Vec<ScenarioName> {
        if ran.is_empty() {
            all.to_vec()
        } else {
            Vec::new()
        }
    }

    /// True if a violation is taken out of the changes of its lanes.
    fn takes_changes_apart(&self) -> bool {
        false
    }

    /// Concludes from the lanes that ran, in the order of [`Trial::lanes`].
    fn conclude(&self, lanes: &[LaneEvidence], about: &About<'_>) -> Findings;
}

/// The facts of a run that its document records.
pub struct About<'a> {
    /// The run's id.
    pub run_id: &'a RunId,
    /// When the document is made, UTC.
    pub generated_at_utc: String,
    /// The profile, the altered lanes among its scenarios.
    pub profile: &'a Profile,
    /// The package that was installed.
    pub package: Option<PackageResolved>,
    /// The consumer.
    pub source: &'a Source,
    /// The run's folder, where logs are.
    pub run_folder: &'a Path,
    /// The verdict of a run in which nothing failed: PASS, or PARTIAL if something
    /// was left out.
    pub if_good: FinalVerdict,
}

impl About<'_> {
    /// The last line of a log, made harmless; none of an empty one.
    #[must_use]
    pub fn last_line(&self, step: &StepEvidence) -> Option<String> {
        self.last_lines(step, 1).pop()
    }

    /// The last lines of a log, made harmless.
    #[must_use]
    pub fn last_lines(&self, step: &StepEvidence, count: usize) -> Vec<String> {
        last_lines(&self.log_tail(step), count)
    }

    /// The end of a log, as it is.
    #[must_use]
    pub fn log_tail(&self, step: &StepEvidence) -> Vec<u8> {
        let log = step.log.as_ref();
        let tail = log.map(|log| fs::tail(&self.run_folder.join(&log.path), 4096));
        tail.unwrap_or_default()
    }
}

/// The conclusion of a trial.
pub struct Findings {
    /// The summary, as it is written after a pass.
    pub summary: Vec<u8>,
    /// Documents for the run folder.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// The same for a person, on stdout.
    pub console: String,
    /// The failure of a trial that did not pass.
    pub failure: Option<Failure>,
}

/// Returns the failure of an altered lane that did not run to its end. It may
/// have come after the first failure in the lane; `step` is blamed if there is
/// no evidence.
#[must_use]
pub fn not_tried(name: &str, lane: Option<&LaneEvidence>, step: BuiltinStep) -> Failure {
    let first = lane.and_then(|lane| lane.failure.as_ref());
    let of_a_stage = |failure: &&Failure| failure.step.is_stage();
    let unfinished = lane.and_then(LaneEvidence::unfinished).filter(|step| {
        first
            .filter(of_a_stage)
            .is_some_and(|f| f.step != step.step)
    });
    if let (Some(failure), None) = (first, unfinished) {
        return failure.clone();
    }
    let no_end = "the lane did not run to its end";
    let Some(unfinished) = unfinished else {
        return Failure::new(FailureClass::Missing, step, no_end).phase(name);
    };
    let class = match unfinished.ending {
        Some(Ending::TimedOut) => FailureClass::Timeout,
        _ => FailureClass::Infra,
    };
    let message = unfinished.problem.as_deref().unwrap_or(no_end);
    Failure::new(class, unfinished.step.clone(), message)
        .phase(name)
        .log(unfinished.log.as_ref().map(|log| log.path.clone()))
}

/// Returns the scenario to alter: `violations`, else the first that every stage
/// must block.
///
/// # Errors
/// If there is none.
pub fn blocking_scenario(profile: &Profile) -> Result<(&ScenarioName, &Scenario), ConfigError> {
    let blocks = |scenario: &Scenario| {
        scenario
            .expect
            .values()
            .all(|expected| expected.exit.is_blocking())
    };
    let mut all = profile
        .scenarios
        .iter()
        .filter(|(_, scenario)| blocks(scenario));
    let first = all.clone().next();
    all.find(|(name, _)| name.as_str() == "violations")
        .or(first)
        .ok_or_else(|| {
            ConfigError::whole("there is no scenario that every stage must block")
                .hint("one is replayed with something broken: see [scenario.violations] in docs/configuration.md")
        })
}

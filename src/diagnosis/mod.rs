//! From a failure to its cause.
//!
//! The causes are a table of data ([`causes`]). Each failure is held against
//! it: by its structure first, then by the log of the step that failed.
//! Passed steps and the logs of other steps are never looked at. Failures of
//! one cause are put together by a fingerprint of what they say.

mod cause;
mod classify;
mod cluster;
mod commands;
mod decisive;
mod exits;
mod fingerprint;
mod log;
#[cfg(test)]
mod real_logs;
mod runbook;
mod symptom;
mod table;

use std::path::Path;
use std::rc::Rc;

pub use cause::Cause;
pub use exits::{exit_code, exit_page};
pub use runbook::{list, page, runbook};
pub use table::{cause, causes};

use crate::model::BuiltinStep;
use crate::model::text::{plain, plain_lines};
use crate::model::{
    CellEvidence, CellName, Cluster, DecisiveLine, Failure, FailureClass, FailureDigest,
    LaneEvidence, Plan, RunId, ScenarioName, StageName,
};
use crate::sys::fs;
use classify::{Classification, classify};
use cluster::{Diagnosed, clusters};
use log::Log;
use symptom::Symptom;

/// Returns the line of a log that says most of why its command failed; None of an empty one.
#[must_use]
pub fn decisive_line(bytes: &[u8]) -> Option<String> {
    let log = Log::from_bytes(bytes);
    let place = decisive::place(&log)?;
    let mut lines = log.from(place);
    lines.next().map(|(_, line)| line.trim().to_owned())
}

/// The words of a package manager that did not run an install script.
#[derive(Debug)]
pub struct HeldBack {
    /// Its words: the line that says so, and the one that names the package.
    pub said: String,
    /// The change that allows the script.
    pub remedy: Option<&'static str>,
}

/// Returns the words of an installation that held back the script of a package, from its log.
#[must_use]
pub fn held_back(log: &[u8], package: &str) -> Option<HeldBack> {
    let log = Log::from_bytes(log);
    let (head, found) = classify::held_back(&log, Some(package))?;
    let mut places = vec![head];
    places.extend(found.place.filter(|place| *place != head));
    let words = |place: usize| {
        let shown = log.shown(place);
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    Some(HeldBack {
        said: places.into_iter().map(words).collect::<Vec<_>>().join(" "),
        remedy: found.remedy,
    })
}

/// Returns the id nearest to a word.
#[must_use]
pub fn nearest(word: &str) -> Option<&'static str> {
    crate::config::nearest(word, causes().map(|cause| cause.id))
}

/// A run whose failures are diagnosed.
pub struct Subject<'a> {
    /// Its id.
    pub run_id: &'a RunId,
    /// The artifacts folder, absolute.
    pub artifacts: &'a Path,
    /// Its folder.
    pub folder: &'a Path,
    /// The consumer.
    pub repo: &'a Path,
    /// The plan; None if the run ended before it.
    pub plan: Option<&'a Plan>,
    /// The lanes whose failures count, in declared order.
    pub lanes: &'a [LaneEvidence],
    /// All lanes, also those of a trial, whose failures do not count as such.
    pub all_lanes: &'a [LaneEvidence],
    /// The failure that decided.
    pub failure: Option<&'a Failure>,
    /// The cells that are outstanding in a rerun.
    pub outstanding: Vec<CellName>,
}

/// Diagnoses every failure of a run, in declared order, and clusters them.
#[must_use]
pub fn diagnose(subject: &Subject<'_>) -> (Vec<FailureDigest>, Vec<Cluster>) {
    let mut logs = Logs::new(subject.folder);
    let mut failures = Vec::new();
    for lane in subject.lanes.iter().filter(|lane| !lane.cancelled) {
        failures.extend(subject.of_lane(lane, &mut logs));
    }
    failures.extend(subject.of_run(&failures, &mut logs));
    let clusters = clusters(&failures);
    let digests = failures.into_iter().map(|failure| failure.digest);
    (digests.collect(), clusters)
}

impl Subject<'_> {
    fn of_lane(&self, lane: &LaneEvidence, logs: &mut Logs<'_>) -> Vec<Diagnosed> {
        let cells = lane.cells.iter();
        let mut failures: Vec<_> = cells
            .filter_map(|cell| Symptom::from_cell(lane, cell))
            .collect();
        if let Some(failure) = &lane.failure
            && !failures.iter().any(|symptom| *symptom.step == failure.step)
        {
            failures.push(Symptom::from_failure(failure, Some(lane), self.lanes));
        }
        let mut found: Vec<_> = failures
            .iter()
            .map(|symptom| self.digest(symptom, logs))
            .collect();
        // Stages that never ran are attributed to the lane's last failure.
        if let Some(last) = found.last_mut() {
            let ran = |stage: &StageName| lane.cells.iter().any(|cell| cell.stage == *stage);
            let name = |stage: &StageName| CellName::new(&lane.scenario, stage);
            let plan = self.plan.into_iter();
            let stages = || plan.clone().flat_map(|plan| plan.stages_of(&lane.scenario));
            let mut missing: Vec<_> = stages().filter(|stage| !ran(stage)).map(name).collect();
            if missing.is_empty() && last.digest.impacted_cells.is_empty() {
                missing = stages().map(name).collect();
            }
            last.digest.impacted_cells.extend(missing);
        }
        found
    }

    /// Diagnoses a failure outside the lanes: in the preflight, or an interruption.
    fn of_run(&self, found: &[Diagnosed], logs: &mut Logs<'_>) -> Option<Diagnosed> {
        let failure = self.failure?;
        let is_told = found.iter().any(|found| {
            let lane = found.digest.lane.as_ref().map(ScenarioName::as_str);
            failure.step == found.digest.step && failure.phase.as_deref() == lane
        });
        if is_told {
            return None;
        }
        let symptom = Symptom::from_failure(failure, None, self.lanes);
        let symptom = symptom.of_cell(self.cell_of(failure));
        let mut told = self.digest(&symptom, logs);
        if failure.step == BuiltinStep::Outstanding {
            told.digest.impacted_cells.clone_from(&self.outstanding);
        } else if let Some(stage) = failure.step.stage_name() {
            let lane = failure.phase.as_ref().and_then(|lane| lane.parse().ok());
            let cell = lane.map(|lane| CellName::new(&lane, &stage));
            told.digest.impacted_cells = cell.into_iter().collect();
        }
        Some(told)
    }

    /// Returns the cell whose own failure is that of the run.
    fn cell_of(&self, failure: &Failure) -> Option<&CellEvidence> {
        let is_phase =
            |lane: &&LaneEvidence| failure.phase.as_deref() == Some(lane.scenario.as_str());
        let mut cells = self.all_lanes.iter().find(is_phase)?.cells.iter();
        cells.find(|cell| {
            cell.run.step == failure.step && cell.problem.as_ref() == Some(&failure.message)
        })
    }

    fn digest(&self, symptom: &Symptom<'_>, logs: &mut Logs<'_>) -> Diagnosed {
        let log = symptom.log.map(|log| logs.of(log)).unwrap_or_default();
        let (classification, log, file) = self
            .by_installation(symptom, logs)
            .unwrap_or_else(|| (classify(symptom, &log), log, symptom.log));
        let decisive = classification.place.zip(file).map(|(place, file)| {
            let (before, after) = log.around(place);
            DecisiveLine {
                file: file.to_owned(),
                line: log.number(place),
                text: log.shown(place),
                about: decisive::subject(&log, place).map(|at| plain(&at)),
                before,
                after,
            }
        });
        let lane = symptom.lane.map(|lane| &lane.scenario);
        let name = lane.map(ScenarioName::as_str);
        let cell = lane.zip(symptom.stage.as_ref());
        let digest = FailureDigest {
            lane: lane.cloned(),
            stage: symptom.stage.clone(),
            step: symptom.step.clone(),
            failure_class: symptom.class,
            cause: classification.cause.id.to_owned(),
            message: plain_lines(symptom.message),
            impacted_cells: cell
                .map(|(lane, stage)| CellName::new(lane, stage))
                .into_iter()
                .collect(),
            remediation: classification.remedy().to_owned(),
            commands: self.commands(file, classification.cause, name),
            fingerprint: fingerprint_of(symptom, &classification, decisive.as_ref()),
            line: decisive,
            expected: symptom.expected(),
            expected_at: symptom.expected_at().map(str::to_owned),
        };
        let stages = || self.plan.into_iter().flat_map(Plan::selected_stages);
        let at = stages().position(|stage| Some(stage) == symptom.stage.as_ref());
        Diagnosed {
            digest,
            stages: at.map_or(0, |at| at + 1),
        }
    }

    /// Classifies a missing hook by the first log of an installation that says why, which
    /// is returned with it.
    fn by_installation<'b>(
        &'b self,
        symptom: &Symptom<'b>,
        logs: &mut Logs<'_>,
    ) -> Option<(Classification, Rc<Log>, Option<&'b str>)> {
        let lane = symptom.lane.filter(|_| symptom.lacks_installed_hook())?;
        // Another lane may have installed for this one.
        let is_leader = |other: &&LaneEvidence| Some(&other.scenario) == lane.set_up.by.as_ref();
        let leader = self.lanes.iter().find(is_leader);
        let steps = leader
            .into_iter()
            .chain([lane])
            .flat_map(|lane| &lane.steps);
        let installs = steps.filter(|step| !step.step.is_builtin() && !step.step.is_stage());
        let package = lane.package.as_ref().map(|package| package.name.as_str());
        let mut files = installs.filter_map(|step| step.log.as_ref());
        files.find_map(|file| {
            let log = logs.of(&file.path);
            let found = classify::by_installation(&log, package)?;
            Some((found, log, Some(file.path.as_str())))
        })
    }

    fn commands(&self, log: Option<&str>, cause: &Cause, lane: Option<&str>) -> Vec<String> {
        let artifacts = self.artifacts.to_string_lossy();
        let repo = self.repo.to_string_lossy();
        let values = [
            ("artifacts", Some(artifacts.as_ref())),
            ("repo", Some(repo.as_ref())),
            ("run_id", Some(self.run_id.as_str())),
            ("lane", lane),
            ("log", log),
            ("cause", Some(cause.id)),
        ];
        let templates = cause.commands.iter();
        templates
            .filter_map(|template| commands::filled(template, &values))
            .collect()
    }
}

/// Returns the fingerprint: equal for failures that belong together.
fn fingerprint_of(
    symptom: &Symptom<'_>,
    classification: &Classification,
    decisive: Option<&DecisiveLine>,
) -> String {
    use FailureClass::{NotEnforced, Vacuous, WrongReason};
    let lane = symptom.lane.map(|lane| lane.scenario.as_str());
    let normal = |text: &str| fingerprint::normal(text, lane);
    // Around the reason a gate may say what it looked at, which differs from stage to stage.
    let of_line = || decisive.map(|line| normal(&fingerprint::line(&line.text)));
    let said = symptom.reason_given().map(str::to_owned).or_else(of_line);
    let said = said.unwrap_or_default();
    let sentence =
        matches!(symptom.class, NotEnforced | Vacuous | WrongReason) || decisive.is_none();
    let (told, exit) = match classification.by_text {
        true => (String::new(), String::new()),
        false if sentence => (
            normal(&fingerprint::sentence(symptom.message)),
            exit_of(symptom),
        ),
        false => (String::new(), exit_of(symptom)),
    };
    fingerprint::digest(&[classification.cause.id, symptom.kind(), &said, &told, &exit])
}

fn exit_of(symptom: &Symptom<'_>) -> String {
    symptom
        .exit()
        .map(|code| code.to_string())
        .unwrap_or_default()
}

/// Reads logs of a run folder.
///
/// Only the last one is cached: a step that lanes share is read repeatedly, but
/// all logs of a large failed run do not fit into memory.
struct Logs<'a> {
    folder: &'a Path,
    last: Option<(String, Rc<Log>)>,
}

impl<'a> Logs<'a> {
    fn new(folder: &'a Path) -> Self {
        let last = None;
        Self { folder, last }
    }

    /// Returns a log; an unreadable one is empty.
    fn of(&mut self, path: &str) -> Rc<Log> {
        if let Some((last, log)) = &self.last
            && last == path
        {
            return Rc::clone(log);
        }
        // Drop the cached log before reading the next: each may be 10 MiB.
        self.last = None;
        let bytes = fs::read(self.folder.join(path)).unwrap_or_default();
        let log = Rc::new(Log::from_bytes(&bytes));
        self.last = Some((path.to_owned(), Rc::clone(&log)));
        log
    }
}

//! A recorded run, as the pins of a replay.
//!
//! A replay takes nothing from the consumer as it is now: the recorded commit
//! is checked out into the work folder, and configuration and overlays are
//! read from there. What cannot be pinned is reported before the first lane.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::artifact::reader::{ReadError, StoredRun};
use crate::config::{self, ConfigError};
use crate::lane::Earlier;
use crate::model::evidence::CellVerdict;
use crate::model::package::PackageResolved;
use crate::model::plan::Source;
use crate::model::{
    BoundPlan, CellName, Failure, FailureClass, GateName, Kind, LaneEvidence, Profile, RunId,
    ScenarioName, StageName, StepId,
};
use crate::report::again::Reproduction;
use crate::report::notice::{Changed, NotPinned};
use crate::sys::git::{Consumer, Unsupported};

/// The inputs and results of a recorded run.
#[derive(Debug)]
pub struct Recorded {
    /// The run.
    pub of: RunId,
    /// Its gate.
    pub gate: GateName,
    /// Its plan; None if the run ended before it had one, so that nothing
    /// can be pinned.
    pub plan: Option<BoundPlan>,
    /// The package that was installed.
    pub package: Option<PackageResolved>,
    /// The consumer that it ran in.
    pub repo: PathBuf,
    /// The verdicts of its cells.
    pub cells: BTreeMap<CellName, CellVerdict>,
    /// The step and class of the failure that decided.
    pub stopped: Option<(StepId, FailureClass)>,
    /// The lanes that failed, with step and class.
    pub failed: BTreeMap<ScenarioName, (StepId, FailureClass)>,
}

/// The reason why a run cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It ran altered lanes, which only its own verb can make.
    #[error("run {0} was made by `{1}`, which alone can repeat it")]
    OfAnotherVerb(RunId, &'static str),
}

impl Recorded {
    /// Reads the inputs and results of a run.
    ///
    /// # Errors
    /// If it cannot be read, or did not play the lanes of the contract.
    pub fn new(stored: &StoredRun) -> Result<Self, ReplayError> {
        let run = stored.run();
        let verb = match run.kind {
            Kind::Matrix | Kind::Replay => None,
            Kind::Sabotage => Some("matrix sabotage"),
            Kind::Mutation => Some("matrix mutate"),
            Kind::Vacuity => Some("matrix check --vacuity"),
        };
        if let Some(verb) = verb {
            return Err(ReplayError::OfAnotherVerb(run.run_id.clone(), verb));
        }
        let mut cells = BTreeMap::new();
        let mut failed = BTreeMap::new();
        for (name, lane) in &run.lanes {
            let verdicts = stored.cells(lane)?.into_iter();
            cells.extend(verdicts.map(|cell| (CellName::new(name, &cell.stage), cell.verdict)));
            let failure = lane.failure.iter();
            failed.extend(failure.map(|f| (name.clone(), (f.step.clone(), f.class))));
        }
        let plan = stored.has_plan().then(|| stored.plan()).transpose()?;
        Ok(Self {
            of: run.run_id.clone(),
            gate: run.gate.clone(),
            plan,
            package: run.package_resolved.clone(),
            repo: PathBuf::from(&run.asked.repo),
            cells,
            stopped: run.failure.as_ref().map(|f| (f.step.clone(), f.class)),
            failed,
        })
    }

    /// The commit of the run.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        Some(&self.plan.as_ref()?.source)
    }

    /// Checks the recorded commit out below `lanes_root`, and reads the
    /// configuration that it holds; `wanted` says which one was named.
    ///
    /// # Errors
    /// If the consumer does not have the commit, or the copy cannot be made.
    pub fn pinned(
        &self,
        source: &Source,
        consumer: &Consumer,
        wanted: &config::ConfigSource<'_>,
        lanes_root: &Path,
    ) -> Result<(Consumer, Result<Profile, ConfigError>), Unsupported> {
        let copy = consumer.copy_at(source, &lanes_root.join("source"))?;
        let moved = |path: &Path| self.moved(path, copy.root());
        let file = wanted.file.map(moved);
        let mut profile = config::load(&config::ConfigSource {
            repo_root: copy.root(),
            file: file.as_deref(),
            package: wanted.package,
            package_base: &moved(wanted.package_base),
            remote: wanted.remote.clone(),
        });
        if let Ok(profile) = &mut profile {
            use_package_beside(profile, copy.root(), consumer.root());
        }
        Ok((copy, profile))
    }

    /// The place of a path of the recorded consumer in the copy of it.
    fn moved(&self, path: &Path, to: &Path) -> PathBuf {
        let moved = path.strip_prefix(&self.repo).map(|below| to.join(below));
        moved
            .ok()
            .filter(|moved| moved.exists())
            .unwrap_or_else(|| path.to_owned())
    }

    /// Lists the inputs that are not as they were, from the plan of the new
    /// run and its profile.
    #[must_use]
    pub fn not_pinned(&self, now: &BoundPlan, profile: &Profile) -> Vec<NotPinned> {
        let Some(then) = &self.plan else {
            return vec![NotPinned::NoPlan(self.of.clone())];
        };
        let mut out = Vec::new();
        if now.profile_sha256 != then.profile_sha256 {
            out.push(NotPinned::Configuration);
        }
        for (lane, digest) in &now.overlays_sha256 {
            let before = then.overlays_sha256.get(lane);
            if before.is_some_and(|before| before != digest) {
                out.push(NotPinned::Overlay(lane.clone()));
            }
        }
        if self.package.is_none()
            && let Some(spec) = &now.package_spec
        {
            out.push(NotPinned::PackageAsTyped(spec.clone()));
        }
        if let Some(path) = profile.package.as_ref().and_then(|spec| spec.local_path()) {
            out.push(NotPinned::PackageOnDisk(path.into()));
        }
        if !profile.pass_env.is_empty() {
            out.push(NotPinned::Variables(profile.pass_env.clone()));
        }
        let (before, after) = (&then.isolation.sandbox.held, &now.isolation.sandbox.held);
        if before != after {
            out.push(NotPinned::Sandbox {
                then: before.clone(),
                now: after.clone(),
            });
        }
        out.extend(changed_tools(then, now));
        out
    }

    /// The green cells: one that fails now on the same inputs is flaky.
    #[must_use]
    pub fn earlier(&self) -> Earlier {
        let green = self.cells.iter().filter(|(_, verdict)| verdict.is_pass());
        Earlier {
            run_id: self.of.clone(),
            green: green.map(|(cell, _)| cell.clone()).collect(),
        }
    }

    /// The value of `{package_spec}`: the version that was resolved.
    #[must_use]
    pub fn package_of(&self, profile: &Profile) -> Option<String> {
        let spec = profile.package.as_ref()?;
        spec.pinned(profile.registry, self.package.as_ref()?)
    }

    /// Compares the recorded failures with those of the lanes that ran now.
    #[must_use]
    pub fn reproduction(&self, lanes: &[LaneEvidence], failure: Option<&Failure>) -> Reproduction {
        let of = self.of.clone();
        if let (None, Some((step, _))) = (&self.plan, &self.stopped) {
            return Reproduction::BeforeLanes {
                of,
                step: step.clone(),
                reproduced: failure.is_some_and(|failure| failure.step == *step),
            };
        }
        let ran = lanes.iter().filter(|lane| !lane.cancelled);
        let failures: Vec<_> = ran.flat_map(|lane| self.failures_of(lane)).collect();
        let total = failures.len();
        let others = failures.into_iter().filter(|(_, reproduced)| !reproduced);
        Reproduction::OfLanes {
            of,
            total,
            not_reproduced: others.map(|(name, _)| name).collect(),
        }
    }

    /// The failures of a recorded lane by name, and whether each happens now.
    fn failures_of(&self, lane: &LaneEvidence) -> Vec<(String, bool)> {
        let name = &lane.scenario;
        let verdict_now = |stage: &StageName| {
            let cell = lane.cells.iter().find(|cell| cell.stage == *stage);
            cell.map(|cell| cell.verdict)
        };
        let cells = self
            .cells
            .iter()
            .filter(|(cell, then)| cell.lane == *name && !then.is_pass())
            .map(|(cell, then)| {
                let reproduced = verdict_now(&cell.stage) == Some(*then);
                (cell.to_string(), reproduced)
            });
        let set_up = self
            .failed
            .get(name)
            .filter(|(step, _)| !step.is_stage())
            .map(|(step, class)| {
                let now = lane.failure.as_ref();
                let reproduced = now.is_some_and(|f| f.step == *step && f.class == *class);
                (format!("{name} ({step})"), reproduced)
            });
        cells.chain(set_up).collect()
    }
}

/// Finds a package of the configuration that the commit does not hold beside
/// the consumer, where it was.
fn use_package_beside(profile: &mut Profile, copy: &Path, consumer: &Path) {
    let local = profile.package.as_ref().and_then(|spec| spec.local_path());
    let is_in_commit = local.is_none_or(|path| profile.package_base.join(path).exists());
    let below = profile.package_base.strip_prefix(copy).map(Path::to_owned);
    if let (false, Ok(below)) = (is_in_commit, below) {
        profile.package_base = consumer.join(below);
    }
}

/// The tools whose version, or whose place if they report none, has changed.
fn changed_tools(then: &BoundPlan, now: &BoundPlan) -> Vec<NotPinned> {
    let mut out = Vec::new();
    for (name, tool) in &now.tools {
        let Some(before) = then.tools.get(name) else {
            continue;
        };
        let change = if before.version != tool.version {
            Changed::Version(before.version.clone(), tool.version.clone())
        } else if tool.version.is_none() && before.path != tool.path {
            Changed::Path(before.path.clone(), tool.path.clone())
        } else {
            continue;
        };
        out.push(NotPinned::Tool(name.clone(), change));
    }
    out
}

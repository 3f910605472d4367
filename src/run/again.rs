//! Lanes of an earlier run once more, pinned to what that run resolved.
//!
//! Nothing is taken from the consumer as it lies there now: its commit is
//! checked out into the work folder, and configuration and overlays are read
//! from that. What cannot be pinned is said, before the first lane.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::bind::Bound;
use super::held::Held;
use super::verdict::Verdict;
use super::{Face, Request};
use crate::artifact::reader::{ReadError, StoredRun};
use crate::config::{self, ConfigError};
use crate::lane::Earlier;
use crate::model::evidence::{CellVerdict, PackageResolved};
use crate::model::plan::Source;
use crate::model::text::{plain, shown};
use crate::model::{
    BoundPlan, CellName, Failure, FailureClass, GateName, Kind, LaneEvidence, Profile, RunId,
    ScenarioName, StageName, StepId,
};
use crate::sys::git::{Consumer, Unsupported};

/// What an earlier run resolved.
#[derive(Debug)]
pub struct Again {
    /// The run.
    pub of: RunId,
    /// Its gate.
    pub gate: GateName,
    /// Its plan; none of a run that ended before it had one, of which
    /// nothing can be pinned.
    pub plan: Option<BoundPlan>,
    /// What was installed.
    pub package: Option<PackageResolved>,
    /// The consumer that it ran in.
    pub repo: PathBuf,
    /// What came of its cells.
    pub cells: BTreeMap<CellName, CellVerdict>,
    /// What decided that it failed: the step, and how.
    pub stopped: Option<(StepId, FailureClass)>,
    /// The lanes that failed: the step, and how.
    pub failed: BTreeMap<ScenarioName, (StepId, FailureClass)>,
    /// The lane that is left to the user, and the step before which.
    pub shell: Option<(ScenarioName, StepId)>,
}

/// Why a run cannot be run again.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It played altered lanes, of which only its own verb knows.
    #[error("run {0} was made by `{1}`: only that can make it again")]
    OfAnotherVerb(RunId, &'static str),
}

impl Again {
    /// What a run left.
    ///
    /// # Errors
    /// If it cannot be read, or did not play the lanes of the contract.
    pub fn of(stored: &StoredRun) -> Result<Self, AgainError> {
        let run = stored.run();
        let verb = match run.kind {
            Kind::Matrix | Kind::Replay => None,
            Kind::Sabotage => Some("matrix sabotage"),
            Kind::Mutation => Some("matrix mutate"),
            Kind::Vacuity => Some("matrix check --vacuity"),
        };
        if let Some(verb) = verb {
            return Err(AgainError::OfAnotherVerb(run.run_id.clone(), verb));
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
            shell: None,
        })
    }

    /// The commit that the run stood at.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        Some(&self.plan.as_ref()?.source)
    }

    /// The consumer as the run saw it, in the folder of all lanes, and the
    /// configuration that stands there.
    pub(super) fn pinned(
        &self,
        source: &Source,
        consumer: &Consumer,
        request: &Request,
        lanes_root: &Path,
    ) -> Result<(Consumer, Result<Profile, ConfigError>), Unsupported> {
        let copy = consumer.copy_at(source, &lanes_root.join("source"))?;
        let moved = |path: &Path| self.moved(path, copy.root());
        let file = request.config.as_deref().map(moved);
        let mut profile = config::load(&config::Request {
            repo_root: copy.root(),
            file: file.as_deref(),
            package: request.package.as_ref(),
            package_base: &moved(&request.package_base),
        });
        if let Ok(profile) = &mut profile {
            lead_back(profile, copy.root(), consumer.root());
        }
        Ok((copy, profile))
    }

    /// Where a path of the recorded consumer is in the copy of it.
    pub(super) fn moved(&self, path: &Path, to: &Path) -> PathBuf {
        let below = path.strip_prefix(&self.repo).ok();
        below
            .map(|below| to.join(below))
            .filter(|moved| moved.exists())
            .unwrap_or_else(|| path.to_owned())
    }

    /// What is not as it was, a sentence each.
    pub(super) fn not_pinned(&self, bound: &Bound) -> Vec<String> {
        let Some(then) = &self.plan else {
            let of = &self.of;
            return vec![format!(
                "nothing: run {of} ended before it had a plan; the consumer is taken as it is"
            )];
        };
        let now = &bound.record;
        let mut out = Vec::new();
        if now.profile_sha256 != then.profile_sha256 {
            out.push("the configuration: its text is another one now".to_owned());
        }
        for (lane, digest) in &now.overlays_sha256 {
            if then
                .overlays_sha256
                .get(lane)
                .is_some_and(|then| then != digest)
            {
                out.push(format!("the overlay of {lane}: its files are others now"));
            }
        }
        if self.package.is_none() && now.package_spec.is_some() {
            let spec = plain(now.package_spec.as_deref().unwrap_or_default());
            out.push(format!(
                "the package: the run resolved none, {spec} is taken as typed"
            ));
        }
        let package = bound.context.profile.package.as_ref();
        if let Some(path) = package.and_then(|spec| spec.local_path()) {
            out.push(format!(
                "the package: {} is taken as it lies there now",
                shown(path)
            ));
        }
        let inherited = &bound.context.profile.pass_env;
        if !inherited.is_empty() {
            let names = inherited.iter().map(|name| plain(name));
            let names = names.collect::<Vec<_>>().join(", ");
            out.push(format!("the values of {names}: they are those of now"));
        }
        if now.isolation.sandbox.held != then.isolation.sandbox.held {
            let held = |held: &[String]| match held {
                [] => "nothing".to_owned(),
                held => held.join(", "),
            };
            out.push(format!(
                "the sandbox: it kept away {} then, {} now",
                held(&then.isolation.sandbox.held),
                held(&now.isolation.sandbox.held)
            ));
        }
        out.extend(other_tools(then, now));
        out
    }

    /// What lanes must know of it to tell a flaky cell.
    pub(super) fn earlier(&self) -> Earlier {
        let green = self.cells.iter().filter(|(_, verdict)| verdict.is_pass());
        Earlier {
            run_id: self.of.clone(),
            green: green.map(|(cell, _)| cell.clone()).collect(),
        }
    }

    /// What `{package_spec}` stands for: the version that was resolved.
    pub(super) fn package_of(&self, profile: &Profile) -> Option<String> {
        let spec = profile.package.as_ref()?;
        spec.pinned(profile.registry, self.package.as_ref()?)
    }

    /// How what failed then compares with what fails now, in the lanes that
    /// were played.
    fn outcome(&self, lanes: &[LaneEvidence], failure: Option<&Failure>) -> String {
        let played: Vec<_> = lanes.iter().filter(|lane| !lane.cancelled).collect();
        let failures = played.iter().flat_map(|lane| self.failures_of(lane));
        let failures: Vec<(String, bool)> = failures.collect();
        let again = failures.iter().filter(|(_, again)| *again).count();
        let (all, of) = (failures.len(), &self.of);
        if let (None, Some((step, _))) = (&self.plan, &self.stopped) {
            let same = failure.is_some_and(|failure| failure.step == *step);
            let word = if same {
                "came again"
            } else {
                "did not come again"
            };
            return format!("replay of run {of}: its failure ({step}) {word}\n");
        }
        if all == 0 {
            return format!("replay of run {of}: no lane was played that failed there\n");
        }
        let mut out = format!("replay of run {of}: {again} of {all} failures came again\n");
        for (what, _) in failures.iter().filter(|(_, again)| !again) {
            let _ = writeln!(out, "  not again: {what}");
        }
        out
    }

    /// What failed in a lane then, and whether it does so now.
    fn failures_of(&self, lane: &LaneEvidence) -> Vec<(String, bool)> {
        let name = &lane.scenario;
        let now = |stage: &StageName| {
            let mut cells = lane.cells.iter();
            cells
                .find(|cell| cell.stage == *stage)
                .map(|cell| cell.verdict)
        };
        let of_lane = self.cells.iter().filter(|(cell, _)| cell.lane == *name);
        let red = of_lane.filter(|(_, verdict)| !verdict.is_pass());
        let cells = red.map(|(cell, then)| (cell.to_string(), now(&cell.stage) == Some(*then)));
        let in_set_up = self.failed.get(name).filter(|(step, _)| !step.is_stage());
        let in_set_up = in_set_up.map(|(step, class)| {
            let same = |failure: &Failure| failure.step == *step && failure.class == *class;
            (
                format!("{name} ({step})"),
                lane.failure.as_ref().is_some_and(same),
            )
        });
        cells.chain(in_set_up).collect()
    }

    /// What the registry gave that is not what it gave then.
    pub(super) fn other_package(&self, lane: &LaneEvidence) -> Option<String> {
        let (then, now) = (self.package.as_ref()?, lane.package.as_ref()?);
        let told = |package: &PackageResolved| {
            let integrity = package.integrity.as_deref().unwrap_or("no integrity");
            format!("{} ({})", plain(&package.version), plain(integrity))
        };
        (then != now).then(|| {
            format!(
                "it installed {}, run {} had {}",
                told(now),
                self.of,
                told(then)
            )
        })
    }
}

/// A package of the configuration that is not in the commit lies beside the
/// consumer.
fn lead_back(profile: &mut Profile, copy: &Path, consumer: &Path) {
    let local = profile.package.as_ref().and_then(|spec| spec.local_path());
    let is_in_commit = local.is_none_or(|path| profile.package_base.join(path).exists());
    let below = profile.package_base.strip_prefix(copy).map(Path::to_owned);
    if let (false, Ok(below)) = (is_in_commit, below) {
        profile.package_base = consumer.join(below);
    }
}

/// Tools whose version is not what it was.
fn other_tools(then: &BoundPlan, now: &BoundPlan) -> Vec<String> {
    let mut out = Vec::new();
    for (name, tool) in &now.tools {
        let Some(before) = then.tools.get(name) else {
            continue;
        };
        let version = |version: &Option<String>| {
            version
                .as_deref()
                .map_or_else(|| "unknown".to_owned(), plain)
        };
        if before.version != tool.version {
            let (was, is) = (version(&before.version), version(&tool.version));
            out.push(format!(
                "{}: its version was {was}, now it is {is}",
                plain(name)
            ));
        } else if tool.version.is_none() && before.path != tool.path {
            let (was, is) = (shown(&before.path), shown(&tool.path));
            out.push(format!("{}: it was {was}, now it is {is}", plain(name)));
        }
    }
    out
}

impl Held<'_> {
    /// Says what of a run that is made again is not as it was.
    pub(super) fn tell_not_pinned(&self, bound: &Bound, face: &mut dyn Face) {
        let again = self.request.again.as_deref();
        for what in again
            .map(|again| again.not_pinned(bound))
            .unwrap_or_default()
        {
            face.say(&format!("warning: not pinned: {what}\n"));
        }
    }

    /// Says which failures of the earlier run came again.
    pub(super) fn tell_again(&self, verdict: &Verdict, face: &mut dyn Face) {
        let again = self.request.again.as_deref();
        let has_tried = |again: &&Again| !verdict.lanes.is_empty() || again.plan.is_none();
        let again = again.filter(|again| again.shell.is_none());
        if let Some(again) = again.filter(has_tried) {
            face.say(&again.outcome(&verdict.lanes, verdict.failure.as_ref()));
        }
    }
}

//! One run, from what was asked to its exit code, in the order that the
//! contract gives: until the lock is held nothing is touched; from then on
//! something always says FAIL until there is a verdict.

mod again;
mod bind;
mod by_hand;
mod causes;
mod commands;
mod compared;
mod flakes;
mod held;
mod isolation;
mod order;
mod outstanding;
mod refusal;
mod rerun;
mod taken;
mod trial;
mod verdict;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::artifact::folder::{ArtifactsFolder, OpenError, Place, WriteError};
use crate::artifact::last_failure::LastFailure;
use crate::artifact::run_folder::RunWriter;
use crate::config::{self, ConfigError};
use crate::model::event::Event;
use crate::model::plan::SandboxMode;
use crate::model::profile::Retention;
use crate::model::text::{plain, shown};
use crate::model::{Asked, ExitCode, GateName, Kind, PackageSpec, Plan, Profile, RunId};
use crate::planner::Selection;
use crate::reuse::Reuse;
use crate::sys::clock::Clock;
use crate::sys::env::Snapshot;
use crate::sys::git::{Consumer, Terms, Unsupported};
use crate::sys::process::Control;
use crate::triage::Baseline;
pub use again::{Again, AgainError};
pub use bind::planned_lanes;
pub use by_hand::script_path;
use held::Held;
use refusal::Refusal;
use rerun::{NoRerun, Parent};
pub use trial::{About, Findings, Trial, blocking_scenario, not_tried};

/// What a run was asked to do: flags, environment and defaults, merged.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the contract"
)]
pub struct Request {
    /// Where to look for the consumer.
    pub repo: PathBuf,
    /// A configuration file named by the user, absolute.
    pub config: Option<PathBuf>,
    /// The artifacts folder, where the user named one; absolute.
    pub artifacts: Option<PathBuf>,
    /// The folder for lanes and caches, absolute, in no work tree.
    pub work_dir: PathBuf,
    /// The package spec of the user.
    pub package: Option<PackageSpec>,
    /// What a relative package spec of the user is relative to.
    pub package_base: PathBuf,
    /// Which cells are to be played.
    pub selection: Selection,
    /// The run whose outstanding cells are to be played: `latest`, an id, a
    /// file; relative to [`Request::package_base`].
    pub rerun_from: Option<String>,
    /// How often every lane is played, from 1: what differs is flaky.
    pub repeat: usize,
    /// How often a lane is played again that only the machine failed.
    pub retries: usize,
    /// How many steps run side by side.
    pub jobs: usize,
    /// Whether a failed lane cancels those declared after it.
    pub fail_fast: bool,
    /// Whether a vacuous cell is red.
    pub strict: bool,
    /// The time limit of a step that names none.
    pub timeout: Option<Duration>,
    /// Whether lanes stay on the disk.
    pub keep: bool,
    /// Whether every lane clones and installs for itself.
    pub fresh: bool,
    /// Whether lanes are kept from the rest of the machine.
    pub sandbox: SandboxMode,
    /// Whether this process may make namespaces; else why not.
    pub namespaces: Result<(), String>,
    /// Whether lanes that nothing has changed for are taken over.
    pub reuse: Reuse,
    /// Whether to wait for another run to end.
    pub wait: bool,
    /// The run's id, where the user chose one.
    pub run_id: Option<RunId>,
    /// How much of the past is kept, where the user said: runs, MiB, days.
    pub retention: [Option<u64>; 3],
    /// Whether filters of the user's and the consumer's git may be run.
    pub trust_filters: bool,
    /// The environment.
    pub env: Snapshot,
    /// The clock of what is written.
    pub clock: Clock,
    /// What of an earlier run is run again, pinned to what that resolved.
    pub again: Option<Arc<Again>>,
    /// The earlier run that this one is held against once it has ended.
    pub baseline: Option<Arc<Baseline>>,
}

impl Request {
    /// What is recorded of it; `root` is the consumer's, where there is one.
    fn asked(&self, root: Option<&Path>) -> Asked {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let millis = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        Asked {
            repo: text(root.unwrap_or(&self.repo)),
            config: self.config.as_deref().map(text),
            package: self.package.as_ref().map(|spec| spec.as_str().to_owned()),
            package_base: text(&self.package_base),
            scenarios: self.selection.scenarios.clone(),
            stages: self.selection.stages.clone(),
            timeout_ms: self.timeout.map(millis),
            repeat: self.repeat,
            retries: self.retries,
            strict: self.strict,
            fail_fast: self.fail_fast,
            fresh: self.fresh,
            sandbox: self.sandbox,
            trust_filters: self.trust_filters,
        }
    }

    /// Whether a lane ends in the user's shell.
    fn leaves_a_lane(&self) -> bool {
        let again = self.again.as_ref();
        again.is_some_and(|again| again.shell.is_some())
    }

    fn kind(&self, trial: Option<&dyn Trial>) -> Kind {
        match (&self.again, trial) {
            (Some(_), _) => Kind::Replay,
            (None, Some(trial)) => trial.kind(),
            (None, None) => Kind::Matrix,
        }
    }
}

/// Where a run shows itself.
pub trait Face {
    /// What will run is known; events follow.
    fn planned(&mut self, plan: &Plan, fail_fast: bool);
    /// Something happened.
    fn event(&mut self, event: &Event);
    /// A message for a person: lines, each ended.
    fn say(&mut self, text: &str);
    /// What a trial found: lines, each ended.
    fn found(&mut self, text: &str);
    /// Every lane has ended; the package that passed, after a whole pass.
    fn closed(&mut self, passed: Option<&str>);
}

/// Runs the matrix and tells the code to exit with.
pub fn run(request: &Request, control: &Control, face: &mut dyn Face) -> ExitCode {
    start(request, None, control, face)
}

/// Tries something with altered lanes, and tells the code to exit with.
pub fn try_out(
    request: &Request,
    trial: &dyn Trial,
    control: &Control,
    face: &mut dyn Face,
) -> ExitCode {
    start(request, Some(trial), control, face)
}

fn start(
    request: &Request,
    trial: Option<&dyn Trial>,
    control: &Control,
    face: &mut dyn Face,
) -> ExitCode {
    let kind = request.kind(trial);
    let mut read = Read::of(request);
    let gate_known = read.profile.as_ref().ok();
    if let Some(text) = gate_known.and_then(|profile| compared::refused(request, profile)) {
        face.say(&text);
        return ExitCode::Usage;
    }
    let Some(place) = place(request, read.root.as_deref()) else {
        if let Err(unsupported) = &read.consumer {
            face.say(&Refusal::unsupported(unsupported).text);
        }
        return ExitCode::Unusable;
    };
    let mut again = read.again(request);
    if let (Err(e), false) = (&again, request.wait) {
        return not_again(e, face);
    }
    let lock = |wait| ArtifactsFolder::lock(&place, (read.prefix.clone(), kind), wait, control);
    let mut folder = lock(false);
    if let (Err(OpenError::Busy(path)), true) = (&folder, request.wait) {
        face.say(&format!("waiting: another run holds {}\n", shown(path)));
        folder = lock(true);
        // The consumer may have moved on meanwhile, and the run to run again
        // may have ended only now.
        read = Read::of(request);
        again = read.again(request);
    }
    let (own, parent) = match again {
        Ok(again) => again,
        Err(e) => return not_again(&e, face),
    };
    let request = &own;
    let folder = match folder {
        Ok(folder) => folder.of_gate(read.prefix.clone()),
        Err(e) => return not_ours(&e, control, face),
    };
    let new_id = || request.clock.new_run_id(&read.prefix, kind);
    let run_id = request.run_id.clone().unwrap_or_else(new_id);
    let marker = LastFailure::marker(&run_id, read.package_spec(request), request.clock.now_utc());
    // A lane that is left to the user judges nothing: verdicts stay.
    let begun = if request.leaves_a_lane() {
        Ok(())
    } else {
        folder.begin(&marker)
    };
    let begun = begun.and_then(|()| RunWriter::create(&folder, &run_id));
    let writer = match begun {
        Ok(writer) => writer,
        Err(e) => return cannot_write(&e, face),
    };
    let held = Held {
        request,
        trial,
        control,
        folder,
        retention: read.retention(request),
        asked: request.asked(read.root.as_deref()),
        kind,
        gate: read.prefix,
        run_id,
        marker,
        parent,
    };
    held.play(read.consumer, read.profile, writer, face)
}

/// Consumer and configuration, read and not judged yet.
struct Read {
    consumer: Result<Consumer, Unsupported>,
    root: Option<PathBuf>,
    profile: Result<Profile, ConfigError>,
    /// The gate's name, as well as it can be told.
    prefix: GateName,
}

impl Read {
    fn of(request: &Request) -> Self {
        let terms = Terms {
            env: request.env.clone(),
            trust_filters: request.trust_filters,
        };
        let consumer = Consumer::open(&request.repo, &terms);
        let root = match &consumer {
            Ok(consumer) => Some(consumer.root().to_owned()),
            Err(unsupported) => unsupported.root.clone(),
        };
        let asked = config::Request {
            repo_root: root.as_deref().unwrap_or(&request.repo),
            file: request.config.as_deref(),
            package: request.package.as_ref(),
            package_base: &request.package_base,
        };
        let profile = config::load(&asked);
        let prefix = match (&request.again, &profile) {
            (Some(again), _) => again.gate.clone(),
            (None, Ok(profile)) => profile.gate.clone(),
            (None, Err(_)) => config::guess_gate(&asked),
        };
        Self {
            consumer,
            root,
            profile,
            prefix,
        }
    }

    /// The run that is to be run again, if any, and the request that this
    /// makes: where nobody names a package it is the parent's.
    fn again(&mut self, request: &Request) -> Result<(Request, Option<Parent>), NoRerun> {
        let mut request = request.clone();
        let parent = Parent::open(&request, self)?;
        if let Some(parent) = &parent {
            let named = self.profile.as_ref().is_ok_and(|p| p.package.is_some());
            if request.package.is_none() && !named && parent.package().is_some() {
                request.package = parent.package();
                *self = Self::of(&request);
            }
            parent.check(&request, self)?;
        }
        Ok((request, parent))
    }

    /// How much of the past is kept, flags before the configuration. Where
    /// that cannot be read and no flag says anything, nobody can tell.
    fn retention(&self, request: &Request) -> Option<Retention> {
        let [runs, mib, days] = request.retention;
        let asked = runs.or(mib).or(days).map(|_| Retention::default());
        let base = self
            .profile
            .as_ref()
            .ok()
            .map(|profile| profile.retention)
            .or(asked)?;
        Some(Retention {
            runs: runs
                .and_then(|runs| usize::try_from(runs).ok())
                .unwrap_or(base.runs),
            mib: mib.unwrap_or(base.mib),
            days: days.unwrap_or(base.days),
        })
    }

    /// The package as typed, by the user or in the configuration.
    fn package_spec(&self, request: &Request) -> Option<String> {
        let package = match &self.profile {
            Ok(profile) => profile.package.as_ref(),
            Err(_) => request.package.as_ref(),
        };
        package.map(|spec| spec.as_str().to_owned())
    }
}

fn place(request: &Request, root: Option<&Path>) -> Option<Place> {
    match &request.artifacts {
        Some(path) => Some(Place {
            path: path.clone(),
            inside: None,
        }),
        None => root.map(|root| Place {
            path: root.join("artifacts"),
            inside: Some(root.to_owned()),
        }),
    }
}

fn not_ours(error: &OpenError, control: &Control, face: &mut dyn Face) -> ExitCode {
    match error {
        OpenError::Busy(path) => {
            face.say(&format!(
                "ERROR: another run holds {}\n  next: wait for it (--wait), or use another --artifacts folder\n",
                shown(path)
            ));
            ExitCode::Busy
        }
        OpenError::Unsafe(e) => cannot_write(e, face),
        OpenError::Stopped(path) => {
            face.say(&format!(
                "ERROR: stopped while waiting for {}\n",
                shown(path)
            ));
            control.signal().unwrap_or(ExitCode::Terminate)
        }
    }
}

fn not_again(error: &NoRerun, face: &mut dyn Face) -> ExitCode {
    let (text, code) = error.told();
    face.say(&text);
    code
}

fn cannot_write(error: &WriteError, face: &mut dyn Face) -> ExitCode {
    let next = if error.is_full() {
        "make room on the disk of the artifacts folder, or use another one: --artifacts DIR"
    } else {
        "see that the artifacts folder can be written, or use another one: --artifacts DIR"
    };
    face.say(&format!(
        "ERROR: an artifact could not be written safely: {}\n  next: {next}\n",
        plain(&error.to_string())
    ));
    ExitCode::Artifact
}

//! From a request to something that can run.
//!
//! [`load`] reads the consumer and its configuration; [`prepare`] checks, in
//! the order of the contract, everything that must hold before the first
//! lane, and binds the plan to this machine and this moment.
//!
//! Invariants: nothing of the consumer is executed here, and nothing but
//! a signal refuses a run once `plan.json` is written.

mod bind;
mod contract;
mod fresh_clone;
mod isolation;
mod load;
mod mode;
mod overlays;
mod package;
mod planned;
mod request;
mod setting;
mod trial;

pub use bind::Prepared;
pub use fresh_clone::{FreshClonePlan, NoFreshClone};
pub use isolation::{isolation, sandbox};
pub use load::{Loaded, load};
pub use mode::Mode;
pub use planned::planned_lanes;
pub use request::{ConsumerRequest, Execution, Output, PackageRequest, Request, RetentionRequest};
pub use setting::Setting;
pub use trial::{About, Findings, Trial, blocking_scenario, not_tried};

use std::path::{Path, PathBuf};

use self::bind::{Found, bind};
use self::isolation::{Isolated, Needs};
use crate::artifact::run_folder::RunWriter;
use crate::artifact::write_error::WriteError;
use crate::config::{self, ConfigError};
use crate::model::text::shown;
use crate::model::{Plan, Profile};
use crate::planner;
use crate::preflight::{self, Refusal};
use crate::runner::cancel;
use crate::sys::fs;
use crate::sys::git::{Consumer, Dirt};

/// The reason why a run ends before its first lane.
pub enum Halt {
    /// Something does not hold.
    Refused(Box<Refusal>),
    /// The plan could not be written.
    Unwritten(WriteError),
}

impl<T: Into<Refusal>> From<T> for Halt {
    fn from(reason: T) -> Self {
        Self::Refused(Box::new(reason.into()))
    }
}

/// The folder of the lanes for an artifacts folder: always the same, so that
/// paths repeat and the next run finds what a killed one left.
#[must_use]
pub fn lanes_root(request: &Request, artifacts: &Path) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    let key = fs::sha256(artifacts.as_os_str().as_bytes());
    request.execution.work_dir.join(&key[..LANES_ROOT])
}

/// The length of the name of a folder of lanes.
const LANES_ROOT: usize = 12;

/// True if a folder of this name below the work folder is the folder of a run's lanes.
#[must_use]
pub fn is_lanes_root(name: &str) -> bool {
    name.len() == LANES_ROOT && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Checks everything that must hold before the first lane, in the order of
/// the contract, and writes `plan.json`.
///
/// # Errors
/// The first thing that does not hold.
pub fn prepare(
    setting: &Setting<'_>,
    loaded: Loaded,
    writer: &RunWriter,
) -> Result<Prepared, Halt> {
    let (request, mode) = (setting.request, setting.mode);
    let consumer = loaded.consumer?;
    if mode.trial().is_some_and(Trial::takes_changes_apart) {
        consumer.can_be_taken_apart()?;
    }
    // The lock is held: whatever is left here belongs to a run that died.
    let is_swept = !setting.lanes_root.exists();
    let (consumer, profile) = clean_or_pinned(setting, consumer, loaded.profile)?;
    let mut profile = profile?;
    let plan = select(setting, &consumer, &mut profile)?;
    config::check_overlays(&profile, &consumer)?;
    let tools = preflight::find_tools(&profile, &request.env)?;
    if !is_swept {
        let root = shown(setting.lanes_root);
        return Err(Refusal::WorkDir(format!("{root} holds what cannot be removed")).into());
    }
    let needs = Needs {
        root: setting.lanes_root,
        repo: consumer.root(),
        outside: consumer.outside_folders(),
        untracked: isolation::untracked(&consumer, &profile),
        tools: &tools,
        package: package::places(request, &profile, setting.lanes_root),
        requires_sandbox: profile.requires_sandbox,
    };
    let isolated = Isolated::found(request, setting.control, &needs)?;
    let found = Found {
        consumer: &consumer,
        tools,
        isolated,
    };
    let mut prepared =
        bind(setting, &found, (profile, plan), writer.path()).map_err(Refusal::WorkDir)?;
    prepared.plan_sha256 = Some(writer.plan(&prepared.record).map_err(Halt::Unwritten)?);
    match cancel::exit_code(setting.control) {
        Some(code) => Err(Refusal::Interrupted(code).into()),
        None => Ok(prepared),
    }
}

/// The part of the matrix that runs: the user's selection, what a shell or a
/// rerun leaves of it, and the altered lanes of a trial.
fn select(
    setting: &Setting<'_>,
    consumer: &Consumer,
    profile: &mut Profile,
) -> Result<Plan, Refusal> {
    let unselectable = |e: planner::SelectionError| Refusal::usage(e.to_string());
    let mut plan = planner::plan(profile, &setting.request.selection).map_err(unselectable)?;
    if let Some((_, before)) = setting.mode.shell() {
        plan.stop_before(before);
    }
    if let Some(parent) = setting.parent {
        parent.narrow(&mut plan);
    }
    if setting.mode.recorded().is_none() {
        config::to_fill_in::check_filled_in(profile, &plan, consumer.root())?;
    }
    if let Some(trial) = setting.mode.trial() {
        let lanes = trial.lanes(profile, consumer, &setting.request.selection)?;
        planner::add_altered(profile, &mut plan, lanes, trial.needs_contract())
            .map_err(unselectable)?;
    }
    Ok(plan)
}

/// The consumer, which must be clean; for a replay, a copy of the commit that
/// was recorded, with the configuration that it holds.
fn clean_or_pinned(
    setting: &Setting<'_>,
    consumer: Consumer,
    profile: Result<Profile, ConfigError>,
) -> Result<(Consumer, Result<Profile, ConfigError>), Refusal> {
    let recorded = setting.mode.recorded();
    if let Some((recorded, source)) = recorded.and_then(|run| Some((run, run.source()?))) {
        let request = setting.request;
        let wanted = config::ConfigSource {
            repo_root: consumer.root(),
            file: request.consumer.config.as_deref(),
            package: request.package.spec.as_ref(),
            package_base: &request.package.base,
            remote: Some(load::remote(request, setting.mode)),
        };
        let pinned = recorded.pinned(source, &consumer, &wanted, setting.lanes_root);
        return pinned.map_err(|e| {
            // git removes half a copy, so its own error counts too.
            if e.shortage.is_some() || fs::shortage_at(setting.lanes_root, 64 * 1024).is_some() {
                Refusal::WorkDir(e.reason)
            } else {
                e.into()
            }
        });
    }
    if setting.request.consumer.worktree {
        return work_tree(setting, consumer, profile);
    }
    let dirt = consumer.dirt(&setting.context.artifacts)?;
    if dirt.is_empty() {
        return Ok((consumer, profile));
    }
    let root = consumer.root().to_owned();
    let named = setting.request.consumer.config.as_deref();
    let is_configuration = is_configuration(named, &root, &dirt);
    Err(Refusal::Dirty {
        root,
        dirt,
        is_configuration,
        config: profile.err().map(|e| e.to_string()),
        takes_worktree: setting.mode.takes_worktree(),
    })
}

/// The consumer with its work tree as a commit, and the configuration that it holds.
fn work_tree(
    setting: &Setting<'_>,
    consumer: Consumer,
    profile: Result<Profile, ConfigError>,
) -> Result<(Consumer, Result<Profile, ConfigError>), Refusal> {
    let root = consumer.root().to_owned();
    // Of the consumer itself: a copy does not have what git ignores.
    let checked = profile.and_then(|profile| {
        config::check_overlays(&profile, &consumer)?;
        Ok(profile)
    });
    let to = setting.lanes_root.join("source");
    let copy = consumer.with_work_tree(&setting.context.artifacts, &to)?;
    let held = match checked {
        Ok(profile) if copy.root() != root => {
            let request = setting.request;
            let moved = |file: &Path| match file.strip_prefix(&root) {
                Ok(below) => copy.root().join(below),
                Err(_) => file.to_owned(),
            };
            let file = profile.file.as_deref().map(moved);
            let loaded = config::load(&config::ConfigSource {
                repo_root: copy.root(),
                file: file.as_deref(),
                package: request.package.spec.as_ref(),
                package_base: &request.package.base,
                remote: Some(load::remote(request, setting.mode)),
            });
            loaded.map(|loaded| Profile {
                package_base: profile.package_base,
                ..loaded
            })
        }
        as_it_is => as_it_is,
    };
    Ok((copy, held))
}

/// True if all that is dirty is the configuration itself, as after `matrix init`.
#[must_use]
pub fn is_configuration(named: Option<&Path>, root: &Path, dirt: &[Dirt]) -> bool {
    let file = config::find_file(&config::ConfigSource {
        repo_root: root,
        file: named,
        package: None,
        package_base: root,
        remote: None,
    });
    let Some(file) = file
        .as_deref()
        .and_then(|file| file.strip_prefix(root).ok())
    else {
        return false;
    };
    let beside = file.parent().unwrap_or(Path::new(""));
    let own = [
        file.to_owned(),
        beside.join("scenarios"),
        beside.join("known-failures.toml"),
        beside.join("accepted-openings.toml"),
    ];
    let is_own = |dirt: &Dirt| own.iter().any(|own| dirt.path.starts_with(own));
    dirt.iter().all(is_own)
}

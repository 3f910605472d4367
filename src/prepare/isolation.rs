//! Finds out how lanes can be isolated from each other and from the machine.
//!
//! Every promise is tried before the first lane, and recorded as it was found.

use std::path::{Path, PathBuf};

use super::request::Request;
use crate::model::plan::{Isolation, SandboxMode, SandboxRecord, Sharing};
use crate::model::text::plain;
use crate::model::{Placeholder, Profile};
use crate::preflight::{Refusal, Tools};
use crate::sys::git::Consumer;
use crate::sys::process::Control;
use crate::sys::sandbox::{self, Sandbox, SandboxSpec};
use crate::sys::verbosity::{self, Verbosity};
use crate::sys::{fs, managers, namespace};

/// The parts of the machine that lanes must see.
pub(super) struct Needs<'a> {
    /// The folder of all lanes.
    pub(super) root: &'a Path,
    pub(super) repo: &'a Path,
    /// The folders of the repository outside of its work tree.
    pub(super) outside: Vec<PathBuf>,
    /// Its untracked files, if a command of the profile names the consumer.
    pub(super) untracked: Option<Vec<PathBuf>>,
    pub(super) tools: &'a Tools,
    /// The folders of a package that comes from no registry.
    pub(super) package: Vec<PathBuf>,
    /// True if the configuration demands a sandbox.
    pub(super) requires_sandbox: bool,
}

/// The isolation that was found.
pub(super) struct Isolated {
    pub(super) record: Isolation,
    pub(super) sandbox: Option<Sandbox>,
    /// The parts of the machine that a sandbox shows, also if there is none.
    pub(super) shown: Sandbox,
}

impl Isolated {
    /// Tries what this machine allows.
    pub(super) fn found(
        request: &Request,
        control: &Control,
        needs: &Needs<'_>,
    ) -> Result<Self, Refusal> {
        let cache = request.execution.work_dir.join("cache");
        // A folder that is missing cannot be shown to a sandbox.
        let _ = fs::create_folder(&cache);
        let shown = untried(request, needs);
        let (record, sandbox) = tried(request, control, shown.clone());
        let record = demanded(record, needs.requires_sandbox)?;
        let namespaces = request.execution.namespaces.clone();
        let layers = namespaces.and_then(|()| namespace::probe(needs.root));
        let record = Isolation {
            lanes: match layers {
                _ if request.execution.fresh => Sharing::Fresh,
                Ok(()) => Sharing::Layers,
                Err(_) => Sharing::Copies,
            },
            lane_path: layers.is_ok().then(|| namespace::LANE.to_owned()),
            because: layers.err(),
            sandbox: record,
        };
        verbosity::note(Verbosity::Verbose, || {
            let lanes = match record.lanes {
                Sharing::Fresh => "each lane clones and installs",
                Sharing::Layers => "lanes share one clone and installation, as layers",
                Sharing::Copies => "lanes share one clone and installation, as copies",
            };
            let why = record.because.as_ref();
            let because = why.map(|why| format!(": {}", plain(why)));
            format!("{lanes}{}", because.unwrap_or_default())
        });
        Ok(Self {
            record,
            sandbox,
            shown,
        })
    }
}

/// The sandbox that lanes of this consumer would have, tried without a run.
///
/// # Errors
/// If the user or the configuration demands one that is not there.
pub fn sandbox(
    request: &Request,
    control: &Control,
    consumer: &Consumer,
    (profile, tools): (&Profile, &Tools),
) -> Result<SandboxRecord, Refusal> {
    let needs = Needs {
        root: &request.execution.work_dir,
        repo: consumer.root(),
        outside: consumer.outside_folders(),
        untracked: untracked(consumer, profile),
        tools,
        package: Vec::new(),
        requires_sandbox: profile.requires_sandbox,
    };
    let (record, _) = tried(request, control, untried(request, &needs));
    demanded(record, needs.requires_sandbox)
}

/// The isolation that lanes would have on this machine, tried without a consumer in a scratch
/// folder.
///
/// # Errors
/// If the user demands a sandbox that is not there.
pub fn isolation(
    request: &Request,
    control: &Control,
    tools: &Tools,
    scratch: &Path,
) -> Result<Isolation, Refusal> {
    let needs = Needs {
        root: scratch,
        repo: scratch,
        outside: Vec::new(),
        untracked: None,
        tools,
        package: Vec::new(),
        requires_sandbox: false,
    };
    Isolated::found(request, control, &needs).map(|found| found.record)
}

/// Returns what commands do not see of a consumer that they name: what git does not track.
pub(super) fn untracked(consumer: &Consumer, profile: &Profile) -> Option<Vec<PathBuf>> {
    let is_named = profile.uses(Placeholder::RepoRoot);
    is_named.then(|| consumer.untracked())
}

/// Refuses a sandbox that is less than was demanded.
fn demanded(record: SandboxRecord, by_configuration: bool) -> Result<SandboxRecord, Refusal> {
    let is_demanded = by_configuration || record.mode == SandboxMode::Require;
    if is_demanded && !record.is_whole() {
        return Err(Refusal::Sandbox {
            record: Box::new(record),
            by_configuration,
        });
    }
    Ok(record)
}

/// A sandbox as it would be, before it is tried.
fn untried(request: &Request, needs: &Needs<'_>) -> Sandbox {
    let program = request.env.find_program(sandbox::PROGRAM);
    let home = request.env.folder("HOME");
    let tools = needs.tools;
    let found = tools.found.values().map(|tool| PathBuf::from(&tool.path));
    let managers = managers::on_path(&request.env).into_iter();
    let mut shown = sandbox::needed_by_tools(
        &tools.path,
        &found.collect::<Vec<_>>(),
        &managers.map(|manager| manager.path).collect::<Vec<_>>(),
        home.as_deref(),
    );
    shown.paths.extend(needs.package.iter().cloned());
    let around = SandboxSpec {
        home,
        work_dir: request.execution.work_dir.clone(),
        repo_root: needs.repo.to_owned(),
        outside: needs.outside.clone(),
        untracked: needs.untracked.clone(),
        tools: shown,
        settings: request
            .env
            .named_files(&request.execution.work_dir.join("cache")),
    };
    Sandbox::new(program.unwrap_or_default(), &around)
}

/// Tries a sandbox, unless there is to be none.
fn tried(
    request: &Request,
    control: &Control,
    mut sandbox: Sandbox,
) -> (SandboxRecord, Option<Sandbox>) {
    let mut record = SandboxRecord::none(request.execution.sandbox);
    if request.execution.sandbox == SandboxMode::Off {
        return (record, None);
    }
    if request.env.find_program(sandbox::PROGRAM).is_none() {
        let text = format!("{} (bubblewrap) is not on PATH", sandbox::PROGRAM);
        record.because = Some(text);
        record.remedy = Some("install bubblewrap".to_owned());
        return (record, None);
    }
    let home = request.env.folder("HOME");
    match sandbox.probe(control.supervisor(), home.as_deref()) {
        Err(why) => {
            let restriction = sandbox::restriction();
            let cause = restriction.as_ref().map(|it| format!(": {}", it.what));
            record.because = Some(format!(
                "{} cannot be used: {why}{}",
                sandbox::PROGRAM,
                cause.unwrap_or_default()
            ));
            record.remedy = restriction.map(|it| it.remedy.to_owned());
            (record, None)
        }
        Ok(told) => {
            record.by = Some("bubblewrap".to_owned());
            record.held = told.held;
            record.not_held = told.not_held;
            record.landlock = told.landlock;
            record.because = (!told.not.is_empty()).then(|| told.not.join("; "));
            (record, Some(sandbox))
        }
    }
}

//! Finds out how lanes can be isolated from each other and from the machine.
//!
//! Every promise is tried before the first lane, and recorded as it was found.

use std::path::{Path, PathBuf};

use super::request::Request;
use crate::model::plan::{Isolation, SandboxMode, SandboxRecord, Sharing};
use crate::preflight::{Refusal, Tools};
use crate::sys::process::Control;
use crate::sys::sandbox::{self, Sandbox, SandboxSpec};
use crate::sys::{fs, namespace};

/// The parts of the machine that lanes must see.
pub(super) struct Needs<'a> {
    /// The folder of all lanes.
    pub(super) root: &'a Path,
    pub(super) repo: &'a Path,
    /// The folders of the repository outside of its work tree.
    pub(super) outside: Vec<PathBuf>,
    pub(super) tools: &'a Tools,
    /// The folders of a package that comes from no registry.
    pub(super) package: Vec<PathBuf>,
}

/// The isolation that was found.
pub(super) struct Isolated {
    pub(super) record: Isolation,
    pub(super) sandbox: Option<Sandbox>,
}

impl Isolated {
    /// Tries what this machine allows.
    pub(super) fn found(
        request: &Request,
        control: &Control,
        needs: &Needs<'_>,
    ) -> Result<Self, Refusal> {
        let (record, sandbox) = sandbox_of(request, control, needs);
        let whole = sandbox.is_some() && record.because.is_none();
        if request.execution.sandbox == SandboxMode::Require && !whole {
            let why = record.because.unwrap_or_default();
            return Err(Refusal::Sandbox(why));
        }
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
        Ok(Self { record, sandbox })
    }
}

fn sandbox_of(
    request: &Request,
    control: &Control,
    needs: &Needs<'_>,
) -> (SandboxRecord, Option<Sandbox>) {
    let mut record = SandboxRecord {
        mode: request.execution.sandbox,
        by: None,
        because: None,
        landlock: None,
        held: Vec::new(),
    };
    if request.execution.sandbox == SandboxMode::Off {
        return (record, None);
    }
    let Some(program) = request.env.find_program(sandbox::PROGRAM) else {
        let text = format!("{} (bubblewrap) is not on PATH", sandbox::PROGRAM);
        record.because = Some(text);
        return (record, None);
    };
    // A folder that is missing cannot be shown to a sandbox.
    let _ = fs::create_folder(&request.execution.work_dir.join("cache"));
    let home = request.env.folder("HOME");
    let (tools, repo) = (needs.tools, needs.repo);
    let found = tools.found.values().map(|tool| PathBuf::from(&tool.path));
    let mut shown = sandbox::tool_folders(&tools.path, &found.collect::<Vec<_>>());
    shown.extend(needs.package.iter().chain(&needs.outside).cloned());
    let around = SandboxSpec {
        home: home.clone(),
        work_dir: request.execution.work_dir.clone(),
        repo_root: repo.to_owned(),
        tools: shown,
        settings: request
            .env
            .named_files(&request.execution.work_dir.join("cache")),
    };
    let mut sandbox = Sandbox::new(program, &around);
    match sandbox.probe(control.supervisor(), home.as_deref(), repo) {
        Err(why) => {
            record.because = Some(format!("{} cannot be used: {why}", sandbox::PROGRAM));
            (record, None)
        }
        Ok(told) => {
            record.by = Some("bubblewrap".to_owned());
            record.held = told.held;
            record.landlock = told.landlock;
            record.because = (!told.not.is_empty()).then(|| told.not.join("; "));
            (record, Some(sandbox))
        }
    }
}

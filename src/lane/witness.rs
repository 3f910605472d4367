//! Witnesses a stage: records the state before it, tells its supervisor what to
//! observe, and combines both afterwards.
//!
//! Invariants: a program counts as run only while the hook of the stage runs;
//! an observation that failed is recorded as a gap, never as "not run".

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use super::acts::ToPush;
use super::missing_hook::begins_with_crlf;
use super::outside::Outside;
use super::programs::{files_of, is_in_lane, is_of_venv};
use super::state::Lane;
use crate::model::command::CommandTemplate;
use crate::model::stage::{Drive, Stage};
use crate::model::witness::{
    ExecutableEvidence, HookEvidence, MoveEvidence, ProcessEvidence, ProgramEvidence, Witness,
};
use crate::model::{On, StageName, Vars};
use crate::sys::git::Refs;
use crate::sys::process::{Observations, SEES_PROGRAMS, Watch};
use crate::sys::{env, fs};

/// The maximum number of files to watch; a longer list is not one of programs.
const MAX_PROGRAMS: usize = 500;

/// The state before a stage, and the observations to make while it runs.
pub(super) struct Watching {
    pub(super) watch: Watch,
    /// Variables that the stage gets for the witness.
    pub(super) env: BTreeMap<OsString, OsString>,
    /// The same variables as the evidence shows them, equal in every run.
    pub(super) shown_env: BTreeMap<OsString, OsString>,
    /// The program of the profile that each watched file belongs to.
    owners: Vec<usize>,
    /// Programs outside of the lane that hooks call. The visible ones are watched after
    /// those of the profile.
    outside: Vec<Outside>,
    witness: Witness,
    /// The commit of a push, and the remote's refs that held it already.
    pushed: Option<(String, Vec<String>)>,
    /// Holds the socket if the lane's own path is too long for one.
    _elsewhere: Option<fs::TemporaryFolder>,
}

impl Watching {
    /// Returns the witness before any observation.
    pub(super) fn noted(&self) -> &Witness {
        &self.witness
    }
}

impl Lane<'_> {
    /// Records the state before a stage runs at `head`.
    pub(super) fn watch(
        &self,
        name: &StageName,
        stage: &Stage,
        command: &CommandTemplate,
        head: &str,
    ) -> io::Result<Watching> {
        let vars = self.stage_vars(name);
        let mut witness = Witness::default();
        let mut watch = Watch::default();
        let mut owners = Vec::new();
        let programs = if SEES_PROGRAMS { &*stage.programs } else { &[] };
        for (at, program) in programs.iter().enumerate() {
            let workdir = self.cx.profile.workdir.as_deref();
            let files = files_of(program, &vars, &self.workspace, workdir);
            witness.programs.push(ProgramEvidence {
                program: program.source().to_owned(),
                files: files.iter().map(|file| self.in_lane(file)).collect(),
                ran: false,
            });
            owners.extend(files.iter().map(|_| at));
            // Watches are limited for each user, and all lanes share them.
            if owners.len() > MAX_PROGRAMS {
                let name = program.source();
                let text = format!("`programs` name more than {MAX_PROGRAMS} files with {name}");
                return Err(io::Error::other(text));
            }
            watch.programs.extend(files);
        }
        let mut env = BTreeMap::new();
        let mut shown = BTreeMap::new();
        let mut elsewhere = None;
        let mut outside = Vec::new();
        if matches!(stage.drive, Drive::Command) {
            witness.executable = self.executable(command, &vars);
        } else {
            let mut socket = self.workspace.socket(name.as_str());
            if socket.as_os_str().len() > fs::SOCKET_PATH {
                let folder = fs::TemporaryFolder::new()?;
                socket = folder.path().join("git");
                elsewhere = Some(folder);
            }
            // A socket that exists already would make the bind fail.
            fs::remove_file(&socket)?;
            // Evidence shows the lane's own path, so that it is equal in every run.
            shown.insert(
                "GIT_TRACE2_EVENT".into(),
                Self::address(&self.workspace.socket(name.as_str())),
            );
            env.insert("GIT_TRACE2_EVENT".into(), Self::address(&socket));
            watch.trace = Some(socket);
            outside = self.outside_programs();
            let visible = outside.iter().filter(|it| it.is_visible);
            watch.programs.extend(visible.map(|it| it.path.clone()));
            if !watch.programs.is_empty() {
                watch.hooks = Some(self.workspace.hooks_folder().path);
            }
            watch.has_remote = stage.on().is_some_and(On::is_push);
            witness.moved = Some(self.current_commit(stage));
        }
        if fs::is_witness_off() {
            (watch, env) = (Watch::default(), BTreeMap::new());
        }
        if let (Some(pushed), Some(moved)) = (&self.to_push, &witness.moved) {
            witness.stdin = Some(refs_to_push(moved, pushed, head));
        }
        let brings_in = matches!(stage.on(), Some(On::Push | On::Tag));
        Ok(Watching {
            pushed: brings_in.then(|| (head.to_owned(), self.holding(head))),
            watch,
            env,
            shown_env: shown,
            owners,
            outside,
            witness,
            _elsewhere: elsewhere,
        })
    }

    /// Combines the recorded state with the observations.
    pub(super) fn witnessed(
        &self,
        watching: Watching,
        name: &StageName,
        stage: &Stage,
        seen: Observations,
    ) -> (Witness, Vec<ProcessEvidence>) {
        let mut witness = watching.witness;
        // A program counts while the hooks run that the stage is about. Each of
        // them knows what all of them opened.
        let hook = seen.hooks.iter().find(|hook| hook.name == name.as_str());
        let opened = match (hook, &stage.drive) {
            (Some(hook), _) => hook.opened.clone(),
            (None, Drive::Command) => seen.opened,
            // A stage that git has no hook for is decided by another hook.
            (None, _) if !stage.launches(name) => {
                let hooks = seen.hooks.iter();
                hooks.flat_map(|hook| hook.opened.clone()).collect()
            }
            (None, _) => std::collections::BTreeSet::new(),
        };
        let mut at = watching.owners.len();
        for outside in &watching.outside {
            witness.outside.extend(outside.evidence(at, &seen.hooks));
            at += usize::from(outside.is_visible);
        }
        let ran = opened.into_iter().filter_map(|at| watching.owners.get(at));
        for &at in ran {
            witness.programs[at].ran = true;
        }
        witness.hooks = seen
            .hooks
            .into_iter()
            .map(|hook| HookEvidence {
                name: hook.name,
                configured: hook.configured,
                argv: hook.argv,
                exit: hook.exit,
                duration_ms: hook.duration_ms,
                remote: hook.remote,
            })
            .collect();
        witness.crlf = self.hooks_with_crlf(stage);
        witness.not_committed = self.not_committed(name, stage, &witness);
        witness.blind = seen.gap;
        if let Some(moved) = &mut witness.moved {
            moved.after = self.current_commit(stage).before;
            if let Some((head, before)) = &watching.pushed {
                let now = self.holding(head).into_iter();
                let others = now.filter(|name| !before.contains(name) && *name != moved.what);
                witness.got_in_by = others.collect();
            }
        }
        let processes = seen.processes.into_iter().map(|process| ProcessEvidence {
            depth: process.depth,
            argv: process.argv,
        });
        (witness, processes.collect())
    }

    /// Returns the hooks of a command whose files begin with a line that ends in CRLF.
    fn hooks_with_crlf(&self, stage: &Stage) -> Vec<String> {
        let hooks = stage.on().map_or(&[][..], On::hooks);
        let folder = self.workspace.hooks_folder().path;
        let begins = |name: &&&str| begins_with_crlf(&folder.join(name));
        hooks
            .iter()
            .filter(begins)
            .map(|name| (*name).to_owned())
            .collect()
    }

    /// Returns the address of a socket in the form that git expects.
    fn address(socket: &Path) -> OsString {
        let mut address = OsString::from("af_unix:stream:");
        address.push(socket);
        address
    }

    /// Returns a path relative to the lane.
    fn in_lane(&self, path: &Path) -> String {
        text(path.strip_prefix(self.workspace.host()).unwrap_or(path))
    }

    /// Returns the remote's refs that contain a commit.
    fn holding(&self, commit: &str) -> Vec<String> {
        let refs = Refs::open(&self.workspace.origin(), &self.env);
        refs.map(|refs| refs.holding(commit)).unwrap_or_default()
    }

    /// Returns the current commit of the ref that a stage moves or deletes.
    fn current_commit(&self, stage: &Stage) -> MoveEvidence {
        let (origin, clone) = (self.workspace.origin(), self.workspace.clone_dir());
        let (folder, what) = match stage.on() {
            Some(On::Push) => (origin, format!("refs/heads/{}", self.cx.branch)),
            Some(On::Tag) => (origin, format!("refs/tags/{}", self.scenario.tag)),
            Some(On::Delete) => (origin, format!("refs/heads/{}", self.scenario.delete)),
            _ => (clone, "HEAD".to_owned()),
        };
        MoveEvidence {
            before: Refs::open(&folder, &self.env).and_then(|refs| refs.commit(&what)),
            what,
            after: None,
            deletes: stage.on() == Some(On::Delete),
        }
    }

    /// Returns the file that the first word of a command resolves to.
    fn executable(&self, command: &CommandTemplate, vars: &Vars) -> Option<ExecutableEvidence> {
        let words = command.expand(vars);
        let word = words.first()?;
        let named = if word.contains('/') {
            self.workspace.clone_dir().join(word)
        } else {
            env::find_program(self.env.get(OsStr::new("PATH"))?, word)?
        };
        let path = named.canonicalize().ok()?;
        let in_lane = is_in_lane(&path, &self.workspace) || is_of_venv(&named, &self.workspace);
        Some(ExecutableEvidence {
            path: self.in_lane(&path),
            in_lane,
        })
    }
}

/// Returns the input of a pre-push hook, as in `githooks(5)`: local ref and id,
/// remote ref and id.
///
/// Empty if the remote has the commit already: git runs the hook all the same.
fn refs_to_push(moved: &MoveEvidence, pushed: &ToPush, head: &str) -> String {
    let nothing = "0".repeat(head.len());
    let before = moved.before.as_deref();
    if pushed.id.is_some() && pushed.id.as_deref() == before {
        return String::new();
    }
    let (local, id) = (&pushed.local, pushed.id.as_ref().unwrap_or(&nothing));
    let before = before.unwrap_or(&nothing);
    format!("{local} {id} {} {before}\n", moved.what)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

//! Watching a stage: what is noted before it, what its supervisor looks at,
//! and what both come to.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use super::programs::{files_of, is_in_lane, is_of_venv};
use super::state::Lane;
use crate::model::command::CommandTemplate;
use crate::model::stage::{Drive, Stage};
use crate::model::witness::{
    ExecutableEvidence, HookEvidence, MoveEvidence, ProcessEvidence, ProgramEvidence, Witness,
};
use crate::model::{StageName, Vars};
use crate::sys::git::Refs;
use crate::sys::process::{Observations, SEES_PROGRAMS, Watch};
use crate::sys::{env, fs};

/// How many files are watched; more would be no list of programs.
const PROGRAMS: usize = 500;

/// What is known before a stage, and what is to be looked at while it runs.
pub(super) struct Watching {
    pub(super) watch: Watch,
    /// Variables that the stage gets on the witness's behalf.
    pub(super) env: BTreeMap<OsString, OsString>,
    /// The same for the evidence, which must repeat.
    pub(super) shown_env: BTreeMap<OsString, OsString>,
    /// The program of the profile that each watched file belongs to.
    owners: Vec<usize>,
    witness: Witness,
    /// The commit of a push, and the remote's refs that held it already.
    pushed: Option<(String, Vec<String>)>,
    /// Holds the socket where the lane's own path is too long for one.
    _elsewhere: Option<fs::TemporaryFolder>,
}

impl Watching {
    /// What was noted, before anything is seen.
    pub(super) fn noted(&self) -> &Witness {
        &self.witness
    }
}

impl Lane<'_> {
    /// Notes what there is before a stage is played at `head`.
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
            let files = files_of(program, &vars, &self.workspace);
            witness.programs.push(ProgramEvidence {
                program: program.source().to_owned(),
                files: files.iter().map(|file| self.in_lane(file)).collect(),
                ran: false,
            });
            owners.extend(files.iter().map(|_| at));
            if owners.len() > PROGRAMS {
                let name = program.source();
                let text = format!("`programs` name more than {PROGRAMS} files with {name}");
                return Err(io::Error::other(text));
            }
            watch.programs.extend(files);
        }
        let mut env = BTreeMap::new();
        let mut shown = BTreeMap::new();
        let mut elsewhere = None;
        if matches!(stage.drive, Drive::Command) {
            witness.executable = self.executable(command, &vars);
        } else {
            let mut socket = self.workspace.socket(name.as_str());
            if socket.as_os_str().len() > fs::SOCKET_PATH {
                let folder = fs::TemporaryFolder::new()?;
                socket = folder.path().join("git");
                elsewhere = Some(folder);
            }
            fs::remove_file(&socket)?;
            shown.insert(
                "GIT_TRACE2_EVENT".into(),
                Self::address(&self.workspace.socket(name.as_str())),
            );
            env.insert("GIT_TRACE2_EVENT".into(), Self::address(&socket));
            watch.trace = Some(socket);
            if !watch.programs.is_empty() {
                watch.hooks = Some(self.workspace.hooks_folder().path);
            }
            witness.moved = Some(self.before(stage));
        }
        if fs::is_witness_off() {
            (watch, env) = (Watch::default(), BTreeMap::new());
        }
        if let (Drive::Push, Some(moved)) = (&stage.drive, &witness.moved) {
            witness.stdin = Some(refs_to_push(moved, head));
        }
        let is_push = matches!(stage.drive, Drive::Push);
        Ok(Watching {
            pushed: is_push.then(|| (head.to_owned(), self.holding(head))),
            watch,
            env,
            shown_env: shown,
            owners,
            witness,
            _elsewhere: elsewhere,
        })
    }

    /// What came of it all.
    pub(super) fn witnessed(
        &self,
        watching: Watching,
        name: &StageName,
        stage: &Stage,
        seen: Observations,
    ) -> (Witness, Vec<ProcessEvidence>) {
        let mut witness = watching.witness;
        // A program counts while the hook runs that the stage is about.
        let hook = seen.hooks.iter().rev();
        let hook = hook.into_iter().find(|hook| hook.name == name.as_str());
        let opened = match (hook, &stage.drive) {
            (Some(hook), _) => hook.opened.clone(),
            (None, Drive::Command) => seen.opened,
            // A hook of another name may play a stage that git has none for.
            (None, _) if !stage.launches(name) => {
                let hooks = seen.hooks.iter();
                hooks.flat_map(|hook| hook.opened.clone()).collect()
            }
            (None, _) => std::collections::BTreeSet::new(),
        };
        let ran = opened.into_iter().filter_map(|at| watching.owners.get(at));
        for &at in ran {
            witness.programs[at].ran = true;
        }
        witness.hooks = seen
            .hooks
            .into_iter()
            .map(|hook| HookEvidence {
                name: hook.name,
                argv: hook.argv,
                exit: hook.exit,
                duration_ms: hook.duration_ms,
            })
            .collect();
        witness.blind = seen.gap;
        if let Some(moved) = &mut witness.moved {
            moved.after = self.before(stage).before;
            if let Some((head, before)) = &watching.pushed {
                let now = self.holding(head).into_iter();
                let others = now.filter(|name| !before.contains(name) && *name != moved.what);
                witness.got_in_by = others.collect();
            }
        }
        let processes = seen.processes.into_iter();
        let processes = processes.map(|process| ProcessEvidence {
            depth: process.depth,
            argv: process.argv,
        });
        (witness, processes.collect())
    }

    /// A socket as git wants to be told of it.
    fn address(socket: &Path) -> OsString {
        let mut address = OsString::from("af_unix:stream:");
        address.push(socket);
        address
    }

    /// A path of the lane, without the folders above it.
    fn in_lane(&self, path: &Path) -> String {
        text(path.strip_prefix(self.workspace.host()).unwrap_or(path))
    }

    /// The remote's refs that hold a commit.
    fn holding(&self, commit: &str) -> Vec<String> {
        let refs = Refs::open(&self.workspace.origin(), &self.env);
        refs.map(|refs| refs.holding(commit)).unwrap_or_default()
    }

    /// Where HEAD, or the remote's branch, is now.
    fn before(&self, stage: &Stage) -> MoveEvidence {
        let (folder, what) = match stage.drive {
            Drive::Push => (
                self.workspace.origin(),
                format!("refs/heads/{}", self.cx.branch),
            ),
            Drive::Commit | Drive::Command => (self.workspace.clone_dir(), "HEAD".to_owned()),
        };
        MoveEvidence {
            before: Refs::open(&folder, &self.env).and_then(|refs| refs.commit(&what)),
            what,
            after: None,
        }
    }

    /// The file that the first word of a command leads to.
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

/// A line of `githooks(5)`: local ref and id, remote ref and id. Empty where
/// the remote has the commit already: git then runs the hook all the same.
fn refs_to_push(moved: &MoveEvidence, head: &str) -> String {
    if moved.before.as_deref() == Some(head) {
        return String::new();
    }
    let nothing = "0".repeat(head.len());
    let before = moved.before.as_deref().unwrap_or(&nothing);
    format!("HEAD {head} {} {before}\n", moved.what)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

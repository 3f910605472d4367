//! The observations of a stage, independent of what the gate reports.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The observations of one cell.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Witness {
    /// The hooks that git launched, in order.
    pub hooks: Vec<HookEvidence>,
    /// The input that git gives the hook of the stage, computed from the refs: of a push,
    /// the refs that it moves. Null for any other stage.
    pub stdin: Option<String>,
    /// The gate's programs, as the profile names them.
    pub programs: Vec<ProgramEvidence>,
    /// The program of a stage that git does not drive.
    pub executable: Option<ExecutableEvidence>,
    /// The ref that the git command should move or delete.
    pub moved: Option<MoveEvidence>,
    /// Other refs of the remote that contain the change since a push.
    pub got_in_by: Vec<String>,
    /// The reason for which something may have been missed.
    pub blind: Option<String>,
    /// Programs outside of the lane that a launched hook calls by their path.
    #[serde(default)]
    #[schemars(required)]
    pub outside: Vec<OutsideEvidence>,
    /// Hook files whose first line ends in CRLF: the kernel takes the carriage return for a
    /// part of the interpreter's name, so git cannot start them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crlf: Vec<String>,
    /// The file of the gate that was not there since the commit does not have it: of the
    /// stage's hook, or a program of the consumer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_committed: Option<String>,
}

/// A program outside of the lane that a hook calls by its path.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OutsideEvidence {
    /// The hook's name.
    pub hook: String,
    /// The program.
    pub path: String,
    /// True if it was opened while the hook ran, as running it does; null if the sandbox
    /// hides it, so that the hook could not run it.
    pub ran: Option<bool>,
}

/// A hook that git launched, as its Trace2 reports it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HookEvidence {
    /// Its name.
    pub name: String,
    /// True if git read its command from the configuration; false for a hook file.
    #[serde(default)]
    pub configured: bool,
    /// The words that git started.
    pub argv: Vec<String>,
    /// Its exit code; 128 plus the signal if one killed it.
    pub exit: Option<i32>,
    /// Duration in milliseconds.
    pub duration_ms: u64,
    /// True if the lane's remote ran it, as it runs `pre-receive`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remote: bool,
}

/// A program of the gate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProgramEvidence {
    /// Its name in the profile.
    pub program: String,
    /// The files that it matched when the stage began, relative to the lane: below `clone`
    /// or `tools`.
    pub files: Vec<String>,
    /// True if one of them was opened while the hook or command ran, as running one does.
    pub ran: bool,
}

/// The file that the name of a stage's program resolved to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExecutableEvidence {
    /// The file, with links resolved; relative to the lane if it is inside.
    pub path: String,
    /// True if it is in the lane: in its clone or `{tool_dir}`.
    pub in_lane: bool,
}

/// A ref before and after a stage.
#[derive(Default, Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoveEvidence {
    /// `HEAD`, or the branch or tag of the remote.
    pub what: String,
    /// Its commit before the stage; null if it did not exist.
    pub before: Option<String>,
    /// Its commit after the stage.
    pub after: Option<String>,
    /// True if the stage should delete it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deletes: bool,
}

impl MoveEvidence {
    /// True if the ref points elsewhere than before, or is gone if the stage should delete
    /// it.
    ///
    /// A ref that is gone otherwise or can no longer be read brought nothing in.
    #[must_use]
    pub fn happened(&self) -> bool {
        let is_there = self.after.is_some() != self.deletes;
        is_there && self.after != self.before
    }
}

impl Witness {
    /// True if the change got in: HEAD moved, or the remote has it.
    #[must_use]
    pub fn got_in(&self) -> bool {
        self.moved.as_ref().is_some_and(MoveEvidence::happened) || !self.got_in_by.is_empty()
    }

    /// Returns the runs of the hooks of this name, in git's order.
    ///
    /// Git may have several hooks for one event, and may run each of them more than once.
    pub fn runs_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a HookEvidence> {
        self.hooks.iter().filter(move |hook| hook.name == name)
    }

    /// Returns the run that decided for the hooks of this name: the first that did not
    /// exit 0. If all did, the last.
    #[must_use]
    pub fn hook(&self, name: &str) -> Option<&HookEvidence> {
        let runs = || self.hooks.iter().filter(|hook| hook.name == name);
        let refused = runs().find(|hook| hook.exit.is_some_and(|code| code != 0));
        // A hook that did not end decides before those that let the change through.
        let unfinished = || runs().find(|hook| hook.exit.is_none());
        refused.or_else(unfinished).or_else(|| runs().next_back())
    }

    /// Returns the hook that blocked: one of this name if it did, else the last one that could.
    #[must_use]
    pub fn blocking_hook(&self, name: &str) -> Option<&HookEvidence> {
        let refused = |hook: &&HookEvidence| hook.exit.is_some_and(|code| code != 0);
        let own = self.hook(name).filter(refused);
        own.or_else(|| {
            let mut hooks = self.hooks.iter();
            // Git asks these when all is done.
            let last = hooks.rfind(|hook| refused(hook) && !hook.name.starts_with("post-"));
            self.hook(&last?.name)
        })
    }

    /// Returns the first program outside of the lane that a hook ran, or would have run
    /// without the sandbox.
    #[must_use]
    pub fn led_outside(&self) -> Option<&OutsideEvidence> {
        self.outside.iter().find(|it| it.ran != Some(false))
    }

    /// Returns the first program of the profile that did not run.
    #[must_use]
    pub fn idle_program(&self) -> Option<&ProgramEvidence> {
        self.programs.iter().find(|program| !program.ran)
    }
}

/// A process below a stage's command, as it was seen once.
///
/// Processes are sampled, so they decide nothing and have a file of their own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProcessEvidence {
    /// Its depth below the command, which has depth 0.
    pub depth: usize,
    /// Its words.
    pub argv: Vec<String>,
}

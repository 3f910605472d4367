//! What was seen of a stage, whatever the gate says of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was seen of one cell.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Witness {
    /// The hooks that git launched, in order.
    pub hooks: Vec<HookEvidence>,
    /// What git gives the hook of the stage on stdin, from the refs as they
    /// were: for a push the refs that it moves. Null for any other stage.
    pub stdin: Option<String>,
    /// The gate's programs, as the profile names them.
    pub programs: Vec<ProgramEvidence>,
    /// The program of a stage that git does not drive.
    pub executable: Option<ExecutableEvidence>,
    /// What the commit or push moved, or did not.
    pub moved: Option<MoveEvidence>,
    /// Other refs of the remote that hold the change since a push.
    pub got_in_by: Vec<String>,
    /// Why something may have been missed.
    pub blind: Option<String>,
}

/// A hook that git launched, as its Trace2 tells.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HookEvidence {
    /// Its name.
    pub name: String,
    /// What git started.
    pub argv: Vec<String>,
    /// Its exit code; 128 and the signal where one killed it.
    pub exit: Option<i32>,
    /// How long it ran, in milliseconds.
    pub duration_ms: u64,
}

/// A program of the gate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProgramEvidence {
    /// As the profile names it.
    pub program: String,
    /// The files that it stood for when the stage began, relative to the
    /// lane: below `clone` or `tools`.
    pub files: Vec<String>,
    /// Whether one of them was opened while the hook or command ran, as
    /// running one does.
    pub ran: bool,
}

/// Which file the name of a stage's program led to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExecutableEvidence {
    /// The file, without links; relative to the lane where it is inside.
    pub path: String,
    /// Whether it stands in the lane: in its clone or `{tool_dir}`.
    pub in_lane: bool,
}

/// A ref before and after a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoveEvidence {
    /// `HEAD`, or the branch of the remote.
    pub what: String,
    /// Its commit before the stage; null where it was not there.
    pub before: Option<String>,
    /// Its commit after the stage.
    pub after: Option<String>,
}

impl MoveEvidence {
    /// Whether there is something else now than there was before. A ref that
    /// is gone, or cannot be read any more, brought nothing in.
    #[must_use]
    pub fn happened(&self) -> bool {
        self.after.is_some() && self.after != self.before
    }
}

impl Witness {
    /// Whether the change got in: HEAD moved, or the remote has it.
    #[must_use]
    pub fn got_in(&self) -> bool {
        self.moved.as_ref().is_some_and(MoveEvidence::happened) || !self.got_in_by.is_empty()
    }

    /// The last hook of this name.
    #[must_use]
    pub fn hook(&self, name: &str) -> Option<&HookEvidence> {
        self.hooks.iter().rev().find(|hook| hook.name == name)
    }

    /// The first program of the profile that did not run.
    #[must_use]
    pub fn idle_program(&self) -> Option<&ProgramEvidence> {
        self.programs.iter().find(|program| !program.ran)
    }
}

/// A process below a stage's command, as it was seen once. Looking is a
/// matter of luck, so this decides nothing and stands in a file of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProcessEvidence {
    /// How far below the command it was, which is at 0.
    pub depth: usize,
    /// Its words.
    pub argv: Vec<String>,
}

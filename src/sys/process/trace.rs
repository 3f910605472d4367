//! The hooks in git's trace (`GIT_TRACE2_EVENT`), line by line.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::observation::HookSeen;

/// The fields of a line of Trace2 that matter here.
#[derive(Deserialize)]
struct Line {
    event: String,
    child_id: Option<i64>,
    child_class: Option<String>,
    hook_name: Option<String>,
    use_shell: Option<bool>,
    argv: Option<Vec<String>>,
    code: Option<i32>,
    t_rel: Option<f64>,
}

/// The hooks that git reported so far, the one of the stage and its remote's.
#[derive(Default)]
pub(super) struct Hooks {
    /// The hooks in the order of their launch, as far as it is known: both gits may
    /// have reported some since the last look.
    pub(super) seen: Vec<HookSeen>,
    /// Set if git alone cannot have written a trace.
    pub(super) is_forged: bool,
    own: Running,
    of_remote: Running,
}

/// The running hooks of one git.
///
/// A privileged process may write under another process id. But git launches
/// one hook after the other, each with a number of its own, and also reports
/// the end of the hook that forged a line: such a trace contradicts itself.
#[derive(Default)]
struct Running {
    /// The position of each hook that runs, by git's number.
    running: Vec<(i64, usize)>,
    /// Git's numbers of the hooks that ended.
    ended: BTreeSet<i64>,
}

impl Hooks {
    /// Returns the positions of the hooks that run.
    pub(super) fn running(&self) -> BTreeSet<usize> {
        let all = self.own.running.iter().chain(&self.of_remote.running);
        all.map(|(_, at)| *at).collect()
    }

    /// Reads a line, of the remote's git or of the stage's, and returns the position
    /// of the hook that it is about.
    pub(super) fn line(&mut self, line: &[u8], is_remote: bool) -> Option<usize> {
        // Git passes on the bytes of a path that is not UTF-8.
        let line: Line = serde_json::from_str(&String::from_utf8_lossy(line)).ok()?;
        let id = line.child_id?;
        let git = if is_remote {
            &mut self.of_remote
        } else {
            &mut self.own
        };
        match line.event.as_str() {
            "child_start" if line.child_class.as_deref() == Some("hook") => {
                let name = line.hook_name.unwrap_or_default();
                // Commands of one hook may overlap, different hooks never do.
                let mut others = git.running.iter().map(|(_, at)| &self.seen[*at].name);
                self.is_forged |= git.ended.contains(&id) || others.any(|other| *other != name);
                let at = self.seen.len();
                git.running.push((id, at));
                self.seen.push(HookSeen {
                    name,
                    // Git runs a configured command with a shell, a hook file without.
                    configured: line.use_shell == Some(true),
                    argv: line.argv.unwrap_or_default(),
                    exit: None,
                    duration_ms: 0,
                    remote: is_remote,
                    opened: BTreeSet::new(),
                });
                Some(at)
            }
            "child_exit" => {
                self.is_forged |= git.ended.contains(&id);
                let running = git.running.iter().position(|(child, _)| *child == id)?;
                git.ended.insert(id);
                let (_, at) = git.running.remove(running);
                let hook = &mut self.seen[at];
                hook.exit = line.code;
                hook.duration_ms = milliseconds(line.t_rel.unwrap_or(0.0));
                Some(at)
            }
            _ => None,
        }
    }

    /// Returns the positions of the hooks in git's order: before it sends anything, a
    /// push asks its own hook, and the rest of its own when the remote is done.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let rank = |hook: &HookSeen| match (hook.remote, hook.name.as_str()) {
            (false, "pre-push") => 0,
            (true, _) => 1,
            (false, _) => 2,
        };
        let mut order: Vec<usize> = (0..self.seen.len()).collect();
        if self.seen.iter().any(|hook| hook.remote) {
            order.sort_by_key(|at| rank(&self.seen[*at]));
        }
        order
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest number that there is"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

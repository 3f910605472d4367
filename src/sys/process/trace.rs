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

/// The hooks that git reported so far.
///
/// A privileged process may write under another process id. But git launches
/// one hook after the other, each with a number of its own, and also reports
/// the end of the hook that forged a line: such a trace contradicts itself.
#[derive(Default)]
pub(super) struct Hooks {
    /// The hooks in the order of their launch.
    pub(super) seen: Vec<HookSeen>,
    /// Set if git alone cannot have written the trace.
    pub(super) is_forged: bool,
    /// The position of each hook that runs, by git's number.
    running: Vec<(i64, usize)>,
    /// Git's numbers of the hooks that ended.
    ended: BTreeSet<i64>,
}

impl Hooks {
    /// Returns the positions of the hooks that run.
    pub(super) fn running(&self) -> BTreeSet<usize> {
        self.running.iter().map(|(_, at)| *at).collect()
    }

    /// Reads a line and returns the position of the hook that it is about.
    pub(super) fn line(&mut self, line: &[u8]) -> Option<usize> {
        // Git passes on the bytes of a path that is not UTF-8.
        let line: Line = serde_json::from_str(&String::from_utf8_lossy(line)).ok()?;
        let id = line.child_id?;
        match line.event.as_str() {
            "child_start" if line.child_class.as_deref() == Some("hook") => {
                let name = line.hook_name.unwrap_or_default();
                // Commands of one hook may overlap, different hooks never do.
                let mut others = self.running.iter().map(|(_, at)| &self.seen[*at].name);
                self.is_forged |= self.ended.contains(&id) || others.any(|other| *other != name);
                let at = self.seen.len();
                self.running.push((id, at));
                self.seen.push(HookSeen {
                    name,
                    // Git runs a configured command with a shell, a hook file without.
                    configured: line.use_shell == Some(true),
                    argv: line.argv.unwrap_or_default(),
                    exit: None,
                    duration_ms: 0,
                    opened: BTreeSet::new(),
                });
                Some(at)
            }
            "child_exit" => {
                self.is_forged |= self.ended.contains(&id);
                let running = self.running.iter().position(|(child, _)| *child == id)?;
                self.ended.insert(id);
                let (_, at) = self.running.remove(running);
                let hook = &mut self.seen[at];
                hook.exit = line.code;
                hook.duration_ms = milliseconds(line.t_rel.unwrap_or(0.0));
                Some(at)
            }
            _ => None,
        }
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

//! The hooks that git tells of, line by line.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A hook that git launched.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HookSeen {
    /// Its name.
    pub name: String,
    /// What git started.
    pub argv: Vec<String>,
    /// Its exit code as git tells it: 128 and the signal for one that was
    /// killed; none for one that did not end.
    pub exit: Option<i32>,
    /// How long it ran, in milliseconds.
    pub duration_ms: u64,
    /// Positions of the programs that were opened while it ran; where two
    /// hooks follow each other too fast to tell, they count for both.
    pub opened: BTreeSet<usize>,
}

/// A line of Trace2, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    event: String,
    child_id: Option<i64>,
    child_class: Option<String>,
    hook_name: Option<String>,
    argv: Option<Vec<String>>,
    code: Option<i32>,
    t_rel: Option<f64>,
}

/// What git told of its hooks.
///
/// A privileged process may write in another one's name. But git launches
/// one hook after the other, each with a number of its own, and tells of the
/// end of the one that lied.
#[derive(Default)]
pub(super) struct Hooks {
    /// The hooks in the order of their launch.
    pub(super) seen: Vec<HookSeen>,
    /// Whether what was told cannot have been told by git alone.
    pub(super) lie: bool,
    /// The position of each hook that runs, by git's number.
    running: Vec<(i64, usize)>,
    /// Git's numbers of the hooks that ended.
    ended: BTreeSet<i64>,
}

impl Hooks {
    /// The positions of the hooks that run.
    pub(super) fn running(&self) -> BTreeSet<usize> {
        self.running.iter().map(|(_, at)| *at).collect()
    }

    /// Takes in a line; the position of the hook that it is about.
    pub(super) fn line(&mut self, line: &[u8]) -> Option<usize> {
        // Git passes on the bytes of a path that is no text.
        let line: Line = serde_json::from_str(&String::from_utf8_lossy(line)).ok()?;
        let id = line.child_id?;
        match line.event.as_str() {
            "child_start" if line.child_class.as_deref() == Some("hook") => {
                let name = line.hook_name.unwrap_or_default();
                let running = self.running.iter();
                let mut others = running.map(|(_, at)| &self.seen[*at].name);
                self.lie |= self.ended.contains(&id) || others.any(|other| *other != name);
                let at = self.seen.len();
                self.running.push((id, at));
                self.seen.push(HookSeen {
                    name,
                    argv: line.argv.unwrap_or_default(),
                    exit: None,
                    duration_ms: 0,
                    opened: BTreeSet::new(),
                });
                Some(at)
            }
            "child_exit" => {
                self.lie |= self.ended.contains(&id);
                let at = self.running.iter().position(|(child, _)| *child == id)?;
                self.ended.insert(id);
                let (_, at) = self.running.remove(at);
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

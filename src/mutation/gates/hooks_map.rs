//! Hooks by name, each a shell command: simple-git-hooks, husky before 5.

use super::{At, Found};
use crate::mutation::shell;

pub(in crate::mutation) fn hooks_map(hooks: &At, found: &mut Found) {
    // simple-git-hooks has settings among the hooks; they are no texts.
    for hook in hooks.children() {
        if let Some(command) = hook.as_text() {
            found.drops("hook", &hook);
            if let Some(with) = shell::always_succeeding(command) {
                found.passes(&hook, &with);
            }
        }
    }
}

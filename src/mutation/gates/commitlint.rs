//! commitlint.

use super::{At, Edit, Found, MutationKind, Node, severity};

pub(in crate::mutation) fn commitlint(config: &At, found: &mut Found) {
    let Some(rules) = config.get("rules") else {
        return;
    };
    // Without any rule it refuses every message.
    let only = rules.children().len() == 1 && config.get("extends").is_none();
    for rule in rules.children() {
        let Some((level, word)) = severity::of(&rule) else {
            continue;
        };
        if !severity::is_on(word) {
            continue;
        }
        if only {
            let edit = Edit::Replace(level.path, Node::bare("0"));
            let what = "the rule is switched off";
            found.add(MutationKind::DropEntry, "rule", &rule, what, vec![edit]);
        } else {
            found.drops("rule", &rule);
        }
        severity::lower(&rule, found);
    }
}

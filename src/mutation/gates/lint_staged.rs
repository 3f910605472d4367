//! lint-staged: commands by pattern, run without a shell.

use super::{At, Edit, Found, MutationKind, NO_GLOB, Node, wrapped};

pub(in crate::mutation) fn lint_staged(config: &At, found: &mut Found) {
    let patterns = config.children();
    if !config.is_map() {
        return;
    }
    for pattern in &patterns {
        let commands = if pattern.is_list() {
            pattern.children()
        } else {
            vec![pattern.clone()]
        };
        if commands.iter().all(|command| command.as_text().is_none()) {
            continue;
        }
        found.files = Some(format!("that matches `{}`", pattern.name()));
        if patterns.len() > 1 {
            found.drops("pattern", pattern);
        } else {
            // Without any pattern lint-staged refuses its configuration.
            let edit = Edit::Replace(pattern.path.clone(), Node::list(Vec::new()));
            let what = "its commands are dropped";
            found.add(
                MutationKind::DropEntry,
                "pattern",
                pattern,
                what,
                vec![edit],
            );
        }
        let rename = Edit::Rename(pattern.path.clone(), NO_GLOB.to_owned());
        found.add(
            MutationKind::EmptyGlob,
            "",
            pattern,
            "it matches no file",
            vec![rename],
        );
        for command in commands {
            if let Some(with) = command.as_text().and_then(wrapped) {
                found.passes(&command, &with);
            }
        }
    }
}

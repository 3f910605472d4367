//! pre-commit and prek: hooks of repositories.

use super::{At, Edit, Found, MutationKind, Node, wrapped};

pub(in crate::mutation) fn pre_commit(config: &At, found: &mut Found) {
    files(config, found);
    let Some(repos) = config.get("repos") else {
        return;
    };
    let all = repos.children();
    for repo in &all {
        let hooks: Vec<At> = repo.get("hooks").iter().flat_map(At::children).collect();
        for hook in &hooks {
            let edit = match (hooks.len(), all.len()) {
                // prek blocks everything where there is no hook at all.
                (1, 1) => Edit::Replace(repos.path.clone(), harmless()),
                (1, _) => Edit::Remove(repo.path.clone()),
                _ => Edit::Remove(hook.path.clone()),
            };
            found.files = None;
            for (clause, key) in [
                ("of the type", "types_or"),
                ("of the type", "types"),
                ("whose path matches", "files"),
            ] {
                found.looks_at(clause, hook.get(key).as_ref());
            }
            let what = "the hook is dropped";
            found.add(MutationKind::DropEntry, "hook", hook, what, vec![edit]);
            always_succeeds(hook, found);
            files(hook, found);
            types(hook, found);
        }
    }
}

/// A hook that prints the names of files, and blocks nothing.
fn harmless() -> Node {
    let hook = Node::map(vec![("id", Node::text("identity"))]);
    Node::list(vec![Node::map(vec![
        ("repo", Node::text("meta")),
        ("hooks", Node::list(vec![hook])),
    ])])
}

fn always_succeeds(hook: &At, found: &mut Found) {
    let Some(entry) = hook.get("entry") else {
        return;
    };
    let Some(command) = entry.as_text() else {
        return;
    };
    let language = hook.get("language");
    let (command, edits) = match (language.as_ref().and_then(At::as_text), language.as_ref()) {
        // Their entries are an expression, a message and an image.
        (Some("pygrep" | "fail" | "docker_image"), _) => return,
        // A path below the repository, which `sh` is not.
        (Some("script" | "unsupported_script"), Some(at)) => {
            let edit = Edit::Replace(at.path.clone(), Node::text("system"));
            let below = if command.starts_with(['.', '/']) {
                ""
            } else {
                "./"
            };
            (format!("{below}{command}"), vec![edit])
        }
        _ => (command.to_owned(), Vec::new()),
    };
    if let Some(with) = wrapped(&command) {
        let edits = [
            vec![Edit::Replace(entry.path.clone(), Node::text(&with))],
            edits,
        ]
        .concat();
        let what = "its command always succeeds";
        found.add(MutationKind::PassAlways, "", &entry, what, edits);
    }
}

fn files(at: &At, found: &mut Found) {
    let Some(files) = at.get("files") else {
        return;
    };
    if files.as_text().is_some() {
        found.matches_nothing(&files, Node::text("^$"));
    } else if let Some(glob) = files.get("glob") {
        // Only prek has it.
        found.empties_glob(&glob);
    }
}

/// Git keeps no sockets; a made-up type would be an error.
fn types(hook: &At, found: &mut Found) {
    for key in ["types", "types_or"] {
        if let Some(types) = hook.get(key) {
            found.matches_nothing(&types, Node::list(vec![Node::text("socket")]));
        }
    }
}

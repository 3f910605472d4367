//! lefthook: commands, scripts and jobs under hooks, jobs also in groups.

use super::{At, Found, Node, wrapped};
use crate::mutation::shell;

pub(in crate::mutation) fn lefthook(config: &At, found: &mut Found) {
    for hook in config.children() {
        let parts = ["commands", "scripts", "jobs"].map(|key| hook.get(key));
        if parts.iter().all(Option::is_none) {
            continue;
        }
        found.files = None;
        filters(&hook, found);
        let of_hook = found.files.clone();
        let [commands, scripts, jobs] = parts;
        for command in commands.iter().flat_map(At::children) {
            found.files.clone_from(&of_hook);
            looks_at(&command, found);
            found.drops("command", &command);
            entry(&command, found);
        }
        for script in scripts.iter().flat_map(At::children) {
            found.files.clone_from(&of_hook);
            looks_at(&script, found);
            found.drops("script", &script);
            entry(&script, found);
        }
        if let Some(list) = jobs {
            found.files = of_hook;
            self::jobs(&list, found);
        }
    }
}

fn jobs(list: &At, found: &mut Found) {
    let above = found.files.clone();
    for job in list.children() {
        found.files.clone_from(&above);
        looks_at(&job, found);
        found.drops("job", &job);
        entry(&job, found);
        if let Some(group) = job.get("group") {
            filters(&group, found);
            if let Some(list) = group.get("jobs") {
                jobs(&list, found);
            }
        }
    }
}

fn entry(at: &At, found: &mut Found) {
    if let Some(run) = at.get("run")
        && let Some(with) = run.as_text().and_then(shell::always_succeeding)
    {
        found.passes(&run, &with);
    }
    // The script's name is put behind its runner.
    if let Some(runner) = at.get("runner")
        && let Some(with) = runner.as_text().and_then(wrapped)
    {
        found.passes(&runner, &with);
    }
    filters(at, found);
}

fn looks_at(at: &At, found: &mut Found) {
    found.looks_at("that matches", at.get("glob").as_ref());
}

fn filters(at: &At, found: &mut Found) {
    looks_at(at, found);
    if let Some(glob) = at.get("glob") {
        found.empties_glob(&glob);
    }
    // Not patterns: a command that prints the names of files.
    if let Some(files) = at.get("files")
        && files.as_text().is_some()
    {
        found.matches_nothing(&files, Node::text("git ls-files matches-nothing"));
    }
    // An unknown type would not filter at all; nothing is both of these.
    if let Some(types) = at.get("file_types") {
        let both = ["symlink", "not symlink"].map(Node::text);
        found.matches_nothing(&types, Node::list(both.into()));
    }
}

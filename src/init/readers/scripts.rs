//! Hooks that are files, and hooks by name, each a command.

use serde_json::Value;

use super::super::check::Covers;
use super::super::checkout::{Checkout, join};
use super::{Entry, Run};

/// Returns the hooks that a folder of the consumer holds as files.
pub(in crate::init) fn hooks_of_folder(
    checkout: &Checkout,
    folder: &str,
    runs_in: &str,
) -> Vec<Entry> {
    let entry = |hook: &&str| {
        let path = join(folder, hook);
        checkout.has(&path).then(|| Entry {
            hook: (*hook).to_owned(),
            folder: runs_in.to_owned(),
            covers: Covers::default(),
            run: Run::Script(path),
        })
    };
    super::HOOKS.iter().filter_map(entry).collect()
}

/// Returns the hooks of simple-git-hooks, and the file that has them.
pub(in crate::init) fn simple_git_hooks(
    checkout: &Checkout,
    folder: &str,
) -> Option<(String, Vec<Entry>)> {
    let names = [".simple-git-hooks.json", "simple-git-hooks.json"];
    let file = (names.iter())
        .map(|name| join(folder, name))
        .find(|path| checkout.has(path));
    let config = match &file {
        Some(path) => checkout.config(path)?,
        None => checkout.manifest(folder)["simple-git-hooks"].take(),
    };
    let path = file.unwrap_or_else(|| join(folder, "package.json"));
    let entries = commands(&config, folder);
    (!entries.is_empty()).then_some((path, entries))
}

/// Returns the hooks of husky before 5, and the file that has them.
pub(in crate::init) fn husky_4(checkout: &Checkout, folder: &str) -> Option<(String, Vec<Entry>)> {
    let rc = join(folder, ".huskyrc.json");
    let (path, config) = match checkout.config(&rc) {
        Some(config) => (rc, config),
        None => (
            join(folder, "package.json"),
            checkout.manifest(folder)["husky"].take(),
        ),
    };
    let entries = commands(&config["hooks"], folder);
    (!entries.is_empty()).then_some((path, entries))
}

fn commands(hooks: &Value, folder: &str) -> Vec<Entry> {
    let entry = |(hook, command): (&String, &Value)| {
        let command = command.as_str()?;
        super::HOOKS.contains(&&**hook).then(|| Entry {
            hook: hook.clone(),
            folder: folder.to_owned(),
            covers: Covers::default(),
            run: Run::Command(command.to_owned()),
        })
    };
    hooks
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(entry)
        .collect()
}

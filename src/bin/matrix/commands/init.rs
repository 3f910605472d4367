//! `matrix init`.

use std::path::Path;

use anyhow::{Context as _, bail};
use gate_matrix::config::builtin;
use gate_matrix::model::ExitCode;
use gate_matrix::model::text::{plain, shown};
use gate_matrix::sys::fs;

use super::{complain, open, print};
use crate::args::{ConsumerArgs, InitArgs, SelectArgs};
use crate::settings::Settings;

pub(super) fn run(args: &InitArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let named = ConsumerArgs {
        repo: args.repo.clone(),
        ..ConsumerArgs::default()
    };
    let target = settings.target(&named, &SelectArgs::default())?;
    let consumer = match open(&target.repo, &settings.open_options(&named)?) {
        Ok(consumer) => consumer,
        Err(code) => return Ok(code),
    };
    let root = consumer.root();
    let known = builtin::names().collect::<Vec<_>>().join(", ");
    let gate = args
        .gate
        .clone()
        .or_else(|| used_by(root).map(ToOwned::to_owned));
    let Some(gate) = gate else {
        bail!(
            "no gate was found in the consumer\n  next: name one: --gate NAME; built in are {known}"
        );
    };
    let builtin = builtin::get(&gate).with_context(|| {
        format!(
            "there is no built-in gate `{}`; built-in gates: {known}",
            plain(&gate)
        )
    })?;
    let files = builtin.configuration();
    let there: Vec<_> = files
        .iter()
        .map(|(path, _)| path)
        .filter(|path| root.join(path).symlink_metadata().is_ok())
        .map(shown)
        .collect();
    if !there.is_empty() {
        bail!(
            "nothing was written, since these exist: {}",
            there.join(", ")
        );
    }
    for (path, content) in &files {
        fs::write_new(&root.join(path), content)
            .with_context(|| format!("{} cannot be written", shown(path)))?;
        print(&format!("wrote {}\n", shown(path)));
    }
    complain(
        "The scenarios are those of a mock consumer: change them to edits of your own files,\n\
         commit them (with --no-verify: one holds what the gate blocks), then run\n\
         `matrix check` and `matrix run`.\n",
    );
    Ok(ExitCode::Pass)
}

/// The gate that a consumer seems to use, by the files that it needs.
fn used_by(root: &Path) -> Option<&'static str> {
    let package = std::fs::read_to_string(root.join("package.json")).unwrap_or_default();
    let in_package = |name: &str| package.contains(&format!("\"{name}\""));
    let has = |file: &str| root.join(file).exists();
    match () {
        () if in_package("pumuki") => Some("pumuki"),
        () if has("lefthook.yml") || has(".lefthook.yml") || in_package("lefthook") => {
            Some("lefthook")
        }
        () if has(".husky") || in_package("husky") => Some("husky"),
        () if has(".simple-git-hooks.json") || in_package("simple-git-hooks") => {
            Some("simple-git-hooks")
        }
        () if has(".pre-commit-config.yaml") => Some("pre-commit"),
        () if has("prek.toml") => Some("prek"),
        () => None,
    }
}

//! The repository, its built binary, and the gates to try.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// The demo and the built-in gates whose altered lanes are tried.
pub const GATES: [&str; 6] = [
    "demo",
    "lefthook",
    "husky",
    "simple-git-hooks",
    "pre-commit",
    "prek",
];

/// Returns the demo and the built-in gates that can be installed from a registry in a minute, by name.
pub fn built_in() -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("scenarios"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| name != "pumuki" && name != "hk");
    names.sort();
    Ok(names)
}

/// Returns the root of the repository.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Returns a call of the cargo that runs this chore, in the repository.
pub fn cargo(args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// Runs a command and fails unless it exits 0.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = format!("{command:?}");
    let status = command.status().with_context(|| name.clone())?;
    ensure!(status.success(), "{name}: {status}");
    Ok(())
}

/// Builds the release binary and returns its path.
pub fn release() -> anyhow::Result<PathBuf> {
    run(&mut cargo(&["build", "--release"]))?;
    Ok(target().join("release/matrix"))
}

/// Builds the debug binary and returns its path.
pub fn debug() -> anyhow::Result<PathBuf> {
    run(&mut cargo(&["build"]))?;
    Ok(target().join("debug/matrix"))
}

/// Returns the folder of everything that is built or fetched.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

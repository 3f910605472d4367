//! Writes what `matrix --version` says. The profiles below `scenarios/` are embedded: a change
//! there is a change of the program.

#![expect(
    clippy::disallowed_methods,
    reason = "the doors of `sys` are not built yet"
)]

#[path = "build/commit.rs"]
mod commit;

use std::env;
use std::fs;
use std::path::Path;

/// The commit that a packager names, for sources that do not say.
const NAMED: &str = "MATRIX_BUILD_COMMIT";

fn main() {
    println!("cargo::rerun-if-changed=scenarios");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed={NAMED}");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let abilities = match variable("CARGO_CFG_TARGET_OS").as_str() {
        "linux" => "lanes as layers, sandbox (bubblewrap, landlock)",
        _ => "lanes as copies, no sandbox",
    };
    let lines = [
        Some(variable("CARGO_PKG_VERSION")),
        commit().map(|commit| format!("commit: {commit}")),
        Some(format!("target: {}", variable("TARGET"))),
        Some(format!(
            "able to: {abilities}; `matrix doctor` says what this machine allows"
        )),
    ];
    let text = lines.into_iter().flatten().collect::<Vec<_>>().join("\n");
    let file = Path::new(&variable("OUT_DIR")).join("long-version.txt");
    fs::write(file, text).expect("the folder of the build can be written");
}

fn commit() -> Option<String> {
    if let Some(named) = env::var(NAMED).ok().filter(|named| !named.is_empty()) {
        return Some(named);
    }
    // In a debug build each commit would compile everything again.
    if env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        return None;
    }
    let root = env::var("CARGO_MANIFEST_DIR").ok()?;
    let (commit, files) = commit::commit_of(Path::new(&root))?;
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    Some(commit)
}

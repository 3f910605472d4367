//! Pages that are made from the program: `docs/schemas/` and `docs/runbook.md`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use gate_matrix::artifact::to_bytes;
use gate_matrix::schema;

use crate::cargo::{cargo, root};

/// Writes every page, or fails if one is not current.
pub fn generate(check: bool) -> anyhow::Result<()> {
    let mut stale = Vec::new();
    for (path, text) in pages()? {
        let current = fs::read(root().join(&path)).unwrap_or_default();
        if current == text {
            continue;
        }
        if !check {
            let file = root().join(&path);
            fs::create_dir_all(file.parent().context("a page has a folder")?)?;
            fs::write(file, &text)?;
            println!("wrote {}", path.display());
        }
        stale.push(path.display().to_string());
    }
    ensure!(
        !check || stale.is_empty(),
        "not current: {}\n  next: cargo xtask gen",
        stale.join(", ")
    );
    Ok(())
}

fn pages() -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut pages = Vec::new();
    for (name, _) in schema::NAMES {
        let schema = schema::schema(name).with_context(|| format!("no schema `{name}`"))?;
        pages.push((
            format!("docs/schemas/{name}.json").into(),
            to_bytes(&schema),
        ));
    }
    let explain = cargo(&[
        "run",
        "--quiet",
        "--package",
        "gate-matrix",
        "--",
        "explain",
        "--all",
    ])
    .stderr(std::process::Stdio::inherit())
    .output()?;
    ensure!(
        explain.status.success(),
        "explain --all: {}",
        explain.status
    );
    pages.push(("docs/runbook.md".into(), explain.stdout));
    Ok(pages)
}

//! The files that `matrix init` writes: into free places of the consumer alone.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use gate_matrix::artifact::to_bytes;
use gate_matrix::config::{self, ConfigSource};
use gate_matrix::init::SCHEMA;
use gate_matrix::model::text::{shell, shown};
use gate_matrix::sys::fs;

use super::print;

/// Writes files that do not exist yet, or none.
pub(super) fn write(
    root: &Path,
    files: &[(PathBuf, Vec<u8>)],
    overlays: &[PathBuf],
) -> anyhow::Result<()> {
    let configured = config::find_file(&ConfigSource {
        repo_root: root,
        file: None,
        package: None,
        package_base: root,
        remote: None,
    });
    if let Some(file) = configured.filter(|file| fs::parent(file) != root) {
        let below = file.strip_prefix(root).unwrap_or(&file);
        bail!(
            "nothing was written: {} is the configuration already, and a matrix.toml in the root would take its \
             place, without what is known and accepted beside it\n  next: edit it, or remove it first: git -C {} rm -r -- {}",
            shown(below),
            shell(root),
            shell(below)
        );
    }
    let there = in_the_way(root, files, overlays);
    if !there.is_empty() {
        let (names, words): (Vec<_>, Vec<_>) =
            there.iter().map(|path| (shown(path), shell(path))).unzip();
        bail!(
            "nothing was written, since these exist: {}\n  next: keep them, or remove these first: git -C {} rm -r -- {}",
            names.join(", "),
            shell(root),
            words.join(" ")
        );
    }
    for (path, content) in files {
        let is_without = *path == Path::new("matrix.toml") && !content.starts_with(b"#:schema");
        let content = if is_without {
            [format!("#:schema ./{SCHEMA}\n").as_bytes(), content].concat()
        } else {
            content.clone()
        };
        fs::write_new(&root.join(path), &content)
            .with_context(|| format!("{} cannot be written", shown(path)))?;
        print(&format!("wrote {}\n", shown(path)));
    }
    // Without it an editor says so, and nothing else is lost.
    let _ = write_schema(root);
    Ok(())
}

/// Writes the schema that editors complete and check `matrix.toml` by, and makes git ignore it.
fn write_schema(root: &Path) -> io::Result<()> {
    let path = root.join(SCHEMA);
    let folder = fs::parent(&path);
    match folder.symlink_metadata() {
        Err(_) => {
            fs::create_folder(folder)?;
            fs::write(&folder.join(".gitignore"), b"*\n")?;
        }
        // A link could lead out of the consumer.
        Ok(meta) if !meta.is_dir() => return Err(io::ErrorKind::NotADirectory.into()),
        Ok(_) => {}
    }
    fs::write_atomic(&path, &to_bytes(&config::schema()))
}

/// Returns the paths below the root that must be free, and are not.
fn in_the_way(root: &Path, files: &[(PathBuf, Vec<u8>)], overlays: &[PathBuf]) -> Vec<PathBuf> {
    // A file that lies in an overlay becomes part of it.
    let of_files = files.iter().map(|(path, _)| path);
    let mut all: Vec<PathBuf> = overlays
        .iter()
        .chain(of_files)
        .filter_map(|path| first_in_the_way(root, path))
        .collect();
    let of_overlay = |path: &Path| {
        overlays
            .iter()
            .any(|one| path != one && path.starts_with(one))
    };
    all.retain(|path| !of_overlay(path));
    all.sort();
    all.dedup();
    all
}

/// Returns what exists at a path, or is no folder above it: a link could lead out of the consumer.
fn first_in_the_way(root: &Path, path: &Path) -> Option<PathBuf> {
    let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.retain(|above| !above.as_os_str().is_empty());
    let is_no_folder = |above: &&Path| {
        let meta = root.join(above).symlink_metadata();
        meta.is_ok_and(|meta| !meta.is_dir())
    };
    let blocked = above.into_iter().rev().find(is_no_folder);
    let exists = || root.join(path).symlink_metadata().is_ok();
    blocked
        .or_else(|| exists().then_some(path))
        .map(Path::to_owned)
}

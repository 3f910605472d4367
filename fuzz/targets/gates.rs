//! Configurations of gates and scripts of hooks.

use std::path::{Path, PathBuf};

use gate_matrix::model::ScenarioName;
use gate_matrix::mutation::{commands, configuration, mutations};

use super::{files, is_harmless};

pub fn gates(data: &[u8]) {
    let mut files = files(data);
    files.sort_by_key(|(name, _)| *name);
    files.dedup_by_key(|(name, _)| *name);
    for (name, content) in &files {
        if let Ok(text) = std::str::from_utf8(content) {
            let _ = configuration(Path::new(name), text);
        }
    }
    let files: Vec<(PathBuf, Vec<u8>)> = files
        .into_iter()
        .map(|(name, content)| (name.into(), content))
        .collect();
    weakened(&files);
}

pub fn shell(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = commands(text);
    weakened(&[(".husky/pre-commit".into(), data.to_vec())]);
}

/// Every mutation differs, has a name of its own and can be read as its original was.
fn weakened(files: &[(PathBuf, Vec<u8>)]) {
    let (all, unread) = mutations(files);
    let mut ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len(), "ids twice");
    for one in &all {
        assert!(one.id.parse::<ScenarioName>().is_ok(), "{}", one.id);
        is_harmless(&one.description);
        is_harmless(&one.rule.to_string());
        let of_file = files.iter().filter(|(file, _)| *file == one.file);
        let originals: Vec<_> = of_file.map(|(_, content)| content).collect();
        assert!(
            originals.iter().all(|original| **original != one.content),
            "{one:?}"
        );
        let text = std::str::from_utf8(&one.content).unwrap();
        let lines = originals
            .iter()
            .map(|original| original.split(|b| *b == b'\n').count());
        assert!(
            one.line >= 1 && lines.max().is_some_and(|lines| one.line <= lines),
            "{one:?}"
        );
        let is_read = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            let is_script = commands(text).is_ok();
            if one.file.starts_with(".husky") {
                return is_script;
            }
            // Scripts of hooks have other names too.
            let may_be_script = one.id.contains("pass-always");
            configuration(&one.file, text).is_ok() || may_be_script && is_script
        };
        assert!(
            is_read(&one.content) || !originals.iter().all(|it| is_read(it)),
            "{text}"
        );
    }
    for unread in &unread {
        is_harmless(&unread.why);
    }
}

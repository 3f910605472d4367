//! Changes of files, and configurations of git.

use std::path::{Path, PathBuf};

use gate_matrix::sys::git::{HooksFolder, configured_hooks, doors};

use super::{file, files, folder};

/// The violation is what adds lines with `BAD`; what is taken out adds none of them, and
/// nothing else is made up.
pub fn hunks(data: &[u8]) {
    let files = files(data);
    let old = file(&files, "old").unwrap_or_default();
    let new = file(&files, "new").unwrap_or_default();
    let is_bad = |line: &[u8]| line.windows(3).any(|word| word == b"BAD");
    let rest = |chosen: &dyn Fn(&[u8]) -> bool| doors::without_chosen(old, new, chosen).unwrap();
    assert_eq!(rest(&|_| false), new, "nothing was chosen");
    let count = |text: &[u8]| lines(text).filter(|line| is_bad(line)).count();
    assert!(count(&rest(&is_bad)) <= count(old), "a violation is left");
    let all = rest(&|_| true);
    let mut of_old = lines(old);
    assert!(
        lines(&all).all(|line| of_old.any(|old| old == line)),
        "a line is added"
    );
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
}

/// Whatever libgit2 includes, the guard has looked at; and what the runner reads of a lane's
/// settings.
pub fn includes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let looked_at = doors::includes(&text);
    // An absolute path could be anything of this machine.
    if looked_at.iter().any(|path| path.is_absolute()) {
        return;
    }
    let (folder, _) = folder(&[(".git/config", data.to_vec())]);
    let (clone, file) = (folder.path(), folder.path().join(".git/config"));
    let none = clone.join("none");
    let _ = HooksFolder::of(clone, &none, clone);
    let hooks = configured_hooks(&none, &file, "pre-commit");
    assert!(hooks.len() <= text.lines().count());
    for (name, _) in doors::secrets(&file).unwrap_or_default() {
        assert!(!name.is_empty());
    }
    is_looked_at(&file, &looked_at);
}

fn is_looked_at(file: &Path, looked_at: &[PathBuf]) {
    let Ok(config) = git2::Config::open(file) else {
        return;
    };
    let mut entries = config.entries(None).unwrap();
    while let Some(entry) = entries.next() {
        let Ok(entry) = entry else { continue };
        let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
        let is_include =
            name == "include.path" || name.starts_with("includeif.") && name.ends_with(".path");
        if !is_include || !entry.has_value() || entry.include_depth() > 0 {
            continue;
        }
        let value = String::from_utf8_lossy(entry.value_bytes()).into_owned();
        assert!(
            looked_at.contains(&PathBuf::from(&value)),
            "{value:?} not in {looked_at:?}"
        );
    }
}

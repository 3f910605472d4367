//! The parsers of what others wrote, each as a function of bytes that panics if a promise
//! is broken. `fuzz/src/main.rs` gives them to libFuzzer, `tests/it/fuzz_seeds.rs` the seeds.

use std::path::{Component, Path};

mod assertions;
mod config;
mod gates;
mod git;
mod init;
mod lockfiles;
mod logs;
mod process;
mod records;
mod secrets;

/// A parser, tried with these bytes.
pub type Target = fn(&[u8]);

/// Every parser by its name, which is that of its folder below `fuzz/seeds/`.
pub const TARGETS: [(&str, Target); 14] = [
    ("assertions", assertions::assertions),
    ("config", config::config),
    ("gates", gates::gates),
    ("hunks", git::hunks),
    ("includes", git::includes),
    ("init", init::init),
    ("lockfiles", lockfiles::lockfiles),
    ("logs", logs::logs),
    ("process", process::process),
    ("records", records::records),
    ("secrets", secrets::secrets),
    ("settings", secrets::settings),
    ("shell", gates::shell),
    ("trace", process::trace),
];

/// Files in one text: each begins with a line `-- NAME --`. What stands before the first
/// has an empty name.
fn files(data: &[u8]) -> Vec<(&str, Vec<u8>)> {
    let mut files: Vec<(&str, Vec<u8>)> = vec![("", Vec::new())];
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = std::str::from_utf8(text).unwrap_or_default();
        let name = text
            .strip_prefix("-- ")
            .and_then(|rest| rest.strip_suffix(" --"));
        match name {
            Some(name) => files.push((name, Vec::new())),
            None => files.last_mut().unwrap().1.extend_from_slice(line),
        }
    }
    if files[0].1.is_empty() {
        files.remove(0);
    }
    files
}

/// The content of a file, which may be missing.
fn file<'a>(files: &'a [(&str, Vec<u8>)], name: &str) -> Option<&'a [u8]> {
    let found = files.iter().find(|(other, _)| *other == name)?;
    Some(&found.1)
}

/// A new folder with those of the files that have a name which stays in it, and their names.
fn folder(files: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, Vec<String>) {
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    let folder = folder.unwrap();
    let mut written = Vec::new();
    for (name, content) in files.iter().take(20) {
        let inside = |part| matches!(part, Component::Normal(_));
        let is_plain = !name.is_empty() && name.len() < 100 && !name.contains('\0');
        if !is_plain || !Path::new(name).components().all(inside) || name.ends_with('/') {
            continue;
        }
        let path = folder.path().join(name);
        let made = std::fs::create_dir_all(path.parent().unwrap());
        // A file cannot be where a folder is.
        if made.and_then(|()| std::fs::write(path, content)).is_ok() {
            written.push((*name).to_owned());
        }
    }
    written.sort();
    written.dedup();
    (folder, written)
}

/// Fails if a text could do something to a terminal that shows it, or hide a part of itself.
#[track_caller]
fn is_harmless(text: &str) {
    let harmful = text
        .chars()
        .find(|c| c.is_control() && *c != '\n' && *c != '\t');
    assert_eq!(harmful, None, "not harmless: {text:?}");
}

/// Fails if a document changes when it is written and read again.
#[track_caller]
fn comes_back<T: serde::Serialize + serde::de::DeserializeOwned>(document: &T) {
    let bytes = serde_json::to_vec(document).unwrap();
    let again: T = serde_json::from_slice(&bytes)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&bytes)));
    let again = serde_json::to_vec(&again).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&again),
        String::from_utf8_lossy(&bytes)
    );
}

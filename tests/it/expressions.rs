//! Every expression that stands in the source as a literal can be compiled: many of them are
//! read into an `Option`, and a broken one would match nothing in silence.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// Returns the text of the raw literals at the beginning, one after the other as `concat!`
/// has them.
fn literals(mut text: &str) -> Option<String> {
    let mut all = None::<String>;
    loop {
        text = text.trim_start_matches([' ', '\n', ',']);
        let hashes = text.strip_prefix('r')?;
        let count = hashes.len() - hashes.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(count));
        let body = hashes[count..].strip_prefix('"')?;
        let (literal, rest) = body.split_once(&end).unwrap();
        all.get_or_insert_default().push_str(literal);
        if rest.trim_start_matches([' ', '\n', ',']).starts_with(')') {
            return all;
        }
        text = rest;
    }
}

#[test]
fn every_literal_expression_can_be_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut names = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for opening in ["Regex::new(", "pattern!("] {
            for (at, _) in text.match_indices(opening) {
                let after = text[at + opening.len()..].trim_start();
                let after = after.strip_prefix("concat!(").unwrap_or(after);
                let Some(literal) = literals(after) else {
                    continue;
                };
                let name = file.strip_prefix(root).unwrap().display().to_string();
                let line = text[..at].matches('\n').count() + 1;
                if let Err(e) = Regex::new(&literal) {
                    panic!("{name}:{line}: {e}");
                }
                names.push(name);
            }
        }
    }
    // Literals of each form are found, or the test would hold nothing.
    let count = |name: &str| names.iter().filter(|found| *found == name).count();
    assert_eq!(count("src/init/violations/markers.rs"), 4, "{names:?}");
    assert!(count("src/mutation/shell/words.rs") >= 3, "{names:?}");
    assert!(count("src/lane/outside.rs") == 1, "{names:?}");
}

//! The habits of this repository that a script can hold: language, names and
//! sizes. Each failure names file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file by its path below the repository.
struct Source {
    name: String,
    lines: Vec<String>,
}

fn sources() -> Vec<Source> {
    fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|end| end == "rs") {
                into.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("src"), &mut paths);
    collect(&root.join("xtask/src"), &mut paths);
    paths.sort();
    let read = |path: &PathBuf| Source {
        name: path.strip_prefix(root).unwrap().display().to_string(),
        lines: fs::read_to_string(path)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect(),
    };
    paths.iter().map(read).collect()
}

impl Source {
    /// The lines that a rule refuses, as `file:line: text`.
    fn refused(&self, rule: impl Fn(usize, &str) -> bool) -> Vec<String> {
        let lines = self.lines.iter().enumerate();
        let refused = lines.filter(|(at, line)| rule(*at, line));
        refused
            .map(|(at, line)| format!("{}:{}: {}", self.name, at + 1, line.trim()))
            .collect()
    }

    fn is_test(&self) -> bool {
        self.name.contains("/tests") || self.name.ends_with("tests.rs")
    }
}

#[track_caller]
fn none(refused: Vec<String>, remedy: &str) {
    assert!(refused.is_empty(), "{}\n{remedy}", refused.join("\n"));
}

fn doc_text(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line
        .strip_prefix("///")
        .or_else(|| line.strip_prefix("//!"))?;
    Some(text.trim_start())
}

#[test]
fn summaries_begin_with_a_verb_or_a_noun() {
    let words = ["What", "Who", "Where", "Which", "Whether"];
    let all = sources();
    let refused = all.iter().flat_map(|source| {
        source.refused(|at, line| {
            let is_first = at == 0 || doc_text(&source.lines[at - 1]).is_none();
            let first = doc_text(line).and_then(|text| text.split_whitespace().next());
            is_first && first.is_some_and(|first| words.contains(&first))
        })
    });
    none(
        refused.collect(),
        "begin with a verb or a noun phrase: docs/style.md",
    );
}

#[test]
fn comments_name_processes_and_not_people() {
    let people = regex::Regex::new(r"(?i)//.*\b(nobody|somebody|whoever|anybody)\b").unwrap();
    let all = sources();
    let refused = all
        .iter()
        .flat_map(|source| source.refused(|_, line| people.is_match(line)));
    none(
        refused.collect(),
        "name the runner, the supervisor, the child or the user",
    );
}

#[test]
fn names_are_bound_once() {
    let binding = regex::Regex::new(r"^(\s*)let (?:mut )?([a-z][a-z0-9_]*)\b").unwrap();
    let all = sources();
    let all: Vec<_> = all.iter().filter(|source| !source.is_test()).collect();
    let refused = all.iter().flat_map(|source| {
        source.refused(|at, line| {
            let Some(this) = binding.captures(line) else {
                return false;
            };
            let before = source.lines[at.saturating_sub(6)..at].iter();
            before
                .filter_map(|line| binding.captures(line))
                .any(|other| other[1] == this[1] && other[2] == this[2])
        })
    });
    let refused: Vec<_> = refused.collect();
    let lines: usize = all.iter().map(|source| source.lines.len()).sum();
    let text = refused.join("\n");
    assert!(
        refused.len() * 1000 < 2 * lines,
        "{text}\n{} in {lines} lines: chain the calls, or name the second thing",
        refused.len()
    );
}

#[test]
fn files_and_functions_stay_small() {
    let begins = regex::Regex::new(r"^(\s*)(?:pub(?:\([^)]*\))? )?(?:const )?fn (\w+)").unwrap();
    let mut refused = Vec::new();
    for source in sources() {
        let (name, count) = (&source.name, source.lines.len());
        if count > 500 {
            refused.push(format!(
                "{name}: {count} lines, 500 at most: split it by meaning"
            ));
        }
        for (at, line) in source.lines.iter().enumerate() {
            let Some(function) = begins.captures(line) else {
                continue;
            };
            let end = format!("{}}}", &function[1]);
            let length = source.lines[at..].iter().position(|line| *line == end);
            if length.is_some_and(|length| length >= 80) && !line.trim_end().ends_with(';') {
                refused.push(format!(
                    "{name}:{}: `{}` is over 80 lines",
                    at + 1,
                    &function[2]
                ));
            }
        }
    }
    none(refused, "files have 500 lines at most, functions 80");
}

#[test]
fn ids_of_stages_are_made_in_one_place() {
    let prefix = regex::Regex::new(r#""stage_("|\{)"#).unwrap();
    let all = sources();
    let holders: Vec<_> = all
        .iter()
        .filter(|source| source.lines.iter().any(|line| prefix.is_match(line)))
        .map(|source| source.name.as_str())
        .filter(|name| name.starts_with("src/"))
        .collect();
    assert_eq!(holders, ["src/model/step_id.rs"], "use StepId");
}

#[test]
fn the_diagnosis_compares_values_and_not_sentences() {
    let sentence = regex::Regex::new(r#"[=!]= "[^"]* [^"]*""#).unwrap();
    let all = sources();
    let all = all
        .iter()
        .filter(|source| source.name.starts_with("src/diagnosis"));
    let refused = all.flat_map(|source| source.refused(|_, line| sentence.is_match(line)));
    none(refused.collect(), "match on FailureDetail");
}

mod configurations;
mod names;
mod promises;
mod shell;

use std::path::PathBuf;

use super::{Mutation, Unread, mutations};

fn of(name: &str, text: &str) -> (Vec<Mutation>, Vec<Unread>) {
    mutations(&[(PathBuf::from(name), text.as_bytes().to_vec())])
}

/// Each mutation as its id behind the name of the file, and the lines that
/// differ: `-` what is gone, `+` what came.
fn shown(name: &str, text: &str) -> Vec<String> {
    let (found, unread) = of(name, text);
    assert_eq!(unread, [], "{name}: {text}");
    found
        .iter()
        .map(|one| {
            let new = std::str::from_utf8(&one.content).unwrap();
            let id = one.id.replace(&format!("{}-", super::slugged(name)), "");
            format!("{id}: {}", difference(text, new))
        })
        .collect()
}

/// The lines between the common beginning and the common end.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = (old[head..].iter().rev().zip(new[head..].iter().rev()))
        .take_while(|(a, b)| a == b)
        .count();
    let lines = |lines: &[&str]| {
        let trimmed: Vec<_> = lines.iter().map(|line| line.trim()).collect();
        trimmed.join(" ⏎ ")
    };
    format!(
        "{} -> {}",
        lines(&old[head..old.len() - tail]),
        lines(&new[head..new.len() - tail])
    )
}

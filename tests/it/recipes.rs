//! The recipes of the documentation, run as they are written.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Consumer, World};

type Files = BTreeMap<String, String>;

/// The files of a section: fenced blocks, each below the line that names it.
fn files(section: &str) -> Files {
    let mut files = Files::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let name = line
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix("`:"));
        let Some(name) = name else { continue };
        let mut block = lines.by_ref().skip_while(|line| line.is_empty());
        assert!(block.next().unwrap().starts_with("```"), "{name}");
        let block = block.take_while(|line| *line != "```");
        let text: String = block.flat_map(|line| [line, "\n"]).collect();
        files.insert(name.to_owned(), text);
    }
    files
}

/// The title of each recipe, with its files beside those that all have.
fn recipes() -> Vec<(String, Files)> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/recipes.md");
    let page = fs::read_to_string(page).unwrap();
    let mut sections = page.split("\n## ");
    let common = files(sections.next().unwrap());
    let recipe = |section: &str| {
        let (title, text) = section.split_once('\n').unwrap();
        let mut own = files(text);
        let (keys, tables) = common["matrix.toml"].split_once("\n\n").unwrap();
        // Keys come before the tables.
        let of_recipe = &own["matrix.toml"];
        let (more, rest) = match of_recipe.find('[') {
            Some(at) if !of_recipe[..at].trim().is_empty() => of_recipe.split_at(at),
            _ => ("", &**of_recipe),
        };
        let toml = format!("{keys}\n{more}\n{tables}\n{rest}");
        own.insert("matrix.toml".to_owned(), toml);
        own.entry("note".to_owned())
            .or_insert(common["note"].clone());
        (title.to_owned(), own)
    };
    sections.map(recipe).collect()
}

fn consumer(world: &World, name: &str, files: &Files) -> Consumer {
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    world.consumer(name, &files)
}

#[test]
fn every_recipe_is_green_and_needs_its_hooks() {
    let recipes = recipes();
    assert_eq!(recipes.len(), 11);
    for (title, mut files) in recipes {
        let world = World::new();
        let ran = world.run(&consumer(&world, "whole", &files), &["--strict"]);
        assert_eq!(ran.code, 0, "{title}: {ran:?}");
        for (path, text) in &mut files {
            if path.starts_with("hooks/") {
                *text = "#!/bin/sh\nexit 0\n".to_owned();
            }
        }
        let ran = world.run(&consumer(&world, "open", &files), &[]);
        assert_eq!(ran.code, 1, "{title}: {ran:?}");
    }
}

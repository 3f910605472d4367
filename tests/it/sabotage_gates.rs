//! The scorecards of real gates, as their registries have them.

use std::process::Command;

use serde_json::Value;

use crate::support::trials::{badge_fits, row};
use crate::support::{Consumer, Ran, World, json};

/// Every sabotage, how it ends, and the stages that are open.
const LEFTHOOK: &str = "\
fails_open fresh-clone: pre-commit pre-push
fails_closed install-without-activation:
fails_open install-ci-true: pre-commit pre-push
fails_open install-ci-1: pre-commit pre-push
fails_closed activate-ci-true:
fails_closed activate-ci-1:
fails_open install-ignore-scripts: pre-commit pre-push
cannot_be_applied npm-ci-ignore-scripts:
of_other_gates install-husky-0:
of_other_gates install-skip-simple-git-hooks:
fails_open hook-not-executable: pre-commit pre-push
fails_open hook-emptied: pre-commit pre-push
fails_open hook-replaced: pre-commit pre-push
of_other_gates husky-hooks-deleted:
fails_open hooks-path-global: pre-commit pre-push
fails_open hooks-path-option: pre-commit pre-push
fails_open no-verify: pre-commit pre-push
fails_closed stage-ci-true:
fails_closed stage-ci-1:
fails_open lefthook-0: pre-commit pre-push ci
of_other_gates husky-0:
of_other_gates skip-simple-git-hooks-1:
of_other_gates pre-commit-skip:
of_other_gates prek-skip:
of_other_gates husky-init-exits:
fails_open node-modules-removed: pre-commit pre-push
fails_open npm-uninstall: pre-commit pre-push
cannot_be_applied pip-uninstall:
cannot_be_applied venv-moved:
fails_open gate-shadowed-on-path: pre-commit pre-push
fails_open configuration-deleted: pre-commit pre-push ci
fails_closed configuration-broken:
fails_closed shallow-clone:
fails_closed detached-head:
fails_closed linked-worktree:
cannot_be_applied configured-hook-disabled:
cannot_be_applied configured-hook-shadowed:
fails_closed hooks-path-left-behind:
fails_open hooks-path-set-later: pre-commit pre-push
fails_open husky-on-top: pre-commit pre-push
of_other_gates prek-beside-pre-commit:
of_other_gates prek-in-huskys-folder:
fails_closed install-scripts-held-back:
fails_open install-without-dev: pre-commit pre-push
fails_closed npx-other-version:
cannot_be_applied warm-store:
fails_open arrives-by-cherry-pick: pre-commit
fails_open arrives-by-rebase: pre-commit
fails_open arrives-by-am: pre-commit
fails_open arrives-by-merge: pre-commit
fails_open empty-commit: pre-commit
";

#[test]
fn the_scorecard_of_lefthook_is_as_measured() {
    let world = World::with_package_caches();
    let consumer = scored(&world, "lefthook", &[], LEFTHOOK);
    let file = |name: &str| consumer.artifacts().join(name);
    let card = json(&file("lefthook-sabotage-summary.json")).unwrap();
    assert_eq!(card, consumer.found("sabotage"));
    assert!(!file("lefthook-sabotage-last-failure.json").exists());
    assert_eq!(card["final_verdict"], "PASS");
    assert_eq!(card["package_resolved"]["version"], "2.2.2");
    let run = consumer.run_folder();
    let svg = std::fs::read_to_string(run.join("sabotage.svg")).unwrap();
    badge_fits(&svg, "23 of 35 open");
    let markdown = std::fs::read_to_string(run.join("sabotage.md")).unwrap();
    assert!(markdown.starts_with("# Sabotage of lefthook 2.2.2\n"));
    let rows = markdown.lines().filter(|line| line.starts_with("| ["));
    assert_eq!(rows.count(), 41);
}

#[test]
fn what_only_husky_has_is_as_measured() {
    let told = "\
        fails_open install-husky-0: pre-commit pre-push\n\
        fails_open husky-hooks-deleted: pre-commit pre-push\n\
        fails_open husky-0: pre-commit pre-push\n\
        fails_open husky-init-exits: pre-commit pre-push\n\
        fails_closed node-modules-removed:\n";
    let world = World::with_package_caches();
    let consumer = only(&world, "husky", told);
    let card = consumer.found("sabotage");
    let wrong_reason = row(&card, "node-modules-removed");
    let seen = wrong_reason["seen"].as_str().unwrap();
    assert!(seen.contains("did not find a program"), "{seen}");
    assert_eq!(wrong_reason["green"], false);
}

#[test]
fn what_only_simple_git_hooks_has_is_as_measured() {
    let told = "\
        fails_closed install-ci-true:\n\
        fails_open install-skip-simple-git-hooks: pre-commit pre-push\n\
        fails_open skip-simple-git-hooks-1: pre-commit pre-push\n";
    only(&World::with_package_caches(), "simple-git-hooks", told);
}

#[test]
fn the_shim_of_pre_commit_fails_closed_where_its_program_is_gone() {
    let told = "\
        fails_open pre-commit-skip: pre-commit pre-push ci\n\
        fails_closed pip-uninstall:\n\
        fails_closed venv-moved:\n";
    let world = World::with_package_caches();
    let consumer = only(&world, "pre-commit", told);
    let card = consumer.found("sabotage");
    for id in ["pip-uninstall", "venv-moved"] {
        // Blocked, but not for the violation.
        assert_eq!(row(&card, id)["green"], false, "{id}");
    }
}

#[test]
fn what_only_prek_has_is_as_measured() {
    let told = "\
        fails_open prek-skip: pre-commit pre-push ci\n\
        fails_closed venv-moved:\n";
    only(&World::with_package_caches(), "prek", told);
}

#[test]
fn lefthook_asserted_to_be_installed_closes_what_takes_it_away() {
    let asked = "\
        fails_open lefthook-0: pre-commit pre-push ci\n\
        fails_open node-modules-removed: pre-commit pre-push\n\
        fails_open npm-uninstall: pre-commit pre-push\n\
        fails_open gate-shadowed-on-path: pre-commit pre-push\n";
    let is_so_without = |line: &str| LEFTHOOK.lines().any(|row| row == line);
    assert!(asked.lines().all(is_so_without));
    let world = World::with_package_caches();
    let unused = world.path().join("unused");
    let root = world.path().join("lefthook");
    let [root_, unused] = [&root, &unused].map(|path| path.to_str().unwrap());
    let lay = ["demo", "lefthook", "--into", root_, "--artifacts", unused];
    passes(world.online(&[&lay[..], &["--scenario", "clean", "--stage", "ci"]].concat()));
    let consumer = Consumer { root: root.clone() };
    let yml = std::fs::read_to_string(root.join("lefthook.yml")).unwrap();
    consumer.write(
        "lefthook.yml",
        &format!("assert_lefthook_installed: true\n{yml}"),
    );
    consumer.commit("assert that lefthook is installed");
    let args = ["sabotage", "--repo", root_, "--scenario", "violations"];
    passes(world.online(&[&args[..], &picked(asked)].concat()));
    let closed = asked
        .replace(
            "open node-modules-removed: pre-commit pre-push",
            "closed node-modules-removed:",
        )
        .replace(
            "open npm-uninstall: pre-commit pre-push",
            "closed npm-uninstall:",
        );
    let told = told_by(&consumer.found("sabotage"));
    let sorted = |told: &str| {
        told.lines()
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(sorted(&told), sorted(&closed));
}

/// Plays these sabotages of a gate in its mock consumer.
#[track_caller]
fn only(world: &World, gate: &str, told: &str) -> Consumer {
    let mut args = vec!["--scenario", "violations"];
    args.extend(picked(told));
    scored(world, gate, &args, told)
}

/// `--only` for each line of what is to be told.
fn picked(told: &str) -> Vec<&str> {
    let ids = told
        .lines()
        .filter_map(|line| line.trim().split([' ', ':']).nth(1));
    ids.flat_map(|id| ["--only", id]).collect()
}

/// The scorecard of a gate in its mock consumer, which is as told and sound.
#[track_caller]
fn scored(world: &World, gate: &str, more: &[&str], told: &str) -> Consumer {
    let root = world.path().join(gate);
    let mut args = vec!["sabotage", "--gate", gate, "--into", root.to_str().unwrap()];
    args.extend(more);
    passes(world.online(&args));
    let consumer = Consumer { root };
    let card = consumer.found("sabotage");
    // Sorted otherwise than the table.
    let sorted = |told: &str| {
        told.lines()
            .map(|l| l.trim().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(sorted(&told_by(&card)), sorted(told));
    for row in card["sabotages"].as_array().unwrap() {
        let is_said = |key: &str| !row[key].as_str().unwrap().is_empty();
        assert!(is_said("seen") && is_said("remedy"), "{row:#}");
        let open = row["outcome"] == "fails_open";
        assert!(!open || row["green"] == false, "open and green: {row:#}");
    }
    consumer
}

#[track_caller]
fn passes(mut command: Command) {
    let ran = Ran::of(command.output().unwrap());
    ran.expect(0);
}

fn told_by(card: &Value) -> String {
    let line = |row: &Value| {
        let stages = ["pre-commit", "pre-push", "ci"].into_iter();
        let open = stages.filter(|stage| row["stages"][stage] == "open");
        let open: String = open.map(|stage| format!(" {stage}")).collect();
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        format!("{} {}:{open}\n", text("outcome"), text("id"))
    };
    card["sabotages"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect()
}

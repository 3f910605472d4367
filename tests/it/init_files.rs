//! `init` writes into free places of the consumer alone, and says which are not.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Consumer, World};

const LEFTHOOK: &str = "pre-commit:\n  jobs:\n    - run: \"! grep -rn FIXME src\"\n";
const FILES: [(&str, &str); 2] = [("lefthook.yml", LEFTHOOK), ("src/a.js", "a();\n")];

/// Sees that nothing is written, and that exactly these words are named for removal.
#[track_caller]
fn refused(world: &World, consumer: &Consumer, more: &[&str], said: &str, removed: &str) {
    let before = consumer.git(&["status", "--porcelain", "--ignored"]);
    let repo = consumer.root.to_str().unwrap();
    let ran = world.matrix(&[&["init", "--repo", repo], more].concat());
    let command = format!("git -C \"{repo}\" rm -r -- {removed}\n");
    for part in [said, &*command] {
        assert!(
            ran.expect(2).stderr.contains(part),
            "{part}:\n{}",
            ran.stderr
        );
    }
    assert_eq!(ran.stdout, "");
    let after = consumer.git(&["status", "--porcelain", "--ignored"]);
    assert_eq!(before, after);
}

/// A matrix.toml in the root would be read in its place, without what is accepted beside it.
#[test]
fn a_configuration_in_its_other_place_is_kept() {
    let world = World::new();
    let own = [(".config/matrix.toml", "schema = 1\n")];
    let consumer = world.consumer("consumer", &[&FILES[..], &own].concat());
    let said = "nothing was written: .config/matrix.toml is the configuration already";
    refused(&world, &consumer, &[], said, "\".config/matrix.toml\"");
}

#[test]
fn what_is_in_the_way_is_named_and_nothing_else() {
    for (own, more, said, removed) in [
        (
            vec!["matrix.toml", "scenarios/README.md"],
            vec![],
            "since these exist: matrix.toml\n",
            "\"matrix.toml\"",
        ),
        // It would become part of what the overlay changes.
        (
            vec!["scenarios/mixed/stray.txt", "scenarios/other/own.txt"],
            vec![],
            "since these exist: scenarios/mixed\n",
            "\"scenarios/mixed\"",
        ),
        (
            vec!["scenarios/clean/stray.txt"],
            vec!["--gate", "demo"],
            "since these exist: scenarios/clean\n",
            "\"scenarios/clean\"",
        ),
        (
            vec!["scenarios"],
            vec![],
            "since these exist: scenarios\n",
            "\"scenarios\"",
        ),
    ] {
        let world = World::new();
        let own: Vec<_> = own.iter().map(|path| (*path, "own\n")).collect();
        let consumer = world.consumer("consumer", &[&FILES[..], &own].concat());
        refused(&world, &consumer, &more, said, removed);
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    for link in ["scenarios", "scenarios/violations"] {
        let world = World::new();
        let consumer = world.consumer("consumer", &FILES);
        let out = world.path().join("out");
        fs::create_dir(&out).unwrap();
        let at = consumer.root.join(link);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(&out, at).unwrap();
        consumer.commit("a link");
        let said = format!("since these exist: {link}\n");
        refused(&world, &consumer, &[], &said, &format!("\"{link}\""));
        assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    }
}

/// Names of files are written by whoever made the change that is looked at.
#[test]
fn a_file_name_adds_no_line_to_the_configuration_or_the_report() {
    let forged = "\n[[activate]]\nstep = \"own\"\nrun = [\"own\"]\n#\u{1b}[1m\u{7f}";
    for (config, source) in [
        (format!("ruff.toml{forged}"), format!("a{forged}.py")),
        (".githooks/pre-commit".to_owned(), format!("a\\{forged}.js")),
    ] {
        let world = World::new();
        let files = [(&*config, "#!/bin/sh\n./mystery\n"), (&*source, "a = 1\n")];
        let consumer = world.consumer("consumer", &files);
        let ran = world.matrix(&["init", "--repo", consumer.root.to_str().unwrap()]);
        ran.expect(0);
        let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
        for line in [ran.stderr.lines(), ran.stdout.lines(), toml.lines()]
            .into_iter()
            .flatten()
        {
            assert!(
                !line.starts_with("step = \"own\""),
                "{toml}\n{}",
                ran.stderr
            );
            assert!(!line.contains('\u{1b}'), "{line}");
        }
        assert_ne!(ran.stderr, "");
        consumer.commit("Try our gate");
        let shown = world.matrix(&["list", "--repo", consumer.root.to_str().unwrap()]);
        shown.expect(0);
    }
}

#[test]
fn a_template_has_the_name_of_the_package_and_refuses_what_is_none() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("src/a.js", "a();\n")]);
    let init = |package: &str| {
        let repo = consumer.root.to_str().unwrap();
        world.matrix(&[
            "init",
            "--repo",
            repo,
            "--gate",
            package,
            "--registry",
            "npm",
        ])
    };
    for package in ["a\nb", "a\"b", "@acme/"] {
        let ran = init(package);
        assert!(
            ran.expect(2)
                .stderr
                .contains("next: give --gate the package")
        );
    }
    init("@acme/keeper@1.2.3").expect(0);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    for line in [
        "package = \"@acme/keeper@1.2.3\"",
        "# programs = [\"node_modules/@acme/keeper/bin/*\"]",
        "gate = \"keeper\"",
    ] {
        assert!(toml.contains(line), "{line}:\n{toml}");
    }
}

/// Two clones of one commit get one configuration.
#[test]
fn what_git_does_not_track_is_not_read() {
    let world = World::new();
    let precommit =
        "repos:\n- repo: local\n  hooks: [{id: a, language: system, entry: sh check.sh}]\n";
    let manifest = "{\"devDependencies\": {\"husky\": \"^9.1.7\"}}";
    let files = [
        (".gitignore", "*-lock.json\npnpm-lock.yaml\n"),
        (".pre-commit-config.yaml", precommit),
        ("package.json", manifest),
        (".husky/pre-commit", "npx eslint .\n"),
        ("src/a.js", "a();\n"),
    ];
    let written = |name: &str, untracked: &[(&str, &str)], gate: &str| {
        let consumer = world.consumer(name, &files);
        for (path, text) in untracked {
            consumer.write(path, text);
        }
        let repo = consumer.root.to_str().unwrap();
        world
            .matrix(&["init", "--repo", repo, "--gate", gate])
            .expect(0);
        fs::read_to_string(consumer.root.join("matrix.toml")).unwrap()
    };
    let lock = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    devDependencies:\n      husky:\n        specifier: ^9.1.7\n        version: 9.1.6\n";
    let untracked = [
        ("pnpm-lock.yaml", lock),
        (".git/hooks/pre-commit", "exec prek run\n"),
    ];
    for gate in ["husky", "pre-commit"] {
        let one = written(&format!("{gate}-one"), &[], gate);
        let other = written(&format!("{gate}-other"), &untracked, gate);
        assert_eq!(one, other);
    }
}

#[test]
fn another_gate_is_named_once() {
    let world = World::new();
    let hooks = "{\"simple-git-hooks\": {\"pre-commit\": \"npx eslint .\"}}";
    let more = [
        ("a/package.json", hooks),
        ("a/.husky/pre-commit", "npx eslint .\n"),
        ("b/package.json", "{}"),
        ("b/.husky/pre-commit", "npx eslint .\n"),
    ];
    let consumer = world.consumer("consumer", &[&FILES[..], &more].concat());
    let ran = world.matrix(&["init", "--repo", consumer.root.to_str().unwrap()]);
    let told = "also found: husky, simple-git-hooks;";
    assert!(ran.expect(0).stderr.contains(told), "{}", ran.stderr);
}

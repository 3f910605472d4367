//! Credentials that lie about: no step sees them, and no file of a run holds them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Consumer, Ran, World, git};

/// A secret of no known shape.
const TOKEN: &str = "sesame-open-17-planted";

/// A gate whose installation and stage print what they can read of these files.
fn curious(world: &World, files: &[&Path]) -> Consumer {
    let words: Vec<_> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let cat = format!("cat {} 2>&1 || true", words.join(" "));
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n\
         [[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", '''{cat}''']\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", '''{cat}''']\n\
         [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = {{ ci = 0 }}\n"
    );
    let files = [
        ("matrix.toml", &*toml),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
        (".gitignore", ".env\nartifacts/\n"),
    ];
    world.consumer("consumer", &files)
}

fn run(world: &World, consumer: &Consumer) -> Ran {
    let mut command = world.run_command(consumer, &["--sandbox", "require"]);
    command.env("MATRIX_SANDBOX", "require");
    Ran::of(command.output().unwrap())
}

/// No file that the run left holds the text, in any of its forms.
#[track_caller]
fn nowhere(consumer: &Consumer, text: &str) {
    let mut folders = vec![consumer.artifacts()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let content = fs::read(&path).unwrap_or_default();
            let content = String::from_utf8_lossy(&content);
            assert!(!content.contains(text), "{}: {content}", path.display());
        }
    }
}

#[test]
fn the_consumers_git_folder_and_untracked_files_are_hidden() {
    let world = World::new();
    let root = world.path().join("consumer");
    let env = root.join(".env");
    let consumer = curious(&world, &[&root.join(".git/config"), &env]);
    let header = "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46cGxhbnRlZA==";
    git(
        &root,
        &[
            "config",
            "http.https://example.invalid/.extraheader",
            header,
        ],
    );
    fs::write(&env, format!("KEY={TOKEN}\n")).unwrap();
    run(&world, &consumer).expect(0);
    for (scenario, step) in [("clean", "fetch"), ("clean", "stage_ci")] {
        let log = consumer.log(scenario, step);
        assert_eq!(log.matches("No such file").count(), 2, "{step}: {log}");
    }
    nowhere(&consumer, TOKEN);
    nowhere(&consumer, "eC1hY2Nlc3MtdG9rZW46cGxhbnRlZA");
}

#[test]
fn a_step_that_names_the_consumer_sees_what_git_tracks() {
    let world = World::new();
    let root = world.path().join("consumer");
    let paths = [
        root.join(".git/config"),
        root.join(".env"),
        root.join("keys/own.txt"),
    ];
    let consumer = curious(
        &world,
        &[&paths[0], &paths[1], &paths[2], &root.join("file")],
    );
    let toml = fs::read_to_string(root.join("matrix.toml")).unwrap();
    let step = "[[install]]\nstep = \"list\"\nrun = [\"ls\", \"{repo_root}\"]\n[stage.ci]";
    consumer.write("matrix.toml", &toml.replace("[stage.ci]", step));
    consumer.write(".gitignore", ".env\nartifacts/\nkeys/\n");
    consumer.commit("name the consumer");
    consumer.write(".env", TOKEN);
    consumer.write("keys/own.txt", TOKEN);
    run(&world, &consumer).expect(0);
    for step in ["fetch", "stage_ci"] {
        let log = consumer.log("clean", step);
        assert!(log.contains("one\n"), "{step}: {log}");
        // Of an empty folder, and of one that was emptied; an ignored file is empty.
        assert_eq!(log.matches("No such file").count(), 2, "{step}: {log}");
    }
    assert!(consumer.log("clean", "list").contains("matrix.toml"));
    nowhere(&consumer, TOKEN);
}

#[test]
fn the_git_folder_of_a_linked_work_tree_is_hidden_too() {
    let world = World::new();
    let main = world.path().join("consumer");
    let consumer = curious(&world, &[&main.join(".git/config"), &main.join("file")]);
    git(
        &main,
        &["worktree", "add", "-q", "-b", "other", "../linked"],
    );
    let linked = Consumer {
        root: world.path().join("linked"),
    };
    run(&world, &linked).expect(0);
    let log = linked.log("clean", "fetch");
    assert!(log.contains(".git/config: No such file"), "{log}");
    drop(consumer);
}

#[test]
fn files_with_credentials_are_empty() {
    let world = World::new();
    let consumer = curious(&world, &[Path::new("/etc/shadow")]);
    run(&world, &consumer).expect(0);
    for step in ["fetch", "stage_ci"] {
        let log = consumer.log("clean", step);
        assert!(!log.contains("root:"), "{step}: {log}");
    }
}

#[test]
fn private_files_beside_a_tool_are_hidden() {
    let world = World::new();
    let tools = world.home().join("tools");
    for (name, text) in [
        (
            "bin/own-tool",
            "#!/bin/sh\ncat \"$(dirname \"$0\")/../lib/data\"\n",
        ),
        ("lib/data", "data of the tool\n"),
        (".env", TOKEN),
        ("secrets.txt", TOKEN),
    ] {
        let path = tools.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let tool = tools.join("bin/own-tool");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let consumer = curious(
        &world,
        &[
            &tools.join(".env"),
            &tools.join("secrets.txt"),
            &tools.join("lib/data"),
        ],
    );
    let mut command = world.run_command(&consumer, &["--sandbox", "require"]);
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", tools.join("bin").display()));
    Ran::of(command.output().unwrap()).expect(0);
    let log = consumer.log("clean", "fetch");
    assert!(
        log.contains("data of the tool") && !log.contains(TOKEN),
        "{log}"
    );
    nowhere(&consumer, TOKEN);
}

/// Without a sandbox a step can read them; what it prints is redacted.
#[test]
fn what_gits_settings_hold_is_redacted() {
    let world = World::new();
    let root = world.path().join("consumer");
    let consumer = curious(&world, &[&root.join(".git/config")]);
    let pairs = [
        (
            "http.https://example.invalid/.extraheader",
            "AUTHORIZATION: basic c2VzYW1lLW9wZW4tMTc",
        ),
        (
            "url.https://me:first-planted@example.invalid/.insteadOf",
            "https://example.invalid/",
        ),
        (
            "remote.origin.url",
            "https://me:second-planted@example.invalid/a.git",
        ),
        (
            "remote.origin.pushurl",
            "https://a-long-token-without-any-shape@example.invalid/a",
        ),
        ("sendemail.smtpPass", "third-planted"),
    ];
    for (name, value) in pairs {
        git(&root, &["config", name, value]);
    }
    let ran = world.run(&consumer, &["--sandbox", "off"]);
    ran.expect(0);
    let log = consumer.log("clean", "fetch");
    assert!(log.contains("extraheader = AUTHORIZATION: basic "), "{log}");
    for secret in [
        "c2VzYW1lLW9wZW4tMTc",
        "first-planted",
        "second-planted",
        "a-long-token-without-any-shape",
        "third-planted",
    ] {
        nowhere(&consumer, secret);
    }
}

/// Each setting is searched in all output, so one of any size is left out.
#[test]
fn settings_of_git_are_secrets_within_bounds() {
    let world = World::new();
    let script = "echo short four-seasons-planted; head -c 9000 /dev/zero | tr '\\0' x";
    let consumer = world.script_consumer(script);
    let long = "x".repeat(9000);
    let endless = "four-seasons ".repeat(8 << 16);
    let config = consumer.root.join(".git/config");
    let mut text = fs::read_to_string(&config).unwrap();
    for secret in [&long, &endless, "short", "four-seasons-planted"] {
        text.push_str(&format!("[a]\n\tpassword = {secret}\n"));
    }
    fs::write(&config, text).unwrap();
    world.run(&consumer, &[]).expect(0);
    let log = consumer.log("clean", "stage_ci");
    assert_eq!(log, format!("short [secret password]\n{long}"));
}

#[test]
fn a_secret_in_base64_is_redacted_wherever_it_begins() {
    let world = World::new();
    let script = "for before in '' a ab x-access-token:; do \
         printf '%sjust-some-sesame-17' \"$before\" | base64; done";
    let consumer = world.script_consumer(script);
    let mut command = world.run_command(&consumer, &[]);
    command.env("DEPLOY_TOKEN", "just-some-sesame-17");
    Ran::of(command.output().unwrap()).expect(0);
    let log = consumer.log("clean", "stage_ci");
    assert_eq!(log.matches("DEPLOY_TOKEN").count(), 4, "{log}");
    assert!(
        !log.contains("LXNlc2FtZS") && !log.contains("c2VzYW1l"),
        "{log}"
    );
}

//! The one command after a red run, and remedies that are printed once.

use std::process::Command;

use crate::support::bundles::lanes;
use crate::support::comparisons::{consumer, gate, now, red};
use crate::support::{Consumer, Ran, World, script_gate};

/// What a run of the matrix recommends.
#[track_caller]
fn next(ran: &Ran) -> String {
    let lines = ran.stderr.lines();
    let found: Vec<_> = lines
        .filter_map(|line| line.strip_prefix("  next: "))
        .collect();
    assert_eq!(found.len(), 1, "{}", ran.stderr);
    found[0].to_owned()
}

/// Runs a recommended command as a person would, elsewhere.
fn typed(world: &World, command: &str) -> Ran {
    let bin = std::path::Path::new(crate::support::program());
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", bin.parent().unwrap().display());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(world.home())
        .env_clear();
    shell.envs([
        ("PATH", &*path),
        ("HOME", world.home().to_str().unwrap()),
        ("MATRIX_SANDBOX", "off"),
    ]);
    shell.env("MATRIX_WORK_DIR", world.work());
    Ran::of(shell.output().unwrap())
}

#[test]
fn after_a_pass_the_difference_comes_next() {
    let world = World::new();
    let toml = gate("fake", &["a", "b"], &["ci"]);
    let consumer = consumer(&world, "a consumer", &toml, "none\n");
    let artifacts = consumer.artifacts().display().to_string();
    now(&consumer, "table", &red(&["a/ci"]));
    // Nothing to compare with yet.
    let ran = world.run(&consumer, &["--run-id", "zero"]);
    let replay = format!("matrix replay --artifacts \"{artifacts}\" zero --execute");
    assert_eq!(next(ran.expect(1)), replay);
    now(&consumer, "table", "none\n");
    world.run(&consumer, &["--run-id", "base"]).expect(0);
    now(&consumer, "table", &red(&["a/ci"]));
    let ran = world.run(&consumer, &["--run-id", "now"]);
    let command = next(ran.expect(1));
    assert_eq!(
        command,
        format!("matrix diff --artifacts \"{artifacts}\" last-pass now")
    );
    let diff = typed(&world, &command);
    let said = &diff.expect(0).stdout;
    assert!(said.contains("run now against run base"), "{said}");
    assert!(said.contains("regression a/ci"), "{said}");
    // Who has just been shown the difference is not sent there.
    let ran = world.run(&consumer, &["--run-id", "two", "--baseline", "last-pass"]);
    let line = format!("  next: matrix replay --artifacts \"{artifacts}\" two --execute\n");
    assert!(ran.expect(1).stderr.contains(&line), "{}", ran.stderr);
    // The pass of another gate says nothing of this one.
    consumer.write(
        "other.toml",
        &toml.replace("gate = \"fake\"", "gate = \"other\""),
    );
    now(&consumer, "table", "none\n");
    let other = consumer.root.join("other.toml").display().to_string();
    world.run(&consumer, &["--config", &other]).expect(0);
    now(&consumer, "table", &red(&["a/ci"]));
    let ran = world.run(&consumer, &["--run-id", "three"]);
    assert!(next(ran.expect(1)).starts_with("matrix replay "));
}

#[test]
fn what_fails_in_the_same_way_until_it_is_changed_is_explained() {
    let world = World::new();
    let consumer = world.script_consumer("echo 'npm error Missing script: \"x\"'; exit 1");
    let ran = world.run(&consumer, &[]);
    assert_eq!(next(ran.expect(1)), "matrix explain configuration-error");
}

#[test]
fn a_remedy_of_two_causes_is_printed_once() {
    let world = World::new();
    let names: Vec<_> = (1..=4).map(|n| format!("lane-{n}")).collect();
    let script = "case $1 in lane-1|lane-2) echo 'src/a.js:1:1: error: no-var'; exit 1;; esac\n\
        echo 'src/b.js:1:1: error: no-eval'; exit 1";
    let consumer = lanes(&world, "consumer", &names, script);
    let ran = world.run(&consumer, &["--run-id", "one"]);
    let said = &ran.expect(1).stderr;
    let causes = said.matches(" cells: contract-broken").count();
    assert_eq!(causes, 2, "{said}");
    let remedy = gate_matrix::diagnosis::cause("contract-broken")
        .unwrap()
        .remedy;
    assert_eq!(said.matches(remedy).count(), 1, "{said}");
    assert!(
        said.contains("  remedy: see above, and matrix explain contract-broken\n"),
        "{said}"
    );
    let artifacts = consumer.artifacts();
    let shown = world.matrix(&["replay", "--artifacts", artifacts.to_str().unwrap()]);
    let shown = &shown.expect(0).stderr;
    assert_eq!(shown.matches(remedy).count(), 1, "{shown}");
}

/// A consumer whose installation fails below a folder of the lane.
fn installs_below_tools(world: &World) -> Consumer {
    let toml = script_gate("exit 0").replace(
        "[stage.ci]",
        "[[install]]\nstep = \"put\"\nrun = [\"sh\", \"-c\", \"mkdir -p $1/bin; echo 'echo it is broken; exit 3' > $1/bin/gate\", \"sh\", \"{tool_dir}\"]\n\
         [[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"{tool_dir}/bin/gate\"]\n[stage.ci]",
    );
    world.configured_consumer(&toml)
}

#[test]
fn a_command_with_a_path_of_the_lane_has_one_that_a_person_can_run() {
    let world = World::new();
    let consumer = installs_below_tools(&world);
    let ran = world.run(&consumer, &["--run-id", "one"]);
    let said = &ran.expect(1).stderr;
    let mut lines = said.lines();
    let by_hand = lines.find_map(|line| line.strip_prefix("  by hand: "));
    let by_hand = by_hand.unwrap_or_else(|| panic!("{said}"));
    let again = typed(&world, by_hand);
    assert!(again.expect(3).stdout.contains("it is broken"), "{again:?}");
    let page = world.matrix(&["explain", "install-failed"]);
    assert!(page.expect(0).stdout.contains("matrix replay --shell"));
    // A command without such a path can be read as it is.
    let consumer = world.consumer(
        "plain",
        &[
            ("matrix.toml", &*script_gate("exit 1")),
            ("file", "one\n"),
            ("scenarios/clean/file", "two\n"),
        ],
    );
    let ran = world.run(&consumer, &[]);
    assert!(!ran.expect(1).stderr.contains("by hand:"), "{}", ran.stderr);
}

#[test]
fn a_clean_work_tree_is_sent_to_a_plain_run() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let ran = world.run(&consumer, &["--worktree"]);
    let said = &ran.expect(0).stderr;
    assert!(said.contains("it is clean, and a plain run"), "{said}");
    assert_eq!(next(&ran), "matrix run, without --worktree");
    consumer.write("new", "");
    let ran = world.run(&consumer, &["--worktree"]);
    assert_eq!(
        next(ran.expect(0)),
        "commit it, and run again without --worktree"
    );
}

#[test]
fn a_page_has_the_commands_of_the_newest_run_that_failed_so() {
    let world = World::new();
    let consumer = world.script_consumer("echo 'a.js:1:1: error: no'; exit 1");
    let explain = |words: &[&str]| {
        let mut command = world.command(&["explain"]);
        command.args(words).current_dir(&consumer.root);
        let ran = Ran::of(command.output().unwrap());
        ran.expect(0).stdout.clone()
    };
    let open = explain(&["contract-broken"]);
    let replay = "\n    matrix replay --artifacts ARTIFACTS RUN --execute --lane LANE\n";
    assert!(open.contains(replay), "{open}");
    assert!(open.contains("\nARTIFACTS is the artifacts folder, RUN is the run's id, "));
    assert!(!open.contains('$') && !open.contains("REPO is"), "{open}");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let artifacts = consumer.artifacts().display().to_string();
    let filled = explain(&["contract-broken"]);
    let commands = format!(
        "\nCommands for clean/ci of run one:\n\n    \
         tail -n 40 \"{artifacts}/runs/one/logs/clean/stage_ci.log\"\n    \
         matrix replay --artifacts \"{artifacts}\" \"one\" --execute --lane \"clean\"\n"
    );
    assert!(filled.contains(&commands), "{filled}");
    assert!(!filled.contains("ARTIFACTS"), "{filled}");
    // Elsewhere the folder has to be named; another cause has nothing to fill in.
    let ran = world.matrix(&["explain", "contract-broken", "--artifacts", &artifacts]);
    assert!(ran.expect(0).stdout.contains(&commands), "{ran:?}");
    let ran = world.matrix(&["explain", "contract-broken"]);
    assert!(ran.expect(0).stdout.contains(replay), "{ran:?}");
    assert!(explain(&["tool-missing"]).contains(replay));
    // A green run fills nothing in.
    consumer.write("matrix.toml", &script_gate("exit 0"));
    consumer.commit("mended");
    world.run(&consumer, &[]).expect(0);
    assert!(explain(&["contract-broken"]).contains(replay));
}

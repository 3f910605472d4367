//! A lane that failed is also a shell script, which exits as the lane did.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::git_commands::every_hook;
use crate::support::new_git::path_with_new_git;
use crate::support::{Consumer, Ran, World, json};

fn script(consumer: &Consumer, lane: &str) -> PathBuf {
    consumer
        .artifacts()
        .join("runs/one/replay")
        .join(format!("{lane}.sh"))
}

/// Plays a script in a folder of the world, as anybody would.
fn by_hand(world: &World, script: &Path, step: &str, env: &[(&str, &str)]) -> Ran {
    let scratch = world.path().join("by-hand");
    fs::create_dir_all(&scratch).unwrap();
    let mut sh = Command::new("sh");
    sh.arg(script)
        .arg(step)
        .env_clear()
        .current_dir(world.home());
    sh.env("PATH", std::env::var_os("PATH").unwrap())
        .env("TMPDIR", scratch);
    Ran::of(sh.envs(env.iter().copied()).output().unwrap())
}

/// Every cell of a run is red, and each script says with which exit.
fn all_cells_come_again(world: &World, consumer: &Consumer) {
    world.run(consumer, &["--run-id", "one"]).expect(1);
    let run = consumer.artifacts().join("runs/one");
    let lanes = json(&run.join("run.json")).unwrap()["lanes"].clone();
    let mut seen = 0;
    for (lane, record) in lanes.as_object().unwrap() {
        let odd = world.path().join("by hand's");
        fs::create_dir_all(&odd).unwrap();
        let odd = [("TMPDIR", odd.to_str().unwrap())];
        for (stage, file) in record["cells"].as_object().unwrap() {
            let cell = json(&run.join(file.as_str().unwrap())).unwrap();
            assert_eq!(cell["verdict"], "contract", "{cell:#}");
            let step = format!("stage_{}", stage.replace('-', "_"));
            let ran = by_hand(world, &script(consumer, lane), &step, &odd);
            assert_eq!(
                Value::from(ran.code),
                cell["exit"],
                "{lane} {stage}: {ran:?}"
            );
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn the_script_of_a_lane_exits_as_the_lane_did() {
    let world = World::new();
    let consumer = world.demo_consumer("the \"shop's\" code");
    let mut toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    for (name, exit) in [("clean", 1), ("violations", 0), ("mixed", 0)] {
        let table = format!("[scenario.{name}]\n");
        let opposite =
            format!("expect = {{ pre-commit = {exit}, pre-push = {exit}, ci = {exit} }}\n");
        toml = toml.replace(&table, &(table.clone() + &opposite));
    }
    consumer.write("matrix.toml", &toml);
    consumer.commit("the opposite of the contract");
    all_cells_come_again(&world, &consumer);
}

/// Each command of git, after one that was refused half-way and one that was not:
/// no exit is the one that is expected.
#[test]
fn the_script_does_with_git_what_the_lane_did() {
    let world = World::new();
    let (mut stages, mut expect) = (String::new(), String::new());
    for (on, refuse) in [
        ("commit", "pre-commit"),
        ("amend", ""),
        ("merge", "pre-merge-commit"),
        ("rebase", "reference-transaction"),
        ("rebase", ""),
        ("cherry-pick", "prepare-commit-msg"),
        ("merge", ""),
        ("am", "pre-applypatch"),
        ("cherry-pick", ""),
        ("am", ""),
        ("push", "pre-receive"),
        ("tag", ""),
        ("delete", ""),
    ] {
        let name = format!("{on}-{}", refuse.len());
        stages += &format!(
            "[stage.{name}]\ndrive = \"git\"\non = \"{on}\"\nenv = {{ REFUSE = \"{refuse}\" }}\n"
        );
        expect += &format!("{name} = 7, ");
    }
    let more = "delete = \"main\"\nmessage = \"[x] several\\n\\nlines\"";
    let scenario = format!("{more}\nexpect = {{ {expect} }}");
    all_cells_come_again(&world, &every_hook(&world, &stages, &scenario));
}

/// What a seed staged in part or committed is as it left it before every stage.
#[test]
fn a_seed_that_stages_and_commits_is_put_back() {
    let look = r#"test "$(git show :note)" = staged || exit 11; test "$(cat note)" = work || exit 12
test -e new && exit 13; test "$(git show :gone)" = gone || exit 14; test -e gone && exit 15
test "$(git log --format=%s {base_ref}..HEAD)" = step || exit 16; test "$(cat made)" = installed || exit 17
echo spoilt >note; echo spoilt >gone; git add note; exit 42"#;
    let seed = r#"echo step >old; git commit -qnam step; echo staged >note; git add note; echo work >note; rm gone"#;
    let looks = |name: &str| {
        format!(
            "[stage.{name}]\ndrive = \"command\"\non = \"commit\"\nrun = [\"sh\", \"-c\", '''{look}''']\n"
        )
    };
    let git = |name: &str, on: &str| format!("[stage.{name}]\ndrive = \"git\"\non = \"{on}\"\n");
    let toml = [
        "schema = 1\ngate = \"fake\"\n[[activate]]\nstep = \"make\"\n",
        "run = [\"sh\", \"-c\", \"echo installed >made\"]\n",
        &looks("one"),
        &looks("two"),
        &git("three", "commit"),
        &looks("four"),
        &git("five", "merge"),
        &looks("six"),
        &format!("[scenario.bad]\nseed = [\"sh\", \"-c\", '''{seed}''']\nadd = []\n"),
        "expect = { one = 0, two = 0, three = 7, four = 0, five = 7, six = 0 }\n",
    ];
    let world = World::new();
    let files = [
        ("matrix.toml", &*toml.concat()),
        ("note", "note\n"),
        ("old", "old\n"),
        ("gone", "gone\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    all_cells_come_again(&world, &consumer);
    for stage in ["one", "two", "four", "six"] {
        assert_eq!(consumer.cell("bad", stage)["exit"], 42, "{stage}");
    }
    assert_eq!(consumer.cell("bad", "five")["exit"], 0);
}

/// A gate that tells by its exit whether the lane is as it should be.
const ODD: &str = r#"
schema = 1
gate = "fake"
pass_env = ["FLAVOUR"]
[baseline]
seed = ["sh", "-c", "echo base > generated; rm -f 'to go'"]
[[install]]
step = "fetch"
run = ["sh", "-c", "echo tool > {tool_dir}/it; echo dirty >> package"]
[stage.commit-msg]
drive = "git"
on = "commit"
[stage.ci]
drive = "command"
run = ["sh", "-c", """
test -x 'bin/a run' || exit 11
test "$(readlink link)" = 'bin/a run' || exit 12
test ! -e 'old name' || exit 13
test "$(cat generated)" = seeded || exit 14
test -e 'to go' && exit 15
test -s "{tool_dir}/it" || exit 16
test "$(git log --format=%s -1)" = "it's {{odd}}" || exit 17
test "$(git rev-parse HEAD~1)" = "$(git rev-parse origin/{base_ref})" || exit 18
test "$FLAVOUR$SEEN" = 'plum$x' || exit 19
git diff --quiet HEAD -- package || exit 20
test "$(git show HEAD:package | tail -n 1)" = dirty || exit 22
git show --stat --format= HEAD | grep -q package && exit 21
exit 42
"""]
env = { SEEN = "$x" }
[scenario.odd]
overlay = "scenarios/odd"
remove = ["old name"]
message = "it's {odd}"
expect = { commit-msg = 1, ci = 0 }
[scenario.made]
seed = ["sh", "-c", "echo made > generated; mkdir -p new; echo 1 > 'new/a b'"]
expect = { commit-msg = 1, ci = 0 }
"#;

#[test]
fn a_script_seeds_as_the_lane_does() {
    let world = World::new();
    let consumer = world.consumer(
        "consumer",
        &[
            ("matrix.toml", ODD),
            ("old name", "x\n"),
            ("to go", "x\n"),
            ("package", "x\n"),
            ("scenarios/odd/generated", "seeded\n"),
            ("scenarios/odd/bin/a run", "#!/bin/sh\n"),
        ],
    );
    std::os::unix::fs::symlink("bin/a run", consumer.root.join("scenarios/odd/link")).unwrap();
    consumer.commit("a link");
    let mut run = world.run_command(&consumer, &["--run-id", "one"]);
    let ran = Ran::of(run.env("FLAVOUR", "plum").output().unwrap());
    ran.expect(1);
    let run = consumer.artifacts().join("runs/one");
    let exit = |lane: &str, stage: &str| {
        json(&run.join(format!("cells/{lane}/{stage}.json"))).unwrap()["exit"].clone()
    };
    assert_eq!(exit("odd", "ci"), 42, "{}", consumer.log("odd", "stage_ci"));
    let flavour = [("FLAVOUR", "plum")];
    for (lane, stage) in [
        ("odd", "commit-msg"),
        ("odd", "ci"),
        ("made", "commit-msg"),
        ("made", "ci"),
    ] {
        let step = format!("stage_{}", stage.replace('-', "_"));
        let ran = by_hand(&world, &script(&consumer, lane), &step, &flavour);
        assert_eq!(
            Value::from(ran.code),
            exit(lane, stage),
            "{lane} {stage}: {ran:?}"
        );
    }
    let without = by_hand(&world, &script(&consumer, "odd"), "stage_ci", &[]);
    assert_eq!(without.code, 19, "{without:?}");
    let unknown = by_hand(&world, &script(&consumer, "odd"), "stage_cii", &[]);
    assert!(
        unknown
            .expect(2)
            .stderr
            .contains("there is no step stage_cii"),
        "{unknown:?}"
    );
}

#[test]
fn a_step_before_the_stages_and_a_time_limit_come_again() {
    let world = World::new();
    let consumer = world.script_consumer("exec sleep 600");
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let limited = toml.replace("[scenario", "timeout = \"1s\"\n[scenario");
    consumer.write("matrix.toml", &limited);
    consumer.commit("a limit");
    world.run(&consumer, &["--run-id", "one"]).expect(124);
    let path = script(&consumer, "clean");
    by_hand(&world, &path, "stage_ci", &[]).expect(124);
    let install = "[[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", \"exit 9\"]\n";
    consumer.write("matrix.toml", &(limited + install));
    consumer.commit("an install that fails");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    by_hand(&world, &path, "", &[]).expect(9);
    // The commit of the run, wherever it is had from.
    let clone = world.clone_of(&consumer, "a clone");
    fs::remove_dir_all(consumer.root.join(".git")).unwrap();
    by_hand(&world, &path, "fetch", &[]).expect(128);
    by_hand(
        &world,
        &path,
        "fetch",
        &[("SOURCE", clone.to_str().unwrap())],
    )
    .expect(9);
}

#[test]
fn what_passed_has_no_script() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    world.run(&consumer, &["--run-id", "one"]).expect(0);
    assert!(!consumer.artifacts().join("runs/one/replay").exists());
}

#[test]
fn a_script_runs_past_configured_hooks_and_finds_them() {
    let world = World::new();
    let note = format!("echo ran >>{}", world.path().join("ran").display());
    let hooks = format!(
        "for e in pre-commit commit-msg reference-transaction post-index-change; do \
         git config \"hook.a b.$e.event\" $e; git config \"hook.a b.$e.command\" '{note}'; done"
    );
    let stages = format!(
        "hooks = [\"pre-commit\"]\n[[activate]]\nstep = \"configure\"\n\
         run = [\"sh\", \"-c\", {}]\n[stage.ci]\ndrive = \"command\"\nrun = [\"false\"]\n",
        Value::from(hooks)
    );
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n{stages}\
         [scenario.bad]\noverlay = \"scenarios/bad\"\nexpect = {{ ci = 0 }}\n"
    );
    let files = [("matrix.toml", &*toml), ("scenarios/bad/file", "bad\n")];
    let consumer = world.consumer("consumer", &files);
    let path = crate::support::new_git::path_with_new_git();
    let mut run = world.run_command(&consumer, &["--run-id", "one"]);
    Ran::of(run.env("PATH", &path).output().unwrap()).expect(1);
    consumer.failed_with_log("fake", "stage_ci");
    let path = [("PATH", path.to_str().unwrap())];
    let ran = by_hand(&world, &script(&consumer, "bad"), "stage_ci", &path);
    ran.expect(1);
    assert!(ran.stderr.contains("== stage_ci"), "{ran:?}");
    assert!(!world.path().join("ran").exists());
}

/// The network that each stage saw, which is the namespace of its name.
fn networks(text: &str) -> Vec<&str> {
    let is_one = |line: &&str| line.starts_with("net:[");
    text.lines().filter(is_one).collect()
}

/// A consumer with one stage that has the network and one that has none.
fn offline_consumer(world: &World) -> Consumer {
    let stage = |name: &str, more: &str, exit: u8| {
        let script = Value::from(format!("readlink /proc/self/ns/net; exit {exit}"));
        format!("[stage.{name}]\ndrive = \"command\"\n{more}run = [\"sh\", \"-c\", {script}]\n")
    };
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n{}{}[scenario.bad]\noverlay = \"scenarios/bad\"\n\
         reason = \"FIXME\"\nexpect = {{ on = 1, off = \"nonzero\" }}\n",
        stage("on", "network = true\n", 4),
        stage("off", "", 3)
    );
    let files = [("matrix.toml", &*toml), ("scenarios/bad/file", "bad\n")];
    world.consumer("consumer", &files)
}

#[test]
fn a_script_has_no_network_where_the_lane_had_none_and_says_what_was_expected() {
    let world = World::new();
    let consumer = offline_consumer(&world);
    let words = ["--run-id", "one", "--sandbox", "require"];
    world.run(&consumer, &words).expect(1);
    let path = script(&consumer, "bad");
    let withheld = by_hand(&world, &path, "stage_off", &[]);
    withheld.expect(3);
    let said = "== exit 3; expected: 1 to 125, because of: FIXME\n";
    assert!(withheld.stderr.ends_with(said), "{withheld:?}");
    // Both stages run, and the first has the network of this process.
    let own = fs::read_link("/proc/self/ns/net").unwrap();
    let own = own.to_str().unwrap();
    let seen = networks(&withheld.stdout);
    assert!(
        seen.len() == 2 && seen[0] == own && seen[1] != own,
        "{seen:?}"
    );
    // On other machines: without a bubblewrap that works, and without both programs.
    let bin = Consumer {
        root: world.path().join("bin"),
    };
    let own_path = std::env::var("PATH").unwrap();
    let search = format!("{}:{own_path}", bin.root.display());
    for broken in ["bwrap", "unshare"] {
        bin.write(broken, "#!/bin/sh\nexit 1\n");
        let ran = by_hand(&world, &path, "stage_off", &[("PATH", &search)]);
        let is_withheld = networks(&ran.expect(3).stdout)[1] != own;
        assert_eq!(is_withheld, broken == "bwrap", "{ran:?}");
        let warned = ran.stderr.contains("this machine cannot withhold it");
        assert_eq!(warned, !is_withheld, "{ran:?}");
    }
}

/// Names of hooks may have any character: none of them runs for what is ours.
#[test]
fn the_script_runs_past_configured_hooks() {
    let world = World::new();
    let ran = world.path().join("ran");
    let note = format!("echo $0 >>{}; exit 1", ran.display());
    let events = [
        "pre-commit",
        "commit-msg",
        "reference-transaction",
        "update",
    ];
    let configured = events.map(|event| {
        let name = format!("\"hook.a b=c.{event} $too");
        ["git", "git -C ../origin.git"].map(|git| {
            format!("{git} config {name}.event\" {event}; {git} config {name}.command\" '{note}'; ")
        })
    });
    let hook_up = Value::from(configured.concat().concat().replace('$', "\\$"));
    let toml = format!(
        "schema = 1\ngate = \"fake\"\n[[activate]]\nstep = \"hook_up\"\nrun = [\"sh\", \"-c\", {hook_up}]\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n\
         [scenario.bad]\noverlay = \"scenarios/bad\"\nexpect = {{ ci = 7 }}\n"
    );
    let files = [("matrix.toml", &*toml), ("scenarios/bad/file", "bad\n")];
    let consumer = world.consumer("consumer", &files);
    let path = path_with_new_git();
    let mut run = world.run_command(&consumer, &["--run-id", "one"]);
    Ran::of(run.env("PATH", &path).output().unwrap()).expect(1);
    let env = [("PATH", path.to_str().unwrap())];
    by_hand(&world, &script(&consumer, "bad"), "stage_ci", &env).expect(0);
    assert!(!ran.exists(), "{}", fs::read_to_string(&ran).unwrap());
}

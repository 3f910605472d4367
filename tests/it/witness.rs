//! What the witness writes down of a stage, held against what really was.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::hooks::hooked;
use crate::support::{World, git, mkfifo, write_line};

const COMMIT: &str = "[stage.pre-commit]\ndrive = \"git\"\n";
const PUSHES: &str =
    "[stage.pre-push]\ndrive = \"git\"\n[stage.again]\ndrive = \"git\"\non = \"push\"\n";
/// A hook that calls the gate by its path.
const CALLS: &str = "tools/gate";
const GATE: &str = "#!/bin/sh\nexit 0\n";

#[test]
fn every_hook_is_told_with_its_name_words_and_exit() {
    let world = World::new();
    let hooks = [("pre-commit", "exit 0"), ("commit-msg", "exit 3")];
    let expect = "{ pre-commit = 1 }";
    let consumer = hooked(&world, &hooks, COMMIT, expect);
    world.run(&consumer, &[]).expect(1);
    let cell = consumer.cell("bad", "pre-commit");
    let mut hooks = cell["witness"]["hooks"].clone();
    for hook in hooks.as_array_mut().unwrap() {
        let took = hook.as_object_mut().unwrap().remove("duration_ms");
        assert!(took.unwrap().as_u64().unwrap() < 60_000);
    }
    let message = ["hooks/commit-msg", ".git/COMMIT_EDITMSG"];
    let told = json!([
        { "name": "pre-commit", "configured": false, "argv": ["hooks/pre-commit"], "exit": 0 },
        { "name": "commit-msg", "configured": false, "argv": message, "exit": 3 },
    ]);
    assert_eq!(hooks, told);
    assert_eq!(cell["hook_exit"], 0);
}

#[test]
fn a_hook_that_a_signal_killed_is_told_as_git_tells_it() {
    let world = World::new();
    let hooks = [("pre-commit", "kill -SEGV $$")];
    let consumer = hooked(&world, &hooks, COMMIT, "{ pre-commit = 1 }");
    world.run(&consumer, &[]).expect(1);
    assert_eq!(consumer.cell("bad", "pre-commit")["hook_exit"], 139);
}

#[test]
fn hooks_in_a_folder_whose_name_is_no_text_are_seen() {
    let world = World::new();
    let more = "[[activate]]\nstep = \"rename\"\nrun = [\"sh\", \"-c\", \
        \"d=$(printf 'h\\\\377'); mv hooks $d; git config core.hooksPath $d\"]\n";
    let stages = format!("{more}{COMMIT}");
    let hooks = [("pre-commit", "exit 1")];
    let consumer = hooked(&world, &hooks, &stages, "{ pre-commit = 1 }");
    world.run(&consumer, &[]).expect(0);
}

#[test]
fn the_refs_of_each_push_and_what_it_moved_are_those_of_git() {
    let world = World::new();
    let save = "cat > \"../refs-$(ls .. | grep -c '^refs-')\"";
    let expect = "{ pre-push = 0, again = 0 }";
    let consumer = hooked(&world, &[("pre-push", save)], PUSHES, expect);
    world.run(&consumer, &["--keep"]).expect(0);
    let lane = world.kept_lane("bad");
    let tip = git(&lane.join("origin.git"), &["rev-parse", "refs/heads/main"]);
    for (number, stage) in ["pre-push", "again"].iter().enumerate() {
        let witness = consumer.cell("bad", stage)["witness"].take();
        let saved = fs::read_to_string(lane.join(format!("refs-{number}"))).unwrap();
        assert!(!saved.is_empty());
        assert_eq!(witness["stdin"], *saved, "{stage}");
        let before = saved.split_whitespace().last().unwrap();
        let before = Some(before).filter(|id| id.contains(|c| c != '0'));
        let moved = json!({ "what": "refs/heads/main", "before": before, "after": tip.trim() });
        assert_eq!(witness["moved"], moved, "{stage}");
    }
}

#[test]
fn what_a_commit_moved_is_what_git_says() {
    let world = World::new();
    let note = "git rev-parse HEAD > ../before";
    let consumer = hooked(
        &world,
        &[("pre-commit", note)],
        COMMIT,
        "{ pre-commit = 0 }",
    );
    world.run(&consumer, &["--keep"]).expect(0);
    let lane = world.kept_lane("bad");
    let before = fs::read_to_string(lane.join("before")).unwrap();
    let after = git(&lane.join("clone"), &["rev-parse", "HEAD"]);
    let moved = json!({ "what": "HEAD", "before": before.trim(), "after": after.trim() });
    let cell = consumer.cell("bad", "pre-commit");
    assert_eq!(cell["witness"]["moved"], moved);
    assert_eq!(cell["witness"]["stdin"], Value::Null);
}

/// What is told of the program of a stage that runs this command, once an
/// activation did this.
#[track_caller]
fn executable(activate: &str, run: &str) -> Value {
    let world = World::new();
    let stages = format!(
        "[[activate]]\nstep = \"prepare\"\nrun = [\"sh\", \"-c\", {}]\n\
         [stage.ci]\ndrive = \"command\"\nrun = {run}\n",
        Value::from(activate)
    );
    let consumer = hooked(&world, &[], &stages, "{ ci = 0 }");
    consumer.write("tools/gate", GATE);
    consumer.commit("a gate");
    world.run(&consumer, &[]).expect(0);
    consumer.cell("bad", "ci")["witness"]["executable"].take()
}

#[test]
fn the_file_behind_the_name_of_a_stages_program_is_told() {
    let in_clone = json!({ "path": "clone/tools/gate", "in_lane": true });
    assert_eq!(executable(":", r#"["tools/gate"]"#), in_clone);
    assert_eq!(executable(":", r#"["{clone_dir}/tools/gate"]"#), in_clone);
    let link = "mkdir bin; ln -s ../tools/gate bin/gate";
    assert_eq!(executable(link, r#"["bin/gate"]"#), in_clone);
    let out = executable("ln -s /bin/true bin-true", r#"["./bin-true"]"#);
    let real = fs::canonicalize("/bin/true").unwrap();
    assert_eq!(out, json!({ "path": real, "in_lane": false }));
    // A python of a venv is a link to the machine's.
    let venv = "mkdir -p ../tools/bin; : > ../tools/pyvenv.cfg; ln -s /bin/true ../tools/bin/py";
    let of_venv = executable(venv, r#"["{tool_dir}/bin/py"]"#);
    assert_eq!(of_venv, json!({ "path": real, "in_lane": true }));
    let by_path = executable(":", r#"["true"]"#);
    assert_eq!(by_path["in_lane"], false);
    assert!(by_path["path"].as_str().unwrap().starts_with('/'));
}

#[test]
fn programs_that_ran_are_told_apart_from_those_that_did_not() {
    let world = World::new();
    let stages = format!("{COMMIT}programs = [\"tools/ga*\", \"tools/other\", \"tools/none\"]\n");
    let consumer = hooked(
        &world,
        &[("pre-commit", CALLS)],
        &stages,
        "{ pre-commit = 0 }",
    );
    for name in ["gate", "other"] {
        consumer.write(&format!("tools/{name}"), GATE);
    }
    consumer.commit("gates");
    let ran = world.run(&consumer, &[]);
    let told = "git commit returned 0 as expected, but the gate did not run: \
        nothing opened tools/other";
    assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
    let programs = json!([
        { "program": "tools/ga*", "files": ["clone/tools/gate"], "ran": true },
        { "program": "tools/other", "files": ["clone/tools/other"], "ran": false },
        { "program": "tools/none", "files": [], "ran": false },
    ]);
    assert_eq!(
        consumer.cell("bad", "pre-commit")["witness"]["programs"],
        programs
    );
}

#[test]
fn a_program_that_git_itself_reads_did_not_run() {
    let world = World::new();
    let stages = format!("{COMMIT}programs = [\"tools/gate\"]\n");
    // What was checked out a moment ago git reads again, to be sure.
    let hooks = [("pre-commit", "exit 0")];
    let consumer = hooked(&world, &hooks, &stages, "{ pre-commit = 0 }");
    consumer.write("tools/gate", GATE);
    consumer.commit("a gate");
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed("fake", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "not_enforced");
}

#[test]
fn a_program_of_one_hook_is_not_taken_for_that_of_the_next() {
    let world = World::new();
    let stages = "programs = [\"tools/gate\"]\n";
    let stages = format!("{COMMIT}{stages}[stage.commit-msg]\ndrive = \"git\"\n{stages}");
    let hooks = [("pre-commit", "exit 0"), ("commit-msg", CALLS)];
    let expect = "{ pre-commit = 0, commit-msg = 0 }";
    let consumer = hooked(&world, &hooks, &stages, expect);
    consumer.write("tools/gate", GATE);
    consumer.commit("a gate");
    world.run(&consumer, &[]).expect(1);
    let verdict = |stage| consumer.cell("bad", stage)["verdict"].take();
    assert_eq!(verdict("pre-commit"), "not_enforced");
    assert_eq!(verdict("commit-msg"), "pass");
}

#[test]
fn what_runs_below_a_hook_that_takes_its_time_is_in_a_file_of_its_own() {
    let world = World::new();
    mkfifo(&world.path().join("go"));
    let hook = world.script("say child $$; cat \"$W/go\"");
    let consumer = hooked(
        &world,
        &[("pre-commit", &hook)],
        COMMIT,
        "{ pre-commit = 0 }",
    );
    let running = world.start(&consumer, &[]);
    world.said("child");
    // The last sample is taken a quarter of a second after the first.
    world.outlast("1s");
    write_line(&world.path().join("go"), "go");
    running.end().expect(0);
    let seen = consumer.run_folder().join("seen/bad/pre-commit.json");
    let seen = crate::support::json(&seen).unwrap().to_string();
    assert!(seen.contains("hooks/pre-commit"), "{seen}");
}

#[test]
fn many_lanes_side_by_side_see_every_program() {
    let world = World::new();
    let mut toml = format!(
        "schema = 1\ngate = \"fake\"\n[[activate]]\nstep = \"hook_up\"\n\
         run = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n\
         {COMMIT}programs = [\"tools/gate\"]\n"
    );
    for number in 0..30 {
        toml += &format!(
            "[scenario.s{number}]\noverlay = \"scenarios/bad\"\nexpect = {{ pre-commit = 0 }}\n"
        );
    }
    let hook = format!("#!/bin/sh\n{CALLS}\n");
    let files = [
        ("matrix.toml", &*toml),
        ("scenarios/bad/file", "x\n"),
        ("hooks/pre-commit", &hook),
        ("hooks/commit-msg", &hook),
        ("tools/gate", GATE),
    ];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &["--jobs", "8"]).expect(0);
    for number in 0..30 {
        let cell = consumer.cell(&format!("s{number}"), "pre-commit");
        assert_eq!(cell["witness"]["programs"][0]["ran"], true, "{number}");
        assert_eq!(cell["witness"]["blind"], Value::Null, "{number}");
    }
}

#[test]
fn hooks_are_seen_where_a_lanes_path_is_too_long_for_a_socket() {
    let world = World::new();
    let consumer = hooked(
        &world,
        &[("pre-commit", "exit 1")],
        COMMIT,
        "{ pre-commit = 1 }",
    );
    let work = world.path().join("w".repeat(120));
    world
        .run(&consumer, &["--work-dir", work.to_str().unwrap()])
        .expect(0);
    assert_eq!(consumer.cell("bad", "pre-commit")["hook_exit"], 1);
}

#[test]
fn the_variable_of_the_witness_reaches_no_other_step() {
    let world = World::new();
    let see = "[\"sh\", \"-c\", \"echo trace:$GIT_TRACE2_EVENT:\"]";
    let more = format!("[[activate]]\nstep = \"see\"\nrun = {see}\n");
    let stages = format!("{more}[stage.ci]\ndrive = \"command\"\nrun = {see}\n");
    let consumer = hooked(&world, &[], &stages, "{ ci = 0 }");
    let mut command: Command = world.run_command(&consumer, &[]);
    command.env("GIT_TRACE2_EVENT", world.path().join("theirs"));
    crate::support::Ran::of(command.output().unwrap()).expect(0);
    assert_eq!(consumer.log("bad", "see"), "trace::\n");
    assert_eq!(consumer.log("bad", "stage_ci"), "trace::\n");
}

//! Ways in which a run could be green without the gate having earned it.

use crate::support::World;
use crate::support::hooks::hooked;

#[test]
fn a_commit_after_other_stages_has_something_to_commit() {
    let world = World::new();
    let stages = "[stage.ci]\ndrive = \"command\"\nrun = [\"false\"]\n\
        [stage.pre-commit]\ndrive = \"git\"\n";
    let expect = "{ ci = 1, pre-commit = 1 }";
    let consumer = hooked(&world, &[("pre-commit", "exit 0")], stages, expect);
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "contract");
    assert_eq!(consumer.cell("bad", "pre-commit")["exit"], 0);
}

#[test]
fn a_hook_that_let_the_change_through_did_not_block_it() {
    let world = World::new();
    let hooks = [("pre-commit", "exit 0"), ("commit-msg", "exit 1")];
    let stages = "[stage.pre-commit]\ndrive = \"git\"\n";
    let consumer = hooked(&world, &hooks, stages, "{ pre-commit = 1 }");
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "not_enforced");
}

#[test]
fn two_pushes_of_a_branch_with_braces_both_reach_the_hook() {
    let world = World::new();
    let stages = "[stage.pre-push]\ndrive = \"git\"\n\
        [stage.again]\ndrive = \"git\"\non = \"push\"\n";
    let hooks = [("pre-push", "read -r refs && test -n \"$refs\"")];
    let consumer = hooked(&world, &hooks, stages, "{ pre-push = 0, again = 0 }");
    consumer.git(&["checkout", "--quiet", "-b", "feature/{x}"]);
    world.run(&consumer, &[]).expect(0);
    consumer.passed("fake");
}

#[test]
fn a_package_in_literal_braces_is_not_taken() {
    let world = World::new();
    let toml = "schema = 1\ngate = \"fake\"\npackage = \"gate@1\"\n\
        [stage.ci]\ndrive = \"command\"\nrun = [\"echo\", \"{{package_spec}}\"]\n\
        [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = { ci = 0 }\n";
    let files = [("matrix.toml", toml), ("scenarios/clean/file", "x\n")];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(2);
    consumer.failed("fake", "config_load");
}

#[test]
fn a_version_without_a_record_of_the_install_proves_nothing() {
    let world = World::new();
    let toml = "schema = 1\ngate = \"fake\"\npackage = \"gate@1\"\nversion = [\"echo\", \"1\"]\n\
        [[install]]\nstep = \"fetch\"\nrun = [\"echo\", \"{package_spec}\"]\n\
        [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n\
        [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = { ci = 0 }\n";
    let files = [("matrix.toml", toml), ("scenarios/clean/file", "x\n")];
    let consumer = world.consumer("consumer", &files);
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.failed_with_log("fake", "gate_version");
    assert_eq!(failure["failure_class"], "infra");
}

#[test]
fn a_configuration_that_git_ignores_is_not_that_of_the_baseline() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    consumer.git(&["rm", "--quiet", "--cached", "matrix.toml"]);
    consumer.write(".gitignore", "/matrix.toml\n");
    consumer.commit("ignore it");
    let ran = world.run(&consumer, &[]);
    assert!(ran.expect(2).stderr.contains("git ignores matrix.toml"));
    consumer.failed("fake", "config_load");
}

#[test]
fn evidence_that_cannot_be_written_weighs_more_than_what_it_says() {
    let world = World::new();
    let stages = "[stage.first]\ndrive = \"command\"\nrun = [\"false\"]\n\
        [stage.second]\ndrive = \"command\"\nrun = [\"echo\", \"no\"]\n";
    let consumer = hooked(&world, &[], stages, "{ first = 0, second = 0 }");
    let mut command = world.run_command(&consumer, &[]);
    command.env("MATRIX_FAULT", "write:logs/bad/stage_second.log=ENOSPC");
    let ran = crate::support::Ran::of(command.output().unwrap());
    ran.expect(74);
    let failure = consumer.failed("fake", "stage_second");
    assert_eq!(failure["failure_class"], "io");
    assert_eq!(failure["exit_code"], 74);
}

#[test]
fn a_refused_run_keeps_as_much_of_the_past_as_the_configuration_says() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let runs = consumer.artifacts().join("runs");
    for number in 0..25 {
        let folder = runs.join(format!("old-{number}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("events.jsonl"), "").unwrap();
    }
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.git(&["rm", "--quiet", "--cached", "matrix.toml"]);
    consumer.write("matrix.toml", &format!("{toml}[retention]\nruns = 40\n"));
    consumer.git(&["add", "matrix.toml"]);
    world.run(&consumer, &[]).expect(17);
    assert_eq!(std::fs::read_dir(&runs).unwrap().count(), 26);
}

#[test]
fn a_hook_that_was_never_installed_is_red() {
    let world = World::new();
    let stages = "[stage.pre-commit]\ndrive = \"git\"\n";
    let consumer = hooked(&world, &[], stages, "{ pre-commit = 0 }");
    let ran = world.run(&consumer, &[]);
    let told = "git commit returned 0 as expected, but no pre-commit hook was launched: \
        there is no hooks/pre-commit (core.hooksPath is hooks in .git/config)";
    assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
    let failure = consumer.failed_with_log("fake", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "not_enforced");
}

#[test]
fn a_pass_does_not_outlive_a_configuration_that_names_no_gate() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    world.run(&consumer, &[]).expect(0);
    consumer.passed("fake");
    let whole = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", "[[[\n");
    consumer.commit("break it");
    world.run(&consumer, &[]).expect(2);
    assert!(consumer.summary("fake").is_none());
    consumer.failed("matrix", "config_load");
    consumer.write("matrix.toml", &whole);
    consumer.commit("mend it");
    world.run(&consumer, &[]).expect(0);
    assert!(consumer.last_failure("matrix").is_none());
    consumer.passed("fake");
}

#[test]
fn a_demo_does_not_replace_the_verdict_of_a_consumer() {
    let world = World::new();
    let consumer = world.script_consumer("exit 1");
    world.run(&consumer, &[]).expect(1);
    let before = consumer.failed_with_log("fake", "stage_ci");
    let mut command = world.command(&["demo"]);
    command.current_dir(&consumer.root);
    crate::support::Ran::of(command.output().unwrap()).expect(0);
    assert_eq!(consumer.failed_with_log("fake", "stage_ci"), before);
    assert!(consumer.summary("demo").is_none());
}

//! An exit as expected that is not the gate's doing: never green, and said
//! in a sentence.

use crate::support::hooks::{BLOCKS, COMMIT, GOOD, PASSES, commit, hooked, red, step};
use crate::support::{Consumer, World};

const PUSH: &str = "[stage.pre-push]\ndrive = \"git\"\n";

#[test]
fn a_hook_that_git_does_not_launch_is_named_with_why() {
    for (activate, told) in [
        (
            "chmod -x hooks/pre-commit",
            "no pre-commit hook was launched: hooks/pre-commit is not executable",
        ),
        (
            "rm hooks/pre-commit",
            "no pre-commit hook was launched: there is no hooks/pre-commit",
        ),
        (
            "ln -sf none hooks/pre-commit",
            "hooks/pre-commit is a link to nothing",
        ),
        (
            "git config core.hooksPath /dev/null",
            "there is no /dev/null/pre-commit (core.hooksPath is /dev/null in .git/config)",
        ),
        (
            "git config --unset core.hooksPath; git config --global core.hooksPath gone",
            "there is no gone/pre-commit (core.hooksPath is gone in git's global configuration)",
        ),
    ] {
        commit(activate, GOOD, PASSES, "not_enforced", told);
    }
}

#[test]
fn a_hook_that_cannot_run_its_program_blocks_for_another_reason() {
    // Other exit codes of hooks are tried in `lane::judge`.
    let told = "its pre-commit hook did not find a program (127)";
    let hooks = [("pre-commit", "no-such-gate")];
    commit(":", &hooks, BLOCKS, "wrong_reason", told);
    let told = "its pre-commit hook was killed by signal 11";
    let hooks = [("pre-commit", "kill -SEGV $$")];
    commit(":", &hooks, BLOCKS, "wrong_reason", told);
    let bad = "printf '#!/no/such/shell\\n' > hooks/pre-commit";
    let told = "its pre-commit hook could not be started";
    commit(bad, GOOD, BLOCKS, "wrong_reason", told);
}

#[test]
fn a_hook_that_does_nothing_lets_the_violation_in() {
    for activate in ["true > hooks/pre-commit", ":"] {
        let told = "git commit exited 0 (its pre-commit hook exited 0), 1 was expected";
        commit(activate, GOOD, BLOCKS, "contract", told);
    }
}

#[test]
fn a_change_that_got_in_was_not_blocked() {
    let inner = "git commit --quiet --no-verify -m own; exit 1";
    let told = "git commit returned 1 as expected, but the change got in: HEAD moved";
    commit(":", &[("pre-commit", inner)], BLOCKS, "not_enforced", told);
    let world = World::new();
    let inner = "git push --quiet --no-verify origin HEAD:refs/heads/main; exit 1";
    let consumer = hooked(&world, &[("pre-push", inner)], PUSH, "{ pre-push = 1 }");
    let told = "git push returned 1 as expected, but the change got in: refs/heads/main moved";
    red(&world, &consumer, "not_enforced", told);
    let world = World::new();
    let inner = "git push --quiet --no-verify origin HEAD:refs/heads/other; exit 1";
    let consumer = hooked(&world, &[("pre-push", inner)], PUSH, "{ pre-push = 1 }");
    let told = "the change got in: the remote has it under refs/heads/other";
    red(&world, &consumer, "not_enforced", told);
}

#[test]
fn a_change_that_stayed_out_was_not_let_in() {
    for (hook, what) in [
        ("post-commit", "git reset --quiet --soft HEAD~1"),
        ("pre-commit", "git read-tree HEAD"),
    ] {
        let told = "the change stayed out";
        let mut hooks = vec![(hook, what)];
        if hook != "pre-commit" {
            hooks.extend(GOOD);
        }
        commit(":", &hooks, PASSES, "not_enforced", told);
    }
    let amend = [
        GOOD[0],
        (
            "post-commit",
            "git checkout --quiet --orphan o; git commit --quiet --no-verify -m own; rm -f hooks/post-commit",
        ),
    ];
    let told = "HEAD is not a commit on the baseline";
    commit(":", &amend, PASSES, "not_enforced", told);
}

#[test]
fn a_refusal_of_gits_own_is_not_a_block() {
    let told = "git commit returned 1 as expected, but its pre-commit hook let it through";
    let hooks = [GOOD[0], ("commit-msg", "exit 1")];
    commit(":", &hooks, BLOCKS, "not_enforced", told);
    // A stage that git has no hook for is played by some hook all the same.
    let world = World::new();
    let stages = "[stage.style]\ndrive = \"git\"\non = \"commit\"\n";
    let consumer = hooked(&world, &[], stages, "{ style = 0 }");
    let told = "git commit returned 0 as expected, but git launched no hook at all";
    red(&world, &consumer, "not_enforced", told);
}

/// A consumer with a gate of a package, and the stage and hook that use it.
fn packaged(world: &World, activate: &str, hook: &str, stage: &str) -> Consumer {
    let top = "[[install]]\nstep = \"fetch\"\nrun = [\"echo\", \"{package_spec}\"]\n";
    let stages = format!("{top}{}{stage}", step(activate));
    let expect = if stage.contains("[stage.ci]") {
        "{ ci = 0 }"
    } else {
        PASSES
    };
    let consumer = hooked(world, &[("pre-commit", hook)], &stages, expect);
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let named = "gate = \"fake\"\npackage = \"gate@1\"";
    consumer.write("matrix.toml", &toml.replace("gate = \"fake\"", named));
    consumer.write("tools/gate", "#!/bin/sh\nexit 0\n");
    consumer.commit("a package");
    consumer
}

#[test]
fn a_program_of_the_machine_is_not_that_of_the_package() {
    let world = World::new();
    let stage = "[stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n";
    let consumer = packaged(&world, ":", "exit 0", stage);
    let ran = "the stage's program returned 0 as expected, but what ran is ";
    red(&world, &consumer, "not_enforced", ran);
}

#[test]
fn a_gate_that_is_shadowed_on_the_path_did_not_run() {
    let world = World::new();
    let shadow = "mkdir ../tools/bin; cp /bin/true ../tools/bin/gate";
    let hook = "PATH=\"$PWD/../tools/bin:$PWD/tools:$PATH\" gate";
    let stage = format!("{COMMIT}programs = [\"tools/gate\"]\n");
    let consumer = packaged(&world, shadow, hook, &stage);
    let told = "but the gate did not run: nothing opened tools/gate";
    red(&world, &consumer, "not_enforced", told);
}

#[test]
fn a_gate_that_only_says_the_reason_did_not_run() {
    let world = World::new();
    let stage = format!("{COMMIT}programs = [\"tools/gate\"]\n");
    let hooks = [("pre-commit", "echo FIXME; exit 1")];
    let consumer = hooked(
        &world,
        &hooks,
        &stage,
        &format!("{BLOCKS}\nreason = \"FIXME\""),
    );
    consumer.write("tools/gate", "#!/bin/sh\n");
    consumer.commit("a gate");
    let told = "git commit returned 1 as expected, but the gate did not run";
    red(&world, &consumer, "wrong_reason", told);
}

#[test]
fn a_gate_that_is_only_touched_did_not_run() {
    let world = World::new();
    let stage = format!("{COMMIT}programs = [\"tools/gate\"]\n");
    let hook = "touch tools/gate; exit 0";
    let consumer = packaged(&world, "true", hook, &stage);
    let told = "but the gate did not run: nothing opened tools/gate";
    red(&world, &consumer, "not_enforced", told);
}

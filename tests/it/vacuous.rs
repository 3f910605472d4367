//! Cells that prove nothing, and good ones that must not be taken for them.

use serde_json::Value;

use crate::support::World;
use crate::support::hooks::hooked;

/// A lane whose scenario is `bad`, with these stages, each a shell script or
/// words that a program is given, and what they are expected to exit.
struct Lane {
    stages: String,
    expect: Vec<String>,
}

impl Lane {
    fn new() -> Self {
        Self {
            stages: String::new(),
            expect: Vec::new(),
        }
    }

    fn stage(mut self, name: &str, rest: &str) -> Self {
        self.stages += &format!("[stage.{name}]\n{rest}\n");
        self.expect.push(format!("{name} = 0"));
        self
    }

    fn command(self, name: &str, words: &[&str], env: &str) -> Self {
        let words = Value::from(words.to_vec());
        self.stage(
            name,
            &format!("drive = \"command\"\nrun = {words}\nenv = {{ {env} }}"),
        )
    }

    /// Why the last stage is vacuous, once it was seen that the run is green
    /// and warns, and that it is red under --strict.
    #[track_caller]
    fn vacuous(self, stage: &str, why: &str) {
        let world = World::new();
        let expect = format!("{{ {} }}", self.expect.join(", "));
        let hooks = [("pre-commit", "exit 0"), ("pre-push", "exit 0")];
        let consumer = hooked(&world, &hooks, &self.stages, &expect);
        let ran = world.run(&consumer, &[]);
        let warning = format!("bad at {stage} proves nothing: {why}");
        assert!(ran.expect(0).stderr.contains(&warning), "{}", ran.stderr);
        let cell = consumer.cell("bad", stage);
        assert_eq!(cell["vacuous"], true);
        assert_eq!(cell["vacuous_because"], why);
        let ran = world.run(&consumer, &["--strict"]);
        let told = format!("{why}, so nothing was tried");
        assert!(ran.expect(1).stderr.contains(&told), "{}", ran.stderr);
        let failure = consumer.last_failure("fake").unwrap();
        assert_eq!(failure["failure_class"], "vacuous");
        let step = format!("stage_{}", stage.replace('-', "_"));
        assert_eq!(failure["failure_step"], step);
    }

    /// Nothing is vacuous, not even under --strict.
    #[track_caller]
    fn proves_something(self) {
        let world = World::new();
        let expect = format!("{{ {} }}", self.expect.join(", "));
        let consumer = hooked(&world, &[("pre-push", "exit 0")], &self.stages, &expect);
        let ran = world.run(&consumer, &["--strict"]);
        assert!(!ran.expect(0).stderr.contains("nothing"), "{}", ran.stderr);
        consumer.passed("fake");
    }
}

/// A stage `ci` with these words and variables.
fn ci(words: &[&str], env: &str) -> Lane {
    let words: Vec<_> = ["true"].iter().chain(words).copied().collect();
    Lane::new().command("ci", &words, env)
}

#[test]
fn a_scenario_that_changes_nothing_proves_nothing() {
    let world = World::new();
    let stages = "[stage.pre-commit]\ndrive = \"git\"\n\
        [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n";
    let expect = "{ pre-commit = 0, ci = 0 }";
    let consumer = hooked(&world, &[("pre-commit", "exit 0")], stages, expect);
    consumer.write("file", "bad\n");
    consumer.commit("what the scenario has");
    let told = "the scenario bad changes nothing: its cells prove nothing";
    let ran = world.run(&consumer, &[]);
    assert!(ran.expect(0).stderr.contains(told), "{}", ran.stderr);
    for stage in ["pre-commit", "ci"] {
        let why = &consumer.cell("bad", stage)["vacuous_because"];
        assert_eq!(why, "the scenario changes nothing");
    }
    world.run(&consumer, &["--strict"]).expect(1);
    let failure = consumer.failed_with_log("fake", "stage_pre_commit");
    assert_eq!(failure["failure_class"], "vacuous");
}

#[test]
fn a_push_of_what_the_remote_has_proves_nothing() {
    let push = [
        "git",
        "push",
        "--quiet",
        "--no-verify",
        "origin",
        "HEAD:refs/heads/main",
    ];
    Lane::new()
        .command("before", &push, "")
        .stage("pre-push", "drive = \"git\"")
        .vacuous(
            "pre-push",
            "the remote has the commit already: git gives the hook no refs",
        );
}

#[test]
fn a_base_that_is_gone_proves_nothing() {
    let delete = ["git", "branch", "--quiet", "-D", "upstream-bad"];
    Lane::new()
        .command("before", &delete, "")
        .command("ci", &["true"], "")
        .vacuous("ci", "its base upstream-bad does not resolve any more");
}

#[test]
fn no_commit_on_top_of_the_base_proves_nothing() {
    let reset = ["git", "branch", "--quiet", "-f", "upstream-bad", "HEAD"];
    Lane::new()
        .command("before", &reset, "")
        .command("ci", &["true"], "")
        .vacuous("ci", "there is no commit between upstream-bad and HEAD");
}

#[test]
fn a_base_that_does_not_resolve_proves_nothing() {
    let env = "GITHUB_BASE_REF = \"no-such\"";
    ci(&[], env).vacuous("ci", "GITHUB_BASE_REF is `no-such`, which does not resolve");
    let option = ["--from-ref", "no-such", "--to-ref", "HEAD"];
    ci(&option, "").vacuous("ci", "`no-such` does not resolve");
    ci(&["--from-ref=no-such"], "").vacuous("ci", "`no-such` does not resolve");
}

#[test]
fn a_range_that_is_empty_or_does_not_resolve_proves_nothing() {
    ci(&["HEAD..HEAD"], "").vacuous("ci", "the range `HEAD..HEAD` is empty");
    ci(&["--range=HEAD..."], "").vacuous("ci", "the range `HEAD...` is empty");
    ci(&["no-such..HEAD"], "").vacuous("ci", "`no-such` of `no-such..HEAD` does not resolve");
    ci(&["{base_ref}..no-such"], "").vacuous(
        "ci",
        "`no-such` of `upstream-bad..no-such` does not resolve",
    );
}

#[test]
fn good_bases_and_words_that_are_no_ranges_prove_something() {
    let words = [
        "{base_ref}...HEAD",
        "--range={base_ref}..",
        "HEAD~1..HEAD",
        "../x",
        "./../x/..",
        "a..b",
        "..",
        "./...",
        "src/..",
        "--from-ref",
        "{base_ref}",
        "--since=2 weeks ago",
        "--since",
        "2026-01-01",
    ];
    let env = "GITHUB_BASE_REF = \"{base_ref}\", CHANGE_TARGET = \"main\"";
    Lane::new()
        .stage("pre-push", "drive = \"git\"")
        .command("ci", &[&["true"], &words[..]].concat(), env)
        .proves_something();
}

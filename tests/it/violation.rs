//! What of a change is taken out as its violation, and how that is said.

use std::fs;

use serde_json::{Value, json};

use crate::support::vacuity::{MIXED, NO_FIXME, blocked, check, hooked, report};
use crate::support::{World, git};

#[test]
fn only_the_lines_of_the_violation_are_taken_out() {
    let world = World::new();
    let marker = "[scenario.mixed.marker]\npre-commit = \"FIXME\"";
    let scenarios = blocked("mixed", &format!("reason = \"FIXME\"\n{marker}"));
    let files = [
        ("scenarios/mixed/src/a", MIXED),
        ("scenarios/mixed/src/new/b", "FIXME\n"),
    ];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    check(&world, &consumer, &["--keep"]).expect(0);
    let clone = world.kept_lane("mixed-without-its-violation").join("clone");
    let rest = "two\nthree\nfour\nfine\n";
    assert_eq!(git(&clone, &["show", "HEAD:src/a"]), rest);
    assert_eq!(fs::read_to_string(clone.join("src/a")).unwrap(), rest);
    let changed = git(&clone, &["diff", "--name-status", "HEAD~", "HEAD"]);
    assert_eq!(changed, "M\tsrc/a\n");
    assert!(!clone.join("src/new").exists());
    assert_eq!(git(&clone, &["status", "--porcelain"]), "");
    let out = json!([{"path": "src/a", "lines": [2, 2]}, {"path": "src/new/b", "lines": null}]);
    assert_eq!(report(&consumer)["scenarios"]["mixed"]["taken_out"], out);
}

#[test]
fn deletions_modes_and_binary_files_stay() {
    let world = World::new();
    let seed = "printf 'x\\000FIXME\\n' >src/binary; chmod +x src/a; sed -i s/two/FIXME/ src/a; rm src/gone";
    let scenarios = format!(
        "[scenario.mixed]\nseed = [\"sh\", \"-c\", {}]\nexpect = {{ pre-commit = 1 }}\nreason = \"src/a\"\nviolation = {{ regex = '^FIXME$' }}\n",
        Value::from(seed)
    );
    let hook = "! git grep --cached -nI FIXME -- src";
    let consumer = hooked(
        &world,
        "pre-commit",
        hook,
        &scenarios,
        &[("src/gone", "x\n")],
    );
    check(&world, &consumer, &["--keep"]).expect(0);
    let clone = world.kept_lane("mixed-without-its-violation").join("clone");
    let changed = git(&clone, &["diff", "--raw", "--abbrev=4", "HEAD~", "HEAD"]);
    let modes: Vec<_> = changed
        .lines()
        .map(|line| (&line[..14], &line[25..]))
        .collect();
    let expected = [
        (":100644 100755", "M\tsrc/a"),
        (":000000 100644", "A\tsrc/binary"),
        (":100644 000000", "D\tsrc/gone"),
    ];
    assert_eq!(modes, expected, "{changed}");
}

#[test]
fn files_that_are_named_go_back_as_a_whole() {
    let world = World::new();
    let scenarios = blocked(
        "mixed",
        "reason = \"FIXME\"\nviolation = { files = [\"./src/a\", \"src/new\"] }",
    );
    let files = [
        ("scenarios/mixed/src/a", MIXED),
        ("scenarios/mixed/src/new/b", "x\n"),
        ("scenarios/mixed/src/c", "fine\n"),
    ];
    let consumer = hooked(&world, "pre-commit", NO_FIXME, &scenarios, &files);
    let ran = check(&world, &consumer, &[]);
    let said = &ran.expect(0).stdout;
    assert!(said.contains("taken out: src/a, src/new/b"), "{said}");
    assert!(said.contains("pre-commit  proves something\n"), "{said}");
}

const MESSAGE: &str = "[scenario.bad]\noverlay = \"scenarios/bad\"\nmessage = \"things\"\n\
                       expect = { commit-msg = 1 }\nreason = \"no good message\"\n";

#[test]
fn a_message_can_be_the_violation() {
    let world = World::new();
    let scenarios = format!("{MESSAGE}violation = {{ message = \"feat: things\" }}\n");
    let hook = "grep '^feat: ' \"$1\" || { echo no good message; exit 1; }";
    let files = [("scenarios/bad/src/a", MIXED)];
    let consumer = hooked(&world, "commit-msg", hook, &scenarios, &files);
    world.run(&consumer, &["--run-id", "only"]).expect(0);
    let ran = check(&world, &consumer, &["--run-id", "only", "--keep"]);
    let said = &ran.expect(0).stdout;
    assert!(
        said.contains("bad: its message is `feat: things` instead"),
        "{said}"
    );
    let clone = world.kept_lane("bad-without-its-violation").join("clone");
    assert_eq!(git(&clone, &["log", "-1", "--format=%s"]), "feat: things\n");
    assert_eq!(git(&clone, &["show", "HEAD:src/a"]), MIXED);
}

/// The error of a configuration whose scenario has this violation.
fn refused(violation: &str) -> String {
    let world = World::new();
    let scenarios = format!("{MESSAGE}violation = {violation}\n");
    let files = [("scenarios/bad/src/a", MIXED)];
    let consumer = hooked(&world, "commit-msg", "exit 1", &scenarios, &files);
    let args = ["list", "--repo", consumer.root.to_str().unwrap()];
    world.matrix(&args).expect(2).stderr.clone()
}

#[test]
fn a_violation_that_cannot_be_one_is_refused_with_its_place() {
    for (violation, message) in [
        ("\"\"", "not a violation"),
        ("{ file = \"src/a\" }", "{ files = [\"PATH\"] }"),
        ("{ files = [] }", "not a violation"),
        (
            "{ files = [\"../a\"] }",
            "not a path inside of the consumer",
        ),
        ("{ files = [1] }", "expected a path"),
        ("{ regex = \"(\" }", "unclosed group"),
        ("{ message = \"\" }", "without a message"),
        (
            "{ message = \"things\" }",
            "this is the message of scenario `bad` itself",
        ),
    ] {
        let said = refused(violation);
        assert!(said.contains(message), "{violation}: {said}");
        assert!(said.contains("matrix.toml:13:"), "{violation}: {said}");
    }
}

#[test]
fn an_inherited_violation_goes_with_its_seed() {
    let world = World::new();
    let consumer = world.demo_consumer("consumer");
    let own = "[scenario.mixed]\noverlay = \"own\"\nreason = \"TODO\"";
    let config = format!("schema = 1\ninherits = \"demo\"\n{own}\n");
    consumer.write("matrix.toml", &config);
    consumer.write("own/src/new.sh", "# TODO\n");
    consumer.write("own/README.md", "parcels\n");
    consumer.commit("a scenario of our own");
    let ran = check(&world, &consumer, &["--scenario", "mixed"]);
    let said = &ran.expect(0).stdout;
    assert!(said.contains("mixed: taken out: src/new.sh\n"), "{said}");
}

/// The words of a mock fit no change of another consumer.
#[test]
fn a_profile_names_no_violation_for_the_scenarios_of_a_consumer() {
    let world = World::new();
    let files = [
        ("matrix.toml", "schema = 1\ninherits = \"demo\"\n"),
        ("gate/gate.sh", "! grep -rn TODO src\n"),
        ("src/a", "one\n"),
        ("scenarios/clean/src/a", "two\n"),
        // The words of the mock, beside the violation of this consumer.
        ("scenarios/violations/src/a", "one\n# TODO\n# not a FIXME\n"),
        ("scenarios/mixed/src/a", "# FIXME\none\nTODO\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    let ran = check(&world, &consumer, &[]);
    let said = &ran.expect(1).stdout;
    for scenario in ["violations", "mixed"] {
        let expected = format!("{scenario}: not tried: it has no reason");
        assert!(said.contains(&expected), "{said}");
    }
}

//! Failures that are known for a while, and entries that cannot stand.

use std::fs;

use serde_json::{Value, json};

use super::support::comparisons::{TODAY, entry, good, two_runs};
use crate::support::{Consumer, Ran, World};

/// `matrix diff base now` with this file beside `matrix.toml`.
fn diff(world: &World, consumer: &Consumer, known: &str, more: &[&str]) -> Ran {
    consumer.write("known-failures.toml", known);
    let mut command = world.command(&["diff", "base", "now"]);
    command.args(more).current_dir(&consumer.root);
    Ran::of(command.env("SOURCE_DATE_EPOCH", TODAY).output().unwrap())
}

// One pair of runs is compared again and again: comparing is cheap, running
// is not.
#[test]
fn known_failures_excuse_until_their_last_day_and_invalid_ones_fail() {
    let world = World::new();
    let consumer = two_runs(&world);
    excused_until_the_last_day(&world, &consumer);
    invalid_entries_fail(&world, &consumer);
    unusable_files_are_refused(&world, &consumer);
}

fn excused_until_the_last_day(world: &World, consumer: &Consumer) {
    let any = ["--fail-on", "regression,new-failure,incomplete"];
    let one = diff(world, consumer, &good("a/ci"), &any);
    let head = "run now against run base: regression (1 regression, 1 known failure, 1 unchanged)";
    assert!(one.expect(1).stdout.starts_with(head), "{one:?}");
    // A date may be a string too.
    let both = good("a/ci") + &entry("b/ci", "\"2026-02-18\"", "\"2026-03-20\"");
    let ran = diff(world, consumer, &both, &any);
    let said = &ran.expect(0).stdout;
    assert!(
        said.contains("known_failures_only (2 known failures, 1 unchanged)"),
        "{said}"
    );
    let line = "ann answers for it until 2026-02-18: upstream is slow";
    assert!(said.contains(line), "{said}");
    let document = diff(world, consumer, &both, &["--format", "json"]).stdout;
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["known_failures"]["entries"], 2);
    assert_eq!(document["known_failures"]["faults"], json!([]));
    assert_eq!(document["cells"][0]["known"]["owner"], "ann");
    assert_eq!(document["cells"][2]["known"], Value::Null);
    diff(world, consumer, &both, &["--fail-on", "known-failure"]).expect(1);
    // No file, no excuse; a file that was named counts instead of it.
    fs::rename(
        consumer.root.join("known-failures.toml"),
        world.path().join("elsewhere.toml"),
    )
    .unwrap();
    let words = [
        "diff",
        "base",
        "now",
        "--fail-on",
        "regression",
        "--artifacts",
    ];
    let artifacts = consumer.artifacts();
    let mut words = [&words[..], &[artifacts.to_str().unwrap()]].concat();
    let at = |words: &[&str]| {
        let mut command = world.command(words);
        Ran::of(command.env("SOURCE_DATE_EPOCH", TODAY).output().unwrap())
    };
    at(&words).expect(1);
    words.extend(["--known", "elsewhere.toml"]);
    at(&words).expect(0);
}

fn invalid_entries_fail(world: &World, consumer: &Consumer) {
    let expired = entry("a/ci", "2026-02-01", "2026-02-17");
    let known = expired + &good("d/ci") + &good("c/ci");
    let shown = diff(world, consumer, &known, &[]);
    for says in [
        "known failure a/ci (owner ann): its last day was 2026-02-17, today is 2026-02-18",
        "known failure d/ci (owner ann): run now has no such cell",
        "known failure c/ci (owner ann): it passes in run now",
    ] {
        let lines = shown.expect(1).stdout.split_once(says);
        let (_, next) = lines.unwrap_or_else(|| panic!("{says}: {shown:?}"));
        assert!(
            next.starts_with(" (UTC)\n  next: ") || next.starts_with("\n  next: "),
            "{next}"
        );
    }
    let ran = diff(world, consumer, &known, &["--format", "json"]);
    let document: Value = serde_json::from_str(&ran.expect(1).stdout).unwrap();
    let faults = document["known_failures"]["faults"].as_array().unwrap();
    let kinds: Vec<_> = faults.iter().map(|fault| &fault["kind"]).collect();
    assert_eq!(kinds, ["expired", "unmatched", "unexpected_pass"]);
    // They excuse nothing either.
    assert_eq!(document["counts"]["regression"], 2);
}

fn unusable_files_are_refused(world: &World, consumer: &Consumer) {
    let good = good("a/ci");
    for (known, place, says) in [
        (format!("{good}{good}"), "8:8", "`a/ci` has two entries"),
        (good.replace("a/ci", "a"), "2:8", "`a` is not a cell"),
        (good.replace("a/ci", "A/ci"), "2:8", "`A` is not a name"),
        (
            good.replace("owner", "owned"),
            "3:1",
            "did you mean `owner`?",
        ),
        (
            good.replace("[[known]]", "[[knwon]]"),
            "1:3",
            "did you mean `known`?",
        ),
        (
            good.replace("owner = \"ann\"\n", ""),
            "1:1",
            "missing field `owner`",
        ),
        (
            good.replace("\"ann\"", "\" \""),
            "3:9",
            "expected a text that is not empty",
        ),
        (good.replace("02-18", "02-31"), "6:", ""),
        (
            good.replace("2026-02-18", "\"soon\""),
            "6:11",
            "invalid date",
        ),
        (
            good.replace("2026-02-18", "2026-02-18T00:00:00Z"),
            "6:11",
            "invalid date",
        ),
        (
            entry("a/ci", "2026-02-19", "2026-02-20"),
            "5:11",
            "is in the future",
        ),
        (
            entry("a/ci", "2026-02-10", "2026-02-09"),
            "6:11",
            "is before 2026-02-10",
        ),
        (
            entry("a/ci", "2026-02-01", "2026-03-04"),
            "6:11",
            "is 31 days after 2026-02-01",
        ),
    ] {
        let ran = diff(world, consumer, &known, &[]);
        let wanted = format!("known-failures.toml:{place}");
        let is_said = ran.stderr.contains(&wanted) && ran.stderr.contains(says);
        assert!(is_said, "{wanted} {says}: {ran:?}");
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    }
    let named = diff(world, consumer, &good, &["--known", "nowhere.toml"]);
    assert!(
        named
            .expect(2)
            .stderr
            .contains("nowhere.toml cannot be read")
    );
}

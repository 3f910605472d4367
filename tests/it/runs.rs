//! `matrix runs`, and the words that name a run by its place in the list.

use serde_json::Value;

use crate::support::World;
use crate::support::gate::Setup;

/// A consumer with a pass, a failure, a pass and a run that died.
fn recorded() -> Setup {
    let setup = World::gate("fake")
        .stage("ci", "! grep -q BAD file")
        .scenario("one", &[("other", "two\n")])
        .consumer();
    for (id, text, code) in [("r1", "one\n", 0), ("r2", "BAD\n", 1), ("r3", "two\n", 0)] {
        setup.consumer.write("file", text);
        setup.consumer.commit(id);
        setup
            .world
            .run(&setup.consumer, &["--run-id", id])
            .expect(code);
    }
    let died = setup.consumer.artifacts().join("runs/r0");
    std::fs::create_dir(&died).unwrap();
    std::fs::write(died.join("events.jsonl"), "").unwrap();
    setup
}

#[test]
fn the_newest_run_comes_first_and_what_cannot_be_read_last() {
    let setup = recorded();
    let artifacts = setup.consumer.artifacts();
    let words = ["runs", "--artifacts", artifacts.to_str().unwrap()];
    let human = setup.world.matrix(&words).expect(0).stdout.clone();
    let lines: Vec<Vec<&str>> = human
        .lines()
        .map(|it| it.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0],
        [
            "RUN", "AGE", "KIND", "VERDICT", "PACKAGE", "COMMIT", "SUBJECT"
        ]
    );
    for (line, id, verdict) in [(1, "r3", "PASS"), (2, "r2", "FAIL"), (3, "r1", "PASS")] {
        assert_eq!((lines[line][0], lines[line][3]), (id, verdict), "{human}");
        assert_eq!(lines[line].last(), Some(&id), "the subject: {human}");
    }
    assert_eq!(
        lines[4],
        ["r0", "-", "-", "did", "not", "end", "-", "-", "-"]
    );
    let json = setup
        .world
        .matrix(&[&words[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json.expect(0).stdout).unwrap();
    let head = setup.consumer.git(&["rev-parse", "HEAD"]);
    assert_eq!(json["runs"][0]["commit"], head.trim());
    assert_eq!(json["runs"][1]["subject"], "r2");
    assert_eq!(json["runs"][3]["subject"], Value::Null);
    assert_eq!(json["runs"][3]["problem"], "did not end");
}

#[test]
fn words_count_back_from_the_latest() {
    let setup = recorded();
    let artifacts = setup.consumer.artifacts();
    let named = |word: &str| {
        let folder = ["--artifacts", artifacts.to_str().unwrap()];
        setup
            .world
            .matrix(&[&["report", word, "tap"], &folder[..]].concat())
    };
    for (word, id) in [
        ("latest~0", "r0"),
        ("latest~1", "r3"),
        ("latest~2", "r2"),
        ("latest~3", "r1"),
        ("last-fail", "r2"),
    ] {
        let text = named(word).expect(0).stdout.clone();
        assert!(text.contains(&format!("# run: {id}\n")), "{word}: {text}");
    }
    let told = "there is no run so far back in";
    assert!(named("latest~4").expect(2).stderr.contains(told));
}

#[test]
fn a_folder_without_runs_is_said() {
    let world = World::new();
    let words = ["runs", "--artifacts", "nowhere"];
    let told = "next: run the matrix first";
    assert!(world.matrix(&words).expect(2).stderr.contains(told));
}

//! The change of a lane, as a run records it.

use serde_json::json;

use crate::support::{Consumer, World, json};

fn change(consumer: &Consumer, lane: &str) -> serde_json::Value {
    let file = format!("changes/{lane}.json");
    json(&consumer.run_folder().join(&file)).expect(&file)
}

fn gate() -> crate::support::gate::Gate {
    World::gate("fake")
        .stage("ci", "grep BAD file && exit 1; exit 0")
        .scenario("bad", &[("file", "one\ntwo\nBAD\n"), ("new", "three\n")])
        .blocked("BAD")
        .scenario("good", &[("file", "two\n")])
}

#[test]
fn it_is_a_diff_with_its_violation() {
    let setup = gate().consumer();
    setup.world.run(&setup.consumer, &[]).expect(0);
    let bad = change(&setup.consumer, "bad");
    let diff = bad["diff"].as_str().unwrap();
    for part in [
        "diff --git a/file b/file\n",
        "@@ -1 +1,3 @@\n one\n+two\n+BAD\n",
        "diff --git a/new b/new\nnew file mode 100644\n",
    ] {
        assert!(diff.contains(part), "{part}: {diff}");
    }
    assert_eq!(bad["violation"], json!([{"path": "file", "lines": [2, 3]}]));
    assert_eq!(bad["is_cut"], false);
    let good = change(&setup.consumer, "good");
    assert_eq!(good["violation"], json!([]));
}

#[test]
fn a_reused_lane_has_it_too() {
    let setup = gate().consumer();
    let run = |id, more: &[&str]| {
        let args = [&["--run-id", id], more].concat();
        let ran = setup.world.run(&setup.consumer, &args);
        ran.expect(0);
        let file = format!("runs/{id}/changes/bad.json");
        json(&setup.consumer.artifacts().join(&file)).expect(&file)
    };
    assert_eq!(run("first", &[]), run("second", &["--reuse"]));
    let record = json(&setup.consumer.artifacts().join("runs/second/run.json")).unwrap();
    assert_eq!(record["lanes"]["bad"]["reused"], "first");
}

#[test]
fn a_long_one_is_cut_and_a_secret_is_not_in_it() {
    let long = "a line of a file\n".repeat(5000);
    let setup = gate()
        .scenario("long", &[("a", "s3cret-of-the-shop\n"), ("file", &long)])
        .consumer();
    let mut run = setup.world.run_command(&setup.consumer, &[]);
    run.env("SHOP_TOKEN", "s3cret-of-the-shop");
    crate::support::Ran::of(run.output().unwrap()).expect(0);
    let long = change(&setup.consumer, "long");
    let diff = long["diff"].as_str().unwrap();
    assert_eq!(long["is_cut"], true);
    assert!(diff.len() <= 64 * 1024 + 100, "{}", diff.len());
    assert!(diff.contains("+[secret SHOP_TOKEN]"), "{}", &diff[..300]);
}

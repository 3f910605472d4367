//! Which lane goes first, and how many side by side.

use std::fs;
use std::path::{Path, PathBuf};

use gate_matrix::artifact::to_bytes;

use crate::support::{Consumer, Ran, World, json};

/// A consumer with these scenarios, whose only stage writes down its turn.
fn turns(world: &World, scenarios: &[&str]) -> (Consumer, PathBuf) {
    let turns = world.path().join("turns");
    let mut toml = format!(
        "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\n\
         run = [\"sh\", \"-c\", \"echo {{scenario}} >>{}; [ {{scenario}} != broken ]\"]\n",
        turns.display()
    );
    for name in scenarios {
        toml += &scenario(name);
    }
    let consumer = world.consumer("consumer", &[("matrix.toml", &toml), ("file", "one\n")]);
    for name in scenarios {
        consumer.write(&format!("scenarios/{name}/file"), name);
    }
    consumer.commit("scenarios");
    (consumer, turns)
}

fn scenario(name: &str) -> String {
    format!("[scenario.{name}]\noverlay = \"scenarios/{name}\"\nexpect = {{ ci = 0 }}\n")
}

/// Makes the steps of a run's lanes have taken this long.
fn took(consumer: &Consumer, run: &str, lanes: &[(&str, u64)]) {
    let path = consumer.artifacts().join("runs").join(run).join("run.json");
    let mut document = json(&path).unwrap();
    for (lane, ms) in lanes {
        let steps = document["lanes"][lane]["steps"].as_array_mut().unwrap();
        for step in steps.iter_mut() {
            step["duration_ms"] = 0.into();
        }
        steps[0]["duration_ms"] = (*ms).into();
    }
    fs::write(path, to_bytes(&document)).unwrap();
}

/// Plays one lane after the other and tells their order.
#[track_caller]
fn order(
    world: &World,
    consumer: &Consumer,
    turns: &Path,
    code: i32,
    more: &[&str],
) -> Vec<String> {
    let mut args = vec!["--jobs", "1"];
    args.extend(more);
    let ran = world.run(consumer, &args);
    ran.expect(code);
    let lanes = ran
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("=== scenario:"));
    let declared = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let declared = declared
        .lines()
        .filter_map(|line| line.strip_prefix("[scenario."));
    let told: Vec<_> = lanes.map(|name| name.trim_end_matches(" ===")).collect();
    assert_eq!(
        told,
        declared
            .map(|name| name.trim_end_matches(']'))
            .collect::<Vec<_>>()
    );
    let text = fs::read_to_string(turns).unwrap();
    fs::remove_file(turns).unwrap();
    text.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn the_longest_lane_of_the_last_run_goes_first() {
    let world = World::new();
    let (consumer, turns) = turns(&world, &["a", "b", "c"]);
    let play = |more: &[&str]| order(&world, &consumer, &turns, 0, more);
    assert_eq!(play(&["--run-id", "one"]), ["a", "b", "c"]);
    took(&consumer, "one", &[("a", 20), ("b", 10), ("c", 30)]);
    assert_eq!(play(&["--run-id", "two"]), ["c", "a", "b"]);
    // What took equally long goes as declared, and the newest run counts.
    took(&consumer, "two", &[("a", 10), ("b", 40), ("c", 10)]);
    fs::remove_dir_all(consumer.artifacts().join("runs/one")).unwrap();
    assert_eq!(play(&["--run-id", "three"]), ["b", "a", "c"]);
    fs::remove_dir_all(consumer.artifacts().join("runs/two")).unwrap();
    // A lane that nobody knows may be the longest.
    took(&consumer, "three", &[("a", 10), ("b", 20), ("c", 30)]);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &(toml + &scenario("d")));
    consumer.write("scenarios/d/file", "d");
    consumer.commit("one more");
    assert_eq!(play(&["--run-id", "four"]), ["d", "c", "b", "a"]);
    // A run that died says nothing.
    took(&consumer, "four", &[("a", 9), ("b", 8), ("c", 7), ("d", 6)]);
    fs::remove_dir_all(consumer.artifacts().join("runs/three")).unwrap();
    fs::remove_file(consumer.artifacts().join("runs/four/run.json")).unwrap();
    assert_eq!(play(&[]), ["a", "b", "c", "d"]);
}

#[test]
fn fail_fast_goes_as_declared() {
    let world = World::new();
    let (consumer, turns) = turns(&world, &["a", "broken", "c"]);
    let play = |more: &[&str]| order(&world, &consumer, &turns, 1, more);
    assert_eq!(play(&["--run-id", "one"]), ["a", "broken", "c"]);
    took(&consumer, "one", &[("a", 10), ("broken", 20), ("c", 30)]);
    assert_eq!(play(&["--run-id", "two", "--fail-fast"]), ["a", "broken"]);
    let failure = consumer.failed("fake", "stage_ci");
    assert_eq!(failure["failure_phase"], "broken");
    // Without it the longest of what is known goes first all the same.
    fs::remove_dir_all(consumer.artifacts().join("runs/two")).unwrap();
    assert_eq!(play(&["--run-id", "three"]), ["c", "broken", "a"]);
    assert_eq!(
        consumer.failed("fake", "stage_ci")["failure_phase"],
        "broken"
    );
}

#[test]
fn a_step_that_takes_all_slots_is_alone() {
    let world = World::new();
    let place = world.path().join("place");
    fs::create_dir(&place).unwrap();
    // Whoever comes first gives the other time to come too.
    let script = format!(
        "cd {}; mkdir busy || {{{{ touch second; exit 9; }}}}; \
         for i in $(seq $PATIENCE); do [ -e second ] && break; sleep 0.02; done; rmdir busy",
        place.display()
    );
    let toml = format!(
        "schema = 1\ngate = \"fake\"\npass_env = [\"PATIENCE\"]\n\
         [stage.ci]\ndrive = \"command\"\nweight = 2\nrun = [\"sh\", \"-c\", {}]\n{}{}",
        serde_json::Value::from(script),
        scenario("a"),
        scenario("b"),
    );
    let files = [
        ("matrix.toml", toml.as_str()),
        ("file", "one\n"),
        ("scenarios/a/file", "a"),
        ("scenarios/b/file", "b"),
    ];
    let consumer = world.consumer("consumer", &files);
    let run = |patience: &str, more: &[&str]| {
        let mut command = world.run_command(&consumer, more);
        Ran::of(command.env("PATIENCE", patience).output().unwrap())
    };
    // With room for both they meet, however long that takes.
    run("3000", &["--jobs", "4"]).expect(1);
    fs::remove_file(place.join("second")).unwrap();
    run("20", &["--jobs", "2", "--run-id", "it"]).expect(0);
    let plan = json(&consumer.artifacts().join("runs/it/plan.json")).unwrap();
    let steps = plan["lanes"]["b"]["steps"].as_array().unwrap();
    let weights: Vec<_> = steps
        .iter()
        .map(|step| step["weight"].as_u64().unwrap())
        .collect();
    assert_eq!(weights, [1, 1, 1, 2]);
    // More than there are is all there are.
    run("1", &["--jobs", "1"]).expect(0);
}

#[test]
fn a_lane_that_waits_for_slots_is_cancelled_with_the_others() {
    let world = World::new();
    let toml = "schema = 1\ngate = \"fake\"\n[[activate]]\nstep = \"set_up\"\nweight = 2\n\
                run = [\"sh\", \"-c\", \"[ {scenario} != a ]\"]\n\
                [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n";
    let toml = format!("{toml}{}{}", scenario("a"), scenario("b"));
    let files = [
        ("matrix.toml", toml.as_str()),
        ("file", "one\n"),
        ("scenarios/a/file", "a"),
        ("scenarios/b/file", "b"),
    ];
    let consumer = world.consumer("consumer", &files);
    let ran = world.run(&consumer, &["--jobs", "2", "--fail-fast", "--run-id", "it"]);
    ran.expect(1);
    let run = json(&consumer.artifacts().join("runs/it/run.json")).unwrap();
    assert_eq!(run["lanes"]["a"]["failure"]["step"], "set_up");
    assert_eq!(run["lanes"]["b"]["cancelled"], true);
}

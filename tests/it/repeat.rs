//! Repetitions: a cell whose outcome differs on the same inputs is flaky.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::schema::schema_holds;
use crate::support::{Consumer, World, json as read_json, script_gate};

/// Draws a number that nobody else draws, and counts from 1: `$n`.
fn ticket(world: &World, name: &str) -> String {
    let world = world.path();
    let world = world.display();
    format!("n=1; until mkdir {world}/{name}-$n 2>/dev/null; do n=$((n + 1)); done")
}

/// A consumer whose scenarios `clean` and `steady` have this script for their
/// stage, where `$S` is the scenario.
fn consumer(world: &World, script: &str) -> Consumer {
    let script = format!("S=@scenario@\n{script}");
    let toml = script_gate(&script).replace("@scenario@", "{scenario}")
        + "[scenario.steady]\noverlay = \"scenarios/steady\"\nexpect = { ci = 0 }\n";
    let files = [
        ("matrix.toml", toml.as_str()),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
        ("scenarios/steady/file", "three\n"),
    ];
    world.consumer("consumer", &files)
}

fn flakes(consumer: &Consumer) -> Value {
    let flakes = read_json(&consumer.run_folder().join("flakes.json")).unwrap();
    schema_holds("flakes", &flakes);
    flakes
}

/// The files that a run vouches for, as far as one is named.
fn vouched(consumer: &Consumer) -> Value {
    read_json(&consumer.run_folder().join("files.json")).unwrap()["files"].clone()
}

#[test]
fn a_cell_that_flips_one_time_in_five_is_found_with_both_evidences() {
    let world = World::new();
    let ticket = ticket(&world, "n");
    let script = format!(
        "test $S = clean || exit 0\n{ticket}\n\
         if test $((n % 5)) = 0; then echo this one is bad; exit 3; fi\necho all is well"
    );
    let consumer = consumer(&world, &script);
    let ran = world.run(&consumer, &["--repeat", "20"]);
    ran.expect(1);

    let said = "repeated: every lane ran 20 times, 1 cell had more than one outcome\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let flakes = flakes(&consumer);
    assert_eq!(flakes["repeat"], 20);
    assert_eq!(flakes["cells"].as_array().unwrap().len(), 1, "{flakes:#}");
    let cell = &flakes["cells"][0];
    assert_eq!(
        (&cell["scenario"], &cell["stage"]),
        (&json!("clean"), &json!("ci"))
    );
    let outcome = |verdict: &str| {
        let all = cell["outcomes"].as_array().unwrap();
        all.iter()
            .find(|one| one["verdict"] == verdict)
            .unwrap()
            .clone()
    };
    let (good, bad) = (outcome("pass"), outcome("contract"));
    assert_eq!((&good["count"], &good["exit"]), (&json!(16), &json!(0)));
    assert_eq!((&bad["count"], &bad["exit"]), (&json!(4), &json!(3)));
    assert_eq!(bad["repetitions"].as_array().unwrap().len(), 4);
    // Both evidences are there, vouched for, and say what they should.
    let run = consumer.run_folder();
    let vouched = vouched(&consumer);
    for (outcome, said) in [(&good, "all is well\n"), (&bad, "this one is bad\n")] {
        let log = outcome["example"]["log"].as_str().unwrap();
        assert_eq!(fs::read_to_string(run.join(log)).unwrap(), said);
        let cell = outcome["example"]["cell"].as_str().unwrap();
        let cell_file = read_json(&run.join(cell)).unwrap();
        schema_holds("cell", &cell_file);
        assert_eq!(cell_file["run"]["log"]["path"], log);
        assert!(vouched.get(log).is_some() && vouched.get(cell).is_some());
        assert!(ran.stderr.contains(&format!("    | {said}")), "{ran:?}");
    }
    assert!(
        ran.stderr
            .contains("FLAKY clean/ci: 2 outcomes in 20 repetitions"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("  4 × contract, exit 3"), "{ran:?}");
    assert!(ran.stderr.contains("every lane runs 20 times"), "{ran:?}");

    // stdout is that of any run: three lines a scenario.
    assert_eq!(ran.stdout.lines().count(), 6, "{ran:?}");
    assert!(
        ran.stdout
            .contains("=== scenario:steady ===\nresults: ci=0\nstatus: PASS\n")
    );
    assert!(
        ran.stdout.contains("\nstatus: FAIL\n=== scenario:steady"),
        "{ran:?}"
    );
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "flaky");
    assert_eq!(failure["failure_phase"], "clean");
    let log = fs::read_to_string(failure["failure_log_artifact"].as_str().unwrap()).unwrap();
    assert_eq!(log, "this one is bad\n");
    assert_eq!(consumer.cell("clean", "ci")["verdict"], "flaky");
    assert_eq!(consumer.cell("steady", "ci")["verdict"], "pass");
    let run = read_json(&run.join("run.json")).unwrap();
    schema_holds("run", &run);
    assert_eq!(run["repeat"], 20);
    assert_eq!(run["outstanding"], json!(["clean/ci"]));
    assert_eq!(run["lanes"]["clean"]["failure"]["class"], "flaky");
}

#[test]
fn a_gate_that_only_varies_its_words_and_timings_is_not_flaky() {
    let world = World::new();
    let ticket = ticket(&world, "$S");
    let script = format!(
        "{ticket}\necho this took $n seconds in $$; test $((n % 2)) = 0 || sleep 0.05; echo $n >untracked-$n"
    );
    let consumer = consumer(&world, &script);
    let ran = world.run(&consumer, &["--repeat", "6"]);
    ran.expect(0);
    assert_eq!(flakes(&consumer)["cells"], json!([]));
    assert_eq!(consumer.passed("fake")["final_verdict"], "PASS");
    assert!(
        ran.stdout
            .ends_with("All scenario matrix checks passed for package: fake\n")
    );
    // All six were played.
    assert!(world.path().join("steady-6").is_dir() && !world.path().join("steady-7").exists());
}

/// Whatever keeps lanes apart, the repetitions meet the same commits, and a
/// scenario with a name that ends in a number is nobody's repetition.
#[test]
fn every_repetition_has_the_same_inputs_and_a_lane_of_its_own() {
    for mode in ["fresh", "layers", "copies"] {
        let world = World::new();
        let seen = world.path().join("seen");
        let script = format!(
            "test ! -e untracked || exit 9; echo mine >untracked\n\
             echo $S {{base_ref}} $(git rev-parse HEAD {{base_ref}} origin/{{base_ref}}) \
             $(git status --porcelain --untracked-files=no) >>{}",
            seen.display()
        );
        let toml = script_gate(&script)
            .replace("{{", "{")
            .replace("}}", "}")
            .replace("S ", "")
            + "[scenario.clean-2]\noverlay = \"scenarios/clean-2\"\nexpect = { ci = 0 }\n";
        let consumer = world.consumer(
            "consumer",
            &[
                ("matrix.toml", &toml.replace("echo $", "echo {scenario} ")),
                ("file", "one\n"),
                ("scenarios/clean/file", "two\n"),
                ("scenarios/clean-2/file", "three\n"),
            ],
        );
        let mut args = vec!["--repeat", "3", "--keep"];
        args.extend((mode == "fresh").then_some("--fresh"));
        let command = world.run_command(&consumer, &args);
        let ran = match mode {
            "copies" => crate::support::without_namespaces(&command),
            _ => crate::support::Ran::of({ command }.output().unwrap()),
        };
        ran.expect(0);
        let plan = read_json(&consumer.run_folder().join("plan.json")).unwrap();
        assert_eq!(plan["isolation"]["lanes"], mode);
        let text = fs::read_to_string(&seen).unwrap();
        for lane in ["clean", "clean-2"] {
            let start = format!("{lane} upstream-{lane} ");
            let mut lines: Vec<_> = text
                .lines()
                .filter(|line| line.starts_with(&start))
                .collect();
            assert_eq!(lines.len(), 3, "{text}");
            lines.dedup();
            assert_eq!(lines.len(), 1, "{text}");
        }
        // Each was kept, with what it left.
        for lane in ["clean", "clean.2", "clean.3", "clean-2", "clean-2.3"] {
            assert!(
                world.kept_lane(lane).join("clone/untracked").is_file(),
                "{lane}"
            );
        }
        let cell = |tree: &str| {
            let file = consumer
                .run_folder()
                .join(format!("{tree}cells/clean/ci.json"));
            read_json(&file).unwrap()
        };
        assert_eq!(cell("")["head"], cell("repeats/2/")["head"]);
        assert_eq!(cell("")["head"], cell("repeats/3/")["head"]);
    }
}

#[test]
fn an_assertion_that_holds_only_sometimes_makes_a_cell_flaky() {
    let world = World::new();
    let ticket = ticket(&world, "$S");
    let script = format!("{ticket}\nprintf '{{\"count\": %s}}\\n' $n >out.json");
    let consumer = consumer(&world, &script);
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let evidence =
        "[stage.ci.evidence]\nfile = \"out.json\"\nassert = ['.count != 2']\n[scenario.clean]";
    consumer.write(
        "matrix.toml",
        &toml.replacen("[scenario.clean]", evidence, 1),
    );
    consumer.commit("evidence");
    world.run(&consumer, &["--repeat", "3"]).expect(1);
    let flakes = flakes(&consumer);
    assert_eq!(flakes["cells"].as_array().unwrap().len(), 2, "{flakes:#}");
    let outcomes = flakes["cells"][0]["outcomes"].as_array().unwrap();
    let bad = outcomes.iter().find(|one| one["count"] == 1).unwrap();
    assert_eq!(
        (&bad["exit"], &bad["verdict"]),
        (&json!(0), &json!("wrong_reason"))
    );
    let held = json!({"what": ".count != 2", "holds": false});
    assert!(bad["proof"].as_array().unwrap().contains(&held), "{bad:#}");
    // The document of each repetition is kept apart.
    let run = consumer.run_folder();
    let copies = ["", "repeats/2/", "repeats/3/"].map(|tree| {
        fs::read_to_string(run.join(format!("{tree}evidence/clean/ci/out.json"))).unwrap()
    });
    let mut copies = copies.to_vec();
    copies.sort();
    assert_eq!(
        copies,
        ["{\"count\": 1}\n", "{\"count\": 2}\n", "{\"count\": 3}\n"]
    );
}

/// A configuration whose installation is this script, in every lane.
fn installing(world: &World, script: &str) -> Consumer {
    let install = format!(
        "[[install]]\nstep = \"unpack\"\nrun = [\"sh\", \"-c\", {}]\n[stage",
        Value::from(script)
    );
    world.configured_consumer(&script_gate("exit 0").replacen("[stage", &install, 1))
}

#[test]
fn a_lane_that_only_sometimes_comes_to_its_stage_is_flaky_unless_the_machine_failed_it() {
    for (end, class) in [("exit 7", "flaky"), ("kill -9 $$", "infra")] {
        let world = World::new();
        let script = format!("{}; test $n != 2 || {end}", ticket(&world, "n"));
        let consumer = installing(&world, &script);
        let args = ["--repeat", "3", "--fresh", "--jobs", "1"];
        world.run(&consumer, &args).expect(1);
        let failure = consumer.last_failure("fake").unwrap();
        assert_eq!(failure["failure_class"], class, "{failure:#}");
        let flakes = flakes(&consumer);
        let run = consumer.run_folder();
        let log = failure["failure_log_path"].as_str().unwrap();
        assert_eq!(
            log,
            run.join("repeats/2/logs/clean/unpack.log")
                .to_str()
                .unwrap()
        );
        if class == "infra" {
            assert_eq!(failure["failure_step"], "unpack");
            assert_eq!(flakes["cells"], json!([]));
            continue;
        }
        assert_eq!(failure["failure_step"], "stage_ci");
        let missing = &flakes["cells"][0]["outcomes"][1];
        assert_eq!(
            (&missing["verdict"], &missing["exit"]),
            (&json!("missing"), &Value::Null)
        );
        assert_eq!(missing["repetitions"], json!([2]));
        assert_eq!(missing["example"]["cell"], Value::Null);
        assert_eq!(consumer.cell("clean", "ci")["verdict"], "flaky");
    }
}

/// Under `--fail-fast` a failed repetition cancels what is declared after it,
/// also the lane's own; what ran before it still counts.
#[test]
fn fail_fast_stops_at_the_first_red_repetition() {
    let world = World::new();
    let ticket = ticket(&world, "$S");
    let consumer = consumer(&world, &format!("{ticket}\ntest $n != 3"));
    let args = ["--repeat", "5", "--fail-fast", "--jobs", "1"];
    let ran = world.run(&consumer, &args);
    ran.expect(1);
    let failure = consumer.failed("fake", "stage_ci");
    assert_eq!(failure["failure_class"], "flaky");
    let cell = &flakes(&consumer)["cells"][0];
    assert_eq!(cell["outcomes"][0]["repetitions"], json!([1, 2]));
    assert_eq!(cell["outcomes"][1]["repetitions"], json!([3]));
    assert!(!world.path().join("clean-4").exists());
    assert!(!world.path().join("steady-1").exists());
    assert!(
        ran.stdout
            .ends_with("=== scenario:steady ===\nresults: ci=-\nstatus: FAIL\n")
    );
}

#[test]
fn a_run_that_is_stopped_among_repetitions_says_so() {
    let world = World::new();
    let ticket = ticket(&world, "$S");
    let script = world.script(&format!(
        "{ticket}\ntest $n != 2 || {{ say begun $n; sleep 600; }}"
    ));
    let consumer = consumer(&world, &script);
    let running = world.start(&consumer, &["--repeat", "3", "--jobs", "1"]);
    world.said("begun");
    running.signal(Signal::INT);
    running.end().expect(130);
    let failure = consumer.failed("fake", "interrupted");
    assert_eq!(failure["failure_phase"], "clean");
    assert_eq!(flakes(&consumer)["cells"], json!([]));
    world.nobody_lives();
}

#[test]
fn the_number_is_checked_can_be_a_variable_and_nothing_is_taken_over() {
    let world = World::new();
    let ticket = ticket(&world, "$S");
    let consumer = consumer(&world, &ticket);
    for bad in ["0", "-1", "many"] {
        world
            .run(&consumer, &[&format!("--repeat={bad}")])
            .expect(2);
    }
    world.run(&consumer, &["--run-id", "only"]).expect(0);
    let mut command = world.run_command(&consumer, &["--reuse", "--run-id", "only"]);
    let ran = crate::support::Ran::of(command.env("MATRIX_REPEAT", "2").output().unwrap());
    ran.expect(0);
    assert!(
        ran.stderr.contains("--reuse is ignored with --repeat"),
        "{ran:?}"
    );
    assert!(world.path().join("clean-3").is_dir() && !world.path().join("clean-4").exists());
    let mut command = world.run_command(&consumer, &[]);
    let ran = crate::support::Ran::of(command.env("MATRIX_REPEAT", "0").output().unwrap());
    ran.expect(2);
    assert!(ran.stderr.contains("MATRIX_REPEAT"), "{ran:?}");
}

#[test]
fn a_replay_repeats_as_often() {
    let world = World::new();
    let ticket = ticket(&world, "n");
    let script = format!("test $S = clean || exit 0\n{ticket}\ntest $((n % 2)) = 0");
    let consumer = consumer(&world, &script);
    world.run(&consumer, &["--repeat", "2"]).expect(1);
    let artifacts = consumer.artifacts();
    let again = [
        "replay",
        "--execute",
        "--artifacts",
        artifacts.to_str().unwrap(),
    ];
    let ran = world.matrix(&again);
    let said = &ran.expect(1).stderr;
    assert!(said.contains("1 of 1 failures reproduced"), "{said}");
}

#[test]
fn repetitions_that_were_given_other_packages_are_no_pass() {
    let world = World::new();
    let script = format!(
        "{}; mkdir -p node_modules; printf '{{\"packages\":{{\"node_modules/thing\":{{\"version\":\"1.0.%s\"}}}}}}' $n \
         >node_modules/.package-lock.json",
        ticket(&world, "n")
    )
    .replace('{', "{{")
    .replace('}', "}}")
        + "; : {package_spec}";
    let install = format!(
        "package = \"thing\"\n[[install]]\nstep = \"unpack\"\nrun = [\"sh\", \"-c\", {}]\n[stage",
        Value::from(script)
    );
    let consumer =
        world.configured_consumer(&script_gate("exit 0").replacen("[stage", &install, 1));
    let args = ["--repeat", "2", "--fresh", "--jobs", "1", "--run-id", "one"];
    let ran = world.run(&consumer, &args);
    ran.expect(1);
    let failure = consumer.failed("fake", "unpack");
    assert_eq!(failure["failure_class"], "infra");
    let said = "one repetition installed 1.0.1, another 1.0.2";
    assert!(ran.stderr.contains(said), "{ran:?}");
    assert_eq!(flakes(&consumer)["cells"], json!([]));
}

#[test]
fn a_report_tells_of_a_failure_in_a_later_repetition_alone() {
    let world = World::new();
    let ticket = ticket(&world, "n");
    let script = format!(
        "test $S = clean || exit 0\n{ticket}\n\
         if test $n = 2; then echo 'sh: write error: No space left on device'; exit 1; fi"
    );
    let consumer = consumer(&world, &script);
    let file = world.path().join("tap");
    let report = format!("tap={}", file.display());
    let ran = world.run(
        &consumer,
        &["--repeat", "2", "--jobs", "1", "--report", &report],
    );
    ran.expect(1);
    let tap = fs::read_to_string(file).unwrap();
    assert!(tap.contains("not ok 1 - clean/ci"), "{tap}");
    assert!(tap.contains("(in repetition 2)"), "{tap}");
    assert!(tap.contains("\nok 2 - steady/ci"), "{tap}");
}

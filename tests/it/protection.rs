//! What protects a run is said before it, in it and after it, and can be demanded.

use crate::support::{Consumer, Ran, World};

const PROMISES: [&str; 6] = [
    "processes",
    "network",
    "home",
    "sockets",
    "machine",
    "privileges",
];

/// A consumer whose only stage exits as the script does, and that demands a sandbox.
fn demanding(world: &World, script: &str) -> Consumer {
    let consumer = world.script_consumer(script);
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write(
        "matrix.toml",
        &format!("{toml}\n[require]\nsandbox = true\n"),
    );
    consumer.commit("a sandbox is demanded");
    consumer
}

fn run(world: &World, consumer: &Consumer, verb: &str, sandbox: &str) -> Ran {
    let repo = consumer.root.to_str().unwrap();
    let mut command = world.command(&[verb, "--repo", repo]);
    Ran::of(command.env("MATRIX_SANDBOX", sandbox).output().unwrap())
}

/// A PATH whose bubblewrap cannot create a namespace.
fn without_namespaces(world: &World) -> String {
    let bin = Consumer {
        root: world.path().join("bin"),
    };
    bin.write("bwrap", "#!/bin/sh\necho no namespaces here >&2\nexit 1\n");
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", bin.root.display())
}

fn first_line(ran: &Ran) -> &str {
    ran.stderr.lines().next().unwrap_or_default()
}

#[test]
fn a_sandbox_is_said_by_check_by_the_first_line_and_by_the_verdict_files() {
    let world = World::new();
    let consumer = demanding(&world, "exit 0");
    let line = "sandbox: processes, network, home, sockets, machine, privileges";
    let checked = run(&world, &consumer, "check", "auto");
    assert!(checked.expect(0).stdout.contains(line), "{checked:?}");
    let ran = run(&world, &consumer, "run", "auto");
    let first = first_line(ran.expect(0));
    assert!(
        first.starts_with("matrix: ") && first.contains(line),
        "{first}"
    );
    let summary = consumer.passed("fake");
    assert_eq!(summary["sandbox"]["held"], serde_json::json!(PROMISES));
    assert_eq!(summary["sandbox"]["not_held"], serde_json::json!([]));
    let file = consumer.artifacts().join("fake-matrix-summary.json");
    let text = std::fs::read_to_string(file).unwrap();
    let at = |key: &str| text.find(key).unwrap();
    assert!(
        at("\n  \"matrix_version\"") < at("\n  \"sandbox\""),
        "{text}"
    );
}

#[test]
fn a_run_without_a_sandbox_says_why_and_what_would_help() {
    let world = World::new();
    let consumer = world.script_consumer("exit 3");
    let path = without_namespaces(&world);
    let run = |verb: &str| {
        let repo = consumer.root.to_str().unwrap();
        let mut command = world.command(&[verb, "--repo", repo]);
        command.env("MATRIX_SANDBOX", "auto").env("PATH", &path);
        Ran::of(command.output().unwrap())
    };
    let said = "no sandbox: bwrap cannot be used: no namespaces here";
    let checked = run("check");
    assert!(checked.expect(0).stdout.contains(said), "{checked:?}");
    let ran = run("run");
    assert!(first_line(ran.expect(1)).contains(said), "{ran:?}");
    let sandbox = &consumer.failed("fake", "stage_ci")["sandbox"];
    assert_eq!(sandbox["not_held"], serde_json::json!(PROMISES));
    assert!(
        sandbox["because"]
            .as_str()
            .unwrap()
            .contains("no namespaces")
    );
}

#[test]
fn a_demanded_sandbox_is_refused_where_it_is_off_or_cannot_be_made() {
    let world = World::new();
    let consumer = demanding(&world, "exit 0");
    for verb in ["check", "run"] {
        let ran = run(&world, &consumer, verb, "off");
        for said in [
            "[require] sandbox = true",
            "without --sandbox off",
            "out of the configuration",
        ] {
            assert!(ran.expect(69).stderr.contains(said), "{verb}: {ran:?}");
        }
    }
    let failure = consumer.failed("fake", "sandbox");
    assert_eq!(failure["sandbox"]["mode"], "off");
    let mut command = world.run_command(&consumer, &["--sandbox", "auto"]);
    let ran = Ran::of(
        command
            .env("PATH", without_namespaces(&world))
            .output()
            .unwrap(),
    );
    ran.expect(69);
    for said in [
        "[require] sandbox = true",
        "no namespaces here",
        "next: install bubblewrap",
    ] {
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
    consumer.failed("fake", "sandbox");
}

#[test]
fn a_demand_of_anything_else_is_a_mistake_with_its_place() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write(
        "matrix.toml",
        &format!("{toml}\n[require]\nsandbocks = true\n"),
    );
    consumer.commit("a typo");
    let ran = world.run(&consumer, &[]);
    assert!(ran.expect(2).stderr.contains("sandbox"), "{ran:?}");
}

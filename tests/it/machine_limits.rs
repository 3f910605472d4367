//! The machine refuses threads, files, sizes, a reader or a clock: a sentence, the
//! documented exit and a verdict, never a panic.

use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::support::{Consumer, Ran, World, mkfifo};

/// Runs the matrix of a consumer under a limit of the shell.
fn limited(world: &World, consumer: &Consumer, limit: &str) -> Ran {
    let run = world.run_command(consumer, &[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {limit} && exec \"$@\""), "sh"]);
    shell
        .arg(run.get_program())
        .args(run.get_args())
        .env_clear();
    let set = run
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    shell
        .envs(set)
        .current_dir(world.path())
        .stdin(Stdio::null());
    let ran = Ran::of(shell.output().unwrap());
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert!(
        !ran.stderr.contains("matrix itself failed"),
        "{}",
        ran.stderr
    );
    ran
}

#[test]
fn too_few_open_files_are_told() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for files in [6, 12, 20, 40] {
        let ran = limited(&world, &consumer, &format!("-n {files}"));
        let stderr = &ran.expect(69).stderr;
        assert!(
            stderr.contains(&format!("may have {files} files open at once")),
            "{stderr}"
        );
        assert!(stderr.contains("ulimit -n"), "{stderr}");
    }
}

#[test]
fn a_soft_limit_of_open_files_is_raised() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    limited(&world, &consumer, "-Sn 20").expect(0);
}

#[test]
fn a_limit_of_the_size_of_files_is_no_signal() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    for blocks in [0, 1, 2, 4, 8] {
        let ran = limited(&world, &consumer, &format!("-f {blocks}"));
        // Where the verdict still fits, git may be what fails.
        assert!([1, 69, 74].contains(&ran.code), "{blocks}: {ran:?}");
        assert!(!ran.stderr.is_empty(), "{blocks}");
        assert!(consumer.summary("fake").is_none());
    }
}

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    let world = World::new();
    for (script, code) in [("exit 0", 0), ("exit 1", 1)] {
        let consumer = world.consumer(
            &format!("consumer-{code}"),
            &[
                ("matrix.toml", &crate::support::script_gate(script)),
                ("file", "one\n"),
                ("scenarios/clean/file", "two\n"),
            ],
        );
        let mut command = world.run_command(&consumer, &[]);
        let (reader, writer) = std::io::pipe().unwrap();
        let (errors, told) = std::io::pipe().unwrap();
        drop((reader, errors));
        command.stdout(writer).stderr(told);
        let status = command.status().unwrap();
        assert_eq!(status.code(), Some(code), "{status}");
        assert_eq!(consumer.summary("fake").is_some(), code == 0);
        assert_eq!(consumer.last_failure("fake").is_some(), code == 1);
    }
}

#[test]
fn the_latest_run_is_the_last_one_whatever_the_clock_says() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let mut ids = Vec::new();
    for epoch in ["2000000000", "1000000000", "1500000000", "-1"] {
        let mut command = world.run_command(&consumer, &[]);
        command.env("SOURCE_DATE_EPOCH", epoch);
        Ran::of(command.output().unwrap()).expect(0);
        let id = consumer.summary("fake").unwrap()["run_id"]
            .as_str()
            .unwrap()
            .to_owned();
        for word in ["latest", "last-pass"] {
            let artifacts = consumer.artifacts();
            let shown = world.matrix(&["replay", word, "--artifacts", artifacts.to_str().unwrap()]);
            assert!(
                shown.expect(0).stderr.contains(&id),
                "{word} {epoch}: {shown:?}"
            );
        }
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

/// Runs once and is killed in its stage if the file `die` is there.
fn dies(world: &World, consumer: &Consumer, id: &str) {
    std::fs::write(world.path().join("die"), "").unwrap();
    let run = world.start(consumer, &["--run-id", id]);
    world.said("in-stage");
    run.signal(Signal::KILL);
    assert_eq!(run.end().code, 128 + 9);
    for name in ["die", "in-stage"] {
        std::fs::remove_file(world.path().join(name)).unwrap();
    }
}

/// Dates every file of a run, in seconds since 1970.
fn date(consumer: &Consumer, id: &str, seconds: u64) {
    let run = consumer.artifacts().join("runs").join(id);
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    let files = gate_matrix::sys::fs::list_tree(&run).unwrap();
    for path in files.iter().map(|file| run.join(file)).chain([run.clone()]) {
        let file = std::fs::File::open(path).unwrap();
        file.set_modified(time).unwrap();
    }
}

#[test]
fn the_latest_run_that_died_is_the_last_one_whatever_its_files_say() {
    let world = World::new();
    let script = world.script("if test -e $W/die; then say in-stage yes; sleep 60; fi");
    let consumer = world.script_consumer(&script);
    let latest = |expected: &str| {
        let artifacts = consumer.artifacts();
        let words = [
            "replay",
            "latest",
            "--artifacts",
            artifacts.to_str().unwrap(),
        ];
        let said = world.matrix(&words).stderr;
        let named = said.lines().next().unwrap_or_default().to_owned();
        assert!(named.contains(expected), "{expected}: {said}");
    };
    dies(&world, &consumer, "first");
    latest("first is incomplete");
    date(&consumer, "first", 4_000_000_000);
    world.run(&consumer, &["--run-id", "second"]).expect(0);
    latest("run second: PASS");
    dies(&world, &consumer, "third");
    date(&consumer, "third", 1_000_000_000);
    latest("third is incomplete");
    dies(&world, &consumer, "fourth");
    date(&consumer, "fourth", 2_000_000);
    latest("fourth is incomplete");
    world.run(&consumer, &["--run-id", "fifth"]).expect(0);
    latest("run fifth: PASS");
    assert!(!consumer.artifacts().join("runs/fifth/number").exists());
}

#[test]
fn a_run_that_another_process_locks_is_not_waited_for() {
    let world = World::new();
    let consumer = world.script_consumer("exit 1");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    world.run(&consumer, &["--run-id", "two"]).expect(1);
    let file = consumer.artifacts().join("runs/one/run.json");
    let held = std::fs::File::open(&file).unwrap();
    held.lock().unwrap();
    let artifacts = consumer.artifacts();
    let verbs: [&[&str]; 3] = [
        &["replay", "one"],
        &["replay", "--execute", "one"],
        &["diff", "one", "two"],
    ];
    let refused = |verb: &[&str]| {
        let words = [verb, &["--artifacts", artifacts.to_str().unwrap()]].concat();
        let ran = world.matrix(&words);
        let stderr = &ran.expect(69).stderr;
        assert!(stderr.contains("run.json is locked by another"), "{stderr}");
        assert!(stderr.contains("next: end the process"), "{stderr}");
    };
    // Each waits for a second.
    std::thread::scope(|scope| {
        for verb in verbs {
            scope.spawn(|| refused(verb));
        }
    });
    drop(held);
    let words = ["replay", "one", "--artifacts", artifacts.to_str().unwrap()];
    world.matrix(&words).expect(0);
}

#[test]
fn a_lock_that_is_no_file_is_refused_at_once() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    std::fs::create_dir(consumer.artifacts()).unwrap();
    mkfifo(&consumer.artifacts().join(".matrix.lock"));
    let ran = world.run(
        &consumer,
        &["--artifacts", consumer.artifacts().to_str().unwrap()],
    );
    assert!(
        ran.expect(74).stderr.contains("is not a file"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_a_lock_holds_is_no_number() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    world.run(&consumer, &[]).expect(0);
    let lock = consumer.artifacts().join(".matrix.lock");
    for text in [
        "",
        "x",
        "99999999999999999999999",
        "18446744073709551615",
        "\0\0",
    ] {
        std::fs::write(&lock, text).unwrap();
        world.run(&consumer, &[]).expect(0);
    }
}

//! Secrets of the user, and whatever looks like one, reach neither the disk
//! nor the console; gates are judged by what they really said.

use std::fs;
use std::path::PathBuf;

use aho_corasick::AhoCorasick;
use gate_matrix::sys::fs::list_tree;
use serde_json::Value;

use crate::support::{Consumer, Ran, World, json, script_gate};

/// Every file that a run left in the artifacts folder, and what it said.
fn everything(consumer: &Consumer, ran: &Ran) -> Vec<(PathBuf, String)> {
    let folder = consumer.artifacts();
    let files = list_tree(&folder).unwrap();
    let files = files.into_iter().map(|file| {
        let bytes = fs::read(folder.join(&file)).unwrap();
        (file, String::from_utf8_lossy(&bytes).into_owned())
    });
    let said = [("stdout", &ran.stdout), ("stderr", &ran.stderr)];
    let said = said.map(|(name, text)| (name.into(), text.clone()));
    files.chain(said).collect()
}

#[track_caller]
fn assert_nowhere(secrets: &[&str], consumer: &Consumer, ran: &Ran) {
    let any = AhoCorasick::new(secrets).unwrap();
    for (file, text) in everything(consumer, ran) {
        if let Some(found) = any.find(&text) {
            let secret = secrets[found.pattern().as_usize()];
            panic!("{secret} stands in {}", file.display());
        }
    }
}

/// The n-th of endless letters and digits that look like chance.
fn noise(n: usize, size: usize) -> String {
    let digest = gate_matrix::sys::fs::sha256(format!("noise {n}").as_bytes());
    digest
        .to_ascii_uppercase()
        .chars()
        .cycle()
        .take(size)
        .collect()
}

/// A secret of each kind in turn; the first kinds are known by a variable.
fn secret(n: usize) -> String {
    match n % 10 {
        0 | 1 => format!("v{}", noise(n, 9)),
        2 => format!("{}/+\"\\{}", noise(n, 20), noise(n, 5)),
        3 => noise(n, 200),
        4 => format!("ghp_{}", noise(n, 36)),
        5 => format!("github_pat_{}_{}", noise(n, 22), noise(n, 59)),
        6 => format!("npm_{}", noise(n, 36)),
        7 => format!("AKIA{}", noise(n, 16)),
        8 => format!("eyJ{}.eyJ{}.{}", noise(n, 30), noise(n, 300), noise(n, 43)),
        _ => format!(
            "-----BEGIN EC PRIVATE KEY-----\n{}\n{}\n-----END EC PRIVATE KEY-----",
            noise(n, 64),
            noise(n, 64)
        ),
    }
}

/// Prints each secret after so much of something else that the log is cut,
/// in writes of every size from 1 to 61. The next comes when the one before
/// was read, as `FIONREAD` tells, so that each write is a read.
const ODD_WRITES: &str = r#"
    perl -0777 -e '
        my ($text, $n) = (scalar <>, 0);
        sub read_up { my $left = ""; 1 while ioctl(STDOUT, 0x541B, $left) && unpack "i", $left }
        my @secrets = split /\n;\n/, $text;
        for my $secret (@secrets) {
            syswrite STDOUT, ("." x 12000) . "\n";
            for (my $at = 0; $at < length $secret;) {
                my $size = $n++ % 61 + 1;
                read_up();
                syswrite STDOUT, substr($secret, $at, $size);
                $at += $size;
            }
        }
        syswrite STDOUT, "\nthe end\n";
    ' secrets; exit 1"#;

#[test]
fn a_thousand_secrets_split_over_reads_do_not_reach_the_disk() {
    let world = World::new();
    let secrets: Vec<String> = (0..1000).map(secret).collect();
    let files = [
        ("matrix.toml", &*script_gate(ODD_WRITES)),
        ("secrets", &secrets.join("\n;\n")),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    let mut command = world.run_command(&consumer, &[]);
    for (n, secret) in secrets.iter().enumerate().filter(|(n, _)| n % 10 < 4) {
        command.env(format!("SECRET_{n}"), secret);
    }
    let ran = Ran::of(command.output().unwrap());
    ran.expect(1);
    // What would be left of one that was cut in two as well: no half of one.
    let halves = |n: usize, secret: &'_ str| match n % 10 {
        0 | 1 => vec![secret.to_owned()],
        9 => secret.lines().map(ToOwned::to_owned).collect(),
        _ => {
            let middle = secret.len() / 2;
            vec![secret[..middle].to_owned(), secret[middle..].to_owned()]
        }
    };
    let halves: Vec<String> = secrets
        .iter()
        .enumerate()
        .flat_map(|(n, s)| halves(n, s))
        .collect();
    let halves: Vec<&str> = halves.iter().map(String::as_str).collect();
    assert_nowhere(&halves, &consumer, &ran);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    let log = fs::read_to_string(failure["failure_log_artifact"].as_str().unwrap()).unwrap();
    assert!(log.ends_with("\nthe end\n") && log.contains("bytes left out here"));
    assert!(
        log.contains("\n[secret SECRET_0]") && log.contains("\n[secret]"),
        "they are told"
    );
    let cell = consumer.cell("clean", "ci");
    let printed = &cell["run"]["log"]["bytes_total"];
    let expected: usize = secrets.iter().map(|secret| secret.len() + 12_001).sum();
    assert_eq!(*printed, expected + "\nthe end\n".len());
}

const KNOWN: &str = "S3cret\"of\\the-user";
const SHAPED: &str = "ghs_16C7e42F292c6912E7710c838347Ae178B4a";

/// A gate that has them in its words, its environment, its document and in
/// whatever it starts.
fn leaky(world: &World) -> Consumer {
    let config = r#"
        schema = 1
        gate = "leaky"
        [stage.pre-commit]
        drive = "git"
        [stage.ci]
        drive = "command"
        run = ["sh", "gate.sh", KNOWN, SHAPED]
        env = { OF_PROFILE = KNOWN }
        marker = SHAPED
        [scenario.bad]
        seed = ["sh", "-c", "echo two > file; : SHAPED"]
        expect = { pre-commit = 1, ci = 1 }
        reason = KNOWN
        [scenario.bad.evidence.ci]
        file = "told.json"
        assert = ['.known == "KNOWN_IN_JSON"', '.token == "OTHER"']
        [scenario.gone]
        seed = ["./SHAPED"]
        expect = { pre-commit = 0, ci = 0 }
    "#;
    let in_toml = Value::from(KNOWN).to_string();
    let in_jq = in_toml.trim_matches('"');
    let config = config
        .replace("KNOWN_IN_JSON", in_jq)
        .replace("KNOWN", &in_toml)
        .replace("\"./SHAPED\"", &format!("\"./{SHAPED}\""))
        .replace(": SHAPED", &format!(": {SHAPED}"))
        .replace("SHAPED", &format!("\"{SHAPED}\""));
    let document = serde_json::json!({"known": KNOWN, "token": SHAPED, SHAPED: 1}).to_string();
    let gate = format!(
        "printf '%s\\n' \"$1\" \"$2\"; sh -c 'sleep 0.3; :' \"$1\" \"$2\"\n\
         cat > told.json <<'END'\n{document}\nEND\nexit 1\n"
    );
    let hook =
        format!("#!/bin/sh\nprintf '%s\\n' '{KNOWN}'; sh -c 'sleep 0.3; :' '{SHAPED}'; exit 1\n");
    let files = [
        ("matrix.toml", &*config),
        ("gate.sh", &gate),
        ("file", "one\n"),
        ("hooks/pre-commit", &hook),
    ];
    let consumer = world.consumer("consumer", &files);
    let config = config.replace(
        "[stage.pre-commit]",
        "[[activate]]\nstep = \"gate_install\"\n\
         run = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n[stage.pre-commit]",
    );
    consumer.write("matrix.toml", &config);
    consumer.commit("hooks");
    consumer
}

#[test]
fn no_document_and_no_word_on_the_console_holds_a_secret() {
    for format in [&[][..], &["--format", "jsonl"]] {
        let world = World::new();
        let consumer = leaky(&world);
        let mut command = world.run_command(&consumer, format);
        let ran = Ran::of(command.env("MY_PASSWORD", KNOWN).output().unwrap());
        ran.expect(1);
        let in_json = Value::from(KNOWN).to_string();
        let secrets = [KNOWN, in_json.trim_matches('"'), SHAPED, &SHAPED[4..]];
        assert_nowhere(&secrets, &consumer, &ran);
        let told = everything(&consumer, &ran);
        let holders = ["cells/bad/ci.json", "events.jsonl", "run.json", "plan.json"];
        for holder in holders {
            let (_, text) = told
                .iter()
                .find(|(file, _)| file.ends_with(holder))
                .unwrap();
            assert!(text.contains("[secret"), "{holder} has no marker");
        }
        assert!(
            ran.stderr.contains("[secret MY_PASSWORD]"),
            "{}",
            ran.stderr
        );
        judged_by_what_was_said(&consumer);
    }
}

/// The reason, the marker and the document were found as they were printed.
#[track_caller]
fn judged_by_what_was_said(consumer: &Consumer) {
    let hooked = consumer.cell("bad", "pre-commit");
    assert_eq!(hooked["verdict"], "pass", "{hooked:#}");
    assert_eq!(hooked["reason"]["found"], true);
    assert_eq!(hooked["reason"]["wanted"], "[secret MY_PASSWORD]");
    let cell = consumer.cell("bad", "ci");
    assert_eq!(cell["reason"]["found"], true, "{cell:#}");
    assert_eq!(cell["proof"]["marker"]["found"], true);
    assert_eq!(cell["env_delta"]["OF_PROFILE"], "[secret MY_PASSWORD]");
    let asserted = &cell["proof"]["evidence"]["assertions"];
    assert_eq!(asserted[0]["holds"], true, "{asserted:#}");
    assert_eq!(asserted[1]["holds"], false);
    // The copy is what digest and size are of.
    let evidence = &cell["proof"]["evidence"];
    let copy = consumer
        .run_folder()
        .join(evidence["copy"].as_str().unwrap());
    let bytes = fs::read(&copy).unwrap();
    assert_eq!(evidence["sha256"], gate_matrix::sys::fs::sha256(&bytes));
    assert_eq!(evidence["bytes"], bytes.len());
    assert_eq!(json(&copy).unwrap()["known"], "[secret MY_PASSWORD]");
}

#[test]
fn what_the_users_npmrc_and_proxy_name_is_a_secret_too() {
    let world = World::new();
    let npmrc = "//a.invalid/:_authToken=${OF_NPMRC}\n//b.invalid/:_authToken=written-there\n\
                 cache=${HOME}/.npm\n";
    fs::write(world.home().join(".npmrc"), npmrc).unwrap();
    let config = r#"
        schema = 1
        gate = "fake"
        [[install]]
        step = "gate_fetch"
        run = ["sh", "-c", "env; cat \"$npm_config_userconfig\"; test \"$OF_NPMRC\" = named-there"]
        [stage.ci]
        drive = "command"
        run = ["true"]
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = { ci = 0 }
    "#;
    let consumer = world.configured_consumer(config);
    let mut command = world.run_command(&consumer, &[]);
    command.env("OF_NPMRC", "named-there");
    command.env("HTTPS_PROXY", "http://me:pass-word@proxy.invalid:8080");
    let ran = Ran::of(command.output().unwrap());
    ran.expect(0);
    assert_nowhere(
        &["named-there", "written-there", "pass-word"],
        &consumer,
        &ran,
    );
    let log = consumer.log("clean", "gate_fetch");
    assert!(log.contains("OF_NPMRC=[secret OF_NPMRC]\n"), "{log}");
    assert!(
        log.contains("http://me:[secret HTTPS_PROXY]@proxy.invalid"),
        "{log}"
    );
    assert!(
        log.contains("b.invalid/:_authToken=[secret .npmrc]\n"),
        "{log}"
    );
    // Where things are is no secret, whatever names it.
    let npmrc = world.home().join(".npmrc");
    assert!(
        log.contains(&format!("npm_config_userconfig={}\n", npmrc.display())),
        "{log}"
    );
}

/// Names and ids by which readers find their way do not change because some
/// password is one of their words.
#[test]
fn a_password_that_is_a_word_of_ours_breaks_no_document() {
    let world = World::new();
    let consumer = world.script_consumer("echo scenario stage_ci; exit 1");
    let mut command = world.run_command(&consumer, &["--run-id", "chosen-run-id"]);
    command
        .env("A_TOKEN", "scenario")
        .env("B_TOKEN", "stage_ci");
    command
        .env("C_TOKEN", "chosen-run-id")
        .env("D_TOKEN", "contract");
    let ran = Ran::of(command.output().unwrap());
    ran.expect(1);
    let console = "=== scenario:clean ===\nresults: ci=1\nstatus: FAIL\n";
    assert_eq!(ran.stdout, console);
    let failure = consumer.failed_with_log("fake", "stage_ci");
    assert_eq!(failure["run_id"], "chosen-run-id");
    assert_eq!(failure["failure_class"], "contract");
    let run = json(&consumer.run_folder().join("run.json")).unwrap();
    let log = &run["lanes"]["clean"]["steps"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["log"];
    assert_eq!(log["path"], "logs/clean/stage_ci.log");
    assert_eq!(
        consumer.log("clean", "stage_ci"),
        "[secret A_TOKEN] [secret B_TOKEN]\n"
    );
}

/// A quote within a password is written otherwise in a shell script.
#[test]
fn no_script_of_a_lane_holds_a_secret() {
    let world = World::new();
    let consumer = world.script_consumer("exit 1");
    let mut command = world.run_command(&consumer, &["--run-id", "one"]);
    command.env(
        "npm_config_@corp:registry",
        "https://me:pass'word@reg.invalid/",
    );
    command.env("HTTPS_PROXY", "http://me:of'proxy@proxy.invalid:8080");
    let ran = Ran::of(command.output().unwrap());
    ran.expect(1);
    let script = consumer.artifacts().join("runs/one/replay/clean.sh");
    let script = fs::read_to_string(script).unwrap();
    assert!(script.contains("npm_config_@corp:registry="), "{script}");
    let parts = ["pass'", "word@", "of'", "proxy@proxy"];
    assert_nowhere(&parts, &consumer, &ran);
}

//! `[[sabotage]]`: ways to break a gate that the user describes.

use crate::support::trials::{GATE, row};
use crate::support::{Consumer, Ran, World};

const WORDS: &str = "does = \"something\"\nwhy = \"it happens\"\nremedy = \"mend it\"\n";

/// A sabotage of the user's own.
fn own(id: &str, keys: &str) -> String {
    format!("[[sabotage]]\nid = \"{id}\"\n{WORDS}{keys}\n\n")
}

/// Plays the user's own sabotages, in the order of the table.
fn play(world: &World, all: &[(&str, &str)], more: &[&str]) -> (Consumer, Ran) {
    let table: String = all.iter().map(|(id, keys)| own(id, keys)).collect();
    let consumer = world.gated_consumer_with(&table, GATE);
    let only = all.iter().flat_map(|(id, _)| ["--only", *id]);
    let args: Vec<&str> = only.chain(more.iter().copied()).collect();
    let ran = world.try_out("sabotage", &consumer, &args);
    (consumer, ran)
}

/// What a lane did in which order stands in `order`, beside its clone.
const NOTES: &str = r#"
[[install]]
step = "gate_fetch"
run = ["sh", "-c", "echo install $MOOD >>../order"]
"#;

#[test]
fn each_key_does_what_it_says() {
    let world = World::new();
    let note = |at: &str| format!("at = \"{at}\"\nrun = [\"sh\", \"-c\", \"echo own >>../order\"]");
    let shadow = r#"at = "before-stage"
        run = ["sh", "-c", "mkdir ../shadow && printf '#!/bin/sh\nexit 1\n' >../shadow/grep && chmod +x ../shadow/grep"]
        path = "{clone_dir}/../shadow""#;
    let cases: [(&str, &str, &str, &str); 11] = [
        (
            "first",
            &note("before-install"),
            "own install activate stage",
            "closed",
        ),
        (
            "second",
            &note("after-install"),
            "install own activate stage",
            "closed",
        ),
        (
            "third",
            &note("after-activate"),
            "install activate own stage",
            "closed",
        ),
        (
            "fourth",
            &note("before-stage"),
            "install activate own stage",
            "closed",
        ),
        (
            "no-install",
            "skip = [\"install\"]",
            "activate stage",
            "closed",
        ),
        ("no-activate", "skip = [\"activate\"]", "install", "open"),
        (
            "bad-install",
            "env = { install = { MOOD = \"bad\" } }",
            "install bad activate stage",
            "closed",
        ),
        (
            "bad-stage",
            "env = { stage = { MOOD = \"{stage}\" } }",
            "install activate stage pre-commit",
            "closed",
        ),
        ("shadowed", shadow, "install activate stage", "open"),
        (
            "no-hooks",
            "git = [\"-c\", \"core.hooksPath=/nowhere\"]",
            "install activate",
            "open",
        ),
        (
            "unverified",
            "args = [\"--no-verify\"]",
            "install activate",
            "open",
        ),
    ];
    let table: String = cases.iter().map(|(id, keys, ..)| own(id, keys)).collect();
    let table = format!("{NOTES}{table}");
    let consumer = world.gated_consumer_with(&table, GATE);
    consumer.write(
        "hooks/pre-commit",
        "#!/bin/sh\necho stage $MOOD >>../order\nexec sh gate.sh\n",
    );
    consumer.write(
        "matrix.toml",
        &std::fs::read_to_string(consumer.root.join("matrix.toml"))
            .unwrap()
            .replace(
                "run = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]",
                "run = [\"sh\", \"-c\", \"echo activate $MOOD >>../order; git config core.hooksPath hooks\"]",
            ),
    );
    consumer.commit("take notes");
    let only = cases.iter().flat_map(|(id, ..)| ["--only", *id]);
    let args: Vec<&str> = only.chain(["--keep"]).collect();
    world.try_out("sabotage", &consumer, &args).expect(0);
    let card = consumer.found("sabotage");
    for (id, _, order, outcome) in cases {
        let noted = std::fs::read_to_string(world.kept_lane(id).join("order")).unwrap();
        let noted: Vec<&str> = noted.split_whitespace().collect();
        assert_eq!(noted.join(" "), order, "{id}");
        assert_eq!(row(&card, id)["stages"]["pre-commit"], outcome, "{id}");
    }
}

#[test]
fn one_that_finds_nothing_to_break_cannot_be_applied_and_says_why() {
    let world = World::new();
    let nothing = "at = \"before-stage\"\nrun = [\"sh\", \"-c\", \"echo first; echo there is no gate; exit 69\"]";
    let (consumer, ran) = play(&world, &[("nothing", nothing)], &["--max-open", "0"]);
    ran.expect(0);
    let card = consumer.passed_trial("sabotage");
    let row = row(&card, "nothing");
    assert_eq!(row["outcome"], "cannot_be_applied");
    assert_eq!(row["seen"], "there is no gate");
    assert!(
        ran.stdout
            .contains("cannot be applied  nothing\n    saw: there is no gate\n")
    );
}

#[test]
fn one_that_fails_is_not_tried_and_fails_the_run() {
    let world = World::new();
    let fails = "at = \"before-stage\"\nrun = [\"sh\", \"-c\", \"echo no such file; exit 2\"]";
    let missing = "at = \"before-stage\"\nrun = [\"no-such-program\"]";
    let (consumer, ran) = play(&world, &[("fails", fails), ("missing", missing)], &[]);
    ran.expect(1);
    let failure = consumer.failed_trial("sabotage");
    assert_eq!(failure["failure_phase"], "fails");
    assert_eq!(failure["failure_step"], "sabotage");
    let card = consumer.found("sabotage");
    assert_eq!(card["counts"]["not_tried"], 2);
    assert_eq!(card["final_verdict"], "FAIL");
    let seen = row(&card, "fails")["seen"].as_str().unwrap();
    assert!(
        seen.contains("the sabotage itself failed") && seen.ends_with(": no such file"),
        "{seen}"
    );
    assert_eq!(row(&card, "missing")["outcome"], "not_tried");
}

#[test]
fn one_with_a_built_in_id_takes_its_place() {
    let world = World::new();
    let keys = "env = { stage = { NOTHING = \"1\" } }";
    let (consumer, ran) = play(&world, &[("no-verify", keys)], &[]);
    ran.expect(0);
    let card = consumer.passed_trial("sabotage");
    assert_eq!(card["sabotages"].as_array().unwrap().len(), 1);
    let row = row(&card, "no-verify");
    assert_eq!(row["does"], "something");
    assert_eq!(row["outcome"], "fails_closed");
}

#[test]
fn words_of_the_user_stay_words() {
    let world = World::new();
    let table = "[[sabotage]]\nid = \"own\"\ndoes = \"a | b `c|d` <i>\\u001b[31m ##[error]\"\n\
        why = \"w\"\nremedy = \"[x](y) `z\"\nreference = \"https://example.org/a(b)_c_\"\n\
        args = [\"--no-verify\"]\n";
    let consumer = world.gated_consumer_with(table, GATE);
    let ran = world.try_out("sabotage", &consumer, &["--only", "own"]);
    ran.expect(0);
    let text = std::fs::read_to_string(consumer.run_folder().join("sabotage.md")).unwrap();
    let row = text.lines().find(|line| line.contains("own")).unwrap();
    assert!(
        row.starts_with(r"| [own](<https://example.org/a(b)_c_>): a \| b `c\|d` \<i>"),
        "{row}"
    );
    assert!(row.contains(r"| \[x\](y) \`z | the gate or"), "{row}");
    for said in [text.as_str(), &ran.stdout] {
        assert!(!said.contains('\u{1b}') && !said.contains("##["), "{said}");
    }
}

/// A table that cannot be used is refused with its place and a remedy.
#[track_caller]
fn refused(table: &str, place: &str, told: &[&str]) {
    let world = World::new();
    let consumer = world.gated_consumer_with(&format!("# HERE\n{table}"), GATE);
    let ran = world.try_out("sabotage", &consumer, &[]);
    let said = &ran.expect(2).stderr;
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let line = toml.lines().position(|line| line.contains(place)).unwrap() + 1;
    assert!(said.contains(&format!("matrix.toml:{line}:")), "{said}");
    for text in told {
        assert!(said.contains(text), "`{text}` is not in\n{said}");
    }
    let failure = consumer.failed_trial("sabotage");
    assert_eq!(failure["failure_step"], "config_load");
    assert_eq!(failure["failure_class"], "config");
}

#[test]
fn what_cannot_be_used_is_refused_with_place_and_remedy() {
    let run = "run = [\"true\"]";
    let args = "args = [\"--no-verify\"]";
    refused(&own("x", "whne = 1"), "whne", &["unknown key `whne`"]);
    refused(
        &own("x", &format!("{run}\nat = \"before-stagee\"")),
        "before-stagee",
        &["unknown point of a lane", "did you mean `before-stage`?"],
    );
    refused(
        &own("x", run),
        "run = [\"true\"]",
        &["`run` needs an `at`", "before-install"],
    );
    refused(&own("x", ""), "id = ", &["breaks nothing", "give it"]);
    refused(
        &own("x", "at = \"before-stage\""),
        "at = ",
        &["`at` needs a command to `run`"],
    );
    refused(
        &own("x", "timeout = \"1s\""),
        "timeout",
        &["`timeout` needs a command to `run`"],
    );
    refused(
        &own("x", "skip = [\"stage\"]"),
        "skip",
        &["expected `install` or `activate`"],
    );
    refused(
        &own("x", "path = \"a:b\""),
        "path",
        &["expected one folder"],
    );
    refused(
        &own("x", "env = { ci = {} }"),
        "env =",
        &["unknown key `ci`"],
    );
    refused(
        &own("x", &format!("{args}\nreference = \"a page\"")),
        "reference",
        &["https://"],
    );
    refused(&own("X!", args), "X!", &["`X!`"]);
    refused(
        &own("x", args).replace("does = \"something\"", "does = \"\""),
        "does =",
        &["one line"],
    );
    refused(
        &format!(
            "{}{}",
            own("x", args),
            own("x", &format!("{args} # second")).replace("\"x\"", "\"x\" #")
        ),
        "\"x\" #",
        &["two sabotages have the id `x`", "an `id` of its own"],
    );
    refused(
        &own("violations", args),
        "id = \"violations\"",
        &["`violations` is the name of a scenario", "another id"],
    );
}

#[test]
fn one_that_changes_nothing_in_this_profile_cannot_be_applied() {
    let world = World::new();
    let installs = "env = { install = { MOOD = \"bad\" } }";
    let all = [
        ("of-installs", installs),
        ("real", "args = [\"--no-verify\"]"),
    ];
    let (consumer, ran) = play(&world, &all, &[]);
    ran.expect(0);
    let card = consumer.passed_trial("sabotage");
    let row = row(&card, "of-installs");
    assert_eq!(row["outcome"], "cannot_be_applied", "{row:#}");
    assert_eq!(row["stages"], serde_json::json!({}));
}

/// Prints the variables of a sabotage's command, in the place of breaking anything.
const IN_USE: &str = r#"
[[sabotage]]
id = "in-use"
does = "something"
why = "it happens"
remedy = "mend it"
at = "before-stage"
run = ["sh", "-c", "env | grep -A9 ^MATRIX_ | sed \"s|$PWD|.|g\"; exit 69"]
"#;

#[test]
fn a_command_is_told_the_hooks_programs_and_configuration_that_the_gate_uses() {
    let world = World::new();
    let consumer = world.gated_consumer_with(IN_USE, GATE);
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let more = "configuration = [\"!apps/old/gate.sh\", \"gate.sh\", \"rules/*\", \"!left.rule\"]";
    let toml = toml.replace("configuration = [\"gate.sh\"]", more);
    consumer.write("matrix.toml", &toml);
    for file in [
        "apps/gate.sh",
        "apps/old/gate.sh",
        "scenarios/violations/gate.sh",
    ] {
        consumer.write(file, GATE);
    }
    for file in ["rules/a.rule", "rules/left.rule", "rules/deep/b.rule"] {
        consumer.write(file, "rule\n");
    }
    consumer.commit("nested");
    let ran = world.try_out("sabotage", &consumer, &["--only", "in-use"]);
    ran.expect(0);
    let log = consumer.run_folder().join("logs/in-use/sabotage.log");
    let log = std::fs::read_to_string(log).unwrap();
    for told in [
        "MATRIX_GATE=fake\n",
        "MATRIX_STAGES=pre-commit\n",
        "MATRIX_HOOKS=./hooks/pre-commit\n",
        "MATRIX_HOOKS_FOLDER=./hooks\n",
        "MATRIX_CONFIGURED_HOOKS=\n",
        "MATRIX_PACKAGES=\n",
    ] {
        assert!(log.contains(told), "{told}{log}");
    }
    let configuration = log.split("MATRIX_CONFIGURATION=").nth(1).unwrap();
    let files = configuration.split("MATRIX_").next().unwrap();
    let files: Vec<&str> = files
        .lines()
        .take_while(|line| !line.contains('='))
        .collect();
    assert_eq!(
        files,
        ["./apps/gate.sh", "./gate.sh", "./rules/a.rule"],
        "{log}"
    );
}

#[test]
fn a_sabotage_that_changes_nothing_cannot_be_applied_and_quotes_its_command() {
    let world = World::new();
    let run = |script: &str| format!("at = \"before-stage\"\nrun = [\"sh\", \"-c\", '{script}']");
    let idle = run("echo working; echo \"error: there is no such package\"; echo bye");
    let silent = run(":");
    // Times, reflogs and the times that the index notes are no change.
    let same = run("touch gate.sh; cp file x; cp x file; rm x; git update-index -q --refresh");
    let mode = run("chmod 600 gate.sh");
    let marked = run("git update-index --assume-unchanged gate.sh");
    let global = run("git config --global a.b c");
    let path = format!("{}\npath = \"{{tool_dir}}/none\"", run(":"));
    let cases = [
        ("idle", idle.as_str(), "cannot_be_applied"),
        ("silent", &silent, "cannot_be_applied"),
        ("same", &same, "cannot_be_applied"),
        ("empty-path", &path, "cannot_be_applied"),
        ("mode", &mode, "fails_closed"),
        ("marked", &marked, "fails_closed"),
        ("global", &global, "fails_closed"),
        (
            "set-already",
            "env = { stage = { MOOD = \"calm\" } }",
            "cannot_be_applied",
        ),
        (
            "set-anew",
            "env = { stage = { MOOD = \"wild\" } }",
            "fails_closed",
        ),
        ("no-steps", "skip = [\"install\"]", "cannot_be_applied"),
    ];
    let table: String = cases.iter().map(|(id, keys, _)| own(id, keys)).collect();
    let consumer = world.gated_consumer_with(&table, GATE);
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let calm = "env = { MOOD = \"calm\" }\n";
    let toml = toml.replace("drive = \"git\"\n", &format!("drive = \"git\"\n{calm}"));
    let toml = toml.replace(
        "drive = \"command\"\n",
        &format!("drive = \"command\"\n{calm}"),
    );
    consumer.write("matrix.toml", &toml);
    consumer.commit("calm");
    let only: Vec<&str> = cases.iter().flat_map(|(id, ..)| ["--only", *id]).collect();
    world.try_out("sabotage", &consumer, &only).expect(0);
    let card = consumer.found("sabotage");
    for (id, _, outcome) in cases {
        assert_eq!(row(&card, id)["outcome"], outcome, "{id}: {card:#}");
    }
    let seen = "it changed nothing in the lane: error: there is no such package";
    assert_eq!(row(&card, "idle")["seen"], seen);
    assert_eq!(
        row(&card, "silent")["seen"],
        "it changed nothing in the lane"
    );
}

#[test]
fn the_hooks_that_are_broken_are_those_of_the_contract() {
    let world = World::new();
    let consumer = world.gated_consumer();
    let toml = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let toml = toml.replace("pre-commit", "commit-msg").replace(
        "reason = \"BAD\"",
        "message = \"A BAD one\"\nreason = \"BAD\"",
    );
    consumer.write("matrix.toml", &toml);
    consumer.write("hooks/commit-msg", "#!/bin/sh\nexec sh gate.sh\n");
    std::fs::remove_file(consumer.root.join("hooks/pre-commit")).unwrap();
    consumer.commit("a hook for messages");
    let ids = ["hook-not-executable", "hook-emptied", "hook-replaced"];
    let only: Vec<&str> = ids.iter().flat_map(|id| ["--only", *id]).collect();
    world.try_out("sabotage", &consumer, &only).expect(0);
    let card = consumer.found("sabotage");
    for id in ids {
        let row = row(&card, id);
        assert_eq!(row["stages"]["commit-msg"], "open", "{row:#}");
    }
}

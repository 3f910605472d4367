//! `matrix check`: what would be red anyway, told without running anything.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Consumer, Ran, World};

/// A gate in the consumer with three scenarios.
const TOML: &str = r#"schema = 1
gate = "fake"

[stage.ci]
drive = "command"
run = ["sh", "-c", "! grep -n FIXME file"]

[scenario.clean]
overlay = "scenarios/clean"
expect = { ci = 0 }

[scenario.violations]
overlay = "scenarios/violations"
expect = { ci = 1 }
reason = "FIXME"
"#;

const FILES: [(&str, &str); 3] = [
    ("file", "one\n"),
    ("scenarios/clean/file", "two\n"),
    ("scenarios/violations/file", "FIXME\n"),
];

fn consumer(world: &World, toml: &str, more: &[(&str, &str)]) -> Consumer {
    let files = [&[("matrix.toml", toml)], &FILES[..], more].concat();
    world.consumer("consumer", &files)
}

fn check(world: &World, consumer: &Consumer) -> Ran {
    world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()])
}

#[track_caller]
fn says(toml: &str, more: &[(&str, &str)], code: i32, told: &[&str]) {
    let world = World::new();
    let ran = check(&world, &consumer(&world, toml, more));
    for text in told {
        assert!(
            ran.expect(code).stderr.contains(text),
            "`{text}` is not in\n{}",
            ran.stderr
        );
    }
    assert_eq!(ran.stderr.is_empty(), told.is_empty(), "{}", ran.stderr);
    assert_eq!(ran.stdout.contains("ready: "), code == 0, "{}", ran.stdout);
}

/// The configuration with one text in the place of another.
#[track_caller]
fn change(from: &str, to: &str, code: i32, told: &[&str]) {
    assert!(TOML.contains(from), "{from}");
    says(&TOML.replace(from, to), &[], code, told);
}

#[test]
fn a_good_configuration_has_no_problem() {
    says(TOML, &[], 0, &[]);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

#[test]
fn scenarios_of_a_mock_are_refused_outside_of_it() {
    let built_in = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for gate in ["demo", "lefthook", "pre-commit"] {
        let world = World::new();
        let toml = format!("schema = 1\ngate = \"{gate}\"\ninherits = \"{gate}\"\n");
        let consumer = world.consumer("consumer", &[("matrix.toml", &toml), ("file", "one\n")]);
        for scenario in ["clean", "violations", "mixed"] {
            let to = consumer.root.join("scenarios").join(scenario);
            copy(&built_in.join(gate).join(scenario), &to);
        }
        // One of them is the user's own by now.
        consumer.write("scenarios/mixed/file", "two\n");
        consumer.commit("a copy");
        let said = check(&world, &consumer).stderr;
        for scenario in ["clean", "violations"] {
            let told =
                format!("scenario `{scenario}` is still that of the mock consumer of {gate}");
            assert!(said.contains(&told), "`{told}` is not in\n{said}");
        }
        assert!(!said.contains("scenario `mixed` is still"), "{said}");
    }
    let world = World::new();
    check(&world, &world.demo_consumer("mock")).expect(0);
}

#[test]
fn a_violation_that_the_change_does_not_hold_is_a_problem() {
    let own = |violation: &str| format!("reason = \"FIXME\"\nviolation = {violation}\n");
    let reason = "reason = \"FIXME\"\n";
    for (violation, told) in [
        ("\"TODO\"", "is in no line that its overlay adds: TODO"),
        (
            "{ regex = \"^XXX\" }",
            "is in no line that its overlay adds: ^XXX",
        ),
        (
            "{ files = [\"src\"] }",
            "is in src, which its overlay does not change",
        ),
        // It was there before.
        ("\"one\"", "is in no line that its overlay adds: one"),
    ] {
        change(
            reason,
            &own(violation),
            2,
            &[
                "ERROR: the `violation` of scenario `violations`",
                told,
                "1 problem\n",
            ],
        );
    }
    for violation in ["\"FIXME\"", "{ regex = \"^F\" }", "{ files = [\"file\"] }"] {
        change(reason, &own(violation), 0, &[]);
    }
    // A reason may be the gate's own words: it is told, and no problem.
    change(
        reason,
        "reason = \"no-undef\"\n",
        0,
        &["warning: the `reason` of scenario `violations`", "no-undef"],
    );
}

/// Git calls a line added that changes its place.
#[test]
fn a_violation_that_the_change_moves_is_one() {
    let toml = TOML.replace("reason =", "violation = \"FIXME\"\nreason =");
    let moved = "one\ntwo\nthree\nFIXME\n";
    for (before, code, told) in [
        ("FIXME\none\ntwo\nthree\n", 0, vec![]),
        // Nothing of it is the change's own.
        (
            "one\ntwo\nFIXME\n",
            2,
            vec!["is in no line that its overlay adds: FIXME"],
        ),
    ] {
        let more = [("file", before), ("scenarios/violations/file", moved)];
        says(&toml, &more, code, &told);
    }
}

#[test]
fn an_overlay_that_changes_nothing_is_told() {
    let same = [("scenarios/violations/file", "one\n")];
    let told = "the overlay of scenario `violations` changes nothing";
    says(TOML, &same, 2, &["ERROR: ", told]);
    let same = [("scenarios/clean/file", "one\n")];
    let told = "warning: the overlay of scenario `clean` changes nothing";
    says(TOML, &same, 0, &[told]);
    let removed = TOML.replace(
        "[scenario.violations]\n",
        "[scenario.violations]\nremove = [\"gone\"]\n",
    );
    says(
        &removed,
        &[],
        2,
        &["scenario `violations` removes gone, which is not there"],
    );
    // Of a commit-msg gate the message is the change.
    let message = "schema = 1\ngate = \"fake\"\n[stage.commit-msg]\ndrive = \"git\"\n\
                   [scenario.violations]\noverlay = \"scenarios/violations\"\nmessage = \"bad\"\n\
                   expect = { commit-msg = 1 }\n";
    says(message, &[("scenarios/violations/file", "one\n")], 0, &[]);
}

#[test]
fn hooks_and_programs_that_are_not_there_are_told() {
    change(
        "gate = \"fake\"\n",
        "gate = \"fake\"\nhooks = [\"before-commit\"]\n",
        2,
        &[
            "`hooks` names before-commit, which git does not know",
            "did you mean `pre-commit`?",
        ],
    );
    change(
        "run = [\"sh\", \"-c\", \"! grep -n FIXME file\"]",
        "run = [\"ci/gate.sh\"]",
        0,
        &["warning: stage `ci` runs ci/gate.sh, which is not there"],
    );
    change(
        "gate = \"fake\"\n",
        "gate = \"fake\"\nprograms = [\"ci/*.sh\"]\n",
        0,
        &["warning: matrix.toml:3: `programs` names ci/*.sh, which is not there"],
    );
}

#[test]
fn patterns_that_match_no_file_are_told_with_their_line() {
    let top = "gate = \"fake\"\n";
    let with = |text: &str| TOML.replace(top, &format!("{top}{text}\n"));
    let more = [("lefthook.yml", ""), ("ci/gate.sh", "")];
    for (text, told) in [
        (
            "configuration = [\n  \"file\",\n  \"lefthook.yaml\",\n]",
            vec![
                "warning: matrix.toml:5: no file that git tracks matches lefthook.yaml of `configuration`",
                "next: did you mean `lefthook.yml`?",
            ],
        ),
        (
            "configuration = [\"gate.sh\"]",
            vec!["next: did you mean `ci/gate.sh`?"],
        ),
        (
            "configuration = [\"f*\", \"!gone/**\"]",
            vec![
                "matches !gone/** of",
                "next: correct the pattern, or remove it",
            ],
        ),
        ("configuration = [\"f*\", \"lefthook.*\"]", vec![]),
    ] {
        says(&with(text), &more, 0, &told);
    }
    // Where something is installed, only what lies among tracked files is known to be missing.
    let installs = "\n[[install]]\nstep = \"build\"\nrun = [\"true\"]\n";
    for (text, told) in [
        (
            "programs = [\"ci/gaet.sh\"]",
            vec!["warning: matrix.toml:3: no file matches ci/gaet.sh of `programs`"],
        ),
        ("programs = [\"ci/gate.sh\"]", vec![]),
        ("programs = [\"node_modules/a/*\"]", vec![]),
        ("programs = [\"{tool_dir}/bin/a\"]", vec![]),
    ] {
        says(&with(&format!("{text}{installs}")), &more, 0, &told);
    }
    let stage = TOML.replace(
        "[scenario.clean]",
        "programs = [\"ci/gaet.sh\"]\n\n[scenario.clean]",
    );
    let stage = stage.replace(top, &format!("{top}{installs}"));
    let told = "warning: matrix.toml:12: no file matches ci/gaet.sh";
    says(&stage, &more, 0, &[told]);
}

#[test]
fn a_configuration_that_git_does_not_track_is_told() {
    let world = World::new();
    let toml = TOML.replace("\n\n[stage", "\nconfiguration = [\"rules.yml\"]\n\n[stage");
    let consumer = consumer(&world, &toml, &[(".gitignore", "rules.yml\n")]);
    consumer.write("rules.yml", "a: 1\n");
    let ran = check(&world, &consumer);
    for told in [
        "matrix.toml:3: no file that git tracks",
        "commit what matches it",
    ] {
        assert!(ran.expect(0).stderr.contains(told), "{}", ran.stderr);
    }
}

#[test]
fn problems_come_last_and_are_counted() {
    let world = World::new();
    let toml = TOML
        .replace(
            "gate = \"fake\"\n",
            "gate = \"fake\"\nhooks = [\"nothing\"]\ntools = [\"no-such-tool\"]\n",
        )
        .replace("\"FIXME\"\n", "\"other words\"\n");
    let consumer = consumer(&world, &toml, &[]);
    consumer.write("file", "edited\n");
    let ran = check(&world, &consumer);
    let output = ran.expect(17);
    assert!(
        output.stdout.contains("lane violations:"),
        "{}",
        output.stdout
    );
    assert!(output.stderr.starts_with("warning: "), "{}", output.stderr);
    assert!(
        output.stderr.ends_with("\n3 problems, 1 warning\n"),
        "{}",
        output.stderr
    );
    let at = |text: &str| output.stderr.find(text).unwrap_or_else(|| panic!("{text}"));
    let dirty = at("baseline is dirty");
    assert!(dirty < at("`hooks` names nothing") && dirty < at("no-such-tool"));
}

fn with_companions(world: &World, lock: &str, own: &str) -> Ran {
    let toml = format!("schema = 1\ngate = \"husky\"\ninherits = \"husky\"\n{own}");
    let files = [
        ("package.json", "{\"devDependencies\": {}}\n"),
        ("package-lock.json", lock),
        ("scenarios/mixed/file", "FIXME\n"),
    ];
    check(world, &consumer(world, &toml, &files))
}

#[test]
fn companions_are_listed_with_their_origin() {
    let lock = |name: &str| {
        format!(
            "{{\"lockfileVersion\": 3, \"packages\": {{\"node_modules/{name}\": {{\"version\": \"15.5.2\"}}}}}}"
        )
    };
    let world = World::new();
    let ran = with_companions(&world, &lock("lint-staged"), "");
    let line = "companion: lint-staged@15.5.2, from package-lock.json\n";
    assert!(ran.stdout.contains(line), "{ran:?}");
    assert!(!ran.stderr.contains("lint-staged"), "{}", ran.stderr);
    let world = World::new();
    let ran = with_companions(&world, &lock("other"), "");
    assert!(
        ran.stdout.contains(", from the built-in profile\n"),
        "{ran:?}"
    );
    let told = "warning: every lane installs lint-staged@";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let world = World::new();
    let ran = with_companions(
        &world,
        &lock("other"),
        "companions = [\"lint-staged@16.0.0\"]\n",
    );
    let line = "companion: lint-staged@16.0.0, from the configuration\n";
    assert!(
        ran.stdout.contains(line) && !ran.stderr.contains("every lane installs"),
        "{ran:?}"
    );
}

#[test]
fn a_lock_file_that_cannot_be_read_is_told() {
    for (lock, why) in [
        (
            "{ no JSON",
            "package-lock.json cannot be read, so versions are not those that it pins: it is no JSON",
        ),
        (
            "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n",
            "it has marks of a conflict",
        ),
    ] {
        let world = World::new();
        let said = with_companions(&world, lock, "").stderr;
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_stage_at_which_nothing_must_be_blocked_is_told() {
    let world = World::new();
    let config = |ci: u8| {
        format!(
            "schema = 1\ngate = \"fake\"\n\
             [stage.lint]\ndrive = \"command\"\nrun = [\"true\"]\n\
             [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n\
             [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = {{ lint = 0, ci = 0 }}\n\
             [scenario.bad]\noverlay = \"scenarios/clean\"\nreason = \"two\"\nexpect = {{ lint = {ci}, ci = 0 }}\n"
        )
    };
    let files = [
        ("matrix.toml", &*config(1)),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    let check = || {
        world
            .matrix(&["check", "--repo", consumer.root.to_str().unwrap()])
            .stderr
    };
    let told =
        "no scenario must be blocked at ci: a gate that lets everything in there stays green";
    assert!(check().contains(told), "{}", check());
    assert!(!check().contains("blocked at lint"), "{}", check());
    // Where nothing is blocked anywhere, nothing is said.
    consumer.write("matrix.toml", &config(0));
    consumer.commit("nothing is blocked");
    assert!(!check().contains("must be blocked"), "{}", check());
}

#[test]
fn twenty_scenarios_fit_a_screen_and_v_lists_them() {
    let world = World::new();
    let mut toml =
        "schema = 1\ngate = \"fake\"\n[stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n"
            .to_owned();
    let names: Vec<String> = (0..20)
        .map(|at| format!("a-scenario-with-a-name-{at}"))
        .collect();
    for (at, name) in names.iter().enumerate() {
        toml += &format!(
            "[scenario.{name}]\nseed = [\"touch\", \"x\"]\nexpect = {{ ci = {} }}\n",
            at % 2
        );
    }
    let consumer = world.consumer("consumer", &[("matrix.toml", &toml)]);
    let check = |more: &[&str]| {
        let args = [&["check", "--repo", consumer.root.to_str().unwrap()], more].concat();
        world.matrix(&args)
    };
    let few = check(&[]);
    let said = format!("{}{}", few.expect(0).stdout, few.stderr);
    assert!(said.lines().count() <= 24, "{said}");
    assert!(
        said.contains("20 lanes: git_clone, seed_baseline, seed_scenario, stage_ci\n"),
        "{said}"
    );
    assert!(
        said.contains("\n  ci=0: a-scenario-with-a-name-0, a-scenario-with-a-name-2,"),
        "{said}"
    );
    for name in &names {
        assert!(said.contains(name.as_str()), "{name}: {said}");
    }
    let summary = few
        .stdout
        .lines()
        .filter(|line| line.contains("a-scenario"));
    assert!(summary.clone().all(|line| line.len() <= 100), "{said}");
    let all = check(&["-v"]);
    for name in &names {
        assert!(
            all.expect(0).stdout.contains(&format!("lane {name}:\n")),
            "{name}"
        );
    }
}

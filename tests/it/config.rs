//! A configuration that cannot be used: exit 2, nothing cloned, and a
//! message that points.

use crate::support::World;
use crate::support::configurations::{GOOD, consumer, refused};

/// The good configuration with one text in the place of another; what is
/// said of it has all of `told`.
#[track_caller]
fn change(from: &str, to: &str, told: &[&str]) {
    assert!(GOOD.contains(from), "{from}");
    let world = World::new();
    let consumer = consumer(&world, &GOOD.replacen(from, to, 1));
    let said = refused(&world, &consumer, &[]);
    for text in told {
        assert!(said.contains(text), "`{text}` is not in\n{said}");
    }
}

#[test]
fn the_configuration_that_the_others_break_is_good() {
    let world = World::new();
    world.run(&consumer(&world, GOOD), &[]).expect(0);
}

#[test]
fn a_misspelt_key_is_placed_and_the_nearest_one_named() {
    change(
        "gate =",
        "gaet =",
        &[
            "matrix.toml:2:1: unknown key `gaet`",
            "gaet = \"fake\"",
            "did you mean `gate`?",
        ],
    );
}

#[test]
fn a_weight_is_a_whole_number_above_0() {
    for (weight, told) in [
        ("0", "expected a whole number above 0"),
        ("-1", "expected a whole number above 0"),
        ("1.5", "floating point `1.5`, expected i64"),
        ("\"2\"", "string \"2\", expected i64"),
    ] {
        let stage = format!("weight = {weight}\nrun =");
        change("run =", &stage, &["matrix.toml:6:10: ", told]);
        let step =
            format!("[[install]]\nstep = \"x\"\nrun = [\"true\"]\nweight = {weight}\n\n[scenario");
        change("[scenario", &step, &["matrix.toml:11:10: ", told]);
    }
}

#[test]
fn a_misspelt_key_of_a_stage_is_placed() {
    change(
        "run =",
        "rum =",
        &["matrix.toml:6:1: unknown key `rum`", "did you mean `run`?"],
    );
}

#[test]
fn a_misspelt_key_of_a_scenario_is_placed() {
    change(
        "overlay",
        "overlya",
        &[
            "matrix.toml:9:1: unknown key `overlya`",
            "did you mean `overlay`?",
        ],
    );
}

#[test]
fn an_unknown_stage_in_expect_is_placed_and_the_nearest_one_named() {
    change(
        "{ ci = 0 }",
        "{ ci = 0, cl = 0 }",
        &[
            "matrix.toml:10:20: unknown stage `cl`",
            "did you mean `ci`?",
        ],
    );
}

#[test]
fn a_missing_overlay_is_placed() {
    change(
        "scenarios/clean",
        "scenarios/none",
        &[
            "matrix.toml:9:11: the overlay of scenario `clean` is missing",
            "scenarios/none",
        ],
    );
}

#[test]
fn a_scenario_without_expectations_is_placed() {
    change(
        "expect = { ci = 0 }\n",
        "",
        &[
            "matrix.toml:8:11: scenario `clean` expects nothing of stage `ci`",
            "add: expect",
        ],
    );
}

#[test]
fn a_stage_that_no_scenario_expects_anything_of_is_placed() {
    change(
        "[scenario.clean]",
        "[stage.more]\ndrive = \"command\"\nrun = [\"true\"]\n\n[scenario.clean]",
        &[
            "matrix.toml:8:8: no scenario expects anything of stage `more`",
            "add: expect = { more = 0 }",
        ],
    );
}

#[test]
fn an_unknown_placeholder_is_placed_and_the_known_ones_named() {
    change(
        "[\"true\"]",
        "[\"true\", \"{package}\"]",
        &[
            "matrix.toml:6:16: unknown placeholder `{package}`",
            "{package_spec}",
        ],
    );
}

#[test]
fn a_lone_brace_is_placed() {
    change(
        "[\"true\"]",
        "[\"true\", \"a}b\"]",
        &["matrix.toml:6:16: a lone brace"],
    );
}

#[test]
fn a_package_that_begins_with_a_dash_is_placed() {
    change(
        "gate =",
        "package = \"--registry=x\"\ngate =",
        &["matrix.toml:2:11: ", "`--registry=x` begins with a dash"],
    );
}

#[test]
fn an_overlay_and_a_seed_are_one_too_many() {
    change(
        "expect =",
        "seed = [\"true\"]\nexpect =",
        &["matrix.toml:10:8: a scenario has an overlay or a seed, not both"],
    );
}

#[test]
fn another_schema_is_refused() {
    change(
        "schema = 1",
        "schema = 2",
        &["matrix.toml:1:10: unsupported schema 2", "reads schema 1"],
    );
}

#[test]
fn broken_toml_is_placed() {
    change("\"fake\"", "\"fake", &["matrix.toml:2:"]);
}

#[test]
fn a_command_that_is_a_text_is_told_what_it_should_be() {
    change(
        "[\"true\"]",
        "\"true\"",
        &["matrix.toml:6:7: ", "a list of words"],
    );
}

#[test]
fn a_stage_that_is_called_like_another_commands_hook_is_refused() {
    let world = World::new();
    let toml = "schema = 1\ngate = \"fake\"\n[stage.pre-push]\ndrive = \"git\"\non = \"commit\"\n\
                [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = { pre-push = 0 }\n";
    let files = [("matrix.toml", toml), ("scenarios/clean/file", "two\n")];
    let consumer = world.consumer("consumer", &files);
    let ran = world.run(&consumer, &[]);
    let told = "stage `pre-push` is called like a hook that `on = \"commit\"` does not launch";
    assert!(ran.expect(2).stderr.contains(told), "{}", ran.stderr);
    assert!(ran.stderr.contains("set on = \"push\""), "{}", ran.stderr);
}

#[test]
fn arguments_that_are_a_text_are_told_what_they_should_be() {
    change(
        "[stage.ci]\n",
        "[stage.ci]\nargs = \"x\"\n",
        &["matrix.toml:", "args = [\"x\"]"],
    );
}

#[test]
fn exit_codes_that_there_are_none_of_are_refused() {
    for wrong in [
        "256",
        "-1",
        "\"zero\"",
        "[]",
        "{ exit = 1, hook = 2 }",
        "{}",
        "true",
        "1.5",
    ] {
        change(
            "{ ci = 0 }",
            &format!("{{ ci = {wrong} }}"),
            &["matrix.toml:10:17: "],
        );
    }
}

#[test]
fn names_that_there_are_none_of_are_refused() {
    for wrong in ["preflight", "UP", "a_b", "../up"] {
        change(
            "[scenario.clean]",
            &format!("[scenario.\"{wrong}\"]"),
            &[wrong, "matrix.toml:8:"],
        );
        change(
            "\"fake\"",
            &format!("\"{wrong}\""),
            &[wrong, "matrix.toml:2:8"],
        );
    }
}

#[test]
fn a_path_that_climbs_is_refused() {
    for wrong in ["../scenarios", "/etc", "", ".", ".git/hooks"] {
        change(
            "scenarios/clean",
            wrong,
            &["matrix.toml:9:11: not a path inside"],
        );
    }
}

#[test]
fn a_profile_that_there_is_none_of_is_told_with_the_nearest() {
    change(
        "gate =",
        "inherits = \"lefthok\"\ngate =",
        &["matrix.toml:2:12: ", "did you mean `lefthook`?"],
    );
}

#[test]
fn a_stage_whose_drive_cannot_be_told_is_refused() {
    change("drive = \"command\"\n", "", &["stage `ci` has no drive"]);
    change(
        "drive = \"command\"\nrun = [\"true\"]",
        "drive = \"git\"",
        &["git commits or pushes"],
    );
    change("run = [\"true\"]\n", "", &["stage `ci` has no command"]);
}

#[test]
fn what_git_does_in_a_stage_is_one_of_its_commands() {
    let by_git = |more: &str| format!("drive = \"git\"\n{more}");
    let command = "drive = \"command\"\nrun = [\"true\"]";
    change(
        command,
        &by_git("on = \"cherrypick\""),
        &["`tag` or `delete`", "did you mean `cherry-pick`?"],
    );
    let args = format!("{command}\nargs = [\"-a\"]");
    change(command, &args, &["stage `ci` has `args`", "into `run`"]);
    for key in ["tag", "delete"] {
        let named = format!("[scenario.clean]\n{key} = \"a..b\"");
        change("[scenario.clean]", &named, &["not a valid name of a"]);
    }
    let outside = "schema = 1\nserver_hooks = \"../hooks\"";
    change(
        "schema = 1",
        outside,
        &["not a path inside of the consumer"],
    );
}

#[test]
fn a_version_is_a_command_or_off() {
    for (version, told) in [
        (
            "version = true",
            &["`true` does not say", "version = false"][..],
        ),
        ("version = 3", &["a command as a list of words, or false"]),
        ("version = []", &["at least a program"]),
        ("version = [1]", &["expected a string"]),
        (
            "version = [\"x\", \"{nonsense}\"]",
            &["matrix.toml:3:17", "nonsense"],
        ),
    ] {
        change("\n\n[stage", &format!("\n{version}\n\n[stage"), told);
    }
}

#[test]
fn a_workdir_is_a_folder_of_the_clone() {
    for workdir in ["..", "/tmp", "a/../../b", ".git", ""] {
        let to = format!("\nworkdir = \"{workdir}\"\n\n[stage");
        change("\n\n[stage", &to, &["matrix.toml:3:11"]);
    }
    let git = "workdir = \"a\"\ndrive = \"git\"\non = \"commit\"";
    let command = "drive = \"command\"\nrun = [\"true\"]";
    change(
        command,
        git,
        &["driven by git", "in the root of the repository"],
    );
}

#[test]
fn a_caret_is_under_its_word_also_behind_wide_characters() {
    let world = World::new();
    let cases = [
        // Two columns each.
        ("message = \"\u{6d4b}\u{8bd5}\", brunch = 1", "brunch"),
        // An accent of its own has none.
        ("message = \"e\u{301}\", brunch = 1", "brunch"),
        ("message = \"\u{1f600}\", brunch = 1", "brunch"),
    ];
    for (line, word) in cases {
        let toml = format!("schema = 1\ngate = \"fake\"\nscenario.x = {{ {line} }}\n");
        let consumer = world.consumer(&format!("c{}", line.len()), &[("matrix.toml", &toml)]);
        let ran = world.matrix(&["list", "--repo", consumer.root.to_str().unwrap()]);
        let said: Vec<&str> = ran.expect(2).stderr.lines().collect();
        let at = said
            .iter()
            .position(|line| line.trim_end().ends_with('^'))
            .unwrap();
        let before = said[at - 1].split(word).next().unwrap();
        let caret = said[at].find('^').unwrap();
        assert_eq!(
            caret,
            unicode_width::UnicodeWidthStr::width(before),
            "{}",
            ran.stderr
        );
        assert_eq!(said[at].matches('^').count(), word.len(), "{}", ran.stderr);
    }
}

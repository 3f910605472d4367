//! `matrix config show`: every setting, and where it is from.

use std::fs;

use crate::support::World;

#[test]
fn each_setting_names_its_origin_and_the_whole_makes_the_same_matrix() {
    let world = World::new();
    let toml = "schema = 1\ngate = \"lefthook\"\ninherits = \"lefthook\"\n\
        [stage.ci]\ntimeout = \"3m\"\nenv = { \"A B\" = \"x\\ny\" }\n\
        [scenario.clean]\nmessage = \"clean\"\n";
    let lock = r#"{"packages": {"node_modules/lefthook": {"version": "2.1.0"}}}"#;
    let consumer = world.consumer(
        "consumer",
        &[
            ("matrix.toml", toml),
            ("package.json", "{}"),
            ("package-lock.json", lock),
            ("scenarios/clean/a", "1\n"),
            ("scenarios/violations/a", "2\n"),
            ("scenarios/mixed/a", "3\n"),
        ],
    );
    let root = consumer.root.to_str().unwrap();
    let ran = world.matrix(&["config", "show", "--origin", "--repo", root]);
    for line in [
        "gate = \"lefthook\"    # matrix.toml:2",
        "# inherits = \"lefthook\"    # matrix.toml:3",
        "package = \"lefthook@2.1.0\"    # package-lock.json",
        "stage.ci.timeout = \"3m\"    # matrix.toml:5",
        "stage.ci.env.\"A B\" = \"x\\ny\"    # matrix.toml:6",
        "scenario.clean.message = \"clean\"    # matrix.toml:8",
        "retention.runs = 20    # default",
    ] {
        let lines: Vec<_> = ran.expect(0).stdout.lines().collect();
        assert!(lines.contains(&line), "{line}\n{}", ran.stdout);
    }
    let of_profile = "stage.ci.drive = \"command\"    # the built-in profile lefthook:";
    assert!(ran.stdout.contains(of_profile), "{}", ran.stdout);
    let typed = [
        "config",
        "show",
        "--origin",
        "--repo",
        root,
        "--package",
        "lefthook@1.0.0",
    ];
    let ran = world.matrix(&typed);
    let line = "package = \"lefthook@1.0.0\"    # --package or MATRIX_PACKAGE\n";
    assert!(ran.expect(0).stdout.contains(line), "{}", ran.stdout);
    // Without what it inherits, it is the same matrix.
    let list = |more: &[&str]| {
        let args = [&["list", "--format", "json", "--repo", root], more].concat();
        world.matrix(&args).expect(0).stdout.clone()
    };
    let shown = world.matrix(&["config", "show", "--repo", root]);
    let whole = consumer.root.join("whole.toml");
    fs::write(&whole, &shown.expect(0).stdout).unwrap();
    assert_eq!(list(&["--config", whole.to_str().unwrap()]), list(&[]));
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_as_by_check() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("matrix.toml", "gaet = 1\n")]);
    let root = consumer.root.to_str().unwrap();
    let ran = world.matrix(&["config", "show", "--repo", root]);
    assert!(
        ran.expect(2).stderr.contains("did you mean `gate`?"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
}

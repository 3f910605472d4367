//! Completion: the scripts, read and tried by the shells that they are for.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::gate::{Gate, Setup};
use crate::support::{Ran, World, program};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

fn gate() -> Gate {
    World::gate("fake")
        .stage("ci", "true")
        .stage("nightly", "true")
        .scenario("clean", &[("file", "two\n")])
        .scenario("odd-one", &[("file", "three\n")])
}

/// A consumer with two runs, `first` and `second`, and the program on PATH as `matrix`.
fn consumer() -> Setup {
    let setup = gate().consumer();
    setup.matrix(&["run", "--run-id", "first"]).expect(0);
    setup.matrix(&["run", "--run-id", "second"]).expect(0);
    setup
}

/// A folder that has the program under its name.
fn on_path(world: &World) -> PathBuf {
    let folder = world.path().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let _ = symlink(program(), folder.join("matrix"));
    folder
}

/// A command with the program first on PATH, and nothing of this process's environment else.
fn command(world: &World, folder: &Path, program: &str) -> Command {
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", format!("{}:{path}", on_path(world).display()))
        .env("HOME", world.home())
        .env("LC_ALL", "C.UTF-8")
        .current_dir(folder);
    command
}

/// What becomes of these lines in an interactive shell.
#[track_caller]
fn typed(world: &World, folder: &Path, shell: &[&str], setup: &str, lines: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("tests/it/fixtures/shells/press_tab.py");
    let mut python = command(world, folder, "python3");
    python.arg(script).arg(setup).args(lines).arg("--");
    let ran = Ran::of(python.args(shell).output().unwrap());
    let became: Vec<Vec<String>> = serde_json::from_str(&ran.expect(0).stdout).unwrap();
    became.into_iter().map(|words| words.join(" ")).collect()
}

const LINES: [&str; 8] = [
    "matrix comp\tba\t",
    "matrix run --scenario o\t",
    "matrix run --scenario=o\t",
    "matrix list --stage n\t",
    "matrix replay sec\t",
    "matrix diff latest~\tlast\t",
    "matrix explain dirty\t",
    "matrix report --art\t",
];
const BECAME: [&str; 8] = [
    "matrix completions bash",
    "matrix run --scenario odd-one",
    "matrix run --scenario=odd-one",
    "matrix list --stage nightly",
    "matrix replay second",
    "matrix diff latest~1 last-pass",
    "matrix explain dirty-consumer",
    "matrix report --artifacts",
];

#[test]
fn bash_completes() {
    let setup = consumer();
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    let folder = &setup.consumer.root;
    let set_up = "source <(matrix completions bash)";
    assert_eq!(typed(&setup.world, folder, &shell, set_up, &LINES), BECAME);
    // Bash parts words at `=`, and adds no blank behind one.
    let lines = [
        "matrix run --report ju\tmatr\t",
        "matrix run --report=ju\tmatr\t",
    ];
    let became = [
        "matrix run --report junit=matrix.toml",
        "matrix run --report=junit=matrix.toml",
    ];
    assert_eq!(typed(&setup.world, folder, &shell, set_up, &lines), became);
}

#[test]
fn zsh_completes() {
    let setup = consumer();
    let shell = ["zsh", "-f", "-i"];
    let folder = &setup.consumer.root;
    let compinit = "autoload -U compinit; compinit -D -u";
    let set_up = format!("{compinit}; source <(matrix completions zsh)");
    assert_eq!(typed(&setup.world, folder, &shell, &set_up, &LINES), BECAME);
    // As a package installs it: a file that the first completion loads.
    let site = setup.world.path().join("site");
    fs::create_dir_all(&site).unwrap();
    let script = setup
        .matrix(&["completions", "zsh"])
        .expect(0)
        .stdout
        .clone();
    fs::write(site.join("_matrix"), script).unwrap();
    let set_up = format!("fpath=({} $fpath); {compinit}", site.display());
    assert_eq!(typed(&setup.world, folder, &shell, &set_up, &LINES), BECAME);
}

/// What fish offers for a line.
#[track_caller]
fn offered(setup: &Setup, line: &str) -> Vec<String> {
    let script = format!("matrix completions fish | source; complete --do-complete '{line}'");
    let mut fish = command(&setup.world, &setup.consumer.root, "fish");
    fish.args(["--no-config", "--command", &script]);
    let ran = Ran::of(fish.output().unwrap());
    assert_eq!(ran.expect(0).stderr, "");
    let words = ran
        .stdout
        .lines()
        .map(|line| line.split('\t').next().unwrap());
    words.map(str::to_owned).collect()
}

#[test]
fn fish_completes() {
    let setup = consumer();
    for (line, words) in [
        ("matrix run --scenario ", &["clean", "odd-one"][..]),
        ("matrix check --stage ", &["ci", "nightly"]),
        ("matrix replay l", &["latest", "last-pass", "latest~1"]),
        ("matrix replay --lane o", &["odd-one"]),
        ("matrix diff latest ", &["second", "first"]),
        ("matrix report latest j", &["junit"]),
        ("matrix run --report c", &["ctrf="]),
        ("matrix explain di", &["dirty-consumer", "disk-full"]),
        ("matrix demo lefth", &["lefthook"]),
        ("matrix demo --scenario v", &["violations"]),
        ("matrix sabotage --only no-v", &["no-verify"]),
        ("matrix schema su", &["summary"]),
    ] {
        let offered = offered(&setup, line);
        let missing = words
            .iter()
            .find(|word| !offered.contains(&(**word).to_owned()));
        assert_eq!(missing, None, "{line}: {offered:?}");
    }
}

/// What the program answers a shell.
fn answer(world: &World, folder: &Path, shell: &str, words: &[&str]) -> Ran {
    let mut matrix = world.command(&[&["--", "matrix"], words].concat());
    matrix.env("MATRIX_COMPLETE", shell).current_dir(folder);
    let index = words.len().to_string();
    Ran::of(matrix.env("_CLAP_COMPLETE_INDEX", index).output().unwrap())
}

#[test]
fn completing_never_fails_and_never_speaks_on_stderr() {
    let setup = gate().consumer();
    let broken = setup.world.path().join("broken");
    fs::create_dir_all(broken.join(".git")).unwrap();
    fs::write(broken.join("matrix.toml"), "gaet = 1\n[scenario").unwrap();
    let folders = [setup.world.path(), broken, setup.consumer.root.clone()];
    for folder in &folders {
        let before = fs::read_dir(folder).unwrap().count();
        for shell in SHELLS.iter().chain(&["ksh"]) {
            for words in [
                &["run", "--scenario", ""][..],
                &["run", "--stage", ""],
                &["replay", ""],
                &["replay", "--lane", ""],
                &["report", "nothing", "junit=/no/such/"],
                &["sabotage", "--only", ""],
                &["rum", "--no-such-flag", ""],
                &[],
            ] {
                let ran = answer(&setup.world, folder, shell, words);
                assert_eq!(ran.expect(0).stderr, "", "{shell} {words:?}");
            }
        }
        assert_eq!(fs::read_dir(folder).unwrap().count(), before);
    }
    // Where nothing is configured, the names of built-in profiles.
    fs::remove_file(setup.consumer.root.join("matrix.toml")).unwrap();
    for folder in [&folders[0], &folders[2]] {
        let ran = answer(&setup.world, folder, "fish", &["run", "--scenario", ""]);
        assert_eq!(ran.stdout, "clean\nviolations\nmixed\n");
    }
}

#[test]
fn every_shell_has_a_script() {
    let world = World::new();
    for shell in SHELLS {
        let ran = world.matrix(&["completions", shell]);
        assert!(ran.expect(0).stdout.contains("MATRIX_COMPLETE"), "{shell}");
        assert_eq!(ran.stderr, "");
    }
    world.matrix(&["completions", "ksh"]).expect(2);
}

//! The report of a run to the step of GitHub Actions that it runs in.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::gate::{Gate, Setup};
use crate::support::{Ran, World};

/// The files of a step.
struct Step {
    summary: PathBuf,
    output: PathBuf,
}

impl Step {
    fn new(setup: &Setup) -> Self {
        let file = |name: &str| setup.world.path().join(name);
        let (summary, output) = (file("summary.md"), file("output"));
        fs::write(&summary, "").unwrap();
        fs::write(&output, "").unwrap();
        Self { summary, output }
    }

    fn summary(&self) -> String {
        fs::read_to_string(&self.summary).unwrap()
    }

    fn output(&self) -> String {
        fs::read_to_string(&self.output).unwrap()
    }

    /// A command in this step.
    fn of<'a>(&self, setup: &Setup, command: &'a mut Command) -> &'a mut Command {
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", &self.summary)
            .env("GITHUB_OUTPUT", &self.output)
            .env("GITHUB_WORKSPACE", &setup.consumer.root)
            .env("GITHUB_RUN_ID", "42")
            .env("GITHUB_REPOSITORY", "owner/repo")
    }

    fn run(&self, setup: &Setup, more: &[&str]) -> Ran {
        let mut command = setup.world.run_command(&setup.consumer, more);
        Ran::of(self.of(setup, &mut command).output().unwrap())
    }
}

fn gate() -> Gate {
    World::gate("fake").stage(
        "ci",
        "grep -q BAD file && { echo gate: BAD; exit 1; }; exit 0",
    )
}

fn green() -> Setup {
    gate().scenario("green", &[("file", "two\n")]).consumer()
}

fn red() -> Setup {
    gate().scenario("red", &[("file", "BAD\n")]).consumer()
}

/// The commands of the workflow among the lines of both streams.
fn commands(ran: &Ran) -> Vec<&str> {
    let lines = ran.stdout.lines().chain(ran.stderr.lines());
    lines
        .filter(|line| line.trim_start().starts_with("::") || line.contains("##["))
        .collect()
}

#[test]
fn a_green_run_appends_a_summary_and_outputs() {
    let setup = green();
    let step = Step::new(&setup);
    fs::write(&step.summary, "# before").unwrap();
    fs::write(&step.output, "a=b\n").unwrap();
    let ran = step.run(&setup, &["--run-id", "r1"]);
    assert_eq!(commands(ran.expect(0)), [""; 0]);
    assert!(!ran.stderr.contains("gh run download"), "{}", ran.stderr);
    let summary = step.summary();
    assert!(
        summary.starts_with("# before\n### ✅ PASS: `fake`\n"),
        "{summary}"
    );
    let output = step.output();
    assert!(
        output.starts_with("a=b\nverdict=PASS\nrun_id=r1\nsummary<<matrix_"),
        "{output}"
    );
    let file = setup.consumer.artifacts().join("fake-matrix-summary.json");
    assert_eq!(output.lines().nth(4), file.to_str());
    step.run(&setup, &["--run-id", "r2"]).expect(0);
    assert_eq!(step.summary().matches("### ✅ PASS").count(), 2);
    assert_eq!(step.output().matches("verdict=PASS").count(), 2);
}

#[test]
fn a_red_run_ends_with_an_error_on_its_line_of_the_contract() {
    let setup = red();
    let step = Step::new(&setup);
    let ran = step.run(&setup, &["--run-id", "r1"]);
    let lines: Vec<&str> = ran.expect(1).stderr.lines().collect();
    let toml = fs::read_to_string(setup.consumer.root.join("matrix.toml")).unwrap();
    let at = toml
        .lines()
        .position(|line| line.contains("expect"))
        .unwrap()
        + 1;
    let head = format!(
        "::error file=matrix.toml,line={at},title=fake%3A contract-broken%3A red/ci::the stage"
    );
    let last = lines.last().unwrap();
    assert!(last.starts_with(&head), "{last}");
    assert!(last.contains("%0Aline: gate: BAD (logs/red/"), "{last}");
    assert_eq!(commands(&ran).len(), 1);
    let download = "gh run download 42 -R owner/repo -D gate-42 && matrix replay gate-42/*/runs/r1";
    let told = format!("next, on another machine: {download}\n");
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    assert!(ran.stderr.contains("\n  next: "), "{}", ran.stderr);
    let summary = step.summary();
    assert!(
        summary.contains(&format!("```text\n{download}\n```")),
        "{summary}"
    );
    let output = step.output();
    assert!(output.starts_with("verdict=FAIL\n"), "{output}");
    assert!(
        output.contains("fake-matrix-last-failure.json\n"),
        "{output}"
    );
    // That command shows the upload of the job.
    let fetched = setup.world.path().join("gate-42/any");
    fs::create_dir_all(fetched.parent().unwrap()).unwrap();
    fs::rename(setup.consumer.artifacts(), &fetched).unwrap();
    let run = fetched.join("runs/r1");
    setup
        .world
        .matrix(&["replay", run.to_str().unwrap()])
        .expect(0);
}

#[test]
fn files_of_errors_are_relative_to_the_workspace() {
    let setup = red();
    let step = Step::new(&setup);
    for (workspace, place) in [
        (
            setup.world.path(),
            "::error file=consumer/matrix.toml,line=",
        ),
        (setup.world.home(), "::error title="),
    ] {
        let mut command = setup.world.run_command(&setup.consumer, &[]);
        let command = step.of(&setup, &mut command);
        command.env("GITHUB_WORKSPACE", workspace);
        let ran = Ran::of(command.output().unwrap());
        let told = commands(ran.expect(1));
        assert!(told.len() == 1 && told[0].starts_with(place), "{told:?}");
    }
}

#[test]
fn thirty_red_cells_are_ten_errors_one_of_each_cause_first() {
    let mut all = gate().stage("other", "test ! -e other || { echo gate: OTHER; exit 3; }");
    for n in 0..29 {
        all = all.scenario(&format!("red{n}"), &[("file", "BAD\n")]);
    }
    let setup = all.scenario("unlike", &[("other", "x\n")]).consumer();
    let ran = Step::new(&setup).run(&setup, &[]);
    let told = commands(ran.expect(1));
    assert_eq!(told.len(), 10, "{told:?}");
    let unlike = told.iter().position(|line| line.contains("unlike/other"));
    assert!(unlike.is_some_and(|at| at < 2), "{told:?}");
    assert!(told[0].contains("red0/ci and 28 more::"), "{told:?}");
}

#[test]
fn what_a_gate_prints_stays_text() {
    let nasty = "printf '::error::x\\n::set-output name=verdict::PASS\\n##[error]y\\n<b>\\033[31mred, 100%%\\r::warning::z\\n';
                 head -c 2097152 /dev/zero | tr '\\0' 'x'; echo; echo '::add-mask::a'; echo 'verdict=PASS'; exit 1";
    let setup = World::gate("fake")
        .stage("ci", nasty)
        .scenario("red", &[("file", "two\n")])
        .consumer();
    let step = Step::new(&setup);
    let ran = step.run(&setup, &["--run-id", "r1"]);
    let told = commands(ran.expect(1));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("::error file=matrix.toml,line="),
        "{told:?}"
    );
    let summary = step.summary();
    for bad in ["\u{1b}", "\r", "\n::", "##["] {
        assert!(!summary.contains(bad) && !told[0].contains(bad), "{bad:?}");
    }
    let output = step.output();
    let names: Vec<&str> = output.lines().collect();
    assert_eq!(names.len(), 5, "{output}");
    assert_eq!(names[..2], ["verdict=FAIL", "run_id=r1"]);
    assert!(names[2].starts_with("summary<<") && names[3].ends_with("last-failure.json"));
}

#[test]
fn a_summary_that_is_nearly_full_is_cut() {
    let setup = red();
    let step = Step::new(&setup);
    const LIMIT: usize = 1024 * 1024;
    fs::write(&step.summary, "x".repeat(LIMIT - 400)).unwrap();
    let ran = step.run(&setup, &["--run-id", "r1"]);
    let told = "the step's summary on GitHub is cut: GitHub takes 1 MiB of a step";
    assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
    let summary = step.summary();
    assert!(summary.len() <= LIMIT, "{}", summary.len());
    let note = "…cut here: 1 MiB is the most. The whole: `matrix report r1 markdown`\n";
    assert!(summary.ends_with(note), "{}", &summary[LIMIT - 400..]);
    assert!(summary.contains("### ❌ FAIL"));
    fs::write(&step.summary, "x".repeat(LIMIT)).unwrap();
    step.run(&setup, &[]).expect(1);
    assert_eq!(step.summary().trim_end().len(), LIMIT);
}

#[test]
fn files_that_cannot_be_written_change_nothing() {
    let setup = green();
    let step = Step {
        summary: setup.world.path(),
        output: setup.world.path().join("none/output"),
    };
    let ran = step.run(&setup, &[]);
    let told = "warning: not reported to GitHub: cannot append to ";
    assert_eq!(
        ran.expect(0).stderr.matches(told).count(),
        2,
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("is a folder, not a file"),
        "{}",
        ran.stderr
    );
    assert!(setup.consumer.summary("fake").is_some());
}

#[test]
fn nothing_is_reported_elsewhere_or_if_it_is_turned_off() {
    let setup = red();
    let step = Step::new(&setup);
    let is_silent = |ran: Ran| {
        assert_eq!(commands(ran.expect(1)), [""; 0]);
        assert!(!ran.stderr.contains("gh run download"), "{}", ran.stderr);
        assert_eq!(step.summary() + &step.output(), "");
        ran.stdout
    };
    let off = is_silent(step.run(&setup, &["--no-ci-report"]));
    for (name, value) in [("MATRIX_NO_CI_REPORT", "1"), ("GITHUB_ACTIONS", "false")] {
        let mut command = setup.world.run_command(&setup.consumer, &[]);
        let command = step.of(&setup, &mut command).env(name, value);
        is_silent(Ran::of(command.output().unwrap()));
    }
    // stdout is the contract's.
    assert_eq!(step.run(&setup, &[]).expect(1).stdout, off);
}

#[test]
fn other_verbs_report_too() {
    let setup = gate()
        .scenario("bad", &[("file", "BAD\n")])
        .blocked("gate: BAD")
        .consumer();
    let step = Step::new(&setup);
    setup
        .world
        .run(&setup.consumer, &["--run-id", "r1"])
        .expect(0);
    let repo = setup.consumer.root.to_str().unwrap();
    let artifacts = setup.consumer.artifacts();
    let artifacts = artifacts.to_str().unwrap();
    let replay = ["replay", "r1", "--all", "--artifacts", artifacts];
    let all: [&[&str]; 5] = [
        &[
            "replay",
            "r1",
            "--execute",
            "--all",
            "--artifacts",
            artifacts,
        ],
        &["check", "--vacuity", "--repo", repo],
        &["sabotage", "--repo", repo],
        &["mutate", "--repo", repo],
        &replay,
    ];
    for (at, words) in all.into_iter().enumerate() {
        let mut command = setup.world.command(words);
        step.of(&setup, &mut command).output().unwrap();
        let reported = step.output().matches("verdict=").count();
        assert_eq!(reported, (at + 1).min(4), "{words:?}: {}", step.output());
    }
}

//! What the command line can say. Defaults, environment and files come in
//! later, in `settings`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use gate_matrix::model::plan::SandboxMode;
use gate_matrix::model::{PackageSpec, RunId, ScenarioName};

const AFTER_HELP: &str = "\
Options of `run` that can also be set by a variable (an empty one counts as unset): \
MATRIX_PACKAGE, MATRIX_REPO, MATRIX_CONFIG, MATRIX_ARTIFACTS, MATRIX_WORK_DIR, MATRIX_JOBS, \
MATRIX_TIMEOUT, MATRIX_RUN_ID, MATRIX_FORMAT, MATRIX_SANDBOX, MATRIX_REPEAT, MATRIX_RETRIES, and \
with 1 or true: MATRIX_FAIL_FAST, MATRIX_STRICT, MATRIX_KEEP, MATRIX_FRESH, MATRIX_WAIT, \
MATRIX_TRUST_FILTERS and, but not where CI is set, MATRIX_REUSE. A flag goes first, then the \
variable, then matrix.toml.

Exit codes: 0 the contract was kept, 1 it was not, 2 usage or configuration, 5 cells of a rerun \
are outstanding, 17 dirty consumer, 69 cannot be used here, 74 artifact not written, 75 folder \
busy, 124 time limit, 129/130/143 stopped by a signal. See docs/exit-codes.md.";

/// Proves that a git gate lets good changes through and stops bad ones.
#[derive(Debug, Parser)]
#[command(name = "matrix", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the matrix in a consumer
    Run(RunArgs),
    /// Lay out a mock consumer of a built-in gate and run the matrix there
    Demo(DemoArgs),
    /// Show a recorded run, or run what failed in it again
    Replay(ReplayArgs),
    /// Compare two runs, cell by cell
    Diff(DiffArgs),
    /// Break the gate's installation in every known way and see what gets in
    Sabotage(SabotageArgs),
    /// Weaken the gate's configuration, rule by rule, and see whether a scenario notices
    Mutate(MutateArgs),
    /// Write matrix.toml and scenarios/ into a consumer
    Init(InitArgs),
    /// Say what a run would do and what is missing, running nothing; or, with --vacuity,
    /// find scenarios that prove nothing
    Check(CheckArgs),
    /// Print the lanes and cells of a consumer
    List(ListArgs),
    /// Say what a cause of a failure is and what to do about it
    Explain(ExplainArgs),
    /// Print the JSON Schema of a file that a run writes
    Schema(SchemaArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Human,
    /// One JSON event a line
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Lines for people
    Human,
    /// One JSON document
    Json,
}

/// Where the consumer is and what is tried in it.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct ConsumerArgs {
    /// The consumer [default: the repository around the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// The configuration [default: matrix.toml or .config/matrix.toml in the consumer]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Let the filters of your git configuration and the consumer's run (Git LFS and the like)
    #[arg(long)]
    pub(crate) trust_filters: bool,
}

/// Which part of the matrix is meant.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct SelectArgs {
    /// The package under test: name@version, a tarball or a folder; the last one counts
    #[arg(long, value_name = "SPEC", value_parser = package, allow_hyphen_values = true, overrides_with = "package")]
    pub(crate) package: Option<PackageSpec>,
    /// Only this scenario; can be given more than once
    #[arg(long = "scenario", value_name = "NAME")]
    pub(crate) scenarios: Vec<String>,
    /// Only this stage; can be given more than once
    #[arg(long = "stage", value_name = "NAME")]
    pub(crate) stages: Vec<String>,
}

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) again: AgainArgs,
    #[command(flatten)]
    pub(crate) options: RunOptions,
    /// Say afterwards how the run compares with this one: `last-pass`, an id, or a file or folder
    /// that a run left. It changes neither exit code nor verdict
    #[arg(long, value_name = "RUN|FILE")]
    pub(crate) baseline: Option<String>,
    /// Failures that are known [default: known-failures.toml beside the configuration]
    #[arg(long, value_name = "FILE", requires = "baseline")]
    pub(crate) known: Option<PathBuf>,
}

/// What is run more than once.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct AgainArgs {
    /// Only the lanes in which that run left cells outstanding: latest, an id or the beginning
    /// of one, or a file that the run left
    #[arg(long, value_name = "RUN|FILE")]
    pub(crate) rerun_from: Option<String>,
    /// Play every lane so often, each time in a fresh clone: a cell whose outcome differs is flaky
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) repeat: Option<u16>,
    /// Play a lane again, up to so often, that only the machine failed (infra); never one that
    /// broke its contract, failed to install or ran past a limit
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<u8>,
}

/// How a run goes.
#[derive(Debug, Default, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the contract"
)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Where verdicts and run folders go [default: artifacts/ in the consumer; of a demo
    /// without --into: in the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Where lanes and caches live [default: gate-matrix in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Steps side by side, of as many lanes or up to twice as many [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Cancel the lanes declared after a failed one
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// A cell that proves nothing is a failure: nothing changed, nothing to push, an empty range
    #[arg(long)]
    pub(crate) strict: bool,
    /// Time limit of each step that names none, like 90s or 5m [default: 10m]
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Leave the lanes on the disk
    #[arg(long)]
    pub(crate) keep: bool,
    /// Clone and install in every lane, instead of once for all
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Keep lanes from the rest of the machine, by bubblewrap: auto (where that works), require
    /// or off [default: auto]
    #[arg(long, value_name = "MODE")]
    pub(crate) sandbox: Option<SandboxMode>,
    /// Take over lanes from earlier runs where nothing that they depend on has changed
    #[arg(long)]
    pub(crate) reuse: bool,
    /// Wait while another run holds the artifacts folder
    #[arg(long)]
    pub(crate) wait: bool,
    /// The id of this run [default: made from gate, time and chance]
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,
    /// What stdout is [default: human]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Runs kept [default: 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) retain_runs: Option<u64>,
    /// MiB of runs kept [default: 1024]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) retain_mib: Option<u64>,
    /// Days that runs are kept [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) retain_days: Option<u64>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// A built-in gate [default: demo, a few lines of shell]
    pub(crate) gate: Option<String>,
    /// Lay the consumer here and leave it there [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}

#[derive(Debug, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the contract"
)]
pub(crate) struct ReplayArgs {
    /// The run: its id or the beginning of it, `latest`, `last-pass`, or a file or folder that
    /// it left [default: latest]
    #[arg(value_name = "RUN|FILE")]
    pub(crate) run: Option<String>,
    /// Run the lanes again in which something was not green
    #[arg(long)]
    pub(crate) execute: bool,
    /// Run one of them up to the step that failed, and start your shell there
    #[arg(long, conflicts_with = "execute")]
    pub(crate) shell: bool,
    /// Show, or run, all lanes
    #[arg(long, conflicts_with = "lanes")]
    pub(crate) all: bool,
    /// Show, or run, this lane; can be given more than once
    #[arg(long = "lane", value_name = "NAME")]
    pub(crate) lanes: Vec<ScenarioName>,
    /// A clone of the consumer that has the commit of the run [default: the repository around the
    /// working directory, else the one that it ran in]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Where the run is [default: artifacts/ in the repository around the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Where lanes and caches live [default: gate-matrix in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Steps side by side [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Keep lanes from the rest of the machine: auto, require or off [default: as the run did]
    #[arg(long, value_name = "MODE")]
    pub(crate) sandbox: Option<SandboxMode>,
    /// Leave the lanes on the disk
    #[arg(long)]
    pub(crate) keep: bool,
    /// Wait while another run holds the artifacts folder
    #[arg(long)]
    pub(crate) wait: bool,
    /// The id of the new run [default: made from gate, time and chance]
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,
    /// What stdout is [default: human]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// The earlier run: its id or the beginning of it, `last-pass`, `latest`, or a file or folder
    /// that it left
    #[arg(value_name = "BASE")]
    pub(crate) base: String,
    /// The run that is held against it [default: latest]
    #[arg(value_name = "CURRENT")]
    pub(crate) current: Option<String>,
    /// Where the runs are [default: artifacts/ in the repository around the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Failures that are known [default: known-failures.toml beside the configuration]
    #[arg(long, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// Exit 1 where there is one; can be given more than once, or with commas
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    /// What is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
}

/// What `matrix diff` exits 1 for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Green before, red now
    Regression,
    /// Red now, without a verdict before
    NewFailure,
    /// Without a verdict now
    Incomplete,
    /// Red before and now, or excused
    KnownFailure,
    /// Not declared any more
    Removed,
    /// The same exit for another reason
    OtherReason,
    /// Other evidence
    OtherEvidence,
    /// Whatever is not stable
    Any,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SabotageArgs {
    #[command(flatten)]
    pub(crate) place: TrialPlace,
    /// Only this sabotage; can be given more than once
    #[arg(long, value_name = "ID")]
    pub(crate) only: Vec<String>,
    /// Fail where more sabotages than this let the violation in
    #[arg(long, value_name = "N")]
    pub(crate) max_open: Option<usize>,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MutateArgs {
    #[command(flatten)]
    pub(crate) place: TrialPlace,
    /// Fail where more mutations than this go unnoticed
    #[arg(long, value_name = "N")]
    pub(crate) max_survivors: Option<usize>,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}

/// A consumer, or the mock consumer of a built-in gate.
#[derive(Debug, ClapArgs)]
pub(crate) struct TrialPlace {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    /// Try it in the mock consumer of this built-in gate
    #[arg(long, value_name = "NAME", conflicts_with_all = ["repo", "config"])]
    pub(crate) gate: Option<String>,
    /// Lay that consumer here and leave it there [default: a temporary folder]
    #[arg(long, value_name = "DIR", requires = "gate")]
    pub(crate) into: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// The built-in gate to start from [default: the one that the consumer uses]
    #[arg(long, value_name = "NAME")]
    pub(crate) gate: Option<String>,
    /// The consumer [default: the repository around the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Play what must be blocked without its violation: what still blocks never proved anything
    #[arg(long)]
    pub(crate) vacuity: bool,
    #[command(flatten)]
    pub(crate) play: PlayArgs,
}

/// How `check --vacuity` goes.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct PlayArgs {
    /// Where verdicts and run folders go [default: artifacts/ in the consumer]
    #[arg(long, value_name = "DIR", requires = "vacuity")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Where lanes and caches live [default: gate-matrix in the user's cache folder]
    #[arg(long, value_name = "DIR", requires = "vacuity")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Steps side by side [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), requires = "vacuity")]
    pub(crate) jobs: Option<u16>,
    /// Time limit of each step that names none, like 90s or 5m [default: 10m]
    #[arg(long, value_name = "DUR", value_parser = duration, requires = "vacuity")]
    pub(crate) timeout: Option<Duration>,
    /// Leave the lanes on the disk
    #[arg(long, requires = "vacuity")]
    pub(crate) keep: bool,
    /// The id of this run [default: made from gate, time and chance]
    #[arg(long, value_name = "ID", requires = "vacuity")]
    pub(crate) run_id: Option<RunId>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// What is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SchemaArgs {
    /// summary, last-failure, plan, event, cell, run, files, bundle, flakes, sabotage, mutation,
    /// vacuity or triage
    pub(crate) name: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A cause, as the end of a red run and `replay_bundle.json` name it [default: list them]
    pub(crate) id: Option<String>,
    /// Print every page, as Markdown
    #[arg(long, conflicts_with = "id")]
    pub(crate) all: bool,
}

fn package(text: &str) -> Result<PackageSpec, String> {
    PackageSpec::parse(text).map_err(|e| e.to_string())
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("a duration like 90s, 5m or 1h 30m is wanted".to_owned()),
    }
}

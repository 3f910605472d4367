//! The command line. Defaults, environment and files are merged in `settings`.

#![expect(clippy::doc_markdown, reason = "help texts are no Markdown")]

mod check;
mod ci;
mod config;
mod diff;
mod help;
mod init;
mod output;
mod recorded;
mod shell;
mod trial;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use check::CheckArgs;
pub(crate) use ci::CiArgs;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;
pub(crate) use config::{ConfigArgs, ConfigShowArgs, ConfigVerb};
pub(crate) use diff::{DiffArgs, FailOn};
use gate_matrix::model::plan::SandboxMode;
use gate_matrix::model::report_format::ReportFile;
use gate_matrix::model::{PackageSpec, RunId, ScenarioName};
pub(crate) use init::InitArgs;
pub(crate) use output::{Color, OutputArgs};
pub(crate) use recorded::{ReportArgs, RunsArgs, VerifyArgs};
pub(crate) use shell::{CompletionsArgs, DoctorArgs, ManArgs};
pub(crate) use trial::{MutateArgs, SabotageArgs, TrialPlace};

use crate::complete;

/// The version, the commit and the target, made by `build.rs`.
const LONG_VERSION: &str = include_str!(concat!(env!("OUT_DIR"), "/long-version.txt"));

const AFTER_HELP: &str = "\
Flags take precedence over environment variables, which take precedence over matrix.toml. \
An empty variable counts as unset; switches take 1, 0, true or false.

Exit codes: 0 the contract was kept, 1 it was broken, 2 usage or configuration error, 5 a rerun \
left cells outstanding, 17 dirty consumer, 69 unusable repository, tool or sandbox, 74 artifact \
not written, 75 artifacts folder in use, 124 timeout, 129/130/143 stopped by a signal. Details: \
docs/exit-codes.md";

/// Proves that a git gate lets good changes through and stops bad ones
#[derive(Debug, Parser)]
#[command(name = "matrix", version, long_version = LONG_VERSION, after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the matrix in a consumer
    Run(RunArgs),
    /// Create a mock consumer of a built-in gate and run the matrix there
    Demo(DemoArgs),
    /// Show a recorded run, or rerun its failed lanes with the same inputs
    Replay(ReplayArgs),
    /// Compare two runs, cell by cell
    Diff(DiffArgs),
    /// Break the gate's installation in every known way and report what gets in
    Sabotage(SabotageArgs),
    /// Weaken the gate's configuration, rule by rule, and report what no scenario notices
    Mutate(MutateArgs),
    /// Write matrix.toml and scenarios/ into a consumer
    Init(InitArgs),
    /// Report what a run would do and what is missing, without running anything (unless --vacuity)
    Check(CheckArgs),
    /// List the recorded runs, the newest first
    Runs(RunsArgs),
    /// Report a recorded run in a format of other tools
    Report(ReportArgs),
    /// Compare verdict files with the runs that they name
    Verify(VerifyArgs),
    /// List the lanes and cells of a consumer
    List(ListArgs),
    /// Show the merged configuration of a consumer
    Config(ConfigArgs),
    /// Explain the cause of a failure, or an exit code, and the remedy
    Explain(ExplainArgs),
    /// Print the JSON Schema of matrix.toml, or of a file that a run writes
    Schema(SchemaArgs),
    /// Report what this machine has for runs, what is missing and how to get it
    Doctor(DoctorArgs),
    /// Print a script with which a shell completes verbs, flags, scenarios, runs and causes
    Completions(CompletionsArgs),
    /// Print the manual as a page for man(1)
    Man(ManArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Human,
    /// One JSON event per line
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Lines for people
    Human,
    /// One JSON document
    Json,
}

/// The consumer and its configuration.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Consumer")]
pub(crate) struct ConsumerArgs {
    /// Repository to try the gate in [default: the one around the working directory]
    /// [env: MATRIX_REPO]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Configuration file [default: matrix.toml or .config/matrix.toml in the consumer]
    /// [env: MATRIX_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Allow filters from your git configuration and the consumer's to run (such as Git LFS)
    /// [env: MATRIX_TRUST_FILTERS]
    #[arg(long)]
    pub(crate) trust_filters: bool,
}

/// A part of the matrix.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectArgs {
    /// Package under test: name@version, a tarball or a folder; the last one wins
    /// [env: MATRIX_PACKAGE]
    #[arg(long, value_name = "SPEC", value_parser = package, allow_hyphen_values = true, overrides_with = "package")]
    pub(crate) package: Option<PackageSpec>,
    /// Run only this scenario; may be repeated
    #[arg(long = "scenario", value_name = "NAME", add = ArgValueCompleter::new(complete::scenarios))]
    pub(crate) scenarios: Vec<String>,
    /// Run only this stage; may be repeated
    #[arg(long = "stage", value_name = "NAME", add = ArgValueCompleter::new(complete::stages))]
    pub(crate) stages: Vec<String>,
}

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) options: RunOptions,
    #[command(flatten)]
    pub(crate) ci: CiArgs,
    /// Try the work tree as it is, with what is staged, edited and untracked in it; the verdict
    /// is UNCOMMITTED in place of PASS
    #[arg(long, conflicts_with = "rerun_from", help_heading = "Consumer")]
    pub(crate) worktree: bool,
    #[command(flatten)]
    pub(crate) repeat: RepeatArgs,
    /// Compare the run with this one afterwards: `latest`, `latest~1`, `last-pass`, `last-fail`, a run id or its beginning,
    /// or a file or folder of a run; exit code and verdict do not depend on it
    #[arg(long, value_name = "RUN|FILE", help_heading = "Comparison", add = ArgValueCompleter::new(complete::runs))]
    pub(crate) baseline: Option<String>,
    /// Known failures, for --baseline [default: known-failures.toml beside the configuration]
    #[arg(
        long,
        value_name = "FILE",
        requires = "baseline",
        help_heading = "Comparison"
    )]
    pub(crate) known: Option<PathBuf>,
}

/// Lanes that run more than once.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Reruns and repetitions")]
pub(crate) struct RepeatArgs {
    /// Run only the lanes that an earlier run left outstanding: `latest`, `latest~1`, `last-pass`, `last-fail`, a run id or
    /// its beginning, or a file or folder of a run
    #[arg(long, value_name = "RUN|FILE", add = ArgValueCompleter::new(complete::runs))]
    pub(crate) rerun_from: Option<String>,
    /// Run every lane N times, each in a fresh clone; cells with differing outcomes are reported
    /// as flaky [default: 1] [env: MATRIX_REPEAT]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) repeat: Option<u16>,
    /// Retry a lane up to N times if it failed for infrastructure reasons only; broken contracts,
    /// failed installations and timeouts are never retried [default: 0, at most 255]
    /// [env: MATRIX_RETRIES]
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<u8>,
}

/// Options of lanes and of results.
#[derive(Debug, Default, ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the contract"
)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) results: ResultArgs,
    /// Folder for lanes and caches [default: gate-matrix in the user's cache folder]
    /// [env: MATRIX_WORK_DIR]
    #[arg(long, value_name = "DIR", help_heading = "Execution")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Number of steps to run at the same time [default: the number of cores] [env: MATRIX_JOBS]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Execution")]
    pub(crate) jobs: Option<u16>,
    /// After a failed lane, cancel those that follow it in matrix.toml, running or not
    /// [env: MATRIX_FAIL_FAST]
    #[arg(long, help_heading = "Execution")]
    pub(crate) fail_fast: bool,
    /// Fail cells that prove nothing (no change, nothing to push, an empty commit range), and a
    /// fresh clone without hooks
    /// [env: MATRIX_STRICT]
    #[arg(long, help_heading = "Execution")]
    pub(crate) strict: bool,
    /// Time limit of each step that sets none, such as 90s or 5m [default: 10m]
    /// [env: MATRIX_TIMEOUT]
    #[arg(long, value_name = "DUR", value_parser = duration, help_heading = "Execution")]
    pub(crate) timeout: Option<Duration>,
    /// Keep the lanes on disk [env: MATRIX_KEEP]
    #[arg(long, help_heading = "Execution")]
    pub(crate) keep: bool,
    /// Clone and install in every lane instead of once for all [env: MATRIX_FRESH]
    #[arg(long, help_heading = "Execution")]
    pub(crate) fresh: bool,
    /// Isolate lanes from the machine with bubblewrap: auto (if possible), require or off
    /// [default: auto] [env: MATRIX_SANDBOX]
    #[arg(long, value_name = "MODE", help_heading = "Execution")]
    pub(crate) sandbox: Option<SandboxMode>,
    /// Reuse lanes of earlier runs whose inputs have not changed [env: MATRIX_REUSE, ignored in CI]
    #[arg(long, help_heading = "Execution")]
    pub(crate) reuse: bool,
}

/// Options of results.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Results")]
pub(crate) struct ResultArgs {
    /// Folder for verdicts and run folders [default: artifacts/ in the consumer]
    /// [env: MATRIX_ARTIFACTS]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Wait while another run holds the artifacts folder [env: MATRIX_WAIT]
    #[arg(long)]
    pub(crate) wait: bool,
    /// Id of this run [default: gate, time and a random part] [env: MATRIX_RUN_ID]
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,
    /// Format of stdout [default: human] [env: MATRIX_FORMAT]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    #[arg(long = "report", value_name = "FORMAT=PATH", add = ArgValueCompleter::new(complete::report_files), help = help::reports("the run"))]
    pub(crate) reports: Vec<ReportFile>,
    /// Number of runs to keep [default: `retention` in matrix.toml, or 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) retain_runs: Option<u64>,
    /// Total size of runs to keep, in MiB [default: `retention`, or 1024]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) retain_mib: Option<u64>,
    /// Number of days to keep runs [default: `retention`, or 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) retain_days: Option<u64>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Built-in gate [default: demo, a few lines of shell]
    #[arg(add = ArgValueCompleter::new(complete::gates))]
    pub(crate) gate: Option<String>,
    /// Create the consumer in this folder and keep it [default: a temporary folder]
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
    /// Run to show: `latest`, `latest~1`, `last-pass`, `last-fail`, a run id or its beginning, or a file or folder of a run
    /// [default: latest]
    #[arg(value_name = "RUN|FILE", add = ArgValueCompleter::new(complete::runs))]
    pub(crate) run: Option<String>,
    /// Execute the failed lanes again
    #[arg(long)]
    pub(crate) execute: bool,
    /// Execute one failed lane up to the step that failed, and open your shell there
    #[arg(long, conflicts_with = "execute")]
    pub(crate) shell: bool,
    /// Show or execute all lanes
    #[arg(long, conflicts_with = "lanes")]
    pub(crate) all: bool,
    /// Show or execute this lane; may be repeated
    #[arg(long = "lane", value_name = "NAME", add = ArgValueCompleter::new(complete::lanes))]
    pub(crate) lanes: Vec<ScenarioName>,
    /// Clone of the consumer that has the commit of the run [default: the repository around the
    /// working directory, or else the one the run ran in] [env: MATRIX_REPO]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Artifacts folder of the run [default: artifacts/ in the repository around the working
    /// directory] [env: MATRIX_ARTIFACTS]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// Folder for lanes and caches [default: gate-matrix in the user's cache folder]
    /// [env: MATRIX_WORK_DIR]
    #[arg(long, value_name = "DIR")]
    pub(crate) work_dir: Option<PathBuf>,
    /// Number of steps to run at the same time [default: the number of cores] [env: MATRIX_JOBS]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Isolate lanes from the machine with bubblewrap: auto (if possible), require or off
    /// [default: as in the run]
    #[arg(long, value_name = "MODE")]
    pub(crate) sandbox: Option<SandboxMode>,
    /// Keep the lanes on disk [env: MATRIX_KEEP]
    #[arg(long)]
    pub(crate) keep: bool,
    /// Wait while another run holds the artifacts folder [env: MATRIX_WAIT]
    #[arg(long)]
    pub(crate) wait: bool,
    /// Id of the new run [default: gate, time and a random part]
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,
    #[arg(long = "report", value_name = "FORMAT=PATH", requires = "execute", add = ArgValueCompleter::new(complete::report_files), help = help::reports("the new run"))]
    pub(crate) reports: Vec<ReportFile>,
    /// Format of stdout [default: human] [env: MATRIX_FORMAT]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    #[command(flatten)]
    pub(crate) ci: CiArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Format of stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SchemaArgs {
    /// Name of the file: config (matrix.toml), summary, last-failure, plan, event, cell, run, files, bundle, flakes,
    /// sabotage, mutation, vacuity or triage
    #[arg(add = ArgValueCompleter::new(complete::schemas))]
    pub(crate) name: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// Id of a cause, as printed after a failed run, or an exit code: 17 or exit-17 [default: list
    /// the causes]
    #[arg(add = ArgValueCompleter::new(complete::causes))]
    pub(crate) id: Option<String>,
    /// Print every page, as Markdown
    #[arg(long, conflicts_with = "id")]
    pub(crate) all: bool,
    /// Artifacts folder of the run whose commands the page shows, if it failed so [default:
    /// artifacts/ in the repository around the working directory] [env: MATRIX_ARTIFACTS]
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
}

fn package(text: &str) -> Result<PackageSpec, String> {
    PackageSpec::parse(text).map_err(|e| e.to_string())
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("expected a duration such as 90s, 5m or 1h 30m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Args;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn help_names_every_variable() {
        let mut command = Args::command();
        // Options of all verbs are added to each.
        command.build();
        let help = command
            .find_subcommand_mut("run")
            .map(|run| run.render_long_help().to_string())
            .unwrap_or_default();
        let settings = include_str!("settings.rs");
        for word in settings
            .split('"')
            .filter(|word| word.starts_with("MATRIX_"))
        {
            let name = word.split_whitespace().next().unwrap_or(word);
            assert!(
                help.contains(name),
                "{name} is missing in the help of `run`"
            );
        }
    }
}

//! A run as requested: flags, environment and defaults, merged.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::ci::CiJob;
use crate::model::github::GithubStep;
use crate::model::plan::SandboxMode;
use crate::model::profile::Retention;
use crate::model::report_format::ReportFile;
use crate::model::{PackageSpec, RequestRecord, RunId};
use crate::planner::Selection;
use crate::reuse::Reuse;
use crate::sys::clock::Clock;
use crate::sys::env::Snapshot;

/// Everything a run needs to know before it reads the consumer.
#[derive(Debug, Clone)]
pub struct Request {
    /// The consumer.
    pub consumer: ConsumerRequest,
    /// The part of the matrix to run.
    pub selection: Selection,
    /// The package under test.
    pub package: PackageRequest,
    /// Options of lanes.
    pub execution: Execution,
    /// Options of results.
    pub output: Output,
    /// The environment of the process.
    pub env: Snapshot,
    /// The clock of everything that is written.
    pub clock: Clock,
}

/// The consumer and its configuration.
#[derive(Debug, Clone)]
pub struct ConsumerRequest {
    /// A folder in the consumer.
    pub repo: PathBuf,
    /// The configuration file named by the user, absolute.
    pub config: Option<PathBuf>,
    /// True if filters of the user's and the consumer's git may run.
    pub trust_filters: bool,
    /// True if the work tree is tried as it is, committed or not.
    pub worktree: bool,
}

/// The package named by the user.
#[derive(Debug, Clone)]
pub struct PackageRequest {
    /// The package spec; None for that of the configuration.
    pub spec: Option<PackageSpec>,
    /// The folder that a relative spec is relative to.
    pub base: PathBuf,
}

/// Options of lanes.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the contract"
)]
pub struct Execution {
    /// The folder for lanes and caches, absolute, outside of any work tree.
    pub work_dir: PathBuf,
    /// The number of steps that run side by side.
    pub jobs: usize,
    /// The time limit of a step that has none of its own.
    pub timeout: Option<Duration>,
    /// True if a failed lane cancels those declared after it.
    pub fail_fast: bool,
    /// True if a vacuous cell fails.
    pub strict: bool,
    /// True if lanes are kept on disk.
    pub keep: bool,
    /// True if every lane clones and installs for itself.
    pub fresh: bool,
    /// The isolation of lanes from the rest of the machine.
    pub sandbox: SandboxMode,
    /// Ok if this process may create namespaces; otherwise the reason.
    pub namespaces: Result<(), String>,
    /// The reuse of lanes whose inputs have not changed since an earlier run.
    pub reuse: Reuse,
    /// The number of times every lane runs, from 1; cells that differ are flaky.
    pub repeat: usize,
    /// The maximum number of retries for a lane that failed for
    /// infrastructure reasons only.
    pub retries: usize,
}

/// Options of results.
#[derive(Debug, Clone)]
pub struct Output {
    /// The artifacts folder named by the user, absolute.
    pub artifacts: Option<PathBuf>,
    /// The run's id, if the user chose one.
    pub run_id: Option<RunId>,
    /// True if the run waits while another run holds the artifacts folder.
    pub wait: bool,
    /// The limits on earlier runs that the user named.
    pub retention: RetentionRequest,
    /// The reports to be written after the verdict, their paths absolute.
    pub reports: Vec<ReportFile>,
    /// The step of GitHub Actions that the run is reported to; None outside of one, or if the
    /// user wants no report.
    pub github: Option<GithubStep>,
    /// The job of another engine that the run is reported to.
    pub job: Option<CiJob>,
}

/// Limits of retention named by the user.
#[derive(Debug, Clone, Copy, Default)]
pub struct RetentionRequest {
    /// The number of runs.
    pub runs: Option<u64>,
    /// The size of all runs, in MiB.
    pub mib: Option<u64>,
    /// The age of a run, in days.
    pub days: Option<u64>,
}

impl RetentionRequest {
    /// Merges the limits over those of the configuration.
    ///
    /// None if the configuration cannot be read and the user named no limit:
    /// then nothing is pruned.
    #[must_use]
    pub fn over(self, configured: Option<Retention>) -> Option<Retention> {
        let named = self.runs.or(self.mib).or(self.days);
        let base = configured.or(named.map(|_| Retention::default()))?;
        let runs = self.runs.and_then(|runs| usize::try_from(runs).ok());
        Some(Retention {
            runs: runs.unwrap_or(base.runs),
            mib: self.mib.unwrap_or(base.mib),
            days: self.days.unwrap_or(base.days),
        })
    }
}

impl Request {
    /// The request as `run.json` records it; `root` is the consumer's top
    /// folder, if it was found.
    #[must_use]
    pub fn record(&self, root: Option<&Path>) -> RequestRecord {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let millis = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let spec = self.package.spec.as_ref();
        let execution = &self.execution;
        RequestRecord {
            repo: text(root.unwrap_or(&self.consumer.repo)),
            config: self.consumer.config.as_deref().map(text),
            package: spec.map(|spec| spec.as_str().to_owned()),
            package_base: text(&self.package.base),
            scenarios: self.selection.scenarios.clone(),
            stages: self.selection.stages.clone(),
            timeout_ms: execution.timeout.map(millis),
            repeat: execution.repeat,
            retries: execution.retries,
            strict: execution.strict,
            fail_fast: execution.fail_fast,
            fresh: execution.fresh,
            sandbox: execution.sandbox,
            trust_filters: self.consumer.trust_filters,
            worktree: self.consumer.worktree,
        }
    }
}

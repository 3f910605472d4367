//! Merges flags, environment variables and defaults, once and before anything
//! happens.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, anyhow, bail};
use gate_matrix::artifact::reader::StoredRun;
use gate_matrix::artifact::reader::locate::{self, LocateError};
use gate_matrix::artifact::unpack;
use gate_matrix::model::PackageSpec;
use gate_matrix::model::ci::{CiEngine, CiJob};
use gate_matrix::model::github::{GithubJob, GithubStep};
use gate_matrix::model::report_format::ReportFile;
use gate_matrix::model::text::shown;
use gate_matrix::planner::Selection;
use gate_matrix::prepare::{
    ConsumerRequest, Execution, Output, PackageRequest, Request, RetentionRequest,
};
use gate_matrix::reuse::Reuse;
use gate_matrix::sys::clock::Clock;
use gate_matrix::sys::git::OpenOptions;
use gate_matrix::sys::verbosity::Verbosity;
use gate_matrix::sys::{env, git};

use crate::args::{CiArgs, ConsumerArgs, Format, RepeatArgs, RunOptions, SelectArgs, duration};

/// The environment that every verb works in.
pub(crate) struct Settings {
    pub(crate) env: env::Snapshot,
    pub(crate) cwd: PathBuf,
}

/// A consumer and the part of its matrix that was selected.
pub(crate) struct Target {
    pub(crate) repo: PathBuf,
    pub(crate) config: Option<PathBuf>,
    pub(crate) package: Option<PackageSpec>,
    pub(crate) selection: Selection,
}

/// The error for a variable with a value that cannot be used.
fn invalid(name: &str, value: &str, expected: &dyn std::fmt::Display) -> anyhow::Error {
    anyhow!("invalid value `{value}` for {name}: {expected}")
}

impl Settings {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            env: env::Snapshot::capture(),
            cwd: env::working_directory().context("the working directory cannot be used")?,
        })
    }

    /// The value of a variable, if it is set and not empty.
    fn var(&self, name: &str) -> Option<&str> {
        self.env.text(name).filter(|value| !value.is_empty())
    }

    fn parsed<T: FromStr>(&self, name: &str) -> anyhow::Result<Option<T>>
    where
        T::Err: std::fmt::Display,
    {
        let parse = |text: &str| text.parse().map_err(|e| invalid(name, text, &e));
        self.var(name).map(parse).transpose()
    }

    fn switch(&self, flag: bool, name: &str) -> anyhow::Result<bool> {
        match self.var(name) {
            _ if flag => Ok(true),
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(other) => Err(invalid(name, other, &"expected 1, 0, true or false")),
        }
    }

    fn folder(&self, flag: Option<&Path>, name: &str) -> Option<PathBuf> {
        let variable = || self.env.get(name).filter(|value| !value.is_empty());
        let given = flag.map(Path::to_owned);
        given
            .or_else(|| variable().map(PathBuf::from))
            .map(|path| self.cwd.join(path))
    }

    /// The level of what is said that the variable names.
    pub(crate) fn verbosity(&self) -> anyhow::Result<Verbosity> {
        Ok(self.parsed("MATRIX_LOG")?.unwrap_or_default())
    }

    pub(crate) fn target(
        &self,
        consumer: &ConsumerArgs,
        select: &SelectArgs,
    ) -> anyhow::Result<Target> {
        let from_env = || {
            let parse = |text| PackageSpec::parse(text).context("MATRIX_PACKAGE");
            self.var("MATRIX_PACKAGE").map(parse).transpose()
        };
        let package = match &select.package {
            Some(package) => Some(package.clone()),
            None => from_env()?,
        };
        let named = self.repo(consumer.repo.as_deref());
        Ok(Target {
            repo: named.unwrap_or_else(|| self.cwd.clone()),
            config: self.config(consumer.config.as_deref()),
            package,
            selection: Selection {
                scenarios: select.scenarios.clone(),
                stages: select.stages.clone(),
            },
        })
    }

    /// The configuration file named by the user.
    pub(crate) fn config(&self, flag: Option<&Path>) -> Option<PathBuf> {
        self.folder(flag, "MATRIX_CONFIG")
    }

    /// The consumer named by the user.
    pub(crate) fn repo(&self, flag: Option<&Path>) -> Option<PathBuf> {
        self.folder(flag, "MATRIX_REPO")
    }

    /// The folder of recorded runs: the one named by the user, else `artifacts`
    /// in the repository around the working directory, else in that itself.
    pub(crate) fn artifacts(&self, flag: Option<&Path>) -> PathBuf {
        let named = self.folder(flag, "MATRIX_ARTIFACTS");
        let folder = named.unwrap_or_else(|| {
            let around = self.repo(None).unwrap_or_else(|| self.cwd.clone());
            git::work_tree_above(&around)
                .unwrap_or(around)
                .join("artifacts")
        });
        // Runs write it without links.
        folder.canonicalize().unwrap_or(folder)
    }

    /// Opens the run that a word names, also one in a zip.
    pub(crate) fn open_run(&self, word: &str, artifacts: &Path) -> Result<StoredRun, LocateError> {
        let file = self.cwd.join(word);
        if word.is_empty() || !unpack::is_zip(&file) {
            return locate::open(word, artifacts, &self.cwd);
        }
        let cache = self.work_dir(None).map(|folder| folder.join("unpacked"));
        // Without a work folder there is one for as long as the machine keeps it.
        let cache = cache.unwrap_or_else(|_| env::temporary_folder().join("matrix-unpacked"));
        let folder = unpack::unpack(&file, &cache)?;
        locate::open(&folder.to_string_lossy(), artifacts, &self.cwd)
    }

    pub(crate) fn request(
        &self,
        consumer: &ConsumerArgs,
        options: &RunOptions,
    ) -> anyhow::Result<Request> {
        let target = self.target(consumer, &options.select)?;
        let run_id = match &options.results.run_id {
            Some(id) => Some(id.clone()),
            None => self.parsed("MATRIX_RUN_ID")?,
        };
        Ok(Request {
            consumer: ConsumerRequest {
                repo: target.repo,
                config: target.config,
                trust_filters: self.trust_filters(consumer)?,
                worktree: false,
            },
            selection: target.selection,
            package: PackageRequest {
                spec: target.package,
                base: self.cwd.clone(),
            },
            execution: self.execution(options)?,
            output: Output {
                artifacts: self.folder(options.results.artifacts.as_deref(), "MATRIX_ARTIFACTS"),
                run_id,
                wait: self.switch(options.results.wait, "MATRIX_WAIT")?,
                retention: RetentionRequest {
                    runs: options.results.retain_runs,
                    mib: options.results.retain_mib,
                    days: options.results.retain_days,
                },
                reports: self.reports(&options.results.reports)?,
                github: None,
                job: None,
            },
            clock: Clock::from_env(&self.env).map_err(|e| anyhow!(e))?,
            env: self.env.clone(),
        })
    }

    /// The reports, their paths absolute.
    pub(crate) fn reports(&self, named: &[ReportFile]) -> anyhow::Result<Vec<ReportFile>> {
        let mut reports: Vec<ReportFile> = Vec::new();
        for report in named {
            let path = self.cwd.join(&report.path);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ends = ["-summary.json", "-last-failure.json", "-last-failure.log"];
            let problem = if path.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
                "it is no file"
            } else if ends.iter().any(|end| name.ends_with(end)) {
                "that is the name of a verdict file"
            } else if reports.iter().any(|other| other.path == path) {
                "it is named twice"
            } else {
                let format = report.format;
                reports.push(ReportFile { format, path });
                continue;
            };
            bail!(
                "no report can be written to {}: {problem}\n  next: name another file",
                shown(&path)
            );
        }
        Ok(reports)
    }

    /// Makes a run report to the CI engine that this process runs in, unless nothing is to be
    /// reported.
    pub(crate) fn report_to_ci(&self, output: &mut Output, args: CiArgs) -> anyhow::Result<()> {
        if !self.switch(args.no_ci_report, "MATRIX_NO_CI_REPORT")? {
            output.github = self.github();
            output.job = self.ci_job().filter(|_| output.github.is_none());
        }
        Ok(())
    }

    /// The job of an engine other than GitHub Actions, by the variables that each documents.
    fn ci_job(&self) -> Option<CiJob> {
        let is_true = |name| {
            let value = self.var(name).unwrap_or_default();
            value.eq_ignore_ascii_case("true")
        };
        let (engine, workspace) = if is_true("TF_BUILD") {
            (CiEngine::Azure, "BUILD_SOURCESDIRECTORY")
        } else if is_true("BUILDKITE") {
            let agent = self.env.find_program("buildkite-agent");
            (CiEngine::Buildkite(agent), "BUILDKITE_BUILD_CHECKOUT_PATH")
        } else if is_true("GITLAB_CI") {
            (CiEngine::Collector, "CI_PROJECT_DIR")
        } else if is_true("CIRCLECI") || self.var("TEAMCITY_VERSION").is_some() {
            (CiEngine::Collector, "PWD")
        } else {
            return None;
        };
        let workspace = self.folder(None, workspace);
        let workspace = workspace.map(|path| path.canonicalize().unwrap_or(path));
        Some(CiJob { engine, workspace })
    }

    /// The step of GitHub Actions that this process runs in.
    fn github(&self) -> Option<GithubStep> {
        if self.var("GITHUB_ACTIONS") != Some("true") {
            return None;
        }
        let workspace = self.folder(None, "GITHUB_WORKSPACE");
        let job = self.var("GITHUB_RUN_ID").zip(self.var("GITHUB_REPOSITORY"));
        let server = self.var("GITHUB_SERVER_URL");
        Some(GithubStep {
            summary: self.folder(None, "GITHUB_STEP_SUMMARY"),
            output: self.folder(None, "GITHUB_OUTPUT"),
            // Runs know their consumer without links.
            workspace: workspace.map(|path| path.canonicalize().unwrap_or(path)),
            job: job.and_then(|(id, repository)| GithubJob::new(id, repository, server)),
        })
    }

    fn execution(&self, options: &RunOptions) -> anyhow::Result<Execution> {
        let timeout = match (options.timeout, self.var("MATRIX_TIMEOUT")) {
            (Some(timeout), _) => Some(timeout),
            (None, Some(text)) => {
                Some(duration(text).map_err(|e| invalid("MATRIX_TIMEOUT", text, &e))?)
            }
            (None, None) => None,
        };
        let of_env: Option<std::num::NonZeroUsize> = self.parsed("MATRIX_JOBS")?;
        let jobs = options.jobs.map(usize::from).or(of_env.map(Into::into));
        Ok(Execution {
            work_dir: self.work_dir(options.work_dir.as_deref())?,
            jobs: jobs.unwrap_or_else(env::cores),
            timeout,
            fail_fast: self.switch(options.fail_fast, "MATRIX_FAIL_FAST")?,
            strict: self.switch(options.strict, "MATRIX_STRICT")?,
            keep: self.switch(options.keep, "MATRIX_KEEP")?,
            fresh: self.switch(options.fresh, "MATRIX_FRESH")?,
            sandbox: match options.sandbox {
                Some(mode) => mode,
                None => self.parsed("MATRIX_SANDBOX")?.unwrap_or_default(),
            },
            namespaces: Ok(()),
            reuse: self.reuse(options.reuse)?,
            repeat: 1,
            retries: 0,
        })
    }

    /// Merges the options that run a lane more than once.
    pub(crate) fn repeat(&self, args: &RepeatArgs, request: &mut Request) -> anyhow::Result<()> {
        let of_env: Option<std::num::NonZeroU16> = self.parsed("MATRIX_REPEAT")?;
        let repeat = args.repeat.or(of_env.map(Into::into)).unwrap_or(1);
        request.execution.repeat = repeat.into();
        request.execution.retries = match args.retries {
            Some(retries) => retries.into(),
            None => self.parsed("MATRIX_RETRIES")?.unwrap_or(0),
        };
        Ok(())
    }

    fn trust_filters(&self, consumer: &ConsumerArgs) -> anyhow::Result<bool> {
        self.switch(consumer.trust_filters, "MATRIX_TRUST_FILTERS")
    }

    /// The options with which a consumer is opened.
    pub(crate) fn open_options(&self, consumer: &ConsumerArgs) -> anyhow::Result<OpenOptions> {
        Ok(OpenOptions {
            env: self.env.clone(),
            trust_filters: self.trust_filters(consumer)?,
        })
    }

    /// Merges `--reuse`. CI is to prove everything anew, so that only the flag
    /// counts there.
    fn reuse(&self, flag: bool) -> anyhow::Result<Reuse> {
        let in_ci = !matches!(self.var("CI"), None | Some("0" | "false"));
        Ok(match self.switch(flag, "MATRIX_REUSE")? {
            false => Reuse::No,
            true if in_ci && !flag => Reuse::IgnoredInCi,
            true => Reuse::Yes,
        })
    }

    /// The folder for lanes and caches. It must not be inside a work tree: node
    /// and linters look for their configuration in the folders above.
    pub(crate) fn work_dir(&self, flag: Option<&Path>) -> anyhow::Result<PathBuf> {
        let of_user = || {
            let of_home = || Some(self.env.folder("HOME")?.join(".cache"));
            let cache = self.env.folder("XDG_CACHE_HOME").or_else(of_home);
            cache
                .unwrap_or_else(env::temporary_folder)
                .join("gate-matrix")
        };
        let folder = self.folder(flag, "MATRIX_WORK_DIR").unwrap_or_else(of_user);
        let unusable = |why: &str| {
            anyhow!(
                "the work folder {} {why}\n  next: --work-dir DIR",
                shown(&folder)
            )
        };
        if folder.to_str().is_none() {
            return Err(unusable("is not UTF-8, and commands are text"));
        }
        // Folders of old runs are removed from it.
        if folder.parent().is_none() {
            return Err(unusable("is the root of the file system"));
        }
        if git::is_inside_work_tree(&folder) {
            bail!(
                "the work folder {} is inside a git work tree, where tools would find \
                 configuration that is not the consumer's\n  next: --work-dir DIR outside of any repository",
                shown(folder)
            );
        }
        Ok(folder)
    }

    pub(crate) fn format(&self, flag: Option<Format>) -> anyhow::Result<Format> {
        match (flag, self.var("MATRIX_FORMAT")) {
            (Some(format), _) => Ok(format),
            (None, None | Some("human")) => Ok(Format::Human),
            (None, Some("jsonl")) => Ok(Format::Jsonl),
            (None, Some(other)) => Err(invalid("MATRIX_FORMAT", other, &"expected human or jsonl")),
        }
    }
}

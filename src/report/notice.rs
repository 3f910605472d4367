//! Everything a run reports besides the events of its lanes, as values, and
//! the words for a person in one match.
//!
//! A reporter that needs no prose matches on [`Notice`]; a terminal prints
//! [`Notice::text`].

use std::path::{Path, PathBuf};

use super::again::Reproduction;
use super::failure::Advice;
use super::github::GithubNotice;
use super::{afterwards, again, cells, clusters, failure, flakes, hooks, source};
use crate::artifact::bundle::{BUNDLE, ReplayBundle};
use crate::artifact::flakes::{FLAKES, FlakyCell};
use crate::artifact::fresh_clone::FreshClone;
use crate::artifact::last_failure::LastFailure;
use crate::artifact::reader::ReadError;
use crate::artifact::run_folder::{FailureRecord, Run};
use crate::artifact::write_error::WriteError;
use crate::model::plan::Source;
use crate::model::text::{plain, plain_lines, shown};
use crate::model::{
    CellName, Cluster, Failure, FailureDigest, Kind, LaneEvidence, RunId, ScenarioName,
};
use crate::preflight::Refusal;
use crate::preflight::own_hooks::OwnHooks;
use crate::rerun::{LeftOut, NoRerun};
use crate::reuse::Decision;
use crate::triage::{self, Incomparable, Triage};

/// The maximum number of causes of a recorded run that are listed.
const MAX_CAUSES: usize = 5;

/// Something a run reports that is no event of a lane.
#[derive(Debug)]
pub enum Notice<'a> {
    /// The run waits for another one that holds this folder.
    Waiting(&'a Path),
    /// Another run holds this folder.
    Busy(&'a Path),
    /// A signal stopped the run while it waited for this folder.
    StoppedWaiting(&'a Path),
    /// There is nothing to rerun.
    NoRerun(&'a NoRerun),
    /// The run ends before its first lane.
    Refused(&'a Refusal),
    /// An artifact could not be written.
    NotWritten(&'a WriteError),
    /// The named baseline cannot be that of this run.
    UnfitBaseline(&'a Incomparable),
    /// An input of the recorded run is not as it was.
    NotPinned(&'a NotPinned),
    /// Lanes that a rerun leaves out.
    LeftOut {
        /// The lanes.
        left: &'a LeftOut,
        /// The run in which they were green.
        parent: &'a RunId,
    },
    /// The cells of which nothing is expected.
    Unexpected(&'a [CellName]),
    /// Every lane runs this many times.
    Repeats(usize),
    /// `--reuse` has no effect together with `--repeat`.
    ReuseUnderRepeat,
    /// `MATRIX_REUSE` has no effect in CI.
    ReuseInCi,
    /// The lanes that are reused, and those that are not.
    Reuse(&'a Decision),
    /// A lane that was to be reused cannot be read.
    NotReused {
        /// The lane.
        lane: &'a ScenarioName,
        /// The reason.
        error: &'a ReadError,
    },
    /// The recorded failures that happened again, and those that did not.
    Reproduction(&'a Reproduction),
    /// A document that was written.
    Written(PathBuf),
    /// A report that was written.
    Reported(PathBuf),
    /// A report that could not be written, and the command that makes it from the record.
    NotReported(&'a WriteError, String),
    /// Old runs that were removed.
    Dropped(&'a [String]),
    /// The reason why a CI engine was not told of the run.
    CiReport(&'a str),
    /// A run without reports, since its record cannot be read.
    Unreported(&'a ReadError),
    /// A line on the report to a step of GitHub Actions.
    Github(GithubNotice<'a>),
    /// The summary of a run that kept its contract.
    Summary(PathBuf),
    /// The scenarios and stages that a partial run left out.
    Partial(&'a str),
    /// The lanes have the work tree as it is.
    WorkTree(&'a Source),
    /// The work tree kept the contract, which is no pass of a commit.
    Uncommitted(&'a Source),
    /// The place of the last failure.
    LastFailure(PathBuf),
    /// The failure that decided.
    Failed {
        /// The failure.
        failure: &'a Failure,
        /// Its digest, if it has one.
        digest: Option<&'a FailureDigest>,
        /// The file that records it.
        written: &'a LastFailure,
        /// The advice.
        advice: Advice<'a>,
    },
    /// The failures other than the one that decided.
    OtherFailures {
        /// The lanes that ran.
        lanes: &'a [LaneEvidence],
        /// The failure that decided.
        decided: &'a Failure,
        /// The digests of all.
        bundle: &'a ReplayBundle,
    },
    /// The cause of a failure before the lanes.
    Cause(&'a FailureDigest),
    /// The causes of many failures.
    Causes(&'a [Cluster]),
    /// The cells that differ among repetitions.
    Flaky {
        /// The cells.
        cells: &'a [FlakyCell],
        /// The run's folder.
        folder: &'a Path,
    },
    /// The lanes ran several times.
    Repeated {
        /// The number of times.
        repeat: usize,
        /// The number of cells whose outcome differed.
        flaky: usize,
    },
    /// A trial was not begun, because the contract is broken.
    TrialNotBegun(Kind),
    /// The comparison with the baseline.
    Compared {
        /// The comparison.
        triage: &'a Triage,
        /// The commits between them, in words.
        commits: &'a str,
        /// Its document, or the reason why there is none.
        written: Result<PathBuf, &'a WriteError>,
    },
    /// The run cannot be compared with its baseline.
    NotCompared(&'a Incomparable),
    /// The answer of a fresh clone.
    FreshClone {
        /// The document.
        document: &'a FreshClone,
        /// The run's folder.
        folder: &'a Path,
    },
    /// The consumer's own clone does not run the gate's hooks.
    OwnHooks(&'a OwnHooks),
    /// The folder of lanes that stay on disk.
    Kept(PathBuf),
    /// The identity of a recorded run.
    RecordedRun(&'a Run),
    /// The causes of a recorded run.
    RecordedCauses(&'a [Cluster]),
    /// The failure that decided a recorded run.
    RecordedFailure {
        /// The failure.
        failure: &'a FailureRecord,
        /// Its digest, if it has one.
        digest: Option<&'a FailureDigest>,
        /// The run's folder.
        folder: &'a Path,
        /// True if the causes, with their remedies, were reported before.
        has_causes: bool,
    },
    /// Lanes of a recorded run that are not shown.
    NotShown {
        /// The number of lanes that passed.
        green: usize,
        /// The number of lanes that failed.
        red: usize,
    },
    /// The command to run next.
    Next(&'a str),
}

/// An input of a recorded run that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPinned {
    /// Nothing is pinned: the run ended before it had a plan.
    NoPlan(RunId),
    /// The text of the configuration.
    Configuration,
    /// The files of an overlay.
    Overlay(ScenarioName),
    /// The package: the run resolved none, so it is taken as typed.
    PackageAsTyped(String),
    /// The package is a file or folder, taken as it is now.
    PackageOnDisk(PathBuf),
    /// The values of inherited variables.
    Variables(Vec<String>),
    /// The strength of the sandbox.
    Sandbox {
        /// The promises that held when the run was recorded.
        then: Vec<String>,
        /// The promises that hold now.
        now: Vec<String>,
    },
    /// A tool.
    Tool(String, Changed),
}

/// A change of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// From one version to another; None for an unknown one.
    Version(Option<String>, Option<String>),
    /// From one place to another.
    Path(String, String),
}

impl Notice<'_> {
    /// The words for a person: lines, each terminated; empty if there is
    /// nothing to say.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Waiting(folder) => format!("waiting: another run holds {}\n", shown(folder)),
            Self::Busy(folder) => busy(folder),
            Self::StoppedWaiting(folder) => {
                format!("ERROR: stopped while waiting for {}\n", shown(folder))
            }
            Self::NoRerun(e) => error(&plain(&e.to_string()), &e.next()),
            Self::Refused(refusal) => refused(refusal),
            Self::NotWritten(e) => not_written(e),
            Self::UnfitBaseline(e) => error(&format!("--baseline: {e}"), e.next()),
            Self::NotPinned(what) => format!("warning: not pinned: {}\n", not_pinned(what)),
            Self::LeftOut { left, parent } => again::left_out(left, parent),
            Self::Unexpected(cells) => cells::unexpected(cells),
            Self::Repeats(times) => {
                format!("every lane runs {times} times; events are those of the first repetition\n")
            }
            Self::ReuseUnderRepeat => REUSE_UNDER_REPEAT.to_owned(),
            Self::ReuseInCi => REUSE_IN_CI.to_owned(),
            Self::Reuse(decision) => decision.lines(),
            Self::NotReused { lane, error } => unlike(
                &format!("not reused: {lane}"),
                &error.to_string(),
                error.next(),
            ),
            Self::Reproduction(reproduction) => again::reproduced(reproduction),
            Self::Written(file) => format!("written: {}\n", shown(file)),
            Self::Reported(file) => format!("report: {}\n", shown(file)),
            Self::NotReported(e, again) => afterwards::not_reported(e, again),
            Self::Dropped(runs) => afterwards::dropped(runs),
            Self::CiReport(why) => afterwards::not_in_ci(why),
            Self::Unreported(e) => format!("ERROR: {e}\n  next: {}\n", e.next()),
            Self::Github(notice) => notice.text(),
            Self::Summary(file) => format!("summary: {}\n", shown(file)),
            Self::WorkTree(source) => source::work_tree(source),
            Self::Uncommitted(source) => source::uncommitted(source).to_owned(),
            Self::Partial(left_out) => format!("PARTIAL: not run: {left_out}\n"),
            Self::LastFailure(file) => format!("last failure: {}\n", shown(file)),
            Self::Failed {
                failure,
                digest,
                written,
                advice,
            } => failure::describe(failure, *digest, written, advice),
            Self::OtherFailures {
                lanes,
                decided,
                bundle,
            } => failure::others(lanes, decided, bundle),
            Self::Causes(all) => clusters::clusters(all),
            Self::Flaky { cells, folder } => flaky(cells, folder),
            Self::Repeated { repeat, flaky } => repeated(*repeat, *flaky),
            Self::TrialNotBegun(kind) => trial_not_begun(*kind),
            Self::Compared {
                triage,
                commits,
                written,
            } => compared(triage, commits, written),
            Self::NotCompared(e) => unlike("not compared", &e.to_string(), e.next()),
            Self::FreshClone { document, folder } => hooks::fresh_clone(document, folder),
            Self::OwnHooks(own) => hooks::own_hooks(own),
            Self::Kept(folder) => format!("kept: {}\n", shown(folder)),
            Self::RecordedRun(run) => source::recorded_run(run),
            Self::RecordedCauses(all) => recorded_causes(all),
            Self::RecordedFailure {
                failure,
                digest,
                folder,
                has_causes,
            } => failure::recorded(failure, *digest, folder, *has_causes),
            Self::Cause(digest) => failure::before_lanes(digest),
            Self::NotShown { green, red } => {
                let lanes = if *green == 1 { "lane" } else { "lanes" };
                format!("not shown: {green} {lanes} PASS, {red} FAIL (--all, --lane NAME)\n")
            }
            Self::Next(command) => format!("  next: {}\n", plain(command)),
        }
    }
}

const REUSE_UNDER_REPEAT: &str = "--reuse is ignored with --repeat: every repetition runs\n";
const REUSE_IN_CI: &str = "MATRIX_REUSE is ignored because CI is set: every lane runs\n  \
     next: to reuse lanes anyway, pass --reuse\n";

fn busy(folder: &Path) -> String {
    error(
        &format!("another run holds {}", shown(folder)),
        "wait for it (--wait), or choose another one: --artifacts DIR",
    )
}

/// The sentence for a lock file that cannot be read.
#[must_use]
pub fn unread_lock(file: &Path, why: &str) -> String {
    format!(
        "{} cannot be read, so versions are not those that it pins: {}",
        shown(file),
        plain(why)
    )
}

/// Something that was to happen and does not, with its remedy.
fn unlike(what: &str, why: &str, next: &str) -> String {
    format!("{what}: {}\n  next: {next}\n", plain(why))
}

fn repeated(repeat: usize, flaky: usize) -> String {
    let found = match flaky {
        0 => "no cell had another outcome".to_owned(),
        1 => "1 cell had more than one outcome".to_owned(),
        more => format!("{more} cells had more than one outcome"),
    };
    format!("repeated: every lane ran {repeat} times, {found}\n")
}

fn flaky(cells: &[FlakyCell], folder: &Path) -> String {
    if cells.is_empty() {
        return String::new();
    }
    let file = shown(folder.join(FLAKES));
    format!("{}flakes: {file}\n", flakes::describe(cells, folder))
}

fn trial_not_begun(kind: Kind) -> String {
    format!(
        "{} lanes did not run: the unaltered lanes of this consumer must pass first (matrix run)\n",
        kind.as_str()
    )
}

fn error(message: &str, next: &str) -> String {
    format!("ERROR: {message}\n  next: {next}\n")
}

fn refused(refusal: &Refusal) -> String {
    let remedy;
    let next = match refusal {
        Refusal::Dirty {
            root,
            dirt,
            is_configuration,
            config,
            takes_worktree,
        } => {
            // A work tree with a configuration that is wrong cannot be tried either.
            let has_other = *takes_worktree && config.is_none();
            let dirty = failure::dirty(root, dirt, *is_configuration, has_other);
            let wrong = config.as_ref();
            let first = wrong.map(|wrong| format!("ERROR: {}\n", plain_lines(wrong)));
            return first.unwrap_or_default() + &dirty;
        }
        Refusal::Config { .. } | Refusal::Interrupted(_) => None,
        Refusal::Unsupported(e) => Some(e.remedy.as_str()),
        Refusal::MissingTools(_) => {
            Some("install it, or put it on PATH; `matrix check` lists everything that is missing")
        }
        Refusal::Sandbox {
            record,
            by_configuration,
        } => {
            remedy = Refusal::sandbox_remedy(record, *by_configuration);
            Some(remedy.as_str())
        }
        Refusal::WorkDir(_) => Some(
            "make sure that it is writable and has space, or choose another one: --work-dir DIR",
        ),
    };
    let message = plain_lines(&refusal.message());
    match next.filter(|next| !next.is_empty()) {
        Some(next) => error(&message, &plain_lines(next)),
        None => format!("ERROR: {message}\n"),
    }
}

fn not_written(e: &WriteError) -> String {
    let next = if e.is_full() {
        "free space on the disk of the artifacts folder, or choose another one: --artifacts DIR"
    } else {
        "make sure that the artifacts folder is writable, or choose another one: --artifacts DIR"
    };
    let message = plain(&e.to_string());
    error(
        &format!("an artifact could not be written safely: {message}"),
        next,
    )
}

fn not_pinned(what: &NotPinned) -> String {
    let held = |held: &[String]| match held {
        [] => "nothing".to_owned(),
        held => held.join(", "),
    };
    match what {
        NotPinned::NoPlan(run) => {
            format!(
                "nothing: run {run} ended before it had a plan; the consumer is used as it is now"
            )
        }
        NotPinned::Configuration => "the configuration: its text has changed".to_owned(),
        NotPinned::Overlay(lane) => format!("the overlay of {lane}: its files have changed"),
        NotPinned::PackageAsTyped(spec) => format!(
            "the package: the run resolved none; {} is used as typed",
            plain(spec)
        ),
        NotPinned::PackageOnDisk(path) => {
            format!("the package: {} is used as it is now", shown(path))
        }
        NotPinned::Variables(names) => {
            let names: Vec<_> = names.iter().map(|name| plain(name)).collect();
            format!(
                "the values of {}: the current ones are used",
                names.join(", ")
            )
        }
        NotPinned::Sandbox { then, now } => format!(
            "the sandbox: it withheld {} then and withholds {} now",
            held(then),
            held(now)
        ),
        NotPinned::Tool(name, Changed::Version(was, is)) => {
            let version = |version: &Option<String>| {
                let known = version.as_deref().map(plain);
                known.unwrap_or_else(|| "unknown".to_owned())
            };
            let (name, was, is) = (plain(name), version(was), version(is));
            format!("{name}: version {was} then, {is} now")
        }
        NotPinned::Tool(name, Changed::Path(was, is)) => {
            let (name, was, is) = (plain(name), shown(was), shown(is));
            format!("{name}: {was} then, {is} now")
        }
    }
}

fn compared(triage: &Triage, commits: &str, written: &Result<PathBuf, &WriteError>) -> String {
    let most = triage::console::MAX_LISTED_AFTER_RUN;
    let lines = triage::console::lines(triage, commits, most);
    match written {
        Ok(file) => format!("{lines}triage: {}\n", shown(file)),
        Err(e) => format!("{lines}warning: {}\n", plain(&e.to_string())),
    }
}

fn recorded_causes(all: &[Cluster]) -> String {
    let listed = all.len().min(MAX_CAUSES);
    let more = match all.len() - listed {
        0 => String::new(),
        1 => format!("and 1 more cause: see {BUNDLE} in the run's folder\n"),
        more => format!("and {more} more causes: see {BUNDLE} in the run's folder\n"),
    };
    clusters::clusters(&all[..listed]) + &more
}

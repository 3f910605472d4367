//! A failure in words: what was expected beside what came, the command, the end
//! of its log, and the next command.

use std::fmt::Write as _;
use std::path::Path;

use crate::artifact::bundle::ReplayBundle;
use crate::artifact::last_failure::LastFailure;
use crate::artifact::run_folder::FailureRecord;
use crate::model::evidence::CellVerdict;
use crate::model::text::{last_lines, plain, plain_lines, shell, shown};
use crate::model::{Failure, FailureDigest, LaneEvidence, ScenarioName, StepId};
use crate::sys::fs;
use crate::sys::git::Dirt;

/// The number of lines shown of a log.
const LOG_LINES: usize = 12;
/// The number of lines shown of the log of a recorded run.
const RECORDED_LINES: usize = 6;
/// The maximum number of dirty paths that are listed.
const DIRT_SHOWN: usize = 20;

/// The advice after a failure.
#[derive(Debug, Clone, Copy)]
pub struct Advice<'a> {
    /// The command to run next.
    pub next: &'a str,
    /// The command that runs the step without this program, if its own needs the lane.
    pub by_hand: Option<&'a str>,
    /// True if the causes, with their remedies, were reported before.
    pub has_causes: bool,
}

/// Describes a failure of a lane or of the preflight, and names the next
/// command.
#[must_use]
pub fn describe(
    failure: &Failure,
    digest: Option<&FailureDigest>,
    written: &LastFailure,
    advice: &Advice<'_>,
) -> String {
    let mut out = String::new();
    let phase = failure.phase.as_deref().unwrap_or("run");
    let _ = writeln!(
        out,
        "FAIL {phase} · {} ({}): {}",
        failure.step,
        failure.class,
        indented(&failure.message)
    );
    out += &digest.map(cause).unwrap_or_default();
    let log = written.failure_log_artifact.as_deref().map(Path::new);
    out += &ran(written.failure_command.as_deref(), log, LOG_LINES);
    if let Some(by_hand) = advice.by_hand {
        let _ = writeln!(out, "  by hand: {}", plain(by_hand));
    }
    out += &digest
        .map(|digest| remedy(digest, advice.has_causes))
        .unwrap_or_default();
    let _ = writeln!(out, "  next: {}", plain(advice.next));
    out
}

/// The cause, the line that shows it, and the place where the contract stands.
#[must_use]
pub fn cause(digest: &FailureDigest) -> String {
    let line = digest.line.as_ref().map_or(String::new(), |line| {
        let about = line.about.as_deref().map(plain);
        let about = about.map_or(String::new(), |about| format!(": {about}"));
        format!("{about}: {}", plain(line.text.trim()))
    });
    let mut out = format!("  cause: {}{line}\n", digest.cause);
    if let Some(expected) = &digest.expected {
        let at = digest.expected_at.as_deref().map(plain);
        let at = at.map(|at| format!(" ({at})")).unwrap_or_default();
        let _ = writeln!(out, "  expected: {expected}{at}");
    }
    out
}

/// The remedy of a failure; only its page if the remedy was reported before.
fn remedy(digest: &FailureDigest, is_reported: bool) -> String {
    if is_reported {
        return format!("  remedy: see above, and matrix explain {}\n", digest.cause);
    }
    let remedy = plain(&digest.remediation);
    format!("  remedy: {remedy} (matrix explain {})\n", digest.cause)
}

/// The cause and the remedy of a run that ended before its lanes.
#[must_use]
pub fn before_lanes(digest: &FailureDigest) -> String {
    cause(digest) + &remedy(digest, false)
}

/// Describes a failure of a recorded run.
#[must_use]
pub fn recorded(
    failure: &FailureRecord,
    digest: Option<&FailureDigest>,
    run_folder: &Path,
    has_causes: bool,
) -> String {
    let mut out = String::new();
    let phase = failure.phase.as_deref().unwrap_or("run");
    let _ = writeln!(
        out,
        "FAIL {phase} · {} ({}): {}",
        plain(failure.step.as_str()),
        failure.class,
        indented(&failure.message)
    );
    let command = failure.command.as_deref();
    let log = failure.log.as_ref().map(|log| run_folder.join(log));
    out += &digest.map(cause).unwrap_or_default();
    out += &ran(command, log.as_deref(), RECORDED_LINES);
    let remedy = digest.map(|digest| remedy(digest, has_causes));
    out + &remedy.unwrap_or_default()
}

/// The bytes at the end of a log that are looked at for its last lines.
const LOG_END: u64 = 256 * 1024;

/// The command, and the end of its log.
fn ran(command: Option<&str>, log: Option<&Path>, lines: usize) -> String {
    let mut out = String::new();
    if let Some(command) = command {
        let _ = writeln!(out, "  command: {}", plain(command));
    }
    let Some(log) = log else {
        return out;
    };
    let last = last_lines(&fs::tail(log, LOG_END), lines);
    if last.is_empty() {
        let _ = writeln!(out, "  log: empty ({})", shown(log));
    } else {
        let _ = writeln!(out, "  log: {} (its last lines)", shown(log));
    }
    for line in last {
        let _ = writeln!(out, "  | {line}");
    }
    out
}

/// Lists the other failures with their causes.
#[must_use]
pub fn others(lanes: &[LaneEvidence], told: &Failure, bundle: &ReplayBundle) -> String {
    let mut out = String::new();
    let cause_of = |lane: &ScenarioName, step: &StepId| {
        let digest = bundle.digest(Some(lane.as_str()), step);
        digest.map(cause).unwrap_or_default()
    };
    for lane in lanes {
        for cell in lane.cells.iter().filter(|cell| !cell.verdict.is_pass()) {
            let step = StepId::stage(&cell.stage);
            let is_told =
                told.phase.as_deref() == Some(lane.scenario.as_str()) && told.step == step;
            if !is_told {
                let problem = cell.problem.as_deref().unwrap_or("not green");
                let class = match cell.verdict {
                    CellVerdict::Failed(class) => format!(" ({class})"),
                    CellVerdict::Pass(_) => String::new(),
                };
                let _ = writeln!(
                    out,
                    "FAIL {} · {step}{class}: {}",
                    lane.scenario,
                    indented(problem)
                );
                out += &cause_of(&lane.scenario, &step);
            }
        }
        let of_step = lane.failure.as_ref().filter(|failure| {
            !failure.step.is_stage()
                && (told.phase.as_deref(), told.step.as_str())
                    != (Some(lane.scenario.as_str()), failure.step.as_str())
        });
        if let Some(failure) = of_step {
            let message = indented(&failure.message);
            let (lane, step, class) = (&lane.scenario, &failure.step, failure.class);
            let _ = writeln!(out, "FAIL {lane} · {step} ({class}): {message}");
            out += &cause_of(lane, step);
        }
    }
    out
}

/// Describes a dirty consumer. `--worktree` is offered if the verb has it and it would help.
#[must_use]
pub fn dirty(root: &Path, dirt: &[Dirt], is_configuration: bool, offers_worktree: bool) -> String {
    let mut out = String::from(
        "ERROR: source repository baseline is dirty; matrix runner requires a clean baseline.\n",
    );
    for dirt in dirt.iter().take(DIRT_SHOWN) {
        let path = plain(&dirt.path.to_string_lossy());
        let _ = writeln!(out, "  {}: {path}", dirt.kinds.join(", "));
    }
    if dirt.len() > DIRT_SHOWN {
        let _ = writeln!(out, "  and {} more", dirt.len() - DIRT_SHOWN);
    }
    let as_it_is = if offers_worktree { AS_IT_IS } else { "" };
    let repo = shell(root);
    let has = |kind: &str| dirt.iter().any(|dirt| dirt.kinds.contains(&kind));
    let _ = writeln!(out, "Run next:");
    let _ = writeln!(out, "  git -C {repo} status --short --branch");
    if has("conflicted") {
        let _ = writeln!(out, "  git -C {repo} mergetool");
    }
    if is_configuration && !has("conflicted") {
        let paths: Vec<String> = added(dirt).iter().map(shell).collect();
        let _ = writeln!(
            out,
            "  git -C {repo} add --all -- {paths} && git -C {repo} commit --no-verify -m \"test: the matrix\"    # past the gate: the scenarios hold what it blocks",
            paths = paths.join(" ")
        );
        out += as_it_is;
        return out;
    }
    if has("staged") {
        let _ = writeln!(out, "  git -C {repo} commit");
    }
    if has("unstaged") {
        let _ = writeln!(out, "  git -C {repo} stash push");
    }
    if has("untracked") {
        let _ = writeln!(
            out,
            "  git -C {repo} add --all    # and commit, or ignore them, or move them away"
        );
    }
    out += as_it_is;
    out
}

const AS_IT_IS: &str =
    "  matrix run --worktree    # tries the work tree as it is, and never says PASS\n";

/// Returns the paths to add: the folder of the scenarios as a whole, and files.
fn added(dirt: &[Dirt]) -> Vec<&Path> {
    let mut paths: Vec<&Path> = Vec::new();
    for dirt in dirt {
        let mut above = dirt.path.ancestors();
        let named = above.find(|path| path.ends_with("scenarios"));
        let path = named.unwrap_or(&dirt.path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// Indents the further lines of a message.
fn indented(text: &str) -> String {
    plain_lines(text).replace('\n', "\n  ")
}

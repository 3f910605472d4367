//! A failure, told to a person: what was expected beside what came, the
//! command, the end of its log, and what to run next.

use std::fmt::Write as _;
use std::path::Path;

use crate::artifact::last_failure::LastFailure;
use crate::model::evidence::CellVerdict;
use crate::model::text::{last_lines, plain, plain_lines, shell};
use crate::model::{Failure, LaneEvidence};
use crate::sys::git::Dirt;

/// How much of a log is shown.
const LOG_LINES: usize = 12;
/// How many dirty paths are named.
const DIRT_SHOWN: usize = 20;

/// Tells a failure of a lane or of the preflight.
#[must_use]
pub fn describe(failure: &Failure, written: &LastFailure, json: &Path) -> String {
    let mut out = String::new();
    let phase = failure.phase.as_deref().unwrap_or("run");
    let _ = writeln!(
        out,
        "FAIL {phase} · {} ({}): {}",
        failure.step,
        failure.class,
        indented(&failure.message)
    );
    if let Some(command) = &written.failure_command {
        let _ = writeln!(out, "  command: {}", plain(command));
    }
    if let Some(log) = &written.failure_log_artifact {
        let bytes = std::fs::read(log).unwrap_or_default();
        let last = last_lines(&bytes, LOG_LINES);
        if last.is_empty() {
            let _ = writeln!(out, "  log: empty ({})", plain(log));
        } else {
            let _ = writeln!(out, "  log: {} (its last lines)", plain(log));
        }
        for line in last {
            let _ = writeln!(out, "  | {line}");
        }
    }
    let _ = writeln!(out, "  next: jq . {}", shell(json));
    out
}

/// Every other thing that went wrong, one line each.
#[must_use]
pub fn others(lanes: &[LaneEvidence], told: &Failure) -> String {
    let mut out = String::new();
    for lane in lanes {
        for cell in lane.cells.iter().filter(|cell| !cell.verdict.is_pass()) {
            let step = format!("stage_{}", cell.stage.key());
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
            }
        }
        let of_step = lane.failure.as_ref().filter(|failure| {
            !failure.step.starts_with("stage_")
                && (told.phase.as_deref(), told.step.as_str())
                    != (Some(lane.scenario.as_str()), failure.step.as_str())
        });
        if let Some(failure) = of_step {
            let message = indented(&failure.message);
            let (lane, step, class) = (&lane.scenario, &failure.step, failure.class);
            let _ = writeln!(out, "FAIL {lane} · {step} ({class}): {message}");
        }
    }
    out
}

/// Tells a dirty consumer.
#[must_use]
pub fn dirty(root: &Path, dirt: &[Dirt]) -> String {
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
    let repo = shell(root);
    let has = |kind: &str| dirt.iter().any(|dirt| dirt.kinds.contains(&kind));
    let _ = writeln!(out, "Run next:");
    let _ = writeln!(out, "  git -C {repo} status --short --branch");
    if has("conflicted") {
        let _ = writeln!(out, "  git -C {repo} mergetool");
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
    out
}

/// A message of more than one line stays one message.
fn indented(text: &str) -> String {
    plain_lines(text).replace('\n', "\n  ")
}

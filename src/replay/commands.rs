//! The commands that reproduce a failure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use indexmap::IndexMap;

use super::ended::Ended;
use super::script::script_path;
use crate::artifact::MATRIX_VERSION;
use crate::artifact::bundle::{ByShell, Commands, Environment};
use crate::artifact::context::RunContext;
use crate::artifact::last_failure::replay_command;
use crate::artifact::reader::History;
use crate::model::text::shell;
use crate::model::{CellEvidence, ExitCode, FailureDigest, Kind, LaneEvidence, PackageSpec};
use crate::verdict::Verdict;

/// The one command to run next: what failed again, else everything that ran.
///
/// Only a trial can make its altered lanes again, so its run is only shown;
/// cells that did not run yet can only be run.
#[must_use]
pub fn one_command(run: &RunContext, exit: ExitCode, has_failed: bool) -> String {
    let replay = replay_command(&run.artifacts, &run.run_id);
    // Nor can a work tree be made again that no commit holds.
    let is_only_shown = run.kind.is_trial() || run.asked.worktree;
    match (exit, is_only_shown, has_failed) {
        (ExitCode::Outstanding, ..) => rerun_command(run),
        (_, true, _) => replay,
        (_, false, true) => format!("{replay} --execute"),
        (_, false, false) => format!("{replay} --execute --all"),
    }
}

/// The one command to run after a failure: what shows its reason soonest.
///
/// A lane that failed after a pass is compared with that pass; a run that was compared
/// already is not. What fails in the same way until something is changed is explained.
#[must_use]
pub fn next_command(
    run: &RunContext,
    verdict: &Verdict,
    digest: Option<&FailureDigest>,
    is_compared: bool,
) -> String {
    let again = one_command(run, verdict.exit, true);
    let Some(digest) = digest.filter(|_| run.kind == Kind::Matrix) else {
        return again;
    };
    let explain = format!("matrix explain {}", digest.cause);
    if verdict.exit == ExitCode::Outstanding {
        again
    } else if digest.lane.is_none() {
        explain
    } else if !is_compared && follows_pass(run) {
        let artifacts = shell(&run.artifacts);
        format!(
            "matrix diff --artifacts {artifacts} last-pass {}",
            run.run_id
        )
    } else if digest.commands.iter().any(|command| is_replay(command)) {
        again
    } else {
        explain
    }
}

fn is_replay(command: &str) -> bool {
    command.starts_with("matrix replay ")
}

/// True if `last-pass` names a run of the same gate.
fn follows_pass(run: &RunContext) -> bool {
    let last = History::new(&run.artifacts).last_pass();
    last.is_some_and(|head| head.gate == run.gate.as_str())
}

/// The command that runs what is still outstanding, on the same terms: every
/// option that decides whether a cell is green goes with it.
fn rerun_command(run: &RunContext) -> String {
    let asked = &run.asked;
    let package = asked.package.as_deref();
    let options = [
        ("--repo", Some(shell(&asked.repo))),
        ("--artifacts", Some(shell(&run.artifacts))),
        ("--config", asked.config.as_ref().map(shell)),
        ("--package", package.map(|spec| package_word(run, spec))),
        ("--rerun-from", Some(run.run_id.to_string())),
    ];
    let mut command = "matrix run".to_owned();
    for (flag, word) in options {
        if let Some(word) = word {
            let _ = write!(command, " {flag} {word}");
        }
    }
    for (is_on, flag) in [
        (asked.strict, " --strict"),
        (asked.trust_filters, " --trust-filters"),
    ] {
        if is_on {
            command += flag;
        }
    }
    command
}

/// The word for a package. A file is named by its absolute path, since the
/// command may be run from anywhere.
fn package_word(run: &RunContext, spec: &str) -> String {
    let parsed = PackageSpec::parse(spec).ok();
    match parsed.as_ref().and_then(PackageSpec::local_path) {
        Some(path) => shell(Path::new(&run.asked.package_base).join(path)),
        None => shell(spec),
    }
}

/// The environment that the run ran in.
#[must_use]
pub(super) fn environment(ended: &Ended<'_>) -> Environment {
    let plan = ended.record;
    let found = plan.map(|plan| &plan.tools).into_iter().flatten();
    let tools: BTreeMap<_, _> = found
        .map(|(name, tool)| (name.clone(), tool.version.clone()))
        .collect();
    let source = plan.map(|plan| &plan.source);
    Environment {
        profile: ended.run.gate.clone(),
        profile_sha256: plan.map(|plan| plan.profile_sha256.clone()),
        matrix_version: MATRIX_VERSION.to_owned(),
        tools,
        git_sha: source.map(|source| source.head.clone()),
        git_branch: source.and_then(|source| source.branch.clone()),
        os: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    }
}

/// The commands that reproduce one failure.
#[must_use]
pub(super) fn commands(ended: &Ended<'_>, failure: &FailureDigest) -> Commands {
    let run = ended.run;
    let Some(lane) = &failure.lane else {
        let (exit, has_failed) = (ended.verdict.exit, ended.verdict.failure.is_some());
        return Commands {
            matrix: one_command(run, exit, has_failed),
            shell: None,
            git: None,
        };
    };
    let replay = replay_command(&run.artifacts, &run.run_id);
    let script = script_path(lane);
    let has_script = ended.scripts.iter().any(|(path, _)| *path == script);
    let lanes = &ended.verdict.lanes;
    let evidence = lanes.iter().find(|of| of.scenario == *lane);
    let cell = evidence.and_then(|lane| cell_of(lane, failure));
    let path = run.run_folder().join(&script);
    Commands {
        matrix: if run.asked.worktree {
            format!("{replay} --lane {lane}")
        } else {
            format!("{replay} --execute --lane {lane}")
        },
        shell: has_script.then(|| ByShell {
            command: format!("sh {} {}", shell(path), failure.step),
            script,
            cwd: "clone".to_owned(),
            env: cell.map(beyond_lane).unwrap_or_default(),
        }),
        git: ended.record.filter(|_| !run.asked.worktree).map(|plan| {
            let (repo, folder) = (shell(&run.asked.repo), format!("matrix-{lane}"));
            let (branch, head) = (shell(&plan.branch), &plan.source.head);
            format!(
                "git clone --quiet --no-checkout {repo} {folder} && git -C {folder} checkout --quiet -B {branch} {head}"
            )
        }),
    }
}

fn cell_of<'a>(lane: &'a LaneEvidence, failure: &FailureDigest) -> Option<&'a CellEvidence> {
    let stage = failure.stage.as_ref()?;
    lane.cells.iter().find(|cell| cell.stage == *stage)
}

/// The variables of a stage beyond those of its lane, without the ones that
/// only serve the witness.
fn beyond_lane(cell: &CellEvidence) -> IndexMap<String, String> {
    let mut env = cell.env_delta.clone();
    env.retain(|name, _| !name.starts_with("GIT_TRACE2"));
    env
}

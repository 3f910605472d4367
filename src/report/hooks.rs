//! The hooks that a fresh clone, and the consumer's own clone, would run.

use std::path::Path;

use crate::artifact::fresh_clone::FreshClone;
use crate::model::fresh_clone::FreshCloneOutcome;
use crate::model::text::{plain, shell, shown};
use crate::preflight::own_hooks::{OwnHooks, Problem};

/// The answer of a fresh clone, in a line; nothing if all is well.
pub(super) fn fresh_clone(document: &FreshClone, folder: &Path) -> String {
    let because = plain(document.because.as_deref().unwrap_or_default());
    match document.outcome {
        FreshCloneOutcome::Enforced | FreshCloneOutcome::NotApplicable => String::new(),
        FreshCloneOutcome::NotChecked => {
            let steps = document.checkouts.iter().flat_map(|clone| &clone.steps);
            let failed = steps.last().and_then(|step| step.log.as_ref());
            let log = failed.map(|log| format!(" (log: {})", shown(folder.join(&log.path))));
            let log = log.unwrap_or_default();
            format!("warning: a fresh clone was not checked for hooks, because {because}{log}\n")
        }
        FreshCloneOutcome::Open => {
            let remedy = plain(document.remedy.as_deref().unwrap_or_default());
            format!("warning: {because}: {remedy}\n")
        }
    }
}

/// A setting that keeps hooks from running in the consumer's clone, in a line.
pub(super) fn own_hooks(own: &OwnHooks) -> String {
    let setting = &own.setting;
    let (scope, value) = (plain(&setting.scope), plain(&setting.value));
    let repo = shell(&own.repo);
    let whose = whose(&scope);
    let unset = format!("git -C {repo} config --{scope} --unset-all core.hooksPath");
    let (why, run) = match &own.problem {
        Problem::Elsewhere(lane) if lane.is_relative() && !lane.starts_with(".git") => {
            let lane_folder = shell(lane);
            (
                format!("a lane has the gate's hooks in {}", shown(lane)),
                // Only the scope that decides can be corrected; of the others it takes precedence.
                format!(
                    "git -C {repo} config --{} core.hooksPath {lane_folder}",
                    own_scope(&scope)
                ),
            )
        }
        Problem::Elsewhere(lane) => (
            format!("a lane has the gate's hooks in {}", shown(lane)),
            unset,
        ),
        Problem::Disabled(hook) => {
            let (name, event) = (plain(&hook.name), plain(&hook.event));
            let switch = plain(&hook.switch);
            return format!(
                "warning: commits in this clone bypass the gate: its {event} hook {name} is disabled, \
                 {switch} is {value} in {whose}; \
                 run: git -C {repo} config --{scope} --unset-all {}\n",
                shell(Path::new(&hook.switch))
            );
        }
        Problem::NotExecutable(hook) => {
            let (name, word) = (shown(hook), shell(hook));
            return format!(
                "warning: pushes or commits in this clone bypass the gate: {name} is not executable; \
                 run: git -C {repo} update-index --chmod=+x {word} && chmod +x {}\n",
                shell(own.repo.join(hook))
            );
        }
        Problem::NotThere { hook, folder } => {
            return format!(
                "warning: {} has no {} hook, which matrix.toml expects: add it, or take it out of \
                 `hooks` and the stages\n",
                shown(folder),
                plain(hook)
            );
        }
        Problem::Missing(hook) => (format!("there is no {} hook", plain(hook)), unset),
        Problem::OfAnother { hook, gate } => (
            format!(
                "the {} hook there does not run {}",
                plain(hook),
                plain(gate)
            ),
            unset,
        ),
    };
    format!(
        "warning: commits in this clone bypass the gate: core.hooksPath is {value} in {whose}, \
         and {why}; run: {run}\n"
    )
}

/// Returns the scope of the clone's own configuration that takes precedence over a setting.
fn own_scope(scope: &str) -> &'static str {
    if scope == "worktree" {
        "worktree"
    } else {
        "local"
    }
}

fn whose(scope: &str) -> String {
    match scope {
        "local" | "worktree" => format!("this clone's own ({scope}) configuration"),
        _ => format!("git's {scope} configuration"),
    }
}

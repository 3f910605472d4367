//! The words for what lanes were made from.

use crate::artifact::run_folder::Run;
use crate::model::plan::Source;
use crate::model::text::plain;

/// The words for a work tree that kept the contract.
pub(super) fn uncommitted(source: &Source) -> &'static str {
    if is_clean(source) {
        "UNCOMMITTED: the work tree kept the contract; it is clean, and a plain run of its commit gives a verdict\n  \
         next: matrix run, without --worktree\n"
    } else {
        "UNCOMMITTED: the work tree kept the contract, and no commit did\n  \
         next: commit it, and run again without --worktree\n"
    }
}

fn is_clean(source: &Source) -> bool {
    source.worktree_on.as_ref() == Some(&source.head)
}

/// Describes the work tree of a run.
pub(super) fn work_tree(source: &Source) -> String {
    let head = source.worktree_on.as_deref().unwrap_or_default();
    let what = if is_clean(source) {
        "nothing in it is uncommitted"
    } else {
        "with what is staged, edited and untracked"
    };
    let short = short(head);
    format!("worktree: as it is on commit {short}, {what}; the verdict will not be PASS\n")
}

/// Identifies a recorded run.
pub(super) fn recorded_run(run: &Run) -> String {
    let package = run.package_spec.as_deref().unwrap_or(run.gate.as_str());
    let source = run.source.as_ref().map_or(String::new(), |source| {
        let head = short(&source.head);
        let on = match &source.branch {
            Some(name) => format!(" on {}", plain(name)),
            None => String::new(),
        };
        format!(", commit {head}{on}")
    });
    format!(
        "run {}: {} (exit {}), {} of {}{source}\n",
        run.run_id,
        run.final_verdict.as_str(),
        run.exit_code,
        plain(package),
        plain(&run.generated_at_utc),
    )
}

fn short(commit: &str) -> String {
    plain(commit).chars().take(12).collect()
}

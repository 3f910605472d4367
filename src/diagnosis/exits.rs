//! A page for each exit code.

use std::fmt::Write as _;

use super::table::cause;
use crate::model::text::plain;
use crate::model::{Cluster, ExitCode, RunId};

/// Returns the exit code that a word names: `17` or `exit-17`.
///
/// # Errors
/// With the number, if `matrix` never exits so. None if the word names no number.
#[must_use]
pub fn exit_code(word: &str) -> Option<Result<ExitCode, u64>> {
    let number: u64 = word.strip_prefix("exit-").unwrap_or(word).parse().ok()?;
    let mut all = ExitCode::ALL.into_iter();
    let found = all.find(|code| u64::from(code.number()) == number);
    Some(found.ok_or(number))
}

/// Renders the page of an exit code, with the causes that a run which exited so had.
#[must_use]
pub fn exit_page(code: ExitCode, seen: Option<(&RunId, &[Cluster])>) -> String {
    let mut out = format!(
        "exit {}: {}\n\n{}\n",
        code.number(),
        code.meaning(),
        next(code)
    );
    if let Some((run, clusters)) = seen {
        let _ = writeln!(out, "\nRun {run} exited so:\n");
        for cluster in clusters {
            let smallest = cluster.smallest.as_ref();
            let at = smallest.map_or(String::new(), |cell| format!(" at {cell}"));
            let id = &cluster.cause;
            let _ = writeln!(out, "    {id}{at}: {}", plain(&cluster.remediation));
        }
        let _ = writeln!(out, "    matrix replay {run}");
    }
    let usual = causes(code).iter().filter_map(|id| cause(id));
    for (at, cause) in usual.enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\nUsual causes (matrix explain CAUSE):\n");
        }
        let _ = writeln!(out, "    {:22}  {}", cause.id, cause.title);
    }
    out
}

/// The remedy, in a sentence or two.
fn next(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Pass => {
            "Nothing is to be done. If only a part ran, the verdict is PARTIAL: `final_verdict` of the summary says so."
        }
        ExitCode::Fail => {
            "The end of the run's output names each cause, the command and its log; matrix replay shows it again. \
             sabotage, mutate, diff and verify also exit so for what their flags demand."
        }
        ExitCode::Usage => {
            "Correct what the message names: the command line, a MATRIX_* variable, or a line of matrix.toml. \
             matrix check names everything at once."
        }
        ExitCode::Outstanding => "Run what is outstanding: matrix run --rerun-from latest",
        ExitCode::Dirty => {
            "Commit, stash or ignore what git status names. matrix run --worktree tries the work tree as it is, \
             and never says PASS."
        }
        ExitCode::Unusable => {
            "The message names what is missing. matrix doctor says what this machine has, matrix check what the \
             consumer needs."
        }
        ExitCode::Internal => {
            "It is a defect of matrix, and not of the gate: report it with the lines on stderr, then run again."
        }
        ExitCode::Artifact => {
            "Make room in the artifacts folder, or name another one: --artifacts DIR. The verdict on stdout stands, \
             and no file holds it."
        }
        ExitCode::Busy => {
            "Wait for the other run (--wait), or give this one a folder of its own: --artifacts DIR"
        }
        ExitCode::Timeout => {
            "Read the log of the step: it waits for something, or needs a higher `timeout` in matrix.toml (--timeout)."
        }
        ExitCode::Hangup | ExitCode::Interrupt | ExitCode::Terminate => {
            "Run again. In CI a job that was cancelled, or its time limit, sends such a signal."
        }
    }
}

/// The causes that usually lead to a code.
fn causes(code: ExitCode) -> &'static [&'static str] {
    match code {
        ExitCode::Fail => &[
            "contract-broken",
            "wrong-reason",
            "not-enforced",
            "hook-not-launched",
            "install-failed",
            "version-not-found",
        ],
        ExitCode::Usage => &["configuration-error"],
        ExitCode::Dirty => &["dirty-consumer"],
        ExitCode::Unusable => &[
            "tool-missing",
            "sandbox-absent",
            "unsupported-repository",
            "work-folder",
        ],
        ExitCode::Artifact => &["artifact-unwritten", "disk-full", "quota", "read-only"],
        ExitCode::Timeout => &["timeout"],
        ExitCode::Hangup | ExitCode::Interrupt | ExitCode::Terminate => &["interrupted"],
        ExitCode::Pass | ExitCode::Outstanding | ExitCode::Internal | ExitCode::Busy => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_whose_causes_there_are() {
        for code in ExitCode::ALL {
            let page = exit_page(code, None);
            assert!(page.contains(code.meaning()), "{page}");
            for id in causes(code) {
                assert!(cause(id).is_some(), "{id}");
            }
            assert_eq!(exit_code(&code.number().to_string()), Some(Ok(code)));
            assert_eq!(
                exit_code(&format!("exit-{}", code.number())),
                Some(Ok(code))
            );
        }
        assert_eq!(exit_code("3"), Some(Err(3)));
        assert_eq!(exit_code("timeout"), None);
    }
}

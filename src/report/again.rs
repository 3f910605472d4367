//! Reruns and replays in words.

use std::fmt::Write as _;

use crate::model::text::{plain, some_of};
use crate::model::{RunId, StepId};
use crate::rerun::LeftOut;

/// The maximum number of lanes named in a sentence.
const MAX_NAMED: usize = 10;

/// The recorded failures, compared with those of the replay.
#[derive(Debug, PartialEq, Eq)]
pub enum Reproduction {
    /// The recorded run ended before its lanes.
    BeforeLanes {
        /// The recorded run.
        of: RunId,
        /// The step that failed.
        step: StepId,
        /// True if it failed again.
        reproduced: bool,
    },
    /// The failures of the lanes that ran.
    OfLanes {
        /// The recorded run.
        of: RunId,
        /// The number of failures in those lanes.
        total: usize,
        /// The failures that did not happen again.
        not_reproduced: Vec<String>,
    },
}

/// The lanes that a rerun leaves out.
pub(super) fn left_out(left: &LeftOut, parent: &RunId) -> String {
    let mut out = String::new();
    if left.done > 0 {
        let lanes = if left.done == 1 { "lane" } else { "lanes" };
        let _ = writeln!(
            out,
            "not run again: {} {lanes} with nothing outstanding since run {parent}",
            left.done
        );
    }
    if !left.outstanding.is_empty() {
        let names: Vec<_> = left.outstanding.iter().map(ToString::to_string).collect();
        let some = some_of(&names, MAX_NAMED);
        let _ = writeln!(out, "not selected, still outstanding: {some}");
    }
    if out.is_empty() {
        return out;
    }
    if left.at_another_commit {
        out +=
            "warning: the lanes that are not run again passed at another commit of the consumer\n";
    }
    if let Some(package) = &left.with_another_package {
        let package = plain(package.as_deref().unwrap_or("no package"));
        let _ = writeln!(
            out,
            "warning: the lanes that are not run again passed with another package: {package}"
        );
    }
    out
}

/// The recorded failures that happened again.
pub(super) fn reproduced(reproduction: &Reproduction) -> String {
    match reproduction {
        Reproduction::BeforeLanes {
            of,
            step,
            reproduced,
        } => {
            let word = if *reproduced {
                "was reproduced"
            } else {
                "was not reproduced"
            };
            format!("replay of run {of}: its failure ({step}) {word}\n")
        }
        Reproduction::OfLanes { of, total: 0, .. } => {
            format!("replay of run {of}: no lane that had failed in that run ran to its end\n")
        }
        Reproduction::OfLanes {
            of,
            total,
            not_reproduced,
        } => {
            let again = total - not_reproduced.len();
            let mut out = format!("replay of run {of}: {again} of {total} failures reproduced\n");
            for what in not_reproduced {
                let _ = writeln!(out, "  not reproduced: {what}");
            }
            out
        }
    }
}

//! Causes that stop a run before its lanes, or end it.

use super::super::cause::{Cause, Fact, Line};
use super::super::commands::EXPLAIN;
use super::defaults::{BLANK, RUN};
use crate::model::{BuiltinStep, FailureClass};

const NO_LINE: Cause = Cause {
    commands: RUN,
    line: Line::None,
    ..BLANK
};

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "dirty-consumer",
        title: "The consumer has changes that are not committed.",
        signature: "Step `source_repo_cleanliness`, exit 17.",
        likely: &[
            "work in progress",
            "a file that a tool made and git does not ignore",
            "an edit hidden by assume-unchanged or skip-worktree",
        ],
        remedy: "Commit, stash or ignore what git status names, then run again.",
        commands: &["git -C {repo} status --short --branch", EXPLAIN],
        default_of: &[FailureClass::Dirty],
        ..NO_LINE
    },
    Cause {
        id: "source-moved",
        title: "The commit that preflight saw is gone from the consumer.",
        signature: "Step `source_moved`.",
        likely: &["a rebase or a garbage collection while the run went on"],
        remedy: "Run again, and leave the consumer's history alone meanwhile.",
        certain: &[&[Fact::Step(BuiltinStep::SourceMoved)]],
        ..NO_LINE
    },
    Cause {
        id: "sandbox-absent",
        title: "A sandbox is required, and there is none on this machine.",
        signature: "Step `sandbox`, exit 69.",
        likely: &[
            "bubblewrap is not installed",
            "user namespaces are forbidden, as in many containers",
        ],
        remedy: "Install bubblewrap and allow user namespaces, or run with --sandbox auto.",
        certain: &[&[Fact::Step(BuiltinStep::Sandbox)]],
        ..NO_LINE
    },
    Cause {
        id: "work-folder",
        title: "The folder in which lanes live cannot be used.",
        signature: "Step `work_dir`, exit 69.",
        likely: &[
            "it cannot be written",
            "its disk is full",
            "files of another user are left in it",
        ],
        remedy: "Make the work folder writable and empty, or name another one: --work-dir DIR.",
        certain: &[&[Fact::Step(BuiltinStep::WorkDir)]],
        ..NO_LINE
    },
    Cause {
        id: "unsupported-repository",
        title: "The repository cannot be used here.",
        signature: "Step `repo_unsupported`, exit 69.",
        likely: &[
            "it is no repository, bare, or without a commit",
            "it belongs to another user",
            "it brings filters that are not trusted",
        ],
        remedy: "Do what the message says of this repository; the reason stands in it.",
        default_of: &[FailureClass::Unsupported],
        ..NO_LINE
    },
    Cause {
        id: "interrupted",
        title: "The run was stopped by a signal.",
        signature: "Exit 129, 130 or 143; class `interrupted`.",
        likely: &["Ctrl-C", "a CI job that was cancelled or ran out of time"],
        remedy: "Run again; nothing is known of the lanes that did not end.",
        default_of: &[FailureClass::Interrupted],
        ..NO_LINE
    },
    Cause {
        id: "run-died",
        title: "The run died before its verdict.",
        signature: "Step `run_incomplete`, class `incomplete`.",
        likely: &["SIGKILL", "the machine ran out of memory or went down"],
        remedy: "Run again; the next run removes what this one left.",
        default_of: &[FailureClass::Incomplete],
        ..NO_LINE
    },
    Cause {
        id: "artifact-unwritten",
        title: "A file of the run could not be written.",
        signature: "Class `io`, exit 74.",
        likely: &["the disk is full", "the artifacts folder cannot be written"],
        remedy: "Make room or name another folder with --artifacts DIR, then run again.",
        certain: &[&[Fact::Class(FailureClass::Io)]],
        default_of: &[FailureClass::Io],
        ..NO_LINE
    },
];

//! Causes in what a machine lacks.

use super::super::cause::{Cause, Fact, Text};
use super::defaults::BLANK;
use crate::model::Shortage;
use crate::model::shortage::{
    SAYS_OPEN_FILES, SAYS_PROCESSES, SAYS_QUOTA, SAYS_READ_ONLY, SAYS_SPACE,
};

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "disk-full",
        title: "The disk is full.",
        signature: "No room is left in the work folder, or a failing command says ENOSPC.",
        likely: &["caches and kept lanes in the work folder", "a small tmpfs"],
        remedy: "Make room on the disk of the work folder, or use another one: --work-dir DIR.",
        certain: &[&[Fact::Short(Shortage::Space)]],
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code ENOSPC\b")
                .after(r"^npm (?:error|ERR!) (?:nospc )?.*(?:ENOSPC:|no space left on device)"),
            Text::set_up(r"^ERROR: .*\[Errno 28\]"),
            Text::any(r"^ {0,2}(?:fatal|error): .*No space left on device$"),
            Text::any(r"^ {0,2}OSError: \[Errno 28\]"),
            Text::any(r"^ {0,2}Error: ENOSPC: no space left on device"),
            Text::set_up(r"^\S+: .*No space left on device$"),
            Text::any(SAYS_SPACE),
        ],
        ..BLANK
    },
    Cause {
        id: "quota",
        title: "The disk quota of the user is used up.",
        signature: "EDQUOT, or `Disk quota exceeded` of a failing command.",
        likely: &[
            "caches and kept lanes in the work folder",
            "a quota on the home folder, in which the work folder is by default",
        ],
        remedy: "Make room for this user (`quota`), or use a folder on another disk: --work-dir DIR.",
        certain: &[&[Fact::Short(Shortage::Quota)]],
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code EDQUOT\b")
                .after(r"^npm (?:error|ERR!) .*EDQUOT:"),
            Text::any(SAYS_QUOTA),
        ],
        ..BLANK
    },
    Cause {
        id: "read-only",
        title: "A file system is read-only.",
        signature: "EROFS, or `Read-only file system` of a failing command.",
        likely: &[
            "the step writes outside of its lane, which the sandbox shows read-only",
            "the disk of the work folder is mounted read-only, as after an error of the disk",
        ],
        remedy: "Have the step write below its clone, $HOME or $TMPDIR; or mount the disk of the work folder for writing, or use another one: --work-dir DIR.",
        certain: &[&[Fact::Short(Shortage::ReadOnly)]],
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code EROFS\b")
                .after(r"^npm (?:error|ERR!) .*EROFS:"),
            Text::set_up(r"^ERROR: .*\[Errno 30\]"),
            Text::any(SAYS_READ_ONLY),
        ],
        ..BLANK
    },
    Cause {
        id: "too-many-files",
        title: "Too many files are open.",
        signature: "EMFILE or ENFILE, or `Too many open files` of `matrix` or a failing command.",
        likely: &[
            "a low limit of open files (`ulimit -n`)",
            "many lanes side by side",
            "a program of the gate that opens all files at once",
        ],
        remedy: "Raise the limit (`ulimit -n 4096`), or run fewer lanes side by side: --jobs 1.",
        certain: &[&[Fact::Short(Shortage::OpenFiles)]],
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code E[MN]FILE\b")
                .after(r"^npm (?:error|ERR!) .*E[MN]FILE:"),
            Text::any(SAYS_OPEN_FILES),
        ],
        ..BLANK
    },
    Cause {
        id: "too-many-processes",
        title: "No further process or thread can be started.",
        signature: "EAGAIN of a fork: `Cannot fork`, `Resource temporarily unavailable`, `can't start new thread`.",
        likely: &[
            "a low limit of processes: of the user (`ulimit -u`), of a container (`pids.max`)",
            "many lanes side by side",
            "a program of the gate that starts one process for each file",
        ],
        remedy: "Raise the limit (`ulimit -u 4096`, or `--pids-limit` of the container), or run fewer lanes side by side: --jobs 1.",
        certain: &[&[Fact::Short(Shortage::Processes)]],
        texts: &[Text::any(SAYS_PROCESSES)],
        ..BLANK
    },
    Cause {
        id: "out-of-memory",
        title: "A program ran out of memory.",
        signature: "`JavaScript heap out of memory`, `MemoryError`, `Cannot allocate memory`.",
        likely: &[
            "the limit of a container",
            "many lanes side by side",
            "a heap limit of node",
        ],
        remedy: "Give the machine more memory, or run fewer lanes side by side: --jobs 1.",
        texts: &[
            Text::any(r"^ {0,2}FATAL ERROR: .*JavaScript heap out of memory").rank(0),
            Text::any(r"^ {0,2}MemoryError\b").rank(0),
            Text::any(r"^ {0,2}(?:fatal|error): Out of memory"),
            Text::any(r"^ {0,2}(?:fatal|error): .*Cannot allocate memory$"),
            Text::set_up(r"^\S+: .*Cannot allocate memory$"),
            Text::set_up(r"^npm (?:error|ERR!) code ENOMEM"),
        ],
        ..BLANK
    },
];

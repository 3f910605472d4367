//! The things that a machine can lack, named by an error of the system or the words of a program.

use std::io;
use std::sync::LazyLock;

use regex::RegexSet;

/// Something that a machine lacks, for which no gate is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// Room on a disk.
    Space,
    /// Room in the user's share of a disk.
    Quota,
    /// The right to write to a file system.
    ReadOnly,
    /// Files that a process, or the machine, may have open.
    OpenFiles,
    /// Processes or threads that a user, or a group of processes, may have.
    Processes,
}

/// The numbers of `ENFILE` and `EMFILE`, for which the standard library has no name.
const TOO_MANY_FILES: [i32; 2] = [23, 24];

/// A line in which a program that failed says so: its name or the kind of its error, and at
/// the end the system's words or those of node.
///
/// A gate may quote the same words from a change, or name a test of its own by them.
macro_rules! line {
    ($words:expr) => {
        concat!(
            r"^ {0,4}(?:\[?(?:[A-Za-z_][\w.]*\.)?\w*(?:Error|Exception)\b|npm (?:error|ERR!) |",
            r"Caused by: |[Cc]aused by:? |[a-z]+ /\S*: |\S+(?: '[^']*')?: (?:line )?|error |\[[A-Z]+\] )",
            r"(?:.*[:\])}] )?(?:code |\w+ )?(?i:",
            $words,
            r")(?: \(os error \d+\))?(?:[:,].*|['\x22\]).]+)?$"
        )
    };
}

/// A line that says that a disk is full.
pub const SAYS_SPACE: &str = line!("ENOSPC|no space left on device");
/// A line that says that a quota is used up.
pub const SAYS_QUOTA: &str = line!("EDQUOT|disk quota exceeded|quota exceeded");
/// A line that says that a file system is read-only.
pub const SAYS_READ_ONLY: &str = line!("EROFS|read-only file ?system");
/// A line that says that too many files are open.
pub const SAYS_OPEN_FILES: &str =
    line!("EMFILE|ENFILE|too many open files|too many open files in system");

/// A line that says that no process or thread can be started.
pub const SAYS_PROCESSES: &str = concat!(
    line!(concat!(
        r"cannot fork(?:\(\))?(?: (?:for|to run) .*)?|spawn \S+ EAGAIN|",
        r"cannot create async thread|",
        r"fork(?:/exec \S+)?: (?:retry: )?resource temporarily unavailable|",
        r"\[errno 11\] resource temporarily unavailable|unable to create (?:native )?thread|",
        r"failed to create new os thread \(.*errno=11\)",
    )),
    r"|^(?:RuntimeError|_thread\.error): can't start new thread$",
);

static LINES: LazyLock<RegexSet> = LazyLock::new(|| {
    let lines = [
        SAYS_SPACE,
        SAYS_QUOTA,
        SAYS_READ_ONLY,
        SAYS_OPEN_FILES,
        SAYS_PROCESSES,
    ];
    RegexSet::new(lines).unwrap_or_else(|_| RegexSet::empty())
});

/// The words of the system and of node, each in one spelling.
const WORDS: [(Shortage, &[&str]); 5] = [
    (Shortage::Space, &["no space left on device", "enospc"]),
    (Shortage::Quota, &["disk quota exceeded", "edquot"]),
    (Shortage::ReadOnly, &["read-only file system", "erofs"]),
    (
        Shortage::OpenFiles,
        &["too many open files", "emfile", "enfile"],
    ),
    (
        Shortage::Processes,
        &[
            "cannot fork",
            "fork: resource temporarily unavailable",
            "fork: retry: resource temporarily unavailable",
            "unable to create thread",
            "can't start new thread",
            "errno 11] resource temporarily unavailable",
            "resource temporarily unavailable (os error 11)",
        ],
    ),
];

impl Shortage {
    /// Every one, in the order in which they are looked for.
    pub const ALL: [Self; 5] = [
        Self::Space,
        Self::Quota,
        Self::ReadOnly,
        Self::OpenFiles,
        Self::Processes,
    ];

    /// Returns the shortage that an error of the system names.
    #[must_use]
    pub fn of_error(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::StorageFull => Some(Self::Space),
            io::ErrorKind::QuotaExceeded => Some(Self::Quota),
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnly),
            _ => {
                let number = error.raw_os_error();
                let is_it = number.is_some_and(|number| TOO_MANY_FILES.contains(&number));
                is_it.then_some(Self::OpenFiles)
            }
        }
    }

    /// Returns the shortage that a text names, anywhere in it.
    ///
    /// For messages of errors, and for the output of commands that prepare a lane: no
    /// change is quoted there.
    #[must_use]
    pub fn named_in(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let named = WORDS.iter().find(|(_, words)| {
            let mut words = words.iter();
            words.any(|word| text.contains(word))
        });
        named.map(|(shortage, _)| *shortage)
    }

    /// Returns the shortage that a message names at its end, behind what it is about.
    ///
    /// A path before that may hold any words.
    #[must_use]
    pub fn at_end_of(message: &str) -> Option<Self> {
        let (_, end) = message.rsplit_once(": ")?;
        let end = end.to_ascii_lowercase();
        let named = WORDS.iter().find(|(_, words)| {
            let mut phrases = words.iter().filter(|words| words.contains(' '));
            phrases.any(|phrase| end.starts_with(phrase))
        });
        named.map(|(shortage, _)| *shortage)
    }

    /// Returns the shortage of which a line of a program's output complains.
    #[must_use]
    pub fn complained_of(line: &str) -> Option<Self> {
        let first = LINES.matches(line.trim_end()).iter().next()?;
        Some(Self::ALL[first])
    }

    /// Returns the shortage in a sentence, as the message of a failure begins.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Space => "the disk of the work folder is full",
            Self::Quota => "the disk quota of the user is used up",
            Self::ReadOnly => "a file system is read-only",
            Self::OpenFiles => "too many files are open",
            Self::Processes => "no process can be started",
        }
    }

    /// Returns the shortage with which the message of a failure begins.
    #[must_use]
    pub fn of_message(message: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|shortage| message.starts_with(shortage.message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_for_want_of_something_says_so() {
        use Shortage::{OpenFiles, Quota, ReadOnly, Space};
        for (line, shortage) in [
            ("fatal: write error: No space left on device", Some(Space)),
            (
                "sh: 3: cannot create /lane/x: No space left on device",
                Some(Space),
            ),
            (
                "hooks/pre-commit: line 3: echo: write error: No space left on device",
                Some(Space),
            ),
            (
                "error: unable to create temporary file: No space left on device",
                Some(Space),
            ),
            (
                "OSError: [Errno 28] No space left on device: '/lane/tmp/x'",
                Some(Space),
            ),
            ("Error: ENOSPC: no space left on device, write", Some(Space)),
            (
                "[Error: ENOSPC: no space left on device, write] {",
                Some(Space),
            ),
            ("npm error code ENOSPC", Some(Space)),
            (
                "npm error nospc ENOSPC: no space left on device, write",
                Some(Space),
            ),
            (
                "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
                Some(Space),
            ),
            (
                "  Caused by: No space left on device (os error 28)",
                Some(Space),
            ),
            ("open /lane/x: no space left on device", Some(Space)),
            ("cp: error writing 'x': Disk quota exceeded", Some(Quota)),
            ("Error: EDQUOT: disk quota exceeded, write", Some(Quota)),
            (
                "touch: cannot touch '/x': Read-only file system",
                Some(ReadOnly),
            ),
            ("npm ERR! code EROFS", Some(ReadOnly)),
            (
                "Error: EROFS: read-only file system, open '/x'",
                Some(ReadOnly),
            ),
            (
                "Error: EMFILE: too many open files, open '/x'",
                Some(OpenFiles),
            ),
            (
                "[Error: EMFILE: too many open files, open '/x']",
                Some(OpenFiles),
            ),
            ("OSError: [Errno 24] Too many open files", Some(OpenFiles)),
            (
                "sh: 1: Cannot fork: Too many open files in system",
                Some(OpenFiles),
            ),
            ("open /lane/x: too many open files", Some(OpenFiles)),
        ] {
            assert_eq!(Shortage::complained_of(line), shortage, "{line}");
        }
    }

    #[test]
    fn what_cannot_start_a_process_says_so() {
        for line in [
            "error: cannot fork() for hooks/pre-commit: Resource temporarily unavailable",
            "error: cannot create async thread: Resource temporarily unavailable",
            "hooks/pre-commit: 2: Cannot fork",
            "git-receive-pack '/lane/origin.git': 1: Cannot fork",
            "hooks/pre-commit: fork: retry: Resource temporarily unavailable",
            "error: cannot fork to run hooks/pre-push: Resource temporarily unavailable",
            "fatal: unable to create thread: Resource temporarily unavailable",
            "RuntimeError: can't start new thread",
            "BlockingIOError: [Errno 11] Resource temporarily unavailable",
            "Error: spawn git EAGAIN",
            "Error: fork/exec /bin/sh: resource temporarily unavailable",
            "runtime: failed to create new OS thread (have 2 already; errno=11)",
        ] {
            let found = Shortage::complained_of(line);
            assert_eq!(found, Some(Shortage::Processes), "{line}");
        }
    }

    #[test]
    fn a_gate_may_quote_the_words() {
        for line in [
            "ok 3 - reports ENOSPC",
            "not ok 4 - says No space left on device",
            "✓ handles ENOSPC: no space left on device",
            "src/a.js:3:1 'No space left on device' is not translated",
            "src/a.js: the text \"Read-only file system\" has no key",
            "  12 | throw new Error('EMFILE')",
            "+No space left on device",
            "FIXME: say so if there is no space left on device here",
            "handles EMFILE",
            "not ok 5 - says that it cannot fork",
            "    pool_test.go:12: fork returned EAGAIN, want nil",
            "FAIL: spawn retries on EAGAIN",
            "src/pool.c:12:5: exec is not retried on EAGAIN",
            "AssertionError: expected the worker thread to report EAGAIN",
            "PASS: can't start new thread",
            "fatal: Unable to lock: Resource temporarily unavailable",
        ] {
            assert_eq!(Shortage::complained_of(line), None, "{line}");
        }
    }

    #[test]
    fn errors_and_messages_name_what_is_short() {
        for (number, shortage) in [
            (28, Some(Shortage::Space)),
            (122, Some(Shortage::Quota)),
            (30, Some(Shortage::ReadOnly)),
            (24, Some(Shortage::OpenFiles)),
            (23, Some(Shortage::OpenFiles)),
            (5, None),
        ] {
            let error = io::Error::from_raw_os_error(number);
            if cfg!(target_os = "linux") {
                assert_eq!(Shortage::of_error(&error), shortage, "{error}");
                assert_eq!(Shortage::named_in(&error.to_string()), shortage, "{error}");
            }
        }
        for (message, shortage) in [
            (
                "cannot open /x: Too many open files (os error 24)",
                Some(Shortage::OpenFiles),
            ),
            (
                "failed to open '/x': No space left on device",
                Some(Shortage::Space),
            ),
            ("/x/erofs-utils.git is a bare repository", None),
            ("these are no files: erofs, memfile", None),
        ] {
            assert_eq!(Shortage::at_end_of(message), shortage, "{message}");
        }
        for shortage in Shortage::ALL {
            let message = format!("{}: it exited 1", shortage.message());
            assert_eq!(Shortage::of_message(&message), Some(shortage));
        }
    }
}

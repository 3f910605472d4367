//! Causes in git, and in what a hook asks of it.

use super::super::cause::{Cause, Fact, Line, Text};
use super::defaults::BLANK;

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "hook-crlf",
        title: "Lines of a hook or script end in CRLF.",
        signature: "A name that ends in a carriage return (`sh\\r`, `^M`), or a hook whose first line ends in one, which git cannot start.",
        likely: &[
            "it was committed on Windows, or checked out with core.autocrlf",
            "a program that writes hooks uses the line ends of its own platform",
        ],
        remedy: "Store it with LF: `* text=auto eol=lf` (or a line for the hooks' folder) in .gitattributes, `git add --renormalize .`, and commit.",
        certain: &[&[Fact::Crlf]],
        texts: &[
            Text::any(r"\S\r(?:['\x22\x60:\x{2019}]|$)").certain(),
            Text::any(r"\$'[^']*\\r[^']*'|['\x{2018}][^'\x{2019}]*\\r['\x{2019}]: No such file|\^M: bad interpreter").certain(),
            Text::any(r"^\S+: (?:line )?\d+: \w+: (?:Illegal option -|-)\r?(?:: invalid option)?$").certain(),
        ],
        line: Line::Complaint,
        ..BLANK
    },
    Cause {
        id: "base-missing",
        title: "A commit or branch that the gate compares with is not there.",
        signature: "git: `ambiguous argument '…'`, `bad revision`, `Needed a single revision`, `Not a valid object name`, `no merge base`, `no upstream configured`.",
        likely: &[
            "the name of the branch is another in this repository: master, main, develop",
            "a shallow or single-branch clone of CI has no such ref (`fetch-depth: 0`)",
            "a variable with the base is empty or belongs to another CI",
        ],
        remedy: "Have the gate compare with a ref that is there: `{base_ref}` in `env` or `run` of the stage; in CI fetch it first.",
        texts: &[
            Text::any(r"^ {0,2}fatal: (?:ambiguous argument '|bad revision '|Needed a single revision$|Not a valid object name |invalid object name '|no upstream configured |no such branch|\S+: no merge base|unknown commit |invalid upstream '|couldn't find remote ref |bad object )").rank(0),
            Text::any(r"^ {0,2}error: (?:malformed object name |pathspec '.+' did not match any file\(s\) known to git$)").rank(0),
        ],
        ..BLANK
    },
    Cause {
        id: "git-option-unknown",
        title: "Git does not know an option or command that it was given.",
        signature: "`error: unknown option`, `unrecognized argument`, `is not a git command`; git exits 129 then, which is no signal.",
        likely: &[
            "the option is of a newer git than the one on this machine",
            "a typing error in a hook",
            "a variable that holds an option, or none",
        ],
        remedy: "Correct the command in the hook that is named, or run it with a git that knows the option.",
        texts: &[
            Text::any(r"^ {0,2}error: (?:unknown (?:option|switch) `|invalid option: )").rank(0),
            Text::any(r"^ {0,2}fatal: (?:unrecognized argument: |invalid option|unknown option )").rank(0),
            Text::any(r"^ {0,2}git: '.+' is not a git command\.").rank(0),
            Text::any(r"^ {0,2}unknown option: -").rank(0),
        ],
        ..BLANK
    },
    Cause {
        id: "index-locked",
        title: "Git found a lock of another process.",
        signature: "`Unable to create '….lock': File exists`.",
        likely: &[
            "the gate runs two git commands that write at the same time",
            "a hook writes the index while `git commit` holds it (`git commit -a`, `git commit FILE`)",
            "a git command was killed and left its lock behind",
        ],
        remedy: "Have one git command write at a time: no parallel jobs that stage files, no `git add` in a hook while git holds the index.",
        texts: &[
            Text::any(r"^ {0,2}(?:fatal|error): .*\.lock'?: File exists").rank(0),
            Text::any(r"^ {0,2}(?:fatal|error): could not lock config file ").rank(0),
        ],
        ..BLANK
    },
    Cause {
        id: "other-tools-hook",
        title: "Another tool owns the hooks.",
        signature: "`installed in migration mode`, or an installer that finds core.hooksPath set by another tool.",
        likely: &[
            "pre-commit and prek are both installed: each calls the other's hook",
            "husky has set core.hooksPath, and another tool installs beside it",
            "core.hooksPath is set globally",
        ],
        remedy: "Leave the hooks to one tool: `git config --unset-all core.hooksPath`, remove the other's hooks (`*.legacy`), and install again (`pre-commit install -f`, `prek install -f`, `lefthook install --force`).",
        texts: &[
            Text::any(r"\bis installed in migration mode\b").rank(0),
            Text::any(r"(?:Cowardly r|R)efusing to install hooks (?:with|because) `core\.hooksPath`").rank(0),
            Text::any(r"\bcore\.hooksPath is set (?:locally|globally) to '").rank(0),
            Text::installed(r"(?:Cowardly r|R)efusing to install hooks (?:with|because) `core\.hooksPath`"),
            Text::installed(r"\bcore\.hooksPath is set (?:locally|globally) to '"),
        ],
        ..BLANK
    },
    Cause {
        id: "git-failed",
        title: "A git command inside of the gate failed.",
        signature: "The hook or the stage's program exits 128 (git gives up) or 129 (git explains its usage); neither is a signal.",
        likely: &[
            "a ref, a remote or a file that is there in the consumer and not in a lane",
            "an option that this version of git does not know",
        ],
        remedy: "Run the git command of the line by hand, in the lane: `matrix replay --shell`.",
        usual: &[&[Fact::GitFailed]],
        ..BLANK
    },
];

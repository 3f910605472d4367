//! The lines of known tools that are never, or seldom, the decisive one: a table by tool.

use std::sync::LazyLock;

use regex::RegexSet;

/// The part that a line has in the output of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Words of a runner around the output of others, a banner, a ruler, a stack frame, a
    /// hint or a check that passed: never the decisive line.
    Frame,
    /// Counts, durations and other closing words: only if nothing else is said.
    Summary,
    /// The name of what failed: only if its own output says nothing.
    Headline,
    /// An error at a place, or of a rule.
    Finding,
    /// A finding that need not have decided.
    Warning,
    /// Words of an error.
    Complaint,
}

/// A tool, and its lines as regular expressions.
pub(super) type Tool = (&'static str, &'static [(Part, &'static str)]);

use Part::{Complaint, Finding, Frame, Headline, Summary, Warning};

/// The table. The first line that matches decides.
pub(super) const TOOLS: &[Tool] = &[
    (
        "git",
        &[
            (Frame, r"^error: failed to push some refs to "),
            (Frame, r"^hint: "),
            (Frame, r"^Switched to |^Your branch is |^Already up to date"),
            // The remote's own words say more than that it declined.
            (Finding, r"^ ! \[rejected\] "),
            (Headline, r"^ ! \[remote rejected\] "),
            (Frame, r"^To \S+$|^remote: *$|^Everything up-to-date$"),
            (
                Frame,
                r"^Another git process seems to be running|^an editor opened by 'git commit'|^are terminated then try again|^may have crashed in this repository earlier|^remove the file manually to continue",
            ),
            (
                Frame,
                r"^Use '--' to separate paths from revisions|^'git <command> \[<revision>",
            ),
            (Complaint, r"^usage: git "),
            (Frame, r"^   or: git |^ {2,}-{1,2}\w\S*(?:,? |$)"),
        ],
    ),
    (
        "husky",
        &[
            (Frame, r"^husky - "),
            (Frame, r"^husky > "),
            (
                Frame,
                r"^(?:Please )?[Rr]emove the following two lines from ",
            ),
        ],
    ),
    (
        "npm",
        &[
            (
                Frame,
                r"^npm (?:error|ERR!)(?: (?:code|errno|path|workspace|location|syscall|signal)\b.*)?$",
            ),
            (
                Frame,
                r"^npm (?:error|ERR!) (?:Lifecycle script `|A complete log of this run|Exit status \d+|Failed at the |This is probably not a problem with npm|command (?:failed$|\S+ -c )|\S+@\S+ [\w:-]+: `|in workspace: |at location: )",
            ),
            (Frame, r"^npm (?:notice|info|verbose|http|warn|WARN)\b"),
            (Frame, r"^> \S"),
        ],
    ),
    (
        "pnpm",
        &[
            (Frame, r"^.?ELIFECYCLE.? +(?:Command|Test) failed"),
            (
                Frame,
                r"^\[?\s?ERR_PNPM_(?:RECURSIVE_RUN_FIRST_FAIL|RECURSIVE_EXEC_FIRST_FAIL)",
            ),
            (Frame, r"^Exit status \d+$"),
        ],
    ),
    (
        "yarn",
        &[
            (Frame, r"^error Command failed with exit code \d+\.$"),
            (Frame, r"^info Visit https://yarnpkg\.com/"),
            (Frame, r"^yarn run v\d|^\$ \S|^Done in \d"),
            (Frame, r"^➤ YN0000: (?:└|┌|·|Failed with errors|Done)"),
            (Frame, r"^(?:Internal|Usage) Error: Command failed"),
        ],
    ),
    (
        "bun",
        &[
            (
                Frame,
                r#"^error: script "[^"]+" (?:exited with code|was terminated)"#,
            ),
            (Frame, r"^error: \S+ exited with code \d+$"),
        ],
    ),
    (
        "lint-staged",
        &[
            (
                Complaint,
                r"^\[FAILED\] (?:.+ \[(?:SIG[A-Z]+|KILLED|ENOENT)\]$|Prevented )",
            ),
            (
                Frame,
                r"^\[(?:STARTED|COMPLETED|SKIPPED|FAILED|INFO|DATA|TITLE)\] ",
            ),
            (
                Frame,
                r"^(?:✔|❯|⚠|↓|⠋|⠙|⠹|⠸|⠼|⠴|⠦|⠧|⠇|⠏|[-*] )? *(?:Backing up original state|Preparing lint-staged|Running tasks|Applying modifications|Cleaning up (?:temporary|backup)|Reverting to original state|Hiding unstaged changes|Restoring unstaged changes|Updating Git index|Staging changes from tasks|Skipped because of (?:existing )?(?:previous git )?error|Backed up original state in git stash)",
            ),
            (
                Frame,
                r"^✖ lint-staged failed\.?$|^✖ lint-staged failed with ",
            ),
            (
                Frame,
                r"^ *(?:Any lost modifications can be restored|The initial commit is needed|> git (?:stash|checkout|add|reset)\b)",
            ),
            (
                Frame,
                r"^ *(?:❯|✔|↓) .+(?: — \d+ files?| \[(?:SKIPPED|COMPLETED)\])?$",
            ),
            (Headline, r"^ *✖ .+ \[(?:FAILED|SIGKILL|KILLED|ENOENT)\]$"),
            (
                Complaint,
                r"^✖ (?:lint-staged prevented |Failed to |lint-staged failed due to )",
            ),
            (Headline, r"^✖ .+:$"),
        ],
    ),
    (
        "lefthook",
        &[
            (Frame, r"^[╭│╰][─ │]"),
            (Frame, r"^ *🥊 |^ *✔️ |^ *✓ .+ \(\d+\.\d+ seconds\)$"),
            (Frame, r"^┃ +\S.* ❯ *$|^┃ *$"),
            (Frame, r"^exit status \d+$|^signal: \w+$"),
            (Frame, r"^summary: \((?:done in|skip)"),
            (Frame, r"^\(skip\) |^│? *.+: \(skip\) "),
            (Frame, r"^sync hooks: |^│ +hook: "),
            (Frame, r"^Lefthook v\d|^RUNNING HOOK|^EXECUTE > |^SUMMARY: "),
        ],
    ),
    (
        "pre-commit and prek",
        &[
            (
                Frame,
                r"\.{3,}(?:\(.*\))?(?:Passed|Skipped|Dry Run|Unimplemented|Not Implemented)$",
            ),
            (Headline, r"\.{3,}(?:\(.*\))?Failed$"),
            (
                Frame,
                r"^\s*- (?:hook id|duration|exit code|description): |^\s*- files were modified by this hook$|^  Running hooks for `",
            ),
            (
                Frame,
                r"^\[(?:INFO|WARNING)\] |^(?:Check the log at |Restored working tree changes from |Unstaged changes detected|Non-staged changes detected)",
            ),
            (
                Frame,
                r"^pre-commit hook\(s\) made changes\.$|^If you are seeing this message in CI|^To run `pre-commit` as part of git workflow|^All changes made by hooks:",
            ),
            (Frame, r"^Running in migration mode with existing hooks"),
            (
                Headline,
                r"^An (?:unexpected )?error has occurred: CalledProcessError",
            ),
            (Finding, r"^.+ \(\d+ KB\) exceeds \d+ KB\.$"),
            (
                Finding,
                r"^Private key found: |^Fixing \S|^AWS secret found in |^Case-insensitivity conflict found: ",
            ),
        ],
    ),
    (
        "hk",
        &[(Frame, r"^hk +\d|^hk ERROR \S+ exited with non-zero|^❯ ")],
    ),
    (
        "eslint, stylelint, biome, oxlint",
        &[
            (
                Frame,
                r"potentially fixable with |^Run autofix to fix |^Oops! Something went wrong|^ESLint: \d",
            ),
            (
                Summary,
                r"^ *[✖×⚠] (?:found )?\d+ (?:problems?|errors?|warnings?)\b|^ESLint found too many warnings|^\d+ (?:problems?|errors?|warnings?)(?: \(.*\)| found.*)?\.?$",
            ),
            (
                Summary,
                r"^Checked \d+ files? in |^Found \d+ (?:warnings?|errors?|infos?|diagnostics?)\b|^Finished in \d|^The number of diagnostics exceeds|^(?:check|ci|lint|format|Formatter|Linter) ━+|^Some errors were emitted while|^Skipped \d+ suggested fix",
            ),
            (Warning, r"^\s+\d+:\d+\s+(?:warning|⚠)\s"),
            (Finding, r"^\s+\d+:\d+\s+(?:error|✖|×)\s"),
            (
                Finding,
                r"^\S+:\d+:\d+ (?:lint|parse|assist|format|syntax|suppressions)(?:/\S+)?(?: +FIXABLE)?(?: ━*)?\s*$",
            ),
            (Warning, r"^ *(?:⚠|!) [\w@-]+(?:\(|/)\S+: "),
            (Finding, r"^ *[x×✖] [\w@-]+(?:\(|/)\S+: "),
        ],
    ),
    (
        "prettier",
        &[
            (
                Frame,
                r"^Checking formatting\.\.\.$|^All matched files use Prettier",
            ),
            (
                Summary,
                r"^\[warn\] (?:Code style issues|\d+ files? )|^(?:Code style issues|Error occurred when checking code style) ",
            ),
            (Finding, r"^\[error\] \S+: "),
            (Frame, r"^\[error\] +(?:>? *\d+ *\||\|)|^\[error\] *$"),
            (Finding, r"^\[warn\] \S"),
        ],
    ),
    (
        "ruff, black, flake8, pylint, mypy, bandit",
        &[
            (
                Summary,
                r"^Found \d+ errors?\b|^\d+ files? (?:would be|already|left|reformatted|were|was)|^Oh no! |^All (?:done|checks passed)!|^Success: no issues found|^Your code has been rated|^would fix |^No fixes available",
            ),
            (
                Frame,
                r"^\[\*\] \d+ fixable |^\s*= (?:help|note): |^help: |^\*{5,} Module ",
            ),
            (
                Finding,
                r"^[A-Z]{1,4}\d{3,4} (?:\[[*-]\] )?\S|^invalid-syntax: ",
            ),
            (
                Finding,
                r"^(?:[Ww]ould reformat|reformatted|error: cannot format|Would reformat:) \S",
            ),
            (Finding, r"^>> Issue: "),
        ],
    ),
    (
        "pytest, unittest",
        &[
            (
                Summary,
                r"^=+ .*\b(?:passed|failed|errors?|no tests ran|deselected)\b.* in [\d.]+s.*=+$|^\d+ (?:failed|passed)\b.* in [\d.]+s|^Ran \d+ tests? in |^FAILED \((?:failures|errors)=",
            ),
            (Headline, r"^=+ (?:FAILURES|ERRORS) =+$|^_+ .+ _+$"),
            (Finding, r"^E   +\S"),
            (Headline, r"^(?:FAILED|ERROR) \S+(?:::|\.py)"),
            (Finding, r"^(?:FAIL|ERROR): \w+ \("),
        ],
    ),
    (
        "jest, vitest, mocha, node --test",
        &[
            (
                Summary,
                r"^(?:Test Suites|Tests|Snapshots|Time| *Test Files| +Tests| +Duration| +Start at): |^ +(?:Test Files|Tests|Duration|Start at) +\d|^Ran all test suites|^ *\d+ (?:passing|failing|pending)\b|^[#ℹ] (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ",
            ),
            (Headline, r"^ *(?:FAIL|❌) +\S+|^ *× .+ \d+ms$"),
            (Finding, r"^ *not ok \d+ "),
            (Frame, r"^ *error: \|-$"),
            (Frame, r"^ *PASS +\S"),
            (Frame, r"^⎯+.*⎯+(?:\[\d+/\d+\]⎯*)?$"),
            (Finding, r"^  ● (?:.+ › )?.+$"),
        ],
    ),
    (
        "cargo, rustc, clippy, rustfmt",
        &[
            (
                Frame,
                r"^ +(?:Compiling|Checking|Finished|Running|Doc-tests|Blocking|Updating|Downloading|Downloaded|Locking|Fresh|Adding) ",
            ),
            (
                Frame,
                r"^error: could not compile `|^error: aborting due to |^error: test failed, to rerun pass |^For more information about this error|^Some errors have detailed explanations|^error: \d+ targets? failed|^warning: build failed|^note: (?:run with|to )|^warning: `.+` \(.+\) generated \d+ warning",
            ),
            (Summary, r"^test result: |^running \d+ tests?$"),
            (
                Frame,
                r"^test .+ \.\.\. (?:ok|ignored)$|^failures:$|^---- .+ stdout ----$",
            ),
            (Headline, r"^test .+ \.\.\. FAILED$"),
            (Finding, r"^thread '.+'.* panicked at "),
            (Finding, r"^error(?:\[\w+\])?: "),
            (Frame, r"^ *(?:-->|:::|\.\.\.) "),
            (Warning, r"^warning(?:\[\w+\])?: "),
            (Finding, r"^Diff in \S+"),
        ],
    ),
    (
        "go",
        &[
            (
                Frame,
                r"^# \S+$|^=== (?:RUN|PAUSE|CONT|NAME) |^ok +\t|^\?\s+\S+\s+\[no test files\]",
            ),
            (
                Summary,
                r"^FAIL$|^FAIL\t\S+|^exit status \d+$|^\d+ issues?[:.]|^\* \w+: \d+$",
            ),
            (Headline, r"^ *--- FAIL: "),
            (Frame, r"^ *--- (?:PASS|SKIP): "),
            (Finding, r"^vet: \S"),
        ],
    ),
    (
        "tsc",
        &[
            (
                Summary,
                r"^Found \d+ errors? in |^Errors  Files$|^ +\d+  \S+:\d+$",
            ),
            (Finding, r"^\S.*\(\d+,\d+\): error TS\d+: |^error TS\d+: "),
        ],
    ),
    (
        "shellcheck, shfmt",
        &[
            (
                Frame,
                r"^In \S+ line \d+:$|^For more information:$|^ +https://www\.shellcheck\.net/",
            ),
            (Warning, r"^ *\^-*\^? SC\d+ \((?:info|style|warning)\): "),
            (Finding, r"^ *\^-*\^? SC\d+ \(error\): "),
        ],
    ),
    (
        "gitleaks, detect-secrets, secretlint",
        &[
            (Frame, r"^ *[○│░╲ ]+(?:gitleaks)? *$"),
            (
                Summary,
                r"(?:WRN|INF) (?:leaks found|no leaks found|\d+ commits? scanned|scan |scanned )",
            ),
            (Frame, r"^ INFO kingfisher|^Scan Summary:$"),
            (Finding, r"^ *\|Finding\.+: \D"),
            (Frame, r"^ *\|_*[A-Z][\w ]+\.*: "),
            (Finding, r"^[\w-]+ => \[[\w.-]+\]$"),
            (Finding, r"^Finding: "),
            (
                Frame,
                r"^(?:Secret|RuleID|Entropy|Tags|File|Line|Commit|Author|Email|Date|Fingerprint|Link): ",
            ),
            (
                Finding,
                r"^ERROR: Potential secrets about to be committed|^Secret Type: ",
            ),
            (
                Frame,
                r"^Possible mitigations:|^  - (?:For information about putting|Mark false positives|If you are)",
            ),
        ],
    ),
    (
        "commitlint, gitlint, commitizen",
        &[
            (
                Frame,
                r"^⧗ +input: |^ⓘ +Get help: |^gitlint: checking commit message",
            ),
            (
                Summary,
                r"^[✖⚠] +found \d+ problems?, |^gitlint: .*Your commit message contains violations|^Continue with commit anyways",
            ),
            (Warning, r"^⚠ +\S.* \[[\w-]+\]$"),
            (Finding, r"^✖ +\S.* \[[\w-]+\]$"),
            (Finding, r"^(?:\d+|-): [A-Z]{1,2}\d+ "),
            (Complaint, r"^commit validation: failed!$"),
        ],
    ),
    (
        "any",
        &[
            (Frame, r"^\W*$"),
            (
                Complaint,
                r"^(?:\S+: (?:line )?\d+: +(?:\d+ +)?)?(?:Killed|Terminated|Aborted|Segmentation fault|Bus error|Illegal instruction)\b",
            ),
            (
                Summary,
                r"^\W*\d+ [\w ]+, \d+ (?i:broken|failed|failures?|errors?|bad|red)\b",
            ),
            (
                Frame,
                r"^\s+at (?:async )?\S+.*[:(]|^\s*File \S+, line \d+|^\s*(?:>|→)?\s*\d+ +[|│]|^\s*[|│] ",
            ),
            (
                Frame,
                r"^\s*(?:ok\b|✓|✔|√|PASS\b)|(?:\bok|(?i:\bpassed))[.!]?\s*$|\b(?:0|no) (?:errors?|failed|failures?|problems?)\b",
            ),
            (Frame, r"^[#>+] |^- \S.*[;{}()]$"),
            (
                Summary,
                r"^(?i:finished|done|completed|took|total)\b.*\b(?:in )?\d+(?:\.\d+)? ?(?:ms|s|sec|seconds?|minutes?)\b|\(\d+(?:\.\d+)? ?(?:ms|s|seconds?)\)$",
            ),
            (
                Summary,
                r"^\W*(?i:found |total:? )?\d+ (?i:errors?|problems?|warnings?|failures?|failed|issues?|violations?|leaks?)\b[^:]*$",
            ),
        ],
    ),
];

/// A matcher over the table.
pub(super) struct Table {
    set: RegexSet,
    parts: Vec<Part>,
}

impl Table {
    /// Returns the part of a line; None if no tool of the table has such a line.
    pub(super) fn part(&self, line: &str) -> Option<Part> {
        let first = self.set.matches(line).iter().next()?;
        self.parts.get(first).copied()
    }
}

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let lines = || TOOLS.iter().flat_map(|(_, lines)| *lines);
    Table {
        set: RegexSet::new(lines().map(|(_, line)| line)).unwrap_or_else(|_| RegexSet::empty()),
        parts: lines().map(|(part, _)| *part).collect(),
    }
});

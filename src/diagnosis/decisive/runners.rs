//! The lines of git, and of what runs other tools: managers of hooks and packages, task
//! runners.

use super::part::Part::{Complaint, Finding, Frame, Headline, Summary, Warning};
use super::part::Tool;

/// The table.
pub(super) const RUNNERS: &[Tool] = &[
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
            (Finding, r"^CONFLICT \("),
            (
                Frame,
                r"^Automatic merge failed; fix conflicts|^Auto-merging \S",
            ),
            (Finding, r"^gpg: (?:skipped |signing failed: |can't )"),
            (Headline, r"^error: gpg failed to sign the data"),
            (Summary, r"^fatal: failed to write commit object$"),
            // `git diff --stat`: the files that are not as they were committed.
            (Warning, r"^ \S.* \| +\d+ [+-]+$"),
            (
                Frame,
                r"^diff --git |^index [0-9a-f]+\.\.|^@@ |^--- (?:a/|/dev/null)|^\+{3} b/",
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
            (Frame, r"^✖ failing tests:$"),
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
                r"^✖ lint-staged failed\.?$|^✖ lint-staged failed with |^✖ Task killed: ",
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
        "make, just, task, nox, turbo, nx, concurrently",
        &[
            (
                Frame,
                r"^make(?:\[\d+\])?: (?:\*\*\* \[|Entering|Leaving|Target .* not remade)",
            ),
            (
                Frame,
                r"^error: [Rr]ecipe `.+` (?:failed|was terminated)|^task: Failed to run task",
            ),
            (
                Frame,
                r"^nox > (?:Running|Creating|Re-using|Ran|Command .* failed with)|^nox > \* \S+: ",
            ),
            (Headline, r"^nox > Session .+ failed"),
            (
                Frame,
                r"^ *(?:Tasks|Cached|Time|Failed): +\S|^(?:\S+#\S+:)? *ERROR +(?:run failed: |command )|^• |: cache (?:miss|hit), ",
            ),
            (Frame, r"^.+ exited with code \d+$"),
        ],
    ),
];

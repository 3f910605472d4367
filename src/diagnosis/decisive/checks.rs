//! The lines of linters, formatters, compilers and test tools.

use super::part::Part::{Complaint, Finding, Frame, Headline, Summary, Warning};
use super::part::Tool;

/// The table.
pub(super) const CHECKS: &[Tool] = &[
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
            // The place of a finding, below its own line.
            (Frame, r"^ *(?:,-|╭─+)\[\S+\]$"),
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
            // A name alone: another tool's finding says more.
            (Warning, r"^\[warn\] \S"),
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
            (
                Frame,
                r"^\S+::.+ (?:PASSED|SKIPPED|XFAIL|XPASS)(?: .*)?$|^\S+\.py [.sxX]+(?: .*)?$",
            ),
            (Summary, r"^ +\S+:\d+: \w*Warning: "),
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
            (
                Frame,
                r"^ +(?:generatedMessage|name|failureType|code|actual|expected|operator|diff): .*,?$|^ +console\.(?:log|info|warn|error|debug)$",
            ),
            (Headline, r"^ *✖ .+ \(\d+(?:\.\d+)?ms\)$"),
            (Frame, r"^test at \S+:\d+:\d+$"),
            (
                Finding,
                r"^Jest: .*threshold|^ *ERROR: Coverage |^ *FAIL Required test coverage |^Coverage for \w+ \(.*\) does not meet",
            ),
            (Headline, r"^ *not ok \d+ "),
            (Finding, r"^# +`.+' failed"),
            (Frame, r"^  ● Console$"),
            (Headline, r"^  ● Test suite failed to run$"),
            // The values stand on a line of their own.
            (
                Headline,
                r"^\s*(?:AssertionError.*: )?Expected values to be \S.*:$",
            ),
            (Finding, r"^\s*AssertionError(?: \[\w+\])?: \S"),
            (
                Finding,
                r"^\s*(?:'.*'|-?[\d.]+|true|false|null|undefined) !== \S",
            ),
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
                r"^error: could not compile `|^error: aborting due to |^error: test failed, to rerun pass |^error: test run failed$|^For more information about this error|^Some errors have detailed explanations|^error: \d+ targets? failed|^warning: build failed|^note: (?:run with|to )|^warning: `.+` \(.+\) generated \d+ warning",
            ),
            (Summary, r"^test result: |^running \d+ tests?$"),
            (
                Frame,
                r"^test .+ \.\.\. (?:ok|ignored)$|^failures:$|^---- .+ stdout ----$",
            ),
            (Headline, r"^test .+ \.\.\. FAILED$"),
            (Finding, r"^\s*thread '.+'.* panicked at "),
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
        "bash, shellcheck, shfmt",
        &[
            (Complaint, r"^\S+: line \d+: \S"),
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
            (Finding, r"^Finding: {2,}\S"),
            (
                Frame,
                r"^(?:Secret|RuleID|Entropy|Tags|File|Line|Commit|Author|Email|Date|Fingerprint|Link): ",
            ),
            (Headline, r"^ERROR: Potential secrets about to be committed"),
            (Finding, r"^Secret Type: "),
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
            (Headline, r"^commit validation: failed!$"),
            (
                Finding,
                r"^please enter a commit message in the commitizen format",
            ),
        ],
    ),
    (
        "dprint, knip, terraform, YAML, linkers",
        &[
            (Finding, r"^Found .*not formatted files?"),
            (Finding, r"^Unused \w.* \(\d+\)$"),
            (Finding, r"^ *│ Error: "),
            (Headline, r"^while parsing "),
            (Finding, r"undefined reference to "),
            (Frame, r"^collect2: error: ld returned "),
        ],
    ),
    (
        "sqlfluff",
        &[
            (Headline, r"^== \[.+\] (?:FAIL|PASS)$"),
            (Finding, r"^L: +\d+ \| P: +\d+ \| "),
        ],
    ),
    (
        "Sphinx",
        &[
            (
                Summary,
                r"^build (?:succeeded|finished with problems)|^The HTML pages are in ",
            ),
            (
                Frame,
                r"^(?:reading sources|writing output|copying \w+|highlighting module code|looking for .*|pickling .*|checking .*|preparing .*)\.\.\.",
            ),
            (
                Warning,
                r"^\S+:(?:docstring of \S+:)?(?:\d+:)? (?:WARNING|ERROR|CRITICAL): ",
            ),
        ],
    ),
    (
        "markdownlint",
        &[
            (Frame, r"^markdownlint-cli2 v|^Finding: \S|^Linting: \d"),
            (Summary, r"^Summary: \d+ (?:error|issue)"),
        ],
    ),
];

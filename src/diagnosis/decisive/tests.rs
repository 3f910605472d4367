//! Logs as tools of today write them, each with the line that a reader points at.

use super::*;

#[track_caller]
fn is_decisive(log: &str, line: &str) {
    let bytes = Log::from_bytes(log.as_bytes());
    let found = place(&bytes).map(|place| bytes.shown(place));
    assert_eq!(found.as_deref(), Some(line), "{log}");
}

#[test]
fn every_line_of_the_table_is_an_expression() {
    let lines = || tools::tools().flat_map(|(_, lines)| *lines);
    for (_, line) in lines() {
        assert!(Regex::new(line).is_ok(), "{line}");
    }
    assert!(WORDS.is_some() && TASK.is_some());
    assert!(sections::MARKS.is_some() && subject::RULES.is_some());
    assert_eq!(TABLE.part("hint: use --force"), Some(Part::Frame));
    let names: std::collections::BTreeSet<_> = tools::tools().map(|(name, _)| name).collect();
    assert_eq!(names.len(), tools::tools().count());
}

#[test]
fn words_of_runners_alone_decide_nothing() {
    for line in [
        "husky - pre-commit script failed (code 2)",
        "husky - pre-push hook exited with code 1 (error)",
        "error: failed to push some refs to '/lane/origin.git'",
        "hint: Updates were rejected because the tip of your current branch is behind",
        "npm error Lifecycle script `lint` failed with error:",
        "npm error code 1",
        "npm ERR! code ELIFECYCLE",
        "npm error path /lane/clone",
        "npm error command failed",
        "npm error A complete log of this run can be found in: /x/0-debug-0.log",
        " ELIFECYCLE  Command failed with exit code 1.",
        "error Command failed with exit code 1.",
        "info Visit https://yarnpkg.com/en/docs/cli/run for documentation about this command.",
        "[FAILED] eslint [FAILED]",
        "✖ lint-staged failed",
        "summary: (done in 0.05 seconds)",
        "🥊 lint (0.04 seconds)",
        "✔️ fmt (0.01 seconds)",
        "exit status 1",
        "trim trailing whitespace.................................................Passed",
        "check yaml...........................................(no files to check)Skipped",
        "- hook id: eslint",
        "- exit code: 1",
        "3 tests passed",
        "────────────────",
        "    at Object.<anonymous> (/x/a.js:3:1)",
        "  File \"/x/a.py\", line 3, in f",
        "   |         ^^",
    ] {
        assert_eq!(place(&Log::from_bytes(line.as_bytes())), None, "{line}");
    }
}

#[test]
fn a_closing_summary_is_the_last_resort() {
    for line in [
        "✖ 1 problem (1 error, 0 warnings)",
        "Found 1 error.",
        "Found 2 errors in 1 file (checked 1 source file)",
        "Finished in 12ms on 2 files with 90 rules using 2 threads.",
        "checked everything (0.01 seconds)",
        "Tests:       1 failed, 1 total",
        "test result: FAILED. 0 passed; 1 failed; 0 ignored",
        "=========================== 1 failed in 0.02s ============================",
        "1 file would be reformatted.",
        "12:00PM WRN leaks found: 1",
    ] {
        is_decisive(&format!("it is not so\n{line}\n"), "it is not so");
        is_decisive(&format!("{line}\n"), line);
    }
}

#[test]
fn husky_and_npm_stand_around_the_gates_words() {
    is_decisive(
        "\n> shop@1.0.0 lint\n> eslint .\n\n\n/lane/clone/src/a.js\n  1:1  warning  Unexpected console  no-console\n  \
         3:1  error  Unexpected var, use let or const instead  no-var\n\n✖ 2 problems (1 error, 1 warning)\n  \
         1 error and 0 warnings potentially fixable with the `--fix` option.\n\n\
         npm error Lifecycle script `lint` failed with error:\nnpm error code 1\nnpm error path /lane/clone\n\
         npm error workspace shop@1.0.0\nnpm error location /lane/clone\nnpm error command failed\n\
         npm error command sh -c eslint .\nhusky - pre-commit script failed (code 1)\n",
        "  3:1  error  Unexpected var, use let or const instead  no-var",
    );
    is_decisive(
        "sh: 0: cannot open gate.sh\r: No such file\nhusky - pre-push script failed (code 2)\n\
         error: failed to push some refs to '/lane/origin.git'\n",
        "sh: 0: cannot open gate.sh\u{fffd}: No such file",
    );
}

#[test]
fn lint_staged_marks_the_task_that_failed() {
    is_decisive(
        "[STARTED] Backing up original state...\n[COMPLETED] Backed up original state in git stash (a1b2c3d)\n\
         [STARTED] Running tasks for staged files...\n[STARTED] *.js — 1 file\n[STARTED] prettier --check\n\
         [FAILED] prettier --check [FAILED]\n[FAILED] prettier --check [FAILED]\n\
         [SKIPPED] Skipped because of errors from tasks.\n\n✖ prettier --check:\n[warn] src/a.js\n\
         [warn] Code style issues found in the above file. Run Prettier with --write to fix.\n\
         Checking formatting...\nhusky - pre-commit script failed (code 1)\n",
        "[warn] src/a.js",
    );
    is_decisive(
        "⚠ \n\n✖ lint-staged prevented an empty git commit.\n  Use the --allow-empty option to continue, or check your task configuration\n\
         husky - pre-commit script failed (code 1)\n",
        "✖ lint-staged prevented an empty git commit.",
    );
}

#[test]
fn lefthook_marks_jobs_and_says_which_failed() {
    let log = |output: &str| {
        format!(
            "╭──────────────────────────────────────╮\n│ 🥊 lefthook v2.2.2  hook: pre-commit │\n\
             ╰──────────────────────────────────────╯\n┃  words ❯ \n\nno error found in src/b.txt: error handling\n\n\
             ┃  lint ❯ \n\n{output}\nexit status 1\n  ────────────────────────────────────\n\
             summary: (done in 0.05 seconds)\n✔️ words (0.01 seconds)\n🥊 lint (0.04 seconds)\n"
        )
    };
    is_decisive(
        &log("src/a.ts:3:1: no FIXME in source\n"),
        "src/a.ts:3:1: no FIXME in source",
    );
    is_decisive(&log("looking\nthe gate says no\n"), "the gate says no");
    is_decisive(&log(""), "┃  lint ❯");
}

#[test]
fn words_of_success_do_not_hide_an_error_beside_them() {
    for line in [
        "ERROR src/a.js: the licence check was not passed",
        "ERROR: a release must have no errors, it has 3",
        "scripts/check.sh: line 13: CHANNEL: unbound variable",
    ] {
        is_decisive(
            &format!("conf/errors.json: no errors\n{line}\nsee the wiki\n"),
            line,
        );
    }
}

#[test]
fn runners_of_many_tasks_name_the_task_before_each_line() {
    for task in ["@shop/api:test: ", "[test] ", "packages/api test: "] {
        let error = format!("{task}src/a.ts(3,1): error TS2322: Type 'a' is not 'b'.");
        let log = format!(
            "{task}> tsc -b\n{task}\n{task}0 errors so far\n{error}\n{task}tsc exited with code 2\n"
        );
        is_decisive(&log, &error);
    }
}

#[test]
fn pre_commit_and_prek_mark_hooks() {
    is_decisive(
        "[WARNING] Unstaged files detected.\n[INFO] Stashing unstaged files to /x.\n\
         error words....................Passed\n- hook id: words\n- duration: 0.1s\n\nsrc/b.py:1:1: error in a passing check\n\n\
         ruff check...............................................................Failed\n- hook id: ruff\n- exit code: 1\n\n\
         F401 [*] `os` imported but unused\n --> a.py:1:8\n  |\n1 | import os\n  |        ^^\n  |\nhelp: Remove unused import: `os`\n\n\
         Found 1 error.\n[*] 1 fixable with the `--fix` option.\n\n\
         check json...............................................................Failed\n- hook id: check-json\n- exit code: 1\n\n\
         a.json: Failed to json decode (Expecting value)\n",
        "F401 [*] `os` imported but unused",
    );
    is_decisive(
        "trim trailing whitespace.................................................Failed\n- hook id: trailing-whitespace\n\
         - exit code: 1\n- files were modified by this hook\n\nFixing a.txt\n\ncheck yaml...............Passed\n",
        "Fixing a.txt",
    );
    is_decisive(
        "don't commit to branch...................................................Failed\n- hook id: no-commit-to-branch\n- exit code: 1\n",
        "don't commit to branch...................................................Failed",
    );
}

#[test]
fn a_finding_with_its_place_comes_before_headlines() {
    for (log, line) in [
        (
            "src/a.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.\n\n1 const a: number = 'x'\n        ~\n\n\nFound 1 error in src/a.ts:1\n",
            "src/a.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.",
        ),
        (
            "a.py:1: error: Incompatible types in assignment  [assignment]\nFound 1 error in 1 file (checked 1 source file)\n",
            "a.py:1: error: Incompatible types in assignment  [assignment]",
        ),
        (
            "# shop\n# [shop]\nvet: ./a.go:5:2: undefined: x\n",
            "vet: ./a.go:5:2: undefined: x",
        ),
        (
            "--- FAIL: TestAdd (0.00s)\n    a_test.go:7: got 3, want 4\nFAIL\nFAIL\tshop\t0.002s\nFAIL\n",
            "    a_test.go:7: got 3, want 4",
        ),
        (
            "    Checking shop v0.1.0 (/lane/clone)\nwarning: unused variable: `y`\n --> src/main.rs:1:1\nerror[E0308]: mismatched types\n --> src/main.rs:2:18\n  |\n2 |     let x: i32 = \"a\";\n  |            ---   ^^^ expected `i32`, found `&str`\n\nFor more information about this error, try `rustc --explain E0308`.\nerror: could not compile `shop` (bin \"shop\") due to 1 previous error\n",
            "error[E0308]: mismatched types",
        ),
        (
            "\nIn a.sh line 2:\necho $x\n     ^-- SC2086 (info): Double quote to prevent globbing and word splitting.\n\nDid you mean: \necho \"$x\"\n\nFor more information:\n  https://www.shellcheck.net/wiki/SC2086 -- Double quote to prevent globbing ...\n",
            "     ^-- SC2086 (info): Double quote to prevent globbing and word splitting.",
        ),
        (
            "⧗   input: foo\n✖   subject may not be empty [subject-empty]\n✖   type may not be empty [type-empty]\n\n✖   found 2 problems, 0 warnings\nⓘ   Get help: https://github.com/conventional-changelog/commitlint/#what-is-commitlint\n\nhusky - commit-msg script failed (code 1)\n",
            "✖   subject may not be empty [subject-empty]",
        ),
        (
            "\n    ○\n    │╲\n    │ ○\n    ○ ░\n    ░    gitleaks\n\nFinding:     key = \"REDACTED\"\nSecret:      REDACTED\nRuleID:      generic-api-key\nFile:        a.txt\n\n12:00PM INF 1 commits scanned.\n12:00PM WRN leaks found: 1\n",
            "Finding:     key = \"REDACTED\"",
        ),
        (
            "Dockerfile:1 DL3006 warning: Always tag the version of an image explicitly\n",
            "Dockerfile:1 DL3006 warning: Always tag the version of an image explicitly",
        ),
        (
            "************* Module a\na.py:1:0: C0114: Missing module docstring (missing-module-docstring)\n\n-----------------------------------\nYour code has been rated at 0.00/10\n",
            "a.py:1:0: C0114: Missing module docstring (missing-module-docstring)",
        ),
        (
            "would reformat a.py\n\nOh no! 💥 💔 💥\n1 file would be reformatted.\n",
            "would reformat a.py",
        ),
        (
            "gitlint: checking commit message...\n1: T3 Title has trailing punctuation (.): \"Add it.\"\n3: B6 Body message is missing\n-----------------------------------------------\ngitlint: Your commit message contains violations.\n",
            "1: T3 Title has trailing punctuation (.): \"Add it.\"",
        ),
        (
            "error at 12:31:02 in a.ts\nconnect http://localhost:4873/pkg\n",
            "error at 12:31:02 in a.ts",
        ),
    ] {
        is_decisive(log, line);
    }
}

//! The decisive lines of `tests/it/logs/`: outputs of real gates that failed, judged by readers.

use std::fs::read_dir;
use std::path::Path;

use super::classify::classify;
use super::decisive::subject;
use super::log::Log;
use super::symptom::Symptom;
use crate::model::{BuiltinStep, Failure, FailureClass, StepId};
use crate::sys::fs;

/// Of how many logs another line may be shown than two of three readers would take: one
/// in twenty.
const MISSES: usize = 20;

/// Returns the number of the decisive line of a log, and the cause; 0 if it has none.
fn decisive(log: &[u8], step: &str) -> (usize, &'static str) {
    let stage = |name: &str| StepId::stage(&name.parse().unwrap());
    let (class, step) = match step {
        "install" => (FailureClass::Install, BuiltinStep::GateVersion.into()),
        "push" => (FailureClass::Contract, stage("pre-push")),
        "ci" => (FailureClass::Contract, stage("ci")),
        _ => (FailureClass::Contract, stage("pre-commit")),
    };
    let failure = Failure::new(class, step, "it exited 1");
    let log = Log::from_bytes(log);
    let found = classify(&Symptom::from_failure(&failure, None, &[]), &log);
    let line = found.place.map_or(0, |place| log.number(place));
    (line, found.cause.id)
}

#[test]
fn the_decisive_line_is_the_one_that_readers_point_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/logs");
    let judged = fs::read_text(folder.join("decisive.tsv")).unwrap();
    let (mut logs, mut misses) = (0, Vec::new());
    for row in judged.lines().filter(|row| !row.starts_with('#')) {
        let [name, step, readers @ ..] = &row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        assert_eq!(readers.len(), 3, "{row}");
        let log = fs::read(folder.join(format!("{name}.log"))).unwrap();
        let (found, cause) = decisive(&log, step);
        logs += 1;
        let takes = |lines: &&&str| lines.split(',').any(|line| line == found.to_string());
        if readers.iter().filter(takes).count() < 2 {
            let text = String::from_utf8_lossy(&log);
            let line = text.lines().nth(found.wrapping_sub(1)).unwrap_or_default();
            misses.push(format!(
                "{name}:{found} ({cause}), expected {readers:?}: {line}"
            ));
        }
    }
    let files = read_dir(&folder).unwrap().flatten();
    let of_logs = files.filter(|file| file.path().extension().is_some_and(|it| it == "log"));
    assert_eq!(logs, of_logs.count(), "every log is judged");
    assert!(
        misses.len() * MISSES <= logs,
        "{}\n{misses:#?}",
        misses.len()
    );
}

#[test]
fn a_line_without_a_place_has_that_of_its_neighbours() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/logs");
    let judged = fs::read_text(folder.join("decisive.tsv")).unwrap();
    let mut all = Vec::new();
    for row in judged.lines().filter(|row| !row.starts_with('#')) {
        let mut columns = row.split('\t');
        let (name, step) = (columns.next().unwrap(), columns.next().unwrap());
        let bytes = fs::read(folder.join(format!("{name}.log"))).unwrap();
        let (number, _) = decisive(&bytes, step);
        let log = Log::from_bytes(&bytes);
        let about = number.checked_sub(1).map(|at| subject(&log, at));
        all.extend(about.flatten().map(|about| format!("{name} {about}")));
    }
    let expected = [
        "cargo-clippy src/lib.rs:7:5",
        "deno-lint /home/you/ember/report.ts:6:8",
        "detect-secrets settings.py:1",
        "husky-eslint /home/you/shop/src/cart.js",
        "husky-push-jest src/cart.test.js:4:21",
        "husky4-lint-staged /home/you/four/a.js:1",
        "husky8-node-test /home/you/eight/test/sum.test.js:4:27",
        "jest-module-syntax src/add.test.js:3:42",
        "lefthook-push-vitest src/order.test.ts:5:29",
        "lint-staged-eslint /home/you/shop/src/price.js",
        "lint-staged-max-warnings /home/you/osprey/fail.mjs",
        "make-shellcheck-yamllint bin/clean.sh:2",
        "node-12-syntax /home/you/cinder/scripts/check-names.js:4",
        "npm-module-not-found /home/you/fennel/tools/errors.js:1:20",
        "npm-workspaces-oxlint a.js:1:24",
        "plain-typos README.md:3:6",
        "pre-commit-bandit books/loan.py:1:0",
        "pre-commit-check-yaml deploy/compose.yaml:6:6",
        "pre-commit-push-pytest test_loan.py:10",
        "pre-commit-ruff books/loan.py:1:8",
        "pre-commit-zizmor .github/workflows/ci.yml:2:12",
        "prek-push-unittest /home/you/notes/test_notes.py:10",
        "python-import-error /home/you/teal/hooks/checks/ticket.py:3",
        "secretlint /home/you/ledger/src/db.ini",
        "simple-git-hooks-mocha test/route.js:7:12",
        "yarn-eslint /home/you/ledger/src/post.js",
        "yorkie-stylelint css/main.css",
    ];
    assert_eq!(all, expected);
}

/// The mistake of a configuration, as runners of hooks report it.
#[test]
fn a_mistake_in_a_configuration_has_its_file_and_line() {
    let pre_commit = "An error has occurred: InvalidConfigError: \n\
                      ==> File .pre-commit-config.yaml\n\
                      =====> while parsing a block mapping\n  in \"<unicode string>\", line 4, column 5\n\
                      did not find expected key\n  in \"<unicode string>\", line 6, column 4\n\
                      Check the log at /h/pre-commit.log\n";
    let prek = "error: Failed to parse `.pre-commit-config.yaml`\n  \
                caused by: error: line 1 column 8: expected sequence start\n --> <input>:1:8\n";
    for (text, number, about) in [
        (pre_commit, 3, ".pre-commit-config.yaml:6:4"),
        (prek, 2, ".pre-commit-config.yaml:1:8"),
    ] {
        let (found, cause) = decisive(text.as_bytes(), "commit");
        assert_eq!((found, cause), (number, "configuration-error"));
        let log = Log::from_bytes(text.as_bytes());
        assert_eq!(subject(&log, found - 1).as_deref(), Some(about));
    }
}

//! The decisive lines of `tests/it/logs/`: outputs of real gates that failed, judged by readers.

use std::fs;
use std::path::Path;

use super::classify::classify;
use super::log::Log;
use super::symptom::Symptom;
use crate::model::{BuiltinStep, Failure, FailureClass, StepId};

/// The number of logs of which another line than the readers' may be shown.
const MISSES: usize = 3;

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
    let judged = fs::read_to_string(folder.join("decisive.tsv")).unwrap();
    let (mut logs, mut misses) = (0, Vec::new());
    for row in judged.lines().filter(|row| !row.starts_with('#')) {
        let [name, step, lines] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let log = fs::read(folder.join(format!("{name}.log"))).unwrap();
        let (found, cause) = decisive(&log, step);
        logs += 1;
        if !lines.split(',').any(|line| line == found.to_string()) {
            let text = String::from_utf8_lossy(&log);
            let line = text.lines().nth(found.wrapping_sub(1)).unwrap_or_default();
            misses.push(format!(
                "{name}:{found} ({cause}), expected {lines}: {line}"
            ));
        }
    }
    let files = fs::read_dir(&folder).unwrap().flatten();
    let of_logs = files.filter(|file| file.path().extension().is_some_and(|it| it == "log"));
    assert_eq!(logs, of_logs.count(), "every log is judged");
    assert!(misses.len() <= MISSES, "{}\n{misses:#?}", misses.len());
}

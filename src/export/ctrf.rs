//! Common Test Report Format: <https://ctrf.io>.
//!
//! An error counts as `failed` as a broken contract does: what only asks for `failed` must not
//! pass a run of which nothing is known. `rawStatus` has the class.

use serde_json::{Map, Value, json};

use super::run_report::{Case, LaneReport, Outcome, RunReport, epoch_ms};
use crate::model::text::plain;

/// The version of the format.
const SPEC: &str = "0.0.0";

pub(super) fn render(report: &RunReport) -> String {
    let beside = report.beside.iter().map(|case| test(case, None));
    let lanes = report.lanes.iter();
    let of_lanes = lanes.flat_map(|lane| lane.cases.iter().map(move |case| test(case, Some(lane))));
    let tests: Vec<Value> = beside.chain(of_lanes).collect();
    let environment = with(
        json!({
            "appName": report.package,
            "extra": {
                "again": report.command,
                "sandbox": report.sandbox,
                "verdict": report.verdict.as_str(),
            },
        }),
        [("commit", report.commit.clone().map(Value::from))],
    );
    let results = json!({
        "tool": with(
            json!({ "name": "matrix", "extra": { "gate": report.gate } }),
            [("version", report.matrix_version.clone().map(Value::from))],
        ),
        "summary": summary(report),
        "tests": tests,
        "environment": environment,
    });
    let document = with(
        json!({
            "reportFormat": "CTRF",
            "specVersion": SPEC,
            "runId": report.run_id,
            "generatedBy": "matrix",
            "results": results,
        }),
        [("timestamp", report.ended_at.clone().map(Value::from))],
    );
    format!("{document:#}\n")
}

fn summary(report: &RunReport) -> Value {
    let count = |status: &str| report.count(|outcome| status_of(outcome) == status);
    let retried = report.lanes.iter().filter(|lane| lane.attempts > 0);
    let flaky = retried
        .flat_map(|lane| &lane.cases)
        .filter(|case| case.outcome == Outcome::Passed)
        .count();
    let end = report.ended_at.as_deref().and_then(epoch_ms);
    // Of a run that died only its id is known.
    let start = report.began_ms().or(end).unwrap_or(0);
    let stop = end.unwrap_or(start).max(start);
    json!({
        "tests": report.cases().count(),
        "passed": count("passed"),
        "failed": count("failed"),
        "skipped": count("skipped"),
        "pending": 0,
        "other": 0,
        "flaky": flaky,
        "suites": report.lanes.len(),
        "start": start,
        "stop": stop,
        "duration": stop - start,
    })
}

fn status_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed(..) | Outcome::Error(..) => "failed",
        Outcome::Skipped(_) => "skipped",
    }
}

fn test(case: &Case, lane: Option<&LaneReport>) -> Value {
    let (raw, message) = match &case.outcome {
        Outcome::Passed => (None, None),
        Outcome::Skipped(why) => (None, Some((*why).to_owned())),
        Outcome::Failed(class, text) | Outcome::Error(class, text) => {
            (Some(class.to_string()), Some(plain(text)))
        }
    };
    let start = case.started_at.as_deref().and_then(epoch_ms);
    let stop = start.map(|start| start.saturating_add_unsigned(case.duration_ms));
    let trace = (!case.log.is_empty()).then(|| case.log.join("\n"));
    let attempts = lane.map_or(0, |lane| lane.attempts);
    let has_retries = attempts > 0 && start.is_some();
    let retries = has_retries.then(|| {
        let message = "the machine failed it";
        let attempt = |n| json!({ "attempt": n, "status": "failed", "message": message });
        Value::from((1..=attempts).map(attempt).collect::<Vec<_>>())
    });
    let is_flaky = has_retries && case.outcome == Outcome::Passed;
    with(
        json!({
            "name": case.name,
            "testId": case.name,
            "status": status_of(&case.outcome),
            "duration": case.duration_ms,
            "suite": [lane.map_or("matrix", |lane| lane.name.as_str())],
            "extra": extra(case),
        }),
        [
            ("rawStatus", raw.map(Value::from)),
            ("message", message.map(Value::from)),
            ("start", start.map(Value::from)),
            ("stop", stop.map(Value::from)),
            ("trace", trace.map(Value::from)),
            ("retries", has_retries.then(|| attempts.into())),
            ("retryAttempts", retries),
            ("flaky", is_flaky.then(|| true.into())),
        ],
    )
}

/// The findings of a case that the format has no name for.
fn extra(case: &Case) -> Value {
    let known = with(
        json!({}),
        [
            ("exit", case.exit.map(Value::from)),
            ("expected", case.expected.clone().map(Value::from)),
        ],
    );
    let Some(digest) = &case.digest else {
        return known;
    };
    let commands: Vec<String> = digest.commands.iter().map(|it| plain(it)).collect();
    let line = digest
        .line
        .as_ref()
        .map(|line| plain(&format!("{} ({}:{})", line.text, line.file, line.line)));
    let contract = digest.expected_at.as_deref().map(plain);
    with(
        known,
        [
            ("cause", Some(plain(&digest.cause).into())),
            ("line", line.map(Value::from)),
            ("contract", contract.map(Value::from)),
            ("remedy", Some(plain(&digest.remediation).into())),
            ("commands", Some(commands.into())),
        ],
    )
}

/// An object and those of these members that have a value.
fn with<const N: usize>(object: Value, members: [(&str, Option<Value>); N]) -> Value {
    let mut all: Map<String, Value> = match object {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    let present = members.into_iter();
    all.extend(present.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Value::Object(all)
}

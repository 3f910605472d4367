//! Chrome's trace event format, for <https://ui.perfetto.dev> and `chrome://tracing`: the run is a
//! process, a lane a thread, a step a complete event.

use serde_json::{Value, json};

use super::placed::{PlacedStep, placed};
use super::run_report::{Case, LaneReport, LaneStep, Outcome, RunReport};
use crate::model::StepId;
use crate::model::evidence::Ending;
use crate::model::text::plain;

/// The number of the process.
const RUN: usize = 1;

pub(super) fn render(report: &RunReport) -> String {
    let label = match report.beside.as_ref().map(|case| &case.outcome) {
        Some(Outcome::Failed(_, text) | Outcome::Error(_, text)) => {
            format!("{}: {}", report.verdict.as_str(), plain(text))
        }
        _ => report.verdict.as_str().to_owned(),
    };
    let id = report.run_id.to_string();
    let mut events = vec![
        metadata(0, "process_name", "name", &id),
        metadata(0, "process_labels", "labels", &label),
    ];
    let mut steps = Vec::new();
    for (at, lane) in report.lanes.iter().enumerate() {
        let thread = at + 1;
        let is_reused = lane.steps.is_empty() && lane.cases.iter().any(|case| case.exit.is_some());
        let reused = if is_reused { " (reused)" } else { "" };
        let name = format!("{}{reused}", lane.name);
        events.push(metadata(thread, "thread_name", "name", &name));
        steps.extend(timed(lane, report, thread));
    }
    // By time; at the same time by lane, and within a lane in order.
    steps.sort_by_key(|(at, _)| *at);
    events.extend(steps.into_iter().map(|(_, event)| event));
    let facts: serde_json::Map<String, Value> = report
        .facts()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    // One event on each line: a difference of two files then shows steps.
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    format!(
        "{{\"displayTimeUnit\":\"ms\",\"otherData\":{},\"traceEvents\":[\n{}\n]}}\n",
        Value::Object(facts),
        lines.join(",\n")
    )
}

/// An event that says something of the process, or of a thread.
fn metadata(thread: usize, kind: &str, key: &str, value: &str) -> Value {
    let args = json!({ key: value });
    json!({ "ph": "M", "ts": 0, "pid": RUN, "tid": thread, "name": kind, "args": args })
}

/// The steps of a lane, each with its time in microseconds since the run's first step.
fn timed(lane: &LaneReport, report: &RunReport, thread: usize) -> Vec<(u64, Value)> {
    let mut events = Vec::new();
    for PlacedStep {
        start_us,
        duration_us,
        step,
    } in placed(lane, report)
    {
        let event = json!({
            "ph": "X", "ts": start_us, "dur": duration_us, "pid": RUN, "tid": thread,
            "name": plain(step.evidence.step.as_str()), "cat": category(step, report),
            "args": args(step, lane, report),
        });
        events.push((start_us, event));
    }
    events
}

/// The case of a step, if it is a cell.
fn cell<'a>(step: &LaneStep, lane: &'a LaneReport, report: &RunReport) -> Option<&'a Case> {
    let mut stages = report.stages.iter();
    let at = stages.position(|stage| StepId::stage(stage) == step.evidence.step)?;
    lane.cases.get(at)
}

fn category(step: &LaneStep, report: &RunReport) -> &'static str {
    let mut stages = report.stages.iter();
    let is_cell = stages.any(|stage| StepId::stage(stage) == step.evidence.step);
    if is_cell { "cell" } else { "step" }
}

fn args(step: &LaneStep, lane: &LaneReport, report: &RunReport) -> Value {
    let evidence = &step.evidence;
    let mut args = json!({ "attempt": step.attempt });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            args[name] = value;
        }
    };
    add(
        "command",
        evidence.command.as_deref().map(|it| plain(it).into()),
    );
    add(
        "problem",
        evidence.problem.as_deref().map(|it| plain(it).into()),
    );
    let code = evidence.ending.as_ref().and_then(Ending::code);
    add("exit", code.map(Value::from));
    // A case describes the last attempt alone.
    let is_last = step.attempt > lane.attempts;
    if let Some(case) = cell(step, lane, report).filter(|_| is_last) {
        add("expected", case.expected.clone().map(Value::from));
        add("verdict", Some(verdict(case).into()));
        let cause = case
            .digest
            .as_ref()
            .map(|digest| plain(&digest.cause).into());
        add("cause", cause);
    }
    args
}

fn verdict(case: &Case) -> String {
    match &case.outcome {
        Outcome::Passed => "pass".to_owned(),
        Outcome::Failed(class, _) | Outcome::Error(class, _) => class.to_string(),
        Outcome::Skipped(why) => (*why).to_owned(),
    }
}

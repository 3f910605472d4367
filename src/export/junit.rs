//! `JUnit` XML, as nextest writes it.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::run_report::{Case, LaneReport, Outcome, RunReport};

pub(super) fn render(report: &RunReport) -> String {
    let mut suite = TestSuite::new(&*report.package);
    for (name, value) in report.facts() {
        suite.add_property(Property::new(name, value));
    }
    if let Some(case) = &report.beside {
        suite.add_test_case(test_case(case, None));
    }
    for lane in &report.lanes {
        for case in &lane.cases {
            suite.add_test_case(test_case(case, Some(lane)));
        }
    }
    let started = report.cases().filter_map(|case| case.started_at.as_deref());
    if let Some(first) = started.min().and_then(time) {
        suite.set_timestamp(first);
    }
    suite.set_time(report.cases().map(duration).sum());
    let mut document = Report::new("matrix");
    document.add_test_suite(suite);
    // The writer is memory, which always takes it.
    document.to_string().unwrap_or_default()
}

fn test_case(case: &Case, lane: Option<&LaneReport>) -> TestCase {
    let mut status = match &case.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(*why);
            status
        }
        Outcome::Failed(class, text) => {
            non_success(NonSuccessKind::Failure, class.to_string(), text, case)
        }
        Outcome::Error(class, text) => {
            non_success(NonSuccessKind::Error, class.to_string(), text, case)
        }
    };
    if let Some(lane) = lane.filter(|_| case.outcome == Outcome::Passed) {
        for attempt in 1..=lane.attempts {
            let mut rerun = TestRerun::new(NonSuccessKind::Error);
            rerun.set_type("infra");
            rerun.set_message(format!("attempt {attempt} failed for the machine's sake"));
            status.add_rerun(rerun);
        }
    }
    let mut test = TestCase::new(&*case.name, status);
    test.set_classname(lane.map_or("matrix", |lane| lane.name.as_str()));
    test.set_time(duration(case));
    if let Some(started) = case.started_at.as_deref().and_then(time) {
        test.set_timestamp(started);
    }
    if !case.log.is_empty() {
        test.set_system_out(case.log.join("\n") + "\n");
    }
    test
}

fn non_success(kind: NonSuccessKind, class: String, text: &str, case: &Case) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(class).set_message(text);
    status.set_description(case.lines().join("\n"));
    status
}

fn duration(case: &Case) -> Duration {
    Duration::from_millis(case.duration_ms)
}

fn time(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

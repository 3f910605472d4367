//! Test Anything Protocol, version 14: <https://testanything.org/tap-version-14-specification.html>.

use std::fmt::Write as _;

use super::run_report::{Case, Outcome, RunReport};

pub(super) fn render(report: &RunReport) -> String {
    let cases: Vec<&Case> = report.cases().collect();
    let mut out = String::from("TAP version 14\n");
    for (name, value) in report.facts() {
        let _ = writeln!(out, "# {name}: {value}");
    }
    let _ = writeln!(out, "1..{}", cases.len());
    for (at, case) in cases.into_iter().enumerate() {
        let (number, name) = (at + 1, escaped(&case.name));
        let _ = match &case.outcome {
            Outcome::Passed => writeln!(out, "ok {number} - {name}"),
            Outcome::Skipped(why) => writeln!(out, "ok {number} - {name} # SKIP {why}"),
            Outcome::Failed(class, text) | Outcome::Error(class, text) => {
                let class = class.to_string();
                writeln!(
                    out,
                    "not ok {number} - {name}\n{}",
                    block(case, &class, text)
                )
            }
        };
    }
    out
}

/// Escapes what would begin a directive.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('#', "\\#")
}

/// The YAML block of a failure. Strings of JSON are strings of YAML.
fn block(case: &Case, class: &str, text: &str) -> String {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let mut lines = vec![
        format!("message: {}", json(text)),
        format!("class: {}", json(class)),
        format!("duration_ms: {}", case.duration_ms),
    ];
    if let Some(expected) = &case.expected {
        let found = case.exit.map_or("null".to_owned(), |exit| exit.to_string());
        lines.push(format!("wanted: {}", json(expected)));
        lines.push(format!("found: {found}"));
    }
    if let Some(digest) = &case.digest {
        lines.push(format!("cause: {}", json(&digest.cause)));
        lines.push(format!("line: {}", json(digest.says())));
        lines.push(format!("remedy: {}", json(&digest.remediation)));
        let commands = digest.commands.iter().map(|it| format!("  - {}", json(it)));
        lines.push("commands:".to_owned());
        lines.extend(commands);
    }
    let lines = lines.iter().map(|line| format!("  {line}\n"));
    format!("  ---\n{}  ...", lines.collect::<String>())
}

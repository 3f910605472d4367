//! Markdown as GitHub and GitLab render it: the grid, the causes, and the commands.
//!
//! Text of a gate stands in code alone, where nothing of it is markup, a link or a mention.

use std::fmt::Write as _;

use super::compared::Compared;
use super::run_report::{Case, Outcome, RunReport};
use crate::artifact::summary::FinalVerdict;
use crate::model::Cluster;
use crate::model::text::{plain, some_of};

/// The number of causes and cells that are listed.
const LISTED: usize = 20;

pub(super) fn render(report: &RunReport) -> String {
    let mark = match report.verdict {
        FinalVerdict::Pass => "✅",
        FinalVerdict::Partial | FinalVerdict::Uncommitted => "⚠️",
        FinalVerdict::Fail => "❌",
    };
    let verdict = report.verdict.as_str();
    let mut out = format!("### {mark} {verdict}: {}\n\n", code(&report.package));
    out += &grid(report);
    if let Some(case) = &report.beside {
        let _ = write!(out, "**{}**: {}\n\n", code(&case.name), code(&told(case)));
        out += &block(&case.lines());
    }
    for cluster in report.clusters.iter().take(LISTED) {
        out += &cause(cluster);
    }
    if let Some(more @ 1..) = report.clusters.len().checked_sub(LISTED) {
        let _ = write!(out, "…and {more} more causes.\n\n");
    }
    let base = report.detail.base.as_ref();
    if let Some(compared) = base.and_then(Compared::new) {
        out += &comparison(&compared);
    }
    out += "<details><summary>What ran</summary>\n\n";
    for (name, value) in report.facts() {
        let _ = writeln!(out, "- {name}: {}", code(&value));
    }
    out + "\n</details>\n"
}

/// The grid: one line for each lane, one column for each stage.
fn grid(report: &RunReport) -> String {
    if report.lanes.is_empty() {
        return String::new();
    }
    let stages = report.stages.iter().map(|stage| format!(" {stage} |"));
    let mut out = format!("| scenario |{}\n", stages.collect::<String>());
    let _ = writeln!(out, "|---|{}", "---|".repeat(report.stages.len()));
    for lane in &report.lanes {
        let cells = lane.cases.iter().map(|case| format!(" {} |", cell(case)));
        let _ = writeln!(out, "| {} |{}", lane.name, cells.collect::<String>());
    }
    out + "\n"
}

fn cell(case: &Case) -> String {
    let exit = case.exit.map_or("–".to_owned(), |exit| exit.to_string());
    match &case.outcome {
        Outcome::Passed => format!("✅ {exit}"),
        Outcome::Skipped(_) => "·".to_owned(),
        Outcome::Failed(class, _) | Outcome::Error(class, _) => match &case.expected {
            Some(expected) => format!("❌ {exit}, expected {expected} ({class})"),
            None => format!("❌ {exit} ({class})"),
        },
    }
}

fn told(case: &Case) -> String {
    match &case.outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Skipped(why) => (*why).to_owned(),
        Outcome::Failed(_, text) | Outcome::Error(_, text) => text.clone(),
    }
}

fn cause(cluster: &Cluster) -> String {
    let cells: Vec<String> = cluster.cells.iter().map(ToString::to_string).collect();
    let cells = match &*cells {
        [] => String::new(),
        cells => format!(": {}", code(&some_of(cells, LISTED))),
    };
    let mut out = format!("**{}**{cells}\n\n", code(&cluster.cause));
    out += &block(&[plain(&cluster.line)]);
    let _ = write!(out, "Remedy: {}\n\n", code(&cluster.remediation));
    out + &block(&cluster.commands)
}

/// The comparison with an earlier run: the cells that changed, then what else differs.
fn comparison(compared: &Compared) -> String {
    let base = &compared.base;
    let mut out = format!(
        "**Compared with run {}** ({}): {}\n\n",
        code(&base.run_id),
        code(&base.final_verdict),
        compared.sentence()
    );
    let changed = compared.changed().count();
    if changed > 0 {
        out += "| cell | change | then | now |\n|---|---|---|---|\n";
    }
    for cell in compared.changed().take(LISTED) {
        let [then, now] = cell.sides().map(|side| code(&side));
        let (name, change) = (code(&cell.cell), cell.change());
        let _ = writeln!(out, "| {name} | {change} | {then} | {now} |");
    }
    if let Some(more @ 1..) = changed.checked_sub(LISTED) {
        let _ = write!(out, "\n…and {more} more cells.\n");
    }
    if changed > 0 {
        out.push('\n');
    }
    for one in &compared.differences {
        let side = |side: &Option<String>| side.as_deref().map_or("–".to_owned(), code);
        let (then, now) = (side(&one.base), side(&one.current));
        let _ = writeln!(out, "- {}: {then} → {now}", code(&one.what));
    }
    if !compared.differences.is_empty() {
        out.push('\n');
    }
    out
}

/// A text as code, between more backticks than it has in a row.
fn code(text: &str) -> String {
    let text = plain(text);
    let text = text.trim();
    let fence = "`".repeat(longest_run(text) + 1);
    let space = if text.contains('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Lines as a block of code; nothing without a line.
pub(super) fn block(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let text: Vec<String> = lines.iter().map(|line| plain(line)).collect();
    let text = text.join("\n");
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}text\n{text}\n{fence}\n\n")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_gets_out_of_code() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a ``b`` c"), "``` a ``b`` c ```");
        assert_eq!(code("@all <b> #1"), "`@all <b> #1`");
        assert_eq!(block(&["```".to_owned()]), "````text\n```\n````\n\n");
        assert_eq!(code("a\nb"), "`a⏎b`");
    }
}

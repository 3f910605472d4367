//! The lanes of a check: each with its commands, or in a few lines.

use std::fmt::Write as _;

use gate_matrix::lane::steps::steps_of;
use gate_matrix::model::text::plain;
use gate_matrix::model::{Plan, Profile, ScenarioName};
use gate_matrix::sys::verbosity::{self, Verbosity};
use indexmap::IndexMap;

use crate::display::wrapped;

/// Lanes that are listed with their commands, unless `-v` asks for all. More do not fit a screen.
const LISTED: usize = 5;
/// Lines that the scenarios of a summary may take.
const LINES: usize = 8;

/// Describes the selected lanes, which are on this branch.
pub(super) fn lanes(profile: &Profile, plan: &Plan, branch: &str) -> String {
    let count = plan.selected_scenarios().count();
    if count <= LISTED || verbosity::level() >= Verbosity::Verbose {
        let all = plan.selected_scenarios();
        return all.map(|name| lane(profile, plan, name, branch)).collect();
    }
    summary(profile, plan, count)
}

/// A lane with the command of each step.
fn lane(profile: &Profile, plan: &Plan, name: &ScenarioName, branch: &str) -> String {
    let mut out = format!("lane {name}:\n");
    for step in &steps_of(profile, plan, name, None) {
        let planned = step.planned(profile, name, branch);
        let command = planned.command.unwrap_or_default();
        let stage = planned.step.stage_name();
        let expected = match stage.and_then(|stage| profile.scenarios[name].expect.get(&stage)) {
            Some(expected) => format!("  → {}", expected.exit.describe()),
            None => String::new(),
        };
        let line = format!("{:<22} {}{expected}", planned.step, plain(&command));
        let _ = writeln!(out, "  {}", line.trim_end());
    }
    out
}

/// The lanes by what they are to exit with, and the steps that they have in common.
fn summary(profile: &Profile, plan: &Plan, count: usize) -> String {
    let mut steps: Vec<String> = Vec::new();
    let mut by_exits: IndexMap<String, Vec<&str>> = IndexMap::new();
    for name in plan.selected_scenarios() {
        for step in &steps_of(profile, plan, name, None) {
            let id = step.planned(profile, name, "").step.to_string();
            if !steps.contains(&id) {
                steps.push(id);
            }
        }
        let expect = &profile.scenarios[name].expect;
        let exits = plan.stages_of(name).map(|stage| {
            let exit = expect.get(stage).map(|expected| expected.exit.describe());
            format!("{stage}={}", exit.unwrap_or_else(|| "-".to_owned()))
        });
        let exits = exits.collect::<Vec<_>>().join(" ");
        by_exits.entry(exits).or_default().push(name.as_str());
    }
    let mut out = wrapped(&format!("{count} lanes: {}", steps.join(", ")), 2);
    let mut lines = Vec::new();
    for (exits, names) in &by_exits {
        let text = format!("  {exits}: {}", names.join(", "));
        lines.extend(wrapped(&text, 4).lines().map(str::to_owned));
    }
    let hidden = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    let more = match hidden {
        0 => String::new(),
        1 => "one more line and ".to_owned(),
        many => format!("{many} more lines and "),
    };
    let _ = writeln!(out, "  {more}the command of each step: matrix check -v");
    out
}

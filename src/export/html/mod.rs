//! A page for people: the values of a recorded run, for the renderer of pages.

mod cell;
mod chain;
mod change;
mod comparison;
mod ending;
mod trial;

use super::placed::placed;
use super::run_report::{ALTERED, LaneReport, Outcome, RunReport};
use crate::artifact::summary::FinalVerdict;
use crate::model::{Cluster, StepId};
use crate::page::{self, Cause, Lane, RunPage, Step, StepKind, Text, Tone};
use cell::{Cells, Room};
use ending::ending;

/// The room for details, the first that gives a small page.
const ROOMS: [Room; 4] = [
    Room::new(300_000, true),
    Room::new(100_000, true),
    Room::new(100_000, false),
    Room::new(0, false),
];
/// The size of a small page, which a mail or a browser of artifacts takes.
const SMALL: usize = 1_000_000;

pub(super) fn render(report: &RunReport) -> String {
    let mut html = String::new();
    for room in ROOMS {
        html = page::run(&of_run(report, room));
        if html.len() <= SMALL {
            break;
        }
    }
    html
}

fn of_run(report: &RunReport, room: Room) -> RunPage {
    let mut cells = Cells::new(report, room);
    let beside = report.beside.as_ref().map(|case| cells.beside(case));
    let lanes: Vec<Lane> = report
        .lanes
        .iter()
        .map(|lane| of_lane(lane, report, &mut cells))
        .collect();
    let steps = lanes.iter().flat_map(|lane| &lane.steps);
    let ends = steps.map(|step| step.start_us.saturating_add(step.duration_us));
    let mut facts = report.facts();
    facts.retain(|(name, _)| *name != "again");
    facts.extend(report.ended_at.clone().map(|at| ("ended", at)));
    let tools = report.detail.tools.iter();
    let versions: Vec<String> = tools
        .map(|(name, version)| format!("{name}: {version}"))
        .collect();
    if !versions.is_empty() {
        facts.push(("tools", versions.join("; ")));
    }
    RunPage {
        verdict: report.verdict.as_str(),
        tone: match report.verdict {
            FinalVerdict::Pass => Tone::Good,
            FinalVerdict::Partial | FinalVerdict::Uncommitted => Tone::Part,
            FinalVerdict::Fail => Tone::Bad,
        },
        package: (&report.package).into(),
        sentence: sentence(report).into(),
        facts: facts
            .iter()
            .map(|(name, value)| (*name, value.into()))
            .collect(),
        command: (&report.command).into(),
        stages: report
            .stages
            .iter()
            .map(|stage| stage.as_str().into())
            .collect(),
        beside,
        causes: report.clusters.iter().map(of_cluster).collect(),
        length_us: ends.max().unwrap_or(0),
        lanes,
        comparison: comparison::of_run(report),
        trial: trial::of_run(&report.detail),
    }
}

/// The run in a sentence: its cells by outcome.
fn sentence(report: &RunReport) -> String {
    let count = |is_it: &dyn Fn(&Outcome) -> bool| {
        let cells = report.lanes.iter().flat_map(|lane| &lane.cases);
        cells.filter(|case| is_it(&case.outcome)).count()
    };
    let all = count(&|_| true);
    let is_altered = |it: &Outcome| *it == Outcome::Skipped(ALTERED);
    let parts = [
        (count(&|it| matches!(it, Outcome::Passed)), "green"),
        (count(&|it| matches!(it, Outcome::Failed(..))), "red"),
        (count(&|it| matches!(it, Outcome::Error(..))), "in error"),
        (count(&is_altered), "altered on purpose"),
        (
            count(&|it| matches!(it, Outcome::Skipped(_)) && !is_altered(it)),
            "not tried",
        ),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let words: Vec<String> = parts
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let commit = report.commit.as_deref().map(|commit| {
        let short: String = commit.chars().take(12).collect();
        format!(" · commit {short}")
    });
    let cells = if all == 1 { "cell" } else { "cells" };
    let told = match all {
        0 if report.ended_at.is_none() => "the run died".to_owned(),
        0 => "no cell was tried".to_owned(),
        _ => format!("{all} {cells}: {}", words.join(", ")),
    };
    format!("{told}{} · {}", commit.unwrap_or_default(), report.run_id)
}

fn of_cluster(cluster: &Cluster) -> Cause {
    Cause {
        id: (&cluster.cause).into(),
        line: Text::lines(&cluster.line),
        class: cluster.failure_class.to_string().into(),
        count: cluster.count,
        cells: cluster
            .cells
            .iter()
            .map(|cell| cell.to_string().into())
            .collect(),
        smallest: cluster
            .smallest
            .as_ref()
            .map(|cell| cell.to_string().into()),
        remedy: (&cluster.remediation).into(),
        commands: cluster.commands.iter().map(Text::from).collect(),
    }
}

fn of_lane(lane: &LaneReport, report: &RunReport, cells: &mut Cells<'_>) -> Lane {
    let steps = placed(lane, report).into_iter().map(|placed| {
        let evidence = &placed.step.evidence;
        let mut stages = report.stages.iter();
        let stage = stages.position(|stage| StepId::stage(stage) == evidence.step);
        let is_last = placed.step.attempt > lane.attempts;
        let case = stage.and_then(|at| lane.cases.get(at)).filter(|_| is_last);
        let is_red = case
            .is_some_and(|case| matches!(case.outcome, Outcome::Failed(..) | Outcome::Error(..)));
        Step {
            name: evidence.step.as_str().into(),
            kind: match stage {
                _ if is_red || evidence.problem.is_some() => StepKind::Failed,
                Some(_) => StepKind::Stage,
                None if evidence.step.as_str().starts_with("seed_") => StepKind::Seed,
                None => StepKind::SetUp,
            },
            ending: ending(evidence).into(),
            start_us: placed.start_us,
            duration_us: placed.duration_us,
            attempt: placed.step.attempt,
            cell: stage.filter(|_| is_last),
        }
    });
    Lane {
        name: lane.name.as_str().into(),
        notes: notes(lane, report),
        steps: steps.collect(),
        cells: lane
            .cases
            .iter()
            .zip(&report.stages)
            .map(|(case, stage)| cells.of_lane(case, &lane.name, stage))
            .collect(),
        change: cells.change(&lane.name),
    }
}

fn notes(lane: &LaneReport, report: &RunReport) -> Vec<Text> {
    let mut notes = Vec::new();
    let Some(record) = report.detail.lanes.get(&lane.name) else {
        return notes;
    };
    if let Some(run) = &record.reused {
        notes.push(format!("Reused from run {run}: it did not run again.").into());
    }
    if let Some(by) = &record.set_up.by {
        notes.push(format!("Its clone and installation are those of {by}.").into());
    }
    for (at, attempt) in record.attempts.iter().enumerate() {
        let why = attempt
            .failure
            .as_ref()
            .map_or_else(String::new, |failure| {
                format!(": {}: {}", failure.class, failure.message)
            });
        notes.push(format!("Attempt {} does not count{why}", at + 1).into());
    }
    notes
}

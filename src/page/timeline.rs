//! The timeline: a row for each lane, a bar for each step.

use maud::{Markup, html};

use super::data::{Lane, RunPage, Step, StepKind};
use super::parts::duration;

/// The width of a row of bars in units of its own.
const WIDTH: u64 = 2000;
/// The number of slowest steps that are listed.
const SLOWEST: usize = 5;
/// The number of parts that the axis names.
const PARTS: u64 = 4;

pub(super) fn timeline(page: &RunPage) -> Markup {
    let length = page.length_us.max(1);
    html! {
        section #timeline aria-labelledby="timeline-title" {
            h2 #timeline-title { "Timeline" }
            p.legend {
                span.swatch.b0 {} "set-up " span.swatch.b1 {} "change " span.swatch.b2 {} "stage "
                span.swatch.b3 {} "failed step"
            }
            div.wide {
                table.timeline {
                    thead {
                        tr {
                            th scope="col" { "lane" }
                            th.axis scope="col" {
                                @for part in 0..PARTS { span { (duration(length * part / PARTS / 1000)) } }
                                span { (duration(length / 1000)) }
                            }
                        }
                    }
                    tbody {
                        @for lane in page.lanes.iter().filter(|lane| !lane.steps.is_empty()) {
                            tr {
                                th scope="row" { a href={ "#lane-" (lane.name) } { (lane.name) } }
                                td { (bars(lane, length)) }
                            }
                        }
                    }
                }
            }
            (slowest(page))
        }
    }
}

/// The bars of a lane. Its drawer has the same steps as a table, so these are for the eye alone.
fn bars(lane: &Lane, length: u64) -> Markup {
    let place = |us: u64| us.saturating_mul(WIDTH) / length;
    html! {
        svg.bars viewBox={ "0 0 " (WIDTH) " 14" } preserveAspectRatio="none" aria-hidden="true" {
            @for (at, step) in lane.steps.iter().enumerate() {
                @let left = place(step.start_us);
                @let width = place(step.start_us + step.duration_us).saturating_sub(left).max(3);
                a href=(target(lane, at, step)) tabindex="-1" {
                    title { (step.name) ", " (duration(step.duration_us / 1000)) ", " (step.ending) }
                    @let (top, height) = if step.kind == StepKind::Failed { (0, 14) } else { (3, 8) };
                    rect class=(class(step.kind)) x=(left) y=(top) width=(width) height=(height) {}
                }
            }
        }
    }
}

fn class(kind: StepKind) -> &'static str {
    match kind {
        StepKind::SetUp => "b0",
        StepKind::Seed => "b1",
        StepKind::Stage => "b2",
        StepKind::Failed => "b3",
    }
}

/// The address of a step: the drawer of its cell, else its row in that of its lane.
fn target(lane: &Lane, at: usize, step: &Step) -> String {
    match step.cell.and_then(|cell| lane.cells.get(cell)) {
        Some(cell) => format!("#{}", cell.name.as_str()),
        None => format!("#step-{}-{}", lane.name.as_str(), at + 1),
    }
}

fn slowest(page: &RunPage) -> Markup {
    let steps = page.lanes.iter().flat_map(|lane| {
        let steps = lane.steps.iter().enumerate();
        steps.map(move |(at, step)| (lane, at, step))
    });
    let mut all: Vec<_> = steps.collect();
    // Stable: equal durations stay in declared order.
    all.sort_by_key(|(.., step)| std::cmp::Reverse(step.duration_us));
    all.truncate(SLOWEST);
    html! {
        h3 { "The slowest steps" }
        ol.slowest {
            @for (lane, at, step) in all {
                li {
                    a href=(target(lane, at, step)) { (lane.name) " " (step.name) }
                    " " span.number { (duration(step.duration_us / 1000)) }
                }
            }
        }
    }
}

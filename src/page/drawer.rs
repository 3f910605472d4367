//! The drawers: everything about one cell, or one lane. The fragment of the address opens one.

use maud::{Markup, html};

use super::data::{Cell, Change, ChangeLine, Lane, Link, Proof, RunPage, Side, Tone};
use super::parts::{command, count, duration, excerpt};
use super::text::Text;

pub(super) fn all(page: &RunPage) -> Markup {
    html! {
        @for lane in &page.lanes {
            (of_lane(lane))
            @for cell in &lane.cells { (of_cell(cell, Some(lane))) }
        }
    }
}

/// A failure outside of every cell, as a section of the page.
pub(super) fn beside(cell: &Cell) -> Markup {
    html! {
        section.beside id=(cell.name) aria-label="Failure" {
            h2 { (cell.name) }
            (body(cell, None))
        }
    }
}

fn of_cell(cell: &Cell, lane: Option<&Lane>) -> Markup {
    html! {
        section.drawer.(cell.tone.class()) id=(cell.name) tabindex="-1" aria-label=(cell.name) {
            (top(&cell.name, cell.tone, &cell.word))
            (body(cell, lane))
        }
    }
}

fn top(name: &Text, tone: Tone, word: &Text) -> Markup {
    html! {
        div.top {
            h2 { (name) }
            span.verdict.(tone.class()) { span aria-hidden="true" { (tone.mark()) " " } (word) }
            a.close href="#grid" { "Close" }
        }
    }
}

fn body(cell: &Cell, lane: Option<&Lane>) -> Markup {
    html! {
        dl.story {
            @if !cell.wanted.is_empty() { dt { "Wanted" } @for text in &cell.wanted { dd { (text) } } }
            @if !cell.saw.is_empty() { dt { "Saw" } @for text in &cell.saw { dd { (text) } } }
            dt { "So" }
            dd.so.(cell.tone.class()).quoted[cell.so.as_str().contains('\n')] { (cell.so) }
            @if let Some(remedy) = &cell.remedy {
                dt { "Cause" } dd { code { (remedy.cause) } @for number in &cell.causes { " " a href={ "#cause-" (number) } { "show its cells" } } }
                dt { "Remedy" } dd { (remedy.text) }
            }
        }
        @if let Some(log) = &cell.log { h3 { "The decisive line" } (excerpt(log)) }
        @for side in &cell.sides { (one_side(side)) }
        @if !cell.chain.is_empty() { (chain(&cell.chain)) }
        @if !cell.proofs.is_empty() { (proofs(&cell.proofs)) }
        @if let Some(change) = &cell.change { (of_change(change)) }
        @if let Some(end) = &cell.end {
            details { summary { "The end of the log (" (count(end.lines.len(), "line")) ")" } (excerpt(end)) }
        }
        @if let Some(ran) = &cell.ran {
            p.ran { span.dim { "ran " } code { (ran) }
                @if let Some(ms) = cell.duration_ms { span.dim { " in " (duration(ms)) } }
            }
        }
        @if !cell.commands.is_empty() {
            h3 { "Reproduce it" }
            @for (what, line) in &cell.commands { p.dim { (what) } (command(line)) }
        }
        @if let Some(lane) = lane {
            p { a href={ "#lane-" (lane.name) } { "Steps of " (lane.name) } }
        }
    }
}

fn chain(links: &[Link]) -> Markup {
    html! {
        h3 { "From git to the gate" }
        ol.chain {
            @for link in links {
                li.(link.tone.class()) {
                    strong { (link.title) } " " span { (link.text) }
                    @if link.tone == Tone::Bad { span.sr { " (the chain is broken here)" } }
                }
            }
        }
    }
}

fn proofs(proofs: &[Proof]) -> Markup {
    html! {
        h3 { "What had to hold" }
        table.plain {
            thead { tr { th scope="col" { "demand" } th scope="col" { "holds" } th scope="col" { "value" } } }
            tbody {
                @for proof in proofs {
                    @let tone = if proof.holds { Tone::Good } else { Tone::Bad };
                    tr {
                        th scope="row" { code { (proof.what) } }
                        td.(tone.class()) { (tone.mark()) @if proof.holds { " yes" } @else { " no" } }
                        td {
                            @if let Some(value) = &proof.value { code { (value) } }
                            @if let Some(problem) = &proof.problem { " " (problem) }
                        }
                    }
                }
            }
        }
    }
}

fn one_side(side: &Side) -> Markup {
    html! {
        h3.(side.tone.class()) { (side.tone.mark()) " " (side.outcome) span.dim { " · " (side.repetitions) } }
        @if let Some(problem) = &side.problem { p { (problem) } }
        @if side.log.lines.is_empty() { p.dim { "It printed nothing." } } @else { (excerpt(&side.log)) }
    }
}

fn of_change(change: &Change) -> Markup {
    html! {
        h3 { "The change" }
        ol.diff tabindex="0" {
            @for line in &change.lines {
                li class=(class(line)) {
                    @if line.violates && line.sign == '+' { span.sr { "violates: " } }
                    @if matches!(line.sign, '+' | '-' | ' ') { (line.sign) } (line.text)
                }
            }
        }
        @if change.is_cut { p.dim { "The rest of the change is left out." } }
    }
}

fn class(line: &ChangeLine) -> &'static str {
    match (line.sign, line.violates) {
        ('+', false) => "added",
        ('+', true) => "added violates",
        ('-', false) => "removed",
        ('-', true) => "removed violates",
        ('@', _) => "hunk",
        ('f', _) => "file",
        _ => "same",
    }
}

fn of_lane(lane: &Lane) -> Markup {
    let bad = lane.cells.iter().any(|cell| cell.tone == Tone::Bad);
    let (tone, word) = if bad {
        (Tone::Bad, "red")
    } else {
        (Tone::Off, "scenario")
    };
    html! {
        section.drawer id={ "lane-" (lane.name) } tabindex="-1" aria-label={ "scenario " (lane.name) } {
            (top(&lane.name, tone, &word.into()))
            @for note in &lane.notes { p { (note) } }
            @if let Some(change) = &lane.change { (of_change(change)) }
            @if !lane.steps.is_empty() {
                h3 { "Steps" }
                table.plain.steps {
                    thead { tr { th scope="col" { "step" } th scope="col" { "ended" } th.number scope="col" { "time" } } }
                    tbody {
                        @for (at, step) in lane.steps.iter().enumerate() {
                            tr id={ "step-" (lane.name) "-" (at + 1) } {
                                th scope="row" {
                                    @match step.cell.and_then(|at| lane.cells.get(at)) {
                                        Some(cell) => a href={ "#" (cell.name) } { (step.name) },
                                        None => (step.name),
                                    }
                                    @if step.attempt > 1 { span.dim { " attempt " (step.attempt) } }
                                }
                                td { (step.ending) }
                                td.number { (duration(step.duration_us / 1000)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

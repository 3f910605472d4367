//! The page of a run.

use std::fmt::Write as _;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::data::{Cause, Comparison, RunPage};
use super::parts::{command, count};
use super::{drawer, grid, policy, timeline, trial};

/// The style of every page. No line of it may look like a command of a CI engine.
const STYLE: &str = include_str!("page.css");
/// The script of every page: keys and copying. Everything else works without it.
const SCRIPT: &str = include_str!("page.js");

/// The number of causes beyond which they scroll in a box of their own.
const MANY: usize = 4;

/// Returns the page of a run as an HTML document.
#[must_use]
pub fn run(page: &RunPage) -> String {
    let style = style(page);
    let policy = policy::policy(&style, SCRIPT);
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.verdict) " " (page.package) }
                style { (PreEscaped(&style)) }
            }
            body {
                (head(page))
                main {
                    @if let Some(cell) = &page.beside { (drawer::beside(cell)) }
                    @if let Some(found) = &page.trial { (trial::trial(found)) }
                    @if !page.causes.is_empty() { (causes(&page.causes)) }
                    @if !page.lanes.is_empty() { (grid::grid(page)) }
                    @if let Some(comparison) = &page.comparison { (compared(comparison)) }
                    @if page.lanes.iter().any(|lane| !lane.steps.is_empty()) {
                        (timeline::timeline(page))
                    }
                    (facts(page))
                }
                aside.drawers aria-label="Details" { (drawer::all(page)) }
                p #said .sr role="status" {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    document.into_string() + "\n"
}

/// The style with a rule for each cause: its cells stand out while it is the target.
fn style(page: &RunPage) -> String {
    let mut style = STYLE.to_owned();
    for at in 1..=page.causes.len() {
        let _ = writeln!(
            style,
            "body:has(#cause-{at}:target) .cell:not(.k{at}) {{ opacity: .28 }}\n\
             body:has(#cause-{at}:target) .k{at} {{ outline: 3px solid var(--focus); outline-offset: -1px }}"
        );
    }
    style
}

fn head(page: &RunPage) -> Markup {
    html! {
        @if !page.lanes.is_empty() { a.skip href="#grid" { "Skip to the grid" } }
        header {
            h1 {
                span.verdict.(page.tone.class()) {
                    span aria-hidden="true" { (page.tone.mark()) " " } (page.verdict)
                }
                " " span.package { (page.package) }
            }
            p.sentence { (page.sentence) }
            nav aria-label="Sections" {
                @if let Some(trial) = &page.trial { a href="#trial" { (trial.title) } }
                @if !page.causes.is_empty() { a href="#causes" { "Causes" } }
                @if !page.lanes.is_empty() { a href="#grid" { "Grid" } }
                @if page.comparison.is_some() { a href="#compared" { "Compared" } }
                @if page.lanes.iter().any(|lane| !lane.steps.is_empty()) {
                    a href="#timeline" { "Timeline" }
                }
                a href="#facts" { "What ran" }
            }
        }
    }
}

fn causes(causes: &[Cause]) -> Markup {
    html! {
        section #causes aria-labelledby="causes-title" {
            h2 #causes-title { "Causes" }
            ol.causes.many[causes.len() > MANY] tabindex=[(causes.len() > MANY).then_some("0")] {
                @for (at, cause) in causes.iter().enumerate() { (one_cause(at + 1, cause)) }
            }
        }
    }
}

fn one_cause(number: usize, cause: &Cause) -> Markup {
    html! {
        li id={ "cause-" (number) } tabindex="-1" {
            a.light href={ "#cause-" (number) } {
                span.cause { (cause.id) }
                " " span.count { (count(cause.count, "failure")) }
            }
            p.line { code { (cause.line) } }
            p { (cause.remedy) }
            @if let Some(cell) = &cause.smallest {
                p { "Look first at " a href={ "#" (cell) } { (cell) } "." }
            }
            @if cause.cells.len() > 1 {
                details {
                    summary { (count(cause.cells.len(), "cell")) }
                    ul.cells {
                        @for cell in &cause.cells { li { a href={ "#" (cell) } { (cell) } } }
                    }
                }
            }
            @if !cause.commands.is_empty() {
                details {
                    summary { (count(cause.commands.len(), "command")) }
                    @for line in &cause.commands { (command(line)) }
                }
            }
        }
    }
}

fn compared(comparison: &Comparison) -> Markup {
    html! {
        section #compared aria-labelledby="compared-title" {
            h2 #compared-title { "Compared with " (comparison.title) }
            p { (comparison.sentence) }
            p.dim { (comparison.with) }
            @if !comparison.cells.is_empty() {
                table.plain {
                    thead { tr { th scope="col" { "cell" } th scope="col" { "change" } th scope="col" { "then" } th scope="col" { "now" } } }
                    tbody {
                        @for (cell, change, then, now, tone) in &comparison.cells {
                            tr {
                                th scope="row" { a href={ "#" (cell) } { (cell) } }
                                td.(tone.class()) { span aria-hidden="true" { (tone.mark()) " " } (change) }
                                td { (then) }
                                td { (now) }
                            }
                        }
                    }
                }
            }
            h3 { "What else differs" }
            @if comparison.differences.is_empty() {
                p { "Nothing that the runs record." }
            }
            @if !comparison.differences.is_empty() {
                table.plain {
                    thead { tr { td {} th scope="col" { "then" } th scope="col" { "now" } } }
                    tbody {
                        @for (what, then, now) in &comparison.differences {
                            tr { th scope="row" { (what) } td { code { (then) } } td { code { (now) } } }
                        }
                    }
                }
            }
            @if let Some(line) = &comparison.commits { p.dim { "the commits between them" } (command(line)) }
        }
    }
}

fn facts(page: &RunPage) -> Markup {
    html! {
        section #facts aria-labelledby="facts-title" {
            h2 #facts-title { "What ran" }
            dl {
                @for (name, value) in &page.facts { dt { (name) } dd { (value) } }
            }
            h3 { "See it again" }
            (command(&page.command))
            details.keys hidden {
                summary { "Keys" }
                dl {
                    dt { kbd { "←" } " " kbd { "→" } " " kbd { "↑" } " " kbd { "↓" } } dd { "move in the grid" }
                    dt { kbd { "Enter" } } dd { "open a cell" }
                    dt { kbd { "Esc" } } dd { "close it" }
                    dt { kbd { "n" } " " kbd { "p" } } dd { "next and previous red cell" }
                    dt { kbd { "c" } } dd { "copy the first command that is open" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::inert;
    use crate::page::{Cell, Lane, Tone};

    /// A run of this many lanes, each with a green and a red cell that say this.
    fn page(lanes: usize, said: &str) -> RunPage {
        let cell = |at: usize, tone| Cell {
            name: format!("lane-{at}/ci").into(),
            tone,
            so: said.into(),
            ..Cell::default()
        };
        let lane = |at| Lane {
            name: format!("lane-{at}").into(),
            cells: vec![cell(at, Tone::Bad)],
            ..Lane::default()
        };
        RunPage {
            verdict: "FAIL",
            lanes: (0..lanes).map(lane).collect(),
            ..RunPage::default()
        }
    }

    #[test]
    fn style_and_script_survive_what_every_report_goes_through() {
        for text in [STYLE, SCRIPT] {
            assert_eq!(inert(text), text, "its digest would be another one");
            for outside in ["http", "url(", "@import", "</"] {
                assert!(!text.contains(outside), "{outside}");
            }
        }
    }

    #[test]
    fn the_policy_names_the_style_and_the_script_of_the_page() {
        let page = page(1, "said");
        let html = run(&page);
        let policy = policy::policy(&style(&page), SCRIPT);
        assert!(html.contains(&policy), "{html}");
        assert_eq!(html.matches("<style>").count(), 1);
        assert_eq!(html.matches("<script>").count(), 1);
        assert!(!html.contains(" style="), "the policy forbids it");
    }

    #[test]
    fn text_of_others_is_text() {
        let html = run(&page(2, "</style><script>alert(1)</script><b onclick='x'>"));
        assert_eq!(html.matches("<script>").count(), 1);
        assert!(!html.contains("<b "), "{html}");
    }
}

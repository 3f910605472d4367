//! The grid: scenarios below each other, stages beside each other.

use maud::{Markup, html};

use super::data::{Cell, Lane, RunPage, Tone};

/// The number of cells from which they are small.
const MANY: usize = 90;

pub(super) fn grid(page: &RunPage) -> Markup {
    let is_red = |lane: &Lane| lane.cells.iter().any(|cell| cell.tone == Tone::Bad);
    let red = page.lanes.iter().filter(|lane| is_red(lane)).count();
    let cells = page.lanes.len() * page.stages.len();
    let can_hide = red > 0 && red < page.lanes.len();
    html! {
        section #grid aria-labelledby="grid-title" tabindex="-1" {
            h2 #grid-title { "Grid" }
            @if can_hide {
                label.only { input #only-red type="checkbox" autocomplete="off"; " only scenarios with a red cell" }
            }
            div.wide {
                table.grid.many[cells >= MANY] {
                    thead {
                        tr {
                            th scope="col" { "scenario" }
                            @for stage in &page.stages { th scope="col" { (stage) } }
                        }
                    }
                    tbody {
                        @for lane in &page.lanes {
                            tr.calm[!is_red(lane)] {
                                th scope="row" { a href={ "#lane-" (lane.name) } { (lane.name) } }
                                @for cell in &lane.cells { td { (boxed(cell)) } }
                            }
                        }
                    }
                }
            }
            p.key {
                "The number is the exit code: 0 lets the change in, any other blocks it. "
                "✓ the contract is kept, ✗ it is not, · not tried."
            }
        }
    }
}

/// The box of a cell. Cells that did not run have nothing to open.
fn boxed(cell: &Cell) -> Markup {
    let causes = cell.causes.iter().fold(String::new(), |classes, number| {
        format!("{classes} k{number}")
    });
    let class = format!("cell {}{causes}", cell.tone.class());
    html! {
        a class=(class) href={ "#" (cell.name) } aria-label=(label(cell)) {
            span aria-hidden="true" { (cell.tone.mark()) }
            " " (cell.short)
            @if cell.tone != Tone::Good { " " span.word { (cell.word) } }
        }
    }
}

/// The cell in words, as it reads in a list of links.
fn label(cell: &Cell) -> String {
    let (name, word) = (cell.name.as_str(), cell.word.as_str());
    match cell.short.as_str() {
        "" => format!("{name}: {word}"),
        exit => format!("{name}: {word}, exit {exit}"),
    }
}

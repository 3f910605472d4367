//! Many failures, reported by their few causes.

use std::fmt::Write as _;

use crate::model::Cluster;
use crate::model::text::plain;

/// The maximum width of a decisive line.
const WIDTH: usize = 120;

/// The causes of a red run, each with the cell that stands for it and what to
/// do, unless an earlier one says the same.
#[must_use]
pub fn clusters(clusters: &[Cluster]) -> String {
    let mut out = String::new();
    for (at, cluster) in clusters.iter().enumerate() {
        // What keeps a run from its lanes is of no cell.
        let cells = match cluster.cells.len() {
            0 => String::new(),
            1 => "1 cell: ".to_owned(),
            cells => format!("{cells} cells: "),
        };
        let smallest = match &cluster.smallest {
            Some(cell) => format!(" ({cell})"),
            None => String::new(),
        };
        let line = cut(&plain(cluster.line.trim()));
        let _ = writeln!(out, "{cells}{}{smallest}: {line}", cluster.cause);
        let mut earlier = clusters[..at].iter();
        if !earlier.any(|other| other.remediation == cluster.remediation) {
            let _ = writeln!(out, "  {}", cluster.remediation);
        }
    }
    out
}

/// Shortens a line to [`WIDTH`] characters.
fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        None => line.to_owned(),
        Some((at, _)) => format!("{}…", &line[..at]),
    }
}

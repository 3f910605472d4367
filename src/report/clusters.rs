//! Many failures, told as their few causes.

use std::fmt::Write as _;

use crate::model::Cluster;
use crate::model::text::plain;

/// The causes of a red run, one line each.
#[must_use]
pub fn clusters(clusters: &[Cluster]) -> String {
    let mut out = String::new();
    for cluster in clusters {
        let cells = match cluster.cells.len() {
            1 => "1 cell".to_owned(),
            cells => format!("{cells} cells"),
        };
        let smallest = cluster.smallest.as_ref();
        let smallest = smallest.map_or(String::new(), |cell| format!(" ({cell})"));
        let line = plain(&cluster.line);
        let _ = writeln!(
            out,
            "{cells}: {}: {}{smallest} — {}",
            cluster.cause,
            line.trim(),
            cluster.remediation
        );
    }
    out
}

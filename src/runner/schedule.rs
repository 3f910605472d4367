//! Which lane a free worker takes first.

use std::cmp::Reverse;

use crate::artifact::reader::{Head, History};
use crate::model::{GateName, ScenarioName};

/// The positions of lanes in the order in which they are begun. The longest
/// comes first, so that no worker is left alone with it at the end. A lane
/// that no earlier run knows may be the longest and comes before them; what
/// is equal keeps the declared order.
#[must_use]
pub fn longest_first(lanes: &[ScenarioName], history: &History, gate: &GateName) -> Vec<usize> {
    let mut heads: Vec<Head> = history.complete().collect();
    heads.retain(|head| head.gate == gate.as_str());
    let took = |lane: &ScenarioName| {
        let mut there = heads.iter().filter_map(|head| head.lanes.get(lane));
        there
            .find(|lane| !lane.cancelled)
            .map(|lane| lane.duration_ms)
    };
    let took: Vec<Option<u64>> = lanes.iter().map(took).collect();
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    order.sort_by_key(|at| (took[*at].is_some(), Reverse(took[*at])));
    order
}

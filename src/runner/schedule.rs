//! The order in which workers take lanes.

use std::cmp::Reverse;

use crate::artifact::reader::{Head, History};
use crate::model::{GateName, ScenarioName};

/// Returns the positions of lanes in the order in which workers take them.
///
/// The longest lane comes first, so that no worker is left alone with it at the
/// end. A lane without a recorded run may be the longest and comes before them.
/// Lanes of equal length keep the declared order.
#[must_use]
pub fn longest_first(lanes: &[ScenarioName], history: &History, gate: &GateName) -> Vec<usize> {
    let mut heads: Vec<Head> = history.complete().collect();
    heads.retain(|head| head.gate == gate.as_str());
    let last_duration = |lane: &ScenarioName| {
        let mut recorded = heads.iter().filter_map(|head| head.lanes.get(lane));
        recorded
            .find(|lane| !lane.cancelled)
            .map(|lane| lane.duration_ms)
    };
    let durations: Vec<Option<u64>> = lanes.iter().map(last_duration).collect();
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    order.sort_by_key(|lane| (durations[*lane].is_some(), Reverse(durations[*lane])));
    order
}

//! The shell scripts of the lanes that failed.

use super::bind::Bound;
use super::held::Held;
use crate::artifact::text_to_bytes;
use crate::lane::by_hand::ByHand;
use crate::model::{LaneEvidence, ScenarioName};

/// Where the script of a lane is, relative to the run folder.
#[must_use]
pub fn script_path(lane: &ScenarioName) -> String {
    format!("replay/{lane}.sh")
}

impl Held<'_> {
    /// A script for each lane that failed, by its place in the run folder.
    pub(super) fn scripts(&self, bound: &Bound, lanes: &[LaneEvidence]) -> Vec<(String, Vec<u8>)> {
        let script = |lane: &LaneEvidence| {
            let failure = lane.failure.as_ref().filter(|_| !lane.cancelled)?;
            let by_hand = ByHand {
                context: &bound.context,
                plan: &bound.plan,
                env: &self.request.env,
                repo: &self.asked.repo,
                package: lane.package.as_ref(),
                timeout: self.request.timeout,
            };
            let script = by_hand.script(&lane.scenario, &failure.step)?;
            Some((script_path(&lane.scenario), text_to_bytes(&script)))
        };
        lanes.iter().filter_map(script).collect()
    }
}

//! The lanes to execute, and the slots that they occupy in the queue.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use super::shared_setup::SharedSetup;
use crate::lane::LaneContext;
use crate::model::ScenarioName;
use crate::sys::process::Control;
use crate::sys::slots::Slots;

/// The lanes to execute and their limits.
pub struct Job {
    /// The context that all lanes share.
    pub context: Arc<LaneContext>,
    /// The context of each repetition beyond the first.
    pub repetitions: Vec<Arc<LaneContext>>,
    /// The lanes, in declared order.
    pub lanes: Vec<ScenarioName>,
    /// The lanes' positions, in the order in which workers take them.
    pub order: Vec<usize>,
    /// The maximum number of steps that run side by side.
    pub jobs: usize,
    /// The slots that running steps acquire, `jobs` in all.
    pub slots: Slots,
    /// The maximum number of retries for a lane that failed for
    /// infrastructure reasons only.
    pub retries: usize,
    /// Set if a failed lane cancels those declared after it.
    pub fail_fast: bool,
    /// Stops the lanes.
    pub control: Control,
    /// The setup that the leader prepares, shared with any other job of the
    /// same run.
    pub shared_setup: Arc<OnceLock<Option<SharedSetup>>>,
}

/// One repetition of one lane: the unit of work that a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneSlot {
    /// The lane's position in [`Job::lanes`].
    pub(super) lane: usize,
    /// The repetition, from 1.
    pub(super) repetition: usize,
}

impl Job {
    pub(super) fn repetition_count(&self) -> usize {
        self.repetitions.len() + 1
    }

    pub(super) fn name(&self, slot: LaneSlot) -> &ScenarioName {
        &self.lanes[slot.lane]
    }

    pub(super) fn context(&self, slot: LaneSlot) -> &Arc<LaneContext> {
        match slot.repetition {
            1 => &self.context,
            repetition => &self.repetitions[repetition - 2],
        }
    }

    /// The slots of a lane, one for each repetition.
    pub(super) fn slots_of(&self, lane: usize) -> impl Iterator<Item = LaneSlot> + use<> {
        (1..=self.repetition_count()).map(move |repetition| LaneSlot { lane, repetition })
    }

    /// All slots, in the order in which workers take them.
    pub(super) fn queue(&self) -> VecDeque<LaneSlot> {
        let lanes = self.order.iter();
        lanes.flat_map(|lane| self.slots_of(*lane)).collect()
    }

    /// Returns the control for the commands of a slot.
    pub(super) fn control_of(&self, slot: LaneSlot) -> Control {
        self.control.for_group(self.group(slot))
    }

    pub(super) fn is_cancelled(&self, slot: LaneSlot) -> bool {
        self.control_of(slot).is_stopped()
    }

    /// Cancels the slots that are declared after this one.
    pub(super) fn cancel_after(&self, slot: LaneSlot) {
        self.control.cancel_after(self.group(slot));
        self.slots.wake();
    }

    /// The number by which [`Control`] knows the commands of a slot.
    ///
    /// Groups count from 1 in declared order, so that 0 can mean "before all
    /// of them".
    fn group(&self, slot: LaneSlot) -> u64 {
        let group = slot.lane * self.repetition_count() + slot.repetition;
        u64::try_from(group).unwrap_or(u64::MAX)
    }
}

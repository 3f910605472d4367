//! Shared setup: the leader lane clones the consumer and installs the package
//! once, and the other lanes start from a snapshot of the result.
//!
//! So the package is resolved and installed once, and every lane gets the same
//! bytes. A lane whose own steps differ (an altered lane, or one whose commands
//! name its folder) starts from the clone or from nothing, and installs the
//! version that the leader got.
//!
//! Invariants: a lane starts only from a complete snapshot; the shared steps of
//! two lanes resolve to the same commands, or the steps are not shared;
//! activation is never shared, since hooks belong to their lane.

use std::io;
use std::time::Instant;

use super::layout::{self, CLONED, INSTALLED, layers};
use crate::lane::LaneContext;
use crate::lane::steps::Step;
use crate::model::evidence::SetUp;
use crate::model::plan::Sharing;
use crate::model::{Failure, LaneEvidence, PackageSpec, ScenarioName, StepEvidence, Vars};
use crate::sys::fs;
use crate::sys::namespace::{Layers, View};

/// The state that the leader lane prepared for the others.
pub struct SharedSetup {
    /// The lane that prepares it, in its first repetition.
    pub(super) leader: ScenarioName,
    /// The start of the leader.
    pub(super) started: Instant,
    /// The number of events that the leader has sent so far.
    pub(super) seq: u64,
    /// The leader's evidence so far.
    pub(super) evidence: LaneEvidence,
    /// The number of the leader's steps that are done.
    pub(super) done: usize,
    /// The value of `{package_spec}` for lanes that install for themselves.
    pub(super) pinned: Option<String>,
}

/// The state in which a lane starts.
pub(super) enum Start {
    /// The lane runs its remaining steps.
    Run(StartState),
    /// The shared setup failed, and the lane with it.
    Failed(LaneEvidence),
}

/// The snapshot that a lane starts from, and the steps that it contains.
pub(super) struct StartState {
    pub(super) view: Option<View>,
    /// Set if the lane's folders still have to be created.
    pub(super) is_first: bool,
    /// The number of steps that are done already.
    pub(super) done: usize,
    pub(super) evidence: LaneEvidence,
    /// The value of `{package_spec}`, if it is not the one of the plan.
    pub(super) package: Option<String>,
}

impl SharedSetup {
    pub(super) fn new(leader: &ScenarioName) -> Self {
        Self {
            leader: leader.clone(),
            started: Instant::now(),
            seq: 0,
            evidence: fresh(leader),
            done: 0,
            pinned: None,
        }
    }

    /// Returns the package that was resolved, as lanes are to install it that
    /// install for themselves.
    pub(super) fn pinned_package(&self, cx: &LaneContext) -> Option<String> {
        let package = self.evidence.package.as_ref()?;
        let spec: &PackageSpec = cx.profile.package.as_ref()?;
        spec.pinned(cx.profile.registry, package)
    }

    /// Returns the number of steps that a lane shares with the leader, rounded
    /// down to a snapshot.
    pub(super) fn shared_steps(&self, cx: &LaneContext, name: &ScenarioName) -> usize {
        if cx.isolation.lanes == Sharing::Fresh {
            return 0;
        }
        let resolver = |name| (&cx.steps[name], cx.vars(&cx.workspace(name), name));
        let (own, vars) = resolver(name);
        let (leading, leader_vars) = resolver(&self.leader);
        let all = cx.shared_steps.len();
        match common_steps(&leading[..all], &leader_vars, own, &vars) {
            common if common == all => all,
            // There is no snapshot between the clone and the end.
            common => common.min(1),
        }
    }

    /// Returns the start of the lane, if it is the leader.
    pub(super) fn leader_started(&self, cx: &LaneContext, name: &ScenarioName) -> Option<Instant> {
        self.is_leader(cx, name).then_some(self.started)
    }

    /// True for the leader itself, false for its other repetitions.
    pub(super) fn is_leader(&self, cx: &LaneContext, name: &ScenarioName) -> bool {
        *name == self.leader && cx.repetition == 1
    }

    /// Returns the state in which a lane starts.
    ///
    /// # Errors
    /// If the snapshot cannot be copied.
    pub(super) fn start(&self, cx: &LaneContext, name: &ScenarioName) -> io::Result<Start> {
        let is_leader = self.is_leader(cx, name);
        if is_leader && self.done < cx.shared_steps.len() {
            return Ok(Start::Failed(self.evidence.clone()));
        }
        let shared = if is_leader {
            self.done
        } else {
            self.shared_steps(cx, name)
        };
        if shared > self.done {
            return Ok(Start::Failed(self.failed_for(name)));
        }
        let evidence = if is_leader {
            self.evidence.clone()
        } else {
            self.inherited(name, shared)
        };
        Ok(Start::Run(StartState {
            view: self.view(cx, name, shared)?,
            is_first: shared == 0,
            done: shared,
            evidence,
            package: self.pinned.clone().filter(|_| !is_leader),
        }))
    }

    /// Returns the state in which a lane starts its next attempt.
    ///
    /// # Errors
    /// If the files of the last attempt cannot be removed, or the snapshot
    /// cannot be copied.
    pub(super) fn restart(&self, cx: &LaneContext, name: &ScenarioName) -> io::Result<Start> {
        layout::clear_lane(cx, name)?;
        if !self.is_leader(cx, name) || cx.isolation.lanes == Sharing::Layers {
            return self.start(cx, name);
        }
        // Without layers the leader wrote into its own setup, which is gone.
        Ok(Start::Run(StartState {
            package: self.pinned.clone(),
            ..start_alone(cx, name)?
        }))
    }

    /// Returns the steps of a lane whose results the next attempt reuses.
    pub(super) fn reused_steps(&self, cx: &LaneContext, name: &ScenarioName) -> &[StepEvidence] {
        if self.is_leader(cx, name) && cx.isolation.lanes == Sharing::Layers {
            &self.evidence.steps
        } else {
            &[]
        }
    }

    /// Gives a lane its snapshot: layers under its own, or a copy.
    fn view(
        &self,
        cx: &LaneContext,
        name: &ScenarioName,
        shared: usize,
    ) -> io::Result<Option<View>> {
        match (cx.isolation.lanes, shared) {
            (Sharing::Layers, 1..) => {
                let mut lower = vec![CLONED.to_owned()];
                if shared > 1 {
                    lower.insert(0, Layers::written(INSTALLED));
                }
                Ok(Some(layers(cx, &lower, cx.layer(name))))
            }
            (Sharing::Copies, 1..) if !self.is_leader(cx, name) => {
                let from = if shared == 1 { CLONED } else { INSTALLED };
                fs::replicate(&cx.root.join(from), &cx.lane_folder(name))?;
                cx.workspace(name).own_remote()?;
                Ok(None)
            }
            _ => layout::own_folder(cx, name),
        }
    }

    /// Returns the evidence of the steps that the leader ran for a lane.
    fn inherited(&self, name: &ScenarioName, shared: usize) -> LaneEvidence {
        if shared == 0 {
            return fresh(name);
        }
        LaneEvidence {
            set_up: self.set_up(),
            package: self.evidence.package.clone().filter(|_| shared > 1),
            ..fresh(name)
        }
    }

    fn set_up(&self) -> SetUp {
        SetUp {
            by: Some(self.leader.clone()),
            ..SetUp::default()
        }
    }

    /// Returns the evidence of a lane that cannot start because the leader
    /// failed.
    fn failed_for(&self, name: &ScenarioName) -> LaneEvidence {
        let failure = self.evidence.failure.clone().map(|failure| Failure {
            phase: Some(name.to_string()),
            message: format!("{} (in {}, for all lanes)", failure.message, self.leader),
            ..failure
        });
        LaneEvidence {
            cancelled: self.evidence.cancelled,
            failure,
            set_up: self.set_up(),
            ..fresh(name)
        }
    }
}

/// Returns the state of a lane that shares nothing with others.
///
/// # Errors
/// If its folder cannot be created.
pub(super) fn start_alone(cx: &LaneContext, name: &ScenarioName) -> io::Result<StartState> {
    Ok(StartState {
        view: layout::own_folder(cx, name)?,
        is_first: true,
        done: 0,
        evidence: fresh(name),
        package: None,
    })
}

/// Returns the evidence of a lane that has started and done nothing yet.
pub(super) fn fresh(name: &ScenarioName) -> LaneEvidence {
    LaneEvidence {
        cancelled: false,
        ..LaneEvidence::not_run(name.clone())
    }
}

/// Returns the number of leading steps that resolve to the same in two lanes.
pub(super) fn common_steps(one: &[Step], vars: &Vars, other: &[Step], other_vars: &Vars) -> usize {
    let pairs = one.iter().zip(other);
    pairs
        .take_while(|(a, b)| a.resolved(vars) == b.resolved(other_vars))
        .count()
}

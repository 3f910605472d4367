//! `--rerun-from`: a run of the lanes that an earlier run, its parent, left
//! outstanding.
//!
//! The parent is read before any of it can be removed, and stays locked as
//! long as this run lasts, so that it cannot be pruned.

use crate::artifact::reader::StoredRun;
use crate::artifact::reader::locate::{self, LocateError};
use crate::model::{BoundPlan, GateName, PackageSpec, Plan, Profile, RunId, ScenarioName};
use crate::planner::{self, Selection};
use crate::verdict::outstanding::{Green, declared, planned};

use std::path::Path;

/// The run whose outstanding cells are run.
#[derive(Debug)]
pub struct Parent {
    stored: StoredRun,
    green: Green,
}

/// The reason why there is nothing to rerun.
#[derive(Debug, thiserror::Error)]
pub enum NoRerun {
    /// The word names no run that can be read.
    #[error(transparent)]
    Located(#[from] LocateError),
    /// The run would replace its own parent.
    #[error("run {0} cannot be its own parent")]
    Itself(RunId),
    /// The run does not record its outstanding cells.
    #[error(
        "run {id} does not record its cells: it ended before its first lane, was not a `matrix run`, or is from an older version of matrix"
    )]
    NoCells {
        /// The run.
        id: RunId,
        /// Its own parent.
        parent: Option<RunId>,
    },
    /// The run tried a work tree that was not committed.
    #[error(
        "run {0} tried an uncommitted work tree (--worktree), which proves nothing for a commit"
    )]
    Uncommitted(RunId),
    /// The run is of another gate.
    #[error("run {id} is of the gate {theirs}, but this consumer uses {ours}")]
    OtherGate {
        /// The run.
        id: RunId,
        /// Its gate.
        theirs: GateName,
        /// The gate of the consumer.
        ours: GateName,
    },
    /// Every cell is green, or every selected one.
    #[error("nothing is outstanding{of} since run {id}, so there is nothing to rerun")]
    Nothing {
        /// The run.
        id: RunId,
        /// The words for a selection; empty for the whole matrix.
        of: &'static str,
    },
}

impl NoRerun {
    /// The remedy.
    #[must_use]
    pub fn next(&self) -> String {
        match self {
            Self::Located(e) => e.next().to_owned(),
            Self::Itself(_) => "choose another --run-id".to_owned(),
            Self::NoCells {
                parent: Some(parent),
                ..
            } => format!("rerun its own parent: --rerun-from {parent}"),
            Self::NoCells { parent: None, .. } | Self::Uncommitted(_) => {
                "run the whole matrix: matrix run".to_owned()
            }
            Self::OtherGate { .. } => "name a run of this gate".to_owned(),
            Self::Nothing { of: "", .. } => {
                "for a complete pass, run the whole matrix: matrix run".to_owned()
            }
            Self::Nothing { .. } => "select more: leave out --scenario and --stage".to_owned(),
        }
    }

    /// False only if the run is there and cannot be read.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Located(e) => e.is_usage(),
            _ => true,
        }
    }
}

/// The lanes that a rerun leaves out, and how far they still count.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The number of lanes with nothing outstanding.
    pub done: usize,
    /// The lanes that are not selected and have cells outstanding.
    pub outstanding: Vec<ScenarioName>,
    /// True if they were green at another commit of the consumer.
    pub at_another_commit: bool,
    /// The package that they were green with, if it is another one.
    pub with_another_package: Option<Option<String>>,
}

impl Parent {
    /// Opens the run that a word names; `own` is the id that the user chose
    /// for the new run.
    ///
    /// # Errors
    /// If it cannot be read whole, would be replaced by the new run, or does
    /// not record its cells.
    pub fn open(
        word: &str,
        artifacts: &Path,
        working_directory: &Path,
        own: Option<&RunId>,
    ) -> Result<Self, NoRerun> {
        let stored = locate::open(word, artifacts, working_directory)?;
        // A file that is gone cannot speak for a cell.
        stored.verify().map_err(LocateError::from)?;
        let id = stored.id().clone();
        if own == Some(&id) {
            return Err(NoRerun::Itself(id));
        }
        let source = stored.run().source.as_ref();
        if source.is_some_and(|source| source.worktree_on.is_some()) {
            return Err(NoRerun::Uncommitted(id));
        }
        let Some(green) = Green::of(stored.run()) else {
            let parent = stored.run().parent.clone();
            return Err(NoRerun::NoCells { id, parent });
        };
        Ok(Self { stored, green })
    }

    /// The parent's package as typed, for a rerun that names none.
    #[must_use]
    pub fn package(&self) -> Option<PackageSpec> {
        PackageSpec::parse(self.stored.run().package_spec.as_deref()?).ok()
    }

    /// The parent's id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        self.stored.id()
    }

    /// The cells that are green already.
    #[must_use]
    pub fn green(&self) -> &Green {
        &self.green
    }

    /// Checks that there is something to run. A selection that names what is
    /// not declared is reported later, by the run.
    ///
    /// # Errors
    /// If the gate is another one, or nothing selected is outstanding.
    pub fn check(&self, selection: &Selection, profile: &Profile) -> Result<(), NoRerun> {
        let id = self.id().clone();
        let theirs = &self.stored.run().gate;
        if *theirs != profile.gate {
            return Err(NoRerun::OtherGate {
                id,
                theirs: theirs.clone(),
                ours: profile.gate.clone(),
            });
        }
        let Ok(mut plan) = planner::plan(profile, selection) else {
            return Ok(());
        };
        self.narrow(&mut plan);
        if plan.selected_scenarios().next().is_some() {
            return Ok(());
        }
        let of = if self.green.outstanding(declared(profile)).is_empty() {
            ""
        } else {
            " in this selection"
        };
        Err(NoRerun::Nothing { id, of })
    }

    /// Deselects the lanes that need not run again.
    pub fn narrow(&self, plan: &mut Plan) {
        self.green.narrow(plan);
    }

    /// Tells what a narrowed plan leaves out.
    #[must_use]
    pub fn left_out(&self, plan: &Plan, bound: &BoundPlan) -> LeftOut {
        let cells = self.green.outstanding(planned(plan));
        let is_outstanding = |name: &ScenarioName| cells.iter().any(|cell| cell.lane == *name);
        let mut left = LeftOut::default();
        for lane in &plan.scenarios {
            if lane.altered || lane.selected {
                continue;
            }
            if is_outstanding(&lane.name) {
                left.outstanding.push(lane.name.clone());
            } else {
                left.done += 1;
            }
        }
        let run = self.stored.run();
        let head = run.source.as_ref().map(|source| &source.head);
        left.at_another_commit = head.is_some_and(|head| *head != bound.source.head);
        if run.package_spec != bound.package_spec {
            left.with_another_package = Some(run.package_spec.clone());
        }
        left
    }
}

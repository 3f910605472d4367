//! What lanes have in common: the first of them clones and installs, and the
//! others go on from there.
//!
//! So the package is resolved once and installed once, and every lane gets
//! the same bytes. A lane whose own steps differ (an altered one, or one
//! whose commands name its folder) goes on from the clone, or from nothing,
//! and installs the version that the first one got. Activation is never
//! shared: hooks belong to their lane.

use std::sync::mpsc::Sender;
use std::time::Instant;

use super::{Emitter, Job, Message, part, retry};
use crate::lane::script::Step;
use crate::lane::{LaneContext, Part};
use crate::model::evidence::SetUp;
use crate::model::plan::Sharing;
use crate::model::{
    BuiltinStep, Failure, FailureClass, LaneEvidence, PackageSpec, ScenarioName, Vars,
};
use crate::sys::fs;
use crate::sys::namespace::{Layers, View};

/// The layers and folders that lanes begin on, below the folder of all lanes.
const CLONED: &str = "template/clone";
const INSTALLED: &str = "template/install";

/// What the first lane left for the others.
pub struct Ground {
    lead: ScenarioName,
    begun: Instant,
    /// How many events it has told.
    pub(super) seq: u64,
    pub(super) so_far: LaneEvidence,
    /// How many of its steps are done.
    done: usize,
    /// What `{package_spec}` is for lanes that install for themselves.
    pub(super) pinned: Option<String>,
}

/// How a lane begins.
pub(super) enum Start {
    /// It plays the rest of its steps.
    Play {
        view: Option<View>,
        is_first: bool,
        steps: usize,
        so_far: LaneEvidence,
        package: Option<String>,
    },
    /// What it would share did not come about.
    Failed(LaneEvidence),
}

impl Ground {
    /// Has the first lane clone and install; none where no lane does so as
    /// the profile says.
    pub(super) fn lay(job: &Job, sender: &Sender<Message>) -> Option<Self> {
        let cx = &*job.context;
        let at = job.lanes.iter().position(|name| {
            let vars = cx.vars(&cx.workspace(name), name);
            same(&cx.ground, &vars, &cx.steps[name], &vars) == cx.ground.len()
        })?;
        let lead = &job.lanes[at];
        // Its first repetition.
        let at = job.places(at).start;
        let mut emitter = Emitter::new(job, at, sender);
        let mut ground = Self {
            lead: lead.clone(),
            begun: Instant::now(),
            seq: 0,
            so_far: fresh(lead),
            done: 0,
            pinned: None,
        };
        emitter.lane_started();
        while !ground.is_laid(job, at, &mut emitter) {
            // Nobody stands on it yet: it can be laid anew.
            if !retry::is_due(job, at, &ground.so_far) || clear(cx, lead).is_err() {
                break;
            }
            match retry::put_aside(job, at, ground.so_far, &[], &mut emitter) {
                Ok(earlier) => {
                    ground.so_far = fresh(lead);
                    ground.so_far.attempts = earlier;
                    ground.done = 0;
                }
                Err(last) => {
                    ground.so_far = *last;
                    break;
                }
            }
        }
        ground.pinned = ground.pinned(cx);
        ground.seq = emitter.seq;
        Some(ground)
    }

    /// Plays the lead up to the last cut; false where it goes no further.
    fn is_laid(&mut self, job: &Job, at: usize, emitter: &mut Emitter<'_>) -> bool {
        let mut ends = ends(&job.context).into_iter();
        ends.all(|end| self.advance(job, at, end, emitter))
    }

    /// Plays the lead, which stands `at` this place, up to a cut, and keeps
    /// what stands then; false where it goes no further.
    fn advance(&mut self, job: &Job, at: usize, end: usize, emitter: &mut Emitter<'_>) -> bool {
        let cx = &*job.context;
        let step = Part {
            view: self.own_view(cx),
            is_first: self.done == 0,
            is_last: false,
            begun: Instant::now(),
            steps: &cx.steps[&self.lead][self.done..end],
            so_far: self.so_far.clone(),
            package: None,
        };
        self.so_far = part(job, at, step, emitter);
        if self.so_far.failure.is_some() || self.so_far.cancelled {
            return false;
        }
        // Nobody may go on from half a copy: only one that is whole counts.
        match self.keep_copy(cx, job, end) {
            Ok(()) => self.done = end,
            Err(e) => self.so_far.failure = Some(cannot_copy(&self.lead, &e)),
        }
        self.done == end
    }

    /// What the lead sees while it makes what is shared.
    fn own_view(&self, cx: &LaneContext) -> Option<View> {
        cx.isolation.lane_path.as_ref()?;
        Some(match (cx.isolation.lanes, self.done) {
            (Sharing::Layers, 0) => View::Folder(cx.root.join(CLONED)),
            (Sharing::Layers, _) => layers(cx, &[CLONED.to_owned()], INSTALLED.to_owned()),
            (Sharing::Fresh | Sharing::Copies, _) => View::Folder(cx.lane_folder(&self.lead)),
        })
    }

    /// Keeps a copy of what stands after so many steps, if lanes are to be
    /// copied from it.
    fn keep_copy(&self, cx: &LaneContext, job: &Job, done: usize) -> std::io::Result<()> {
        if cx.isolation.lanes != Sharing::Copies || job.control.is_stopped() {
            return Ok(());
        }
        let alone = job.turns() == 1;
        let mut others = cx.steps.keys().filter(|name| !alone || **name != self.lead);
        if !others.any(|name| self.shared(cx, name) == done) {
            return Ok(());
        }
        let to = if done == 1 { CLONED } else { INSTALLED };
        fs::replicate(&cx.lane_folder(&self.lead), &cx.root.join(to))
    }

    /// What a lane that installs for itself is to install: the version that
    /// was resolved.
    fn pinned(&self, cx: &LaneContext) -> Option<String> {
        let package = self.so_far.package.as_ref()?;
        let spec: &PackageSpec = cx.profile.package.as_ref()?;
        spec.pinned(cx.profile.registry, package)
    }

    /// How many of its steps a lane has in common with the lead, down to
    /// what can be shared.
    fn shared(&self, cx: &LaneContext, name: &ScenarioName) -> usize {
        let of = |name| (&cx.steps[name], cx.vars(&cx.workspace(name), name));
        if cx.isolation.lanes == Sharing::Fresh {
            return 0;
        }
        let ((ours, vars), (theirs, their_vars)) = (of(name), of(&self.lead));
        let same = same(&theirs[..cx.ground.len()], &their_vars, ours, &vars);
        if same == cx.ground.len() {
            same
        } else {
            same.min(1)
        }
    }

    /// When a lane began.
    pub(super) fn begun(&self, cx: &LaneContext, name: &ScenarioName) -> Option<Instant> {
        self.is_lead(cx, name).then_some(self.begun)
    }

    /// Whether this is the lead itself, and not another repetition of it.
    pub(super) fn is_lead(&self, cx: &LaneContext, name: &ScenarioName) -> bool {
        *name == self.lead && cx.turn == 1
    }

    /// How a lane begins.
    ///
    /// # Errors
    /// If what it stands on cannot be copied.
    pub(super) fn start(&self, cx: &LaneContext, name: &ScenarioName) -> std::io::Result<Start> {
        let is_lead = self.is_lead(cx, name);
        if is_lead && self.done < cx.ground.len() {
            return Ok(Start::Failed(self.so_far.clone()));
        }
        let shared = if is_lead {
            self.done
        } else {
            self.shared(cx, name)
        };
        if shared > self.done {
            return Ok(Start::Failed(self.failed_for(name)));
        }
        Ok(Start::Play {
            view: self.view(cx, name, shared)?,
            is_first: shared == 0,
            steps: shared,
            so_far: if is_lead {
                self.so_far.clone()
            } else {
                self.inherited(name, shared)
            },
            package: self.pinned.clone().filter(|_| !is_lead),
        })
    }

    /// Gives a lane what it shares: layers under its own, or a copy.
    fn view(
        &self,
        cx: &LaneContext,
        name: &ScenarioName,
        shared: usize,
    ) -> std::io::Result<Option<View>> {
        match (cx.isolation.lanes, shared) {
            (Sharing::Layers, 1..) => {
                let mut lower = vec![CLONED.to_owned()];
                if shared > 1 {
                    lower.insert(0, Layers::written(INSTALLED));
                }
                Ok(Some(layers(cx, &lower, cx.layer(name))))
            }
            (Sharing::Copies, 1..) if !self.is_lead(cx, name) => {
                let from = if shared == 1 { CLONED } else { INSTALLED };
                fs::replicate(&cx.root.join(from), &cx.lane_folder(name))?;
                cx.workspace(name).own_remote()?;
                Ok(None)
            }
            _ => own_folder(cx, name),
        }
    }

    /// What a lane knows of the steps that the lead took for it.
    fn inherited(&self, name: &ScenarioName, shared: usize) -> LaneEvidence {
        if shared == 0 {
            return fresh(name);
        }
        LaneEvidence {
            set_up: self.set_up(),
            package: self.so_far.package.clone().filter(|_| shared > 1),
            ..fresh(name)
        }
    }

    fn set_up(&self) -> SetUp {
        SetUp {
            by: Some(self.lead.clone()),
            ..SetUp::default()
        }
    }

    /// A lane that cannot begin, for the reason that kept the lead from
    /// going on.
    fn failed_for(&self, name: &ScenarioName) -> LaneEvidence {
        let failure = self.so_far.failure.clone().map(|failure| Failure {
            phase: Some(name.to_string()),
            message: format!("{} (in {}, for all lanes)", failure.message, self.lead),
            ..failure
        });
        LaneEvidence {
            cancelled: self.so_far.cancelled,
            failure,
            set_up: self.set_up(),
            ..fresh(name)
        }
    }
}

/// Removes what was laid so far.
///
/// # Errors
/// If it cannot be removed.
fn clear(cx: &LaneContext, lead: &ScenarioName) -> std::io::Result<()> {
    for layer in [CLONED, INSTALLED] {
        fs::remove_folder(&cx.root.join(layer))?;
    }
    retry::clear(cx, lead)
}

/// Where the shared steps are cut: what lies between two cuts is a layer or a
/// copy of its own.
fn ends(cx: &LaneContext) -> Vec<usize> {
    let all = cx.ground.len();
    match cx.isolation.lanes {
        Sharing::Fresh => vec![all],
        Sharing::Layers | Sharing::Copies if all == 1 => vec![1],
        Sharing::Layers | Sharing::Copies => vec![1, all],
    }
}

/// How a lane begins that has nothing in common with others.
///
/// # Errors
/// If its folder cannot be made.
pub(super) fn alone(cx: &LaneContext, name: &ScenarioName) -> std::io::Result<Start> {
    Ok(Start::Play {
        view: own_folder(cx, name)?,
        is_first: true,
        steps: 0,
        so_far: fresh(name),
        package: None,
    })
}

fn own_folder(cx: &LaneContext, name: &ScenarioName) -> std::io::Result<Option<View>> {
    let folder = cx.lane_folder(name);
    fs::create_folder(&folder)?;
    Ok(cx
        .isolation
        .lane_path
        .as_ref()
        .map(|_| View::Folder(folder)))
}

fn fresh(name: &ScenarioName) -> LaneEvidence {
    LaneEvidence {
        cancelled: false,
        ..LaneEvidence::not_run(name.clone())
    }
}

fn layers(cx: &LaneContext, lower: &[String], upper: String) -> View {
    View::Layers(Layers {
        root: cx.root.clone(),
        lower: lower.to_vec(),
        upper,
    })
}

fn cannot_copy(lead: &ScenarioName, e: &std::io::Error) -> Failure {
    let message = format!("the lane cannot be copied for the others: {e}");
    Failure::new(FailureClass::Infra, BuiltinStep::GitClone, message).phase(lead)
}

/// How many steps at the beginning do the very same in two lanes.
fn same(one: &[Step], vars: &Vars, other: &[Step], other_vars: &Vars) -> usize {
    let pairs = one.iter().zip(other);
    pairs
        .take_while(|(a, b)| a.does(vars) == b.does(other_vars))
        .count()
}

//! `--rerun-from`: a run of the lanes in which an earlier one, its parent,
//! left something outstanding.
//!
//! The parent is read before anything of it can be removed, and held as long
//! as this run goes, so that nobody prunes it.

use std::fmt::Write as _;

use super::held::Held;
use super::outstanding::{Green, declared, planned, ran};
use super::verdict::Verdict;
use super::{Read, Request, place};
use crate::artifact::reader::StoredRun;
use crate::artifact::reader::locate::{self, LocateError};
use crate::model::BuiltinStep;
use crate::model::text::{plain, shell};
use crate::model::{
    BoundPlan, CellName, ExitCode, Failure, FailureClass, GateName, LaneEvidence, PackageSpec,
    Plan, RunId,
};
use crate::planner;

/// How many cells and lanes are named in a line.
const NAMED: usize = 10;

/// The run that is run again.
pub(super) struct Parent {
    stored: StoredRun,
    green: Green,
}

/// Why there is nothing to run again.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoRerun {
    /// The word names no run that can be read.
    #[error(transparent)]
    Located(#[from] LocateError),
    /// The run would replace its own parent.
    #[error("run {0} cannot be its own parent")]
    Itself(RunId),
    /// It does not say which cells are outstanding.
    #[error(
        "run {id} does not tell of its cells: it ended before its first lane, was no `matrix run`, or is of an older matrix"
    )]
    NoCells { id: RunId, parent: Option<RunId> },
    /// It tried another gate.
    #[error("run {id} is of the gate {theirs}, this consumer has {ours}")]
    OtherGate {
        id: RunId,
        theirs: String,
        ours: GateName,
    },
    /// All is green, or all that was asked for.
    #[error("nothing is outstanding{of} since run {id}: there is nothing to run again")]
    Nothing { id: RunId, of: &'static str },
}

impl NoRerun {
    /// What the user is told, and the code to exit with. Nothing was touched.
    pub(super) fn told(&self) -> (String, ExitCode) {
        let next = match self {
            Self::Located(e) => e.next().to_owned(),
            Self::Itself(_) => "choose another --run-id".to_owned(),
            Self::NoCells {
                parent: Some(parent),
                ..
            } => {
                format!("run its own parent again: --rerun-from {parent}")
            }
            Self::NoCells { parent: None, .. } => "run the matrix whole: matrix run".to_owned(),
            Self::OtherGate { .. } => "name a run of this gate".to_owned(),
            Self::Nothing { of: "", .. } => "for a whole pass: matrix run".to_owned(),
            Self::Nothing { .. } => "ask for more: leave out --scenario and --stage".to_owned(),
        };
        let text = plain(&self.to_string());
        let code = match self {
            Self::Located(e) if !e.is_usage() => ExitCode::Unusable,
            _ => ExitCode::Usage,
        };
        (format!("ERROR: {text}\n  next: {next}\n"), code)
    }
}

impl Parent {
    /// Opens the run that the request names; none where it names none.
    pub(super) fn open(request: &Request, read: &Read) -> Result<Option<Self>, NoRerun> {
        let Some(word) = &request.rerun_from else {
            return Ok(None);
        };
        let place = place(request, read.root.as_deref());
        let artifacts = place.map_or_else(|| request.repo.clone(), |place| place.path);
        let stored = locate::open(word, &artifacts, &request.package_base)?;
        // What is gone speaks for no cell.
        stored.verify().map_err(LocateError::from)?;
        let id = stored.id().clone();
        if request.run_id.as_ref() == Some(&id) {
            return Err(NoRerun::Itself(id));
        }
        let Some(green) = Green::of(stored.run()) else {
            let parent = stored.run().parent.clone();
            return Err(NoRerun::NoCells { id, parent });
        };
        Ok(Some(Self { stored, green }))
    }

    /// The parent's package, as typed, for a rerun in which nobody names one.
    pub(super) fn package(&self) -> Option<PackageSpec> {
        PackageSpec::parse(self.stored.run().package_spec.as_deref()?).ok()
    }

    pub(super) fn id(&self) -> &RunId {
        self.stored.id()
    }

    /// Whether there is something to run. What is wrong with the selection or
    /// the configuration is for the run to say.
    pub(super) fn check(&self, request: &Request, read: &Read) -> Result<(), NoRerun> {
        let Ok(profile) = &read.profile else {
            return Ok(());
        };
        let id = self.id().clone();
        let theirs = &self.stored.run().gate;
        if *theirs != read.prefix {
            let (theirs, ours) = (theirs.clone(), read.prefix.clone());
            return Err(NoRerun::OtherGate {
                id,
                theirs: theirs.to_string(),
                ours,
            });
        }
        let Ok(mut plan) = planner::plan(profile, &request.selection) else {
            return Ok(());
        };
        self.green.narrow(&mut plan);
        if plan.selected_scenarios().next().is_some() {
            return Ok(());
        }
        let none_at_all = self.green.outstanding(declared(profile)).is_empty();
        let of = if none_at_all {
            ""
        } else {
            " of what was asked for"
        };
        Err(NoRerun::Nothing { id, of })
    }

    /// Leaves out of a plan what need not run again.
    pub(super) fn narrow(&self, plan: &mut Plan) {
        self.green.narrow(plan);
    }

    /// What is not run again, and what speaks for it, in lines for a person.
    pub(super) fn left_out(&self, plan: &Plan, bound: &BoundPlan) -> String {
        let owed = self.green.outstanding(planned(plan));
        let all = plan.scenarios.iter().filter(|lane| !lane.altered);
        let (owing, done): (Vec<_>, Vec<_>) = all
            .filter(|lane| !lane.selected)
            .partition(|lane| owed.iter().any(|cell| cell.lane == lane.name));
        let mut out = String::new();
        let id = self.id();
        if !done.is_empty() {
            let lanes = counted(done.len(), "lane");
            let _ = writeln!(
                out,
                "not run again: {lanes} with nothing outstanding since run {id}"
            );
        }
        if !owing.is_empty() {
            let names = owing.iter().map(|lane| lane.name.to_string());
            let names = some_of(names.collect());
            let _ = writeln!(out, "not selected, still outstanding: {names}");
        }
        if !out.is_empty() {
            out += &self.elsewhere(bound);
        }
        out
    }

    /// What was another one when that which is not run again was green.
    fn elsewhere(&self, bound: &BoundPlan) -> String {
        let run = self.stored.run();
        let mut out = String::new();
        let head = run.source.as_ref().map(|source| &source.head);
        if head.is_some_and(|head| *head != bound.source.head) {
            out += "warning: what is not run again was green at another commit of the consumer\n";
        }
        if run.package_spec != bound.package_spec {
            let then = plain(run.package_spec.as_deref().unwrap_or("no package"));
            let _ = writeln!(
                out,
                "warning: what is not run again was green with another package: {then}"
            );
        }
        out
    }
}

/// What this run knows to be green once these lanes were played; none where
/// nothing was planned.
pub(super) fn outstanding(
    parent: Option<&Parent>,
    plan: &Plan,
    lanes: &[LaneEvidence],
) -> Vec<CellName> {
    let before = parent.map(|parent| parent.green.clone());
    let ran = lanes.iter().flat_map(|lane| ran(lane, plan));
    let green = before.unwrap_or_default().and(ran);
    green.outstanding(planned(plan))
}

impl Held<'_> {
    /// The command that runs again what is still outstanding, on the same
    /// terms: what decides whether a cell is green goes with it.
    pub(super) fn rerun_command(&self) -> String {
        let (asked, request) = (&self.asked, self.request);
        let run_id = self.run_id.to_string();
        let words = [
            ("--repo", Some(shell(&asked.repo))),
            ("--artifacts", Some(shell(self.folder.path()))),
            ("--config", asked.config.as_ref().map(shell)),
            (
                "--package",
                request.package.as_ref().map(|spec| self.package_word(spec)),
            ),
            ("--rerun-from", Some(run_id)),
        ];
        let words = words.into_iter();
        let words = words.filter_map(|(flag, word)| Some(format!(" {flag} {}", word?)));
        let switches = [
            (asked.strict, " --strict"),
            (asked.trust_filters, " --trust-filters"),
        ];
        let switches = switches.iter().filter(|(is_on, _)| *is_on);
        let switches = switches.map(|(_, word)| (*word).to_owned());
        format!("matrix run{}", words.chain(switches).collect::<String>())
    }

    /// A package that is a file is named from wherever the command is run.
    fn package_word(&self, spec: &PackageSpec) -> String {
        match spec.local_path() {
            Some(path) => shell(self.request.package_base.join(path)),
            None => shell(spec.as_str()),
        }
    }
}

impl Verdict {
    /// A rerun does not pass as long as cells are outstanding.
    pub(super) fn and_of_rerun(mut self, cells: Vec<CellName>, parent: Option<&Parent>) -> Self {
        if let (Some(_), Some(first), true) = (parent, cells.first(), self.passes()) {
            let failure = still_owed(first, &cells);
            self.exit = failure.exit;
            self.failure = Some(failure);
            self.word = crate::artifact::summary::FinalVerdict::Fail;
        }
        self.outstanding = Some(cells);
        self
    }
}

fn still_owed(first: &CellName, cells: &[CellName]) -> Failure {
    let names = some_of(cells.iter().map(ToString::to_string).collect());
    let (count, verb) = match cells.len() {
        1 => ("1 cell".to_owned(), "is"),
        n => (format!("{n} cells"), "are"),
    };
    let message =
        format!("all that ran kept the contract; {count} {verb} still outstanding: {names}");
    Failure::new(FailureClass::Missing, BuiltinStep::Outstanding, message)
        .exit(ExitCode::Outstanding)
        .phase(&first.lane)
}

fn counted(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn some_of(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut text = names.join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

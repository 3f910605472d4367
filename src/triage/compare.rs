//! The comparison itself.

use indexmap::IndexMap;

use super::comparable::{Incomparable, check};
use super::document::{
    CellDiff, CellStatus, Diagnostic, Difference, RunRef, Seen, Status, StatusCounts, Triage,
};
use super::options::TriageOptions;
use super::snapshot::{CellResult, CellState, RunSnapshot};
use super::waivers::{self, Waivers};
use super::{commands, describe};
use crate::artifact::summary::FinalVerdict;
use crate::model::package::PackageResolved;
use crate::model::{CellName, ProofEvidence, SCHEMA_VERSION};

/// Compares a run with an earlier one.
///
/// # Errors
/// If they cannot be compared: the lanes of one were altered, both are the
/// same run, they are of two gates, or the baseline has no cells.
pub fn triage(
    base: &RunSnapshot,
    current: &RunSnapshot,
    options: TriageOptions<'_>,
    now_utc: String,
) -> Result<Triage, Incomparable> {
    check(base, current)?;
    Ok(compare(base, current, options, now_utc))
}

fn compare(
    base: &RunSnapshot,
    current: &RunSnapshot,
    options: TriageOptions<'_>,
    now_utc: String,
) -> Triage {
    let waivers = Waivers::new(options);
    let removed = base.cells.keys();
    // Declared cells first, in their order, then those no longer declared.
    let names = current
        .cells
        .keys()
        .chain(removed.filter(|cell| !current.cells.contains_key(*cell)));
    let cells: Vec<CellDiff> = names
        .filter_map(|cell| cell_diff(cell, base, current, &waivers))
        .collect();
    let counts = counts(&cells);
    let beside = failed_beside_its_cells(current, &cells);
    let known_failures = options
        .known
        .map(|known| waivers::report(known, current, options.today));
    Triage {
        schema_version: SCHEMA_VERSION,
        generated_at_utc: now_utc,
        gate: current.gate.clone(),
        base: run_ref(base),
        current: run_ref(current),
        status: status(&counts, beside.is_some()),
        counts,
        differences: differences(base, current),
        known_failures,
        diagnostics: diagnostics(beside, &cells),
        recommended_commands: commands::recommended(base, current, options, &cells),
        cells,
    }
}

fn run_ref(snapshot: &RunSnapshot) -> RunRef {
    RunRef {
        run_id: snapshot.run_id.clone(),
        kind: snapshot.kind,
        final_verdict: snapshot.final_verdict,
        package_spec: snapshot.package_spec.clone(),
        package_resolved: snapshot.package.clone(),
        source: snapshot.source.clone(),
        matrix_version: snapshot.matrix_version.clone(),
    }
}

/// Returns the overall status: regressions first, then missing cells, then known failures.
fn status(counts: &StatusCounts, failed_beside_its_cells: bool) -> Status {
    let some = |status| counts.count(status) > 0;
    if some(CellStatus::Regression) || some(CellStatus::NewFailure) {
        Status::Regression
    } else if some(CellStatus::Missing) || failed_beside_its_cells {
        Status::Incomplete
    } else if some(CellStatus::KnownFailure) {
        Status::KnownFailuresOnly
    } else {
        Status::Stable
    }
}

/// Describes a failure that no cell explains.
///
/// A run can fail with every cell green, as when it was stopped after its last
/// lane.
fn failed_beside_its_cells(current: &RunSnapshot, cells: &[CellDiff]) -> Option<String> {
    let explains = |cell: &CellDiff| {
        let now = cell.now.as_ref();
        now.is_some_and(|now| now.selected && now.verdict.is_none_or(|v| !v.is_pass()))
    };
    if current.final_verdict != FinalVerdict::Fail || cells.iter().any(explains) {
        return None;
    }
    Some(describe::run(current))
}

fn cell_diff(
    cell: &CellName,
    base: &RunSnapshot,
    current: &RunSnapshot,
    waivers: &Waivers<'_>,
) -> Option<CellDiff> {
    let (before, now) = (base.cells.get(cell), current.cells.get(cell));
    let mut status = cell_status(before, now, !current.cells.is_empty())?;
    let is_red = now
        .and_then(CellState::played)
        .is_some_and(|played| !played.verdict.is_pass());
    let known = waivers.for_cell(cell).filter(|_| is_red);
    if known.is_some() {
        status = CellStatus::KnownFailure;
    }
    let both = before
        .and_then(CellState::played)
        .zip(now.and_then(CellState::played));
    let reason = both.is_some_and(|(a, b)| a.exit == b.exit && !is_same_reason(a, b));
    let evidence = both.map(|(a, b)| other_evidence(a.proof.as_ref(), b.proof.as_ref()));
    Some(CellDiff {
        cell: cell.clone(),
        status,
        same_exit_other_reason: reason,
        other_evidence: evidence.unwrap_or_default(),
        known,
        before: before.map(seen),
        now: now.map(seen).or_else(|| not_declared(current)),
    })
}

/// Returns the change of a cell; None if neither run selected it.
///
/// `is_known` is false if the run ended before its cells were known.
fn cell_status(
    before: Option<&CellState>,
    now: Option<&CellState>,
    is_known: bool,
) -> Option<CellStatus> {
    let was_selected = before.is_some_and(|before| !matches!(before, CellState::NotSelected));
    let was_green = before
        .and_then(CellState::played)
        .map(|played| played.verdict.is_pass());
    Some(match now {
        Some(CellState::Played(now)) => match (was_green, now.verdict.is_pass()) {
            (Some(true), true) => CellStatus::Unchanged,
            (Some(true), false) => CellStatus::Regression,
            (Some(false), true) => CellStatus::Fixed,
            (Some(false), false) => CellStatus::KnownFailure,
            (None, true) if was_selected => CellStatus::Fixed,
            (None, true) => CellStatus::Added,
            (None, false) => CellStatus::NewFailure,
        },
        Some(CellState::NotSelected) | None if !was_selected => return None,
        None if is_known => CellStatus::Removed,
        Some(CellState::NotPlayed(_) | CellState::NotSelected) | None => CellStatus::Missing,
    })
}

/// True if both results have the same reason.
fn is_same_reason(before: &CellResult, now: &CellResult) -> bool {
    if let (Some(before), Some(now)) = (&before.fingerprint, &now.fingerprint) {
        return before == now;
    }
    let of = |cell: &CellResult| {
        let reason = (cell.verdict, cell.hook_exit, cell.reason_found);
        (reason, cell.problem.clone())
    };
    of(before) == of(now)
}

/// Returns the names of proofs that differ.
fn other_evidence(
    before: Option<&ProofEvidence>,
    now: Option<&ProofEvidence>,
) -> Vec<&'static str> {
    let marker = |proof: &ProofEvidence| {
        let found = proof.marker.as_ref();
        found.map(|marker| (marker.wanted.clone(), marker.found))
    };
    let files = |proof: &ProofEvidence| {
        let checked = proof.files.iter();
        checked
            .map(|file| (file.path.clone(), file.demand, file.holds))
            .collect::<Vec<_>>()
    };
    let document = |proof: &ProofEvidence| {
        proof.evidence.as_ref().map(|doc| {
            let bytes = (doc.sha256.clone(), doc.bytes);
            (doc.file.clone(), doc.new, bytes, doc.problem.clone())
        })
    };
    let assertions = |proof: &ProofEvidence| {
        let asserted = proof.evidence.iter().flat_map(|doc| &doc.assertions);
        asserted
            .map(|one| (one.assertion.clone(), one.holds, one.value.clone()))
            .collect::<Vec<_>>()
    };
    let differs = [
        ("marker", before.map(marker) != now.map(marker)),
        ("files", before.map(files) != now.map(files)),
        ("document", before.map(document) != now.map(document)),
        ("assertions", before.map(assertions) != now.map(assertions)),
    ];
    let differs = differs.into_iter().filter(|(_, differs)| *differs);
    differs.map(|(what, _)| what).collect()
}

fn seen(state: &CellState) -> Seen {
    let nothing = Seen {
        selected: true,
        verdict: None,
        exit: None,
        hook_exit: None,
        problem: None,
    };
    match state {
        CellState::NotSelected => Seen {
            selected: false,
            problem: Some("it was not selected".to_owned()),
            ..nothing
        },
        CellState::NotPlayed(why) => Seen {
            problem: Some(why.clone()),
            ..nothing
        },
        CellState::Played(played) => Seen {
            verdict: Some(played.verdict),
            exit: played.exit,
            hook_exit: played.hook_exit,
            problem: played.problem.clone(),
            ..nothing
        },
    }
}

/// Returns the state of every cell of a run that ended before it was planned.
fn not_declared(current: &RunSnapshot) -> Option<Seen> {
    current.cells.is_empty().then(|| Seen {
        selected: true,
        verdict: None,
        exit: None,
        hook_exit: None,
        problem: Some(describe::run(current)),
    })
}

fn counts(cells: &[CellDiff]) -> StatusCounts {
    let count = |is_it: &dyn Fn(&CellDiff) -> bool| cells.iter().filter(|cell| is_it(cell)).count();
    let of = |status: CellStatus| (status.as_str(), count(&|cell| cell.status == status));
    StatusCounts {
        by_status: CellStatus::ALL
            .into_iter()
            .map(of)
            .collect::<IndexMap<_, _>>(),
        same_exit_other_reason: count(&|cell| cell.same_exit_other_reason),
        other_evidence: count(&|cell| !cell.other_evidence.is_empty()),
    }
}

fn differences(base: &RunSnapshot, current: &RunSnapshot) -> Vec<Difference> {
    let head = |snapshot: &RunSnapshot| snapshot.source.as_ref().map(|source| source.head.clone());
    let package = |snapshot: &RunSnapshot| {
        let told = |package: &PackageResolved| {
            let digest = package.integrity.as_deref();
            let integrity = digest.map(|text| format!(" ({text})"));
            let (name, version) = (&package.name, &package.version);
            format!("{name} {version}{}", integrity.unwrap_or_default())
        };
        snapshot.package.as_ref().map(told)
    };
    let version = |snapshot: &RunSnapshot| Some(snapshot.matrix_version.clone());
    let all = [
        ("source", head(base), head(current)),
        ("package", package(base), package(current)),
        ("matrix_version", version(base), version(current)),
    ];
    all.into_iter()
        .filter(|(_, base, current)| base != current)
        .map(|(what, base, current)| Difference {
            what,
            base,
            current,
        })
        .collect()
}

/// Returns noteworthy changes: of the run, then of cells by severity.
fn diagnostics(of_run: Option<String>, cells: &[CellDiff]) -> Vec<Diagnostic> {
    let of_run = of_run.map(|sentence| Diagnostic {
        id: "run".to_owned(),
        status: None,
        cell: None,
        sentence,
        before: None,
        now: None,
    });
    let is_quiet = |cell: &CellDiff| {
        let same = !cell.same_exit_other_reason && cell.other_evidence.is_empty();
        cell.status == CellStatus::Unchanged && same
    };
    let mut worth: Vec<&CellDiff> = cells.iter().filter(|cell| !is_quiet(cell)).collect();
    worth.sort_by_key(|cell| cell.status);
    let of_cells = worth.into_iter().map(|cell| Diagnostic {
        id: format!("{}:{}", cell.status.as_str(), cell.cell),
        status: Some(cell.status),
        cell: Some(cell.cell.clone()),
        sentence: describe::cell(cell),
        before: cell.before.clone(),
        now: cell.now.clone(),
    });
    of_run.into_iter().chain(of_cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::evidence::CellVerdict;

    /// Each pair of states, and the change with and without known cells.
    #[test]
    fn every_pair_of_states_has_its_change() {
        use crate::model::FailureClass::Contract;
        use CellStatus::*;

        let played = |verdict| {
            let result = CellResult::missing("");
            CellState::Played(Box::new(CellResult { verdict, ..result }))
        };
        let green = || Some(played(CellVerdict::PASS));
        let red = || Some(played(CellVerdict::Failed(Contract)));
        let unselected = || Some(CellState::NotSelected);
        let stopped = || Some(CellState::NotPlayed("stopped".to_owned()));
        for (before, now, change) in [
            (green(), green(), Some(Unchanged)),
            (green(), red(), Some(Regression)),
            (green(), stopped(), Some(Missing)),
            (green(), unselected(), Some(Missing)),
            (green(), None, Some(Removed)),
            (red(), green(), Some(Fixed)),
            (red(), red(), Some(KnownFailure)),
            (red(), unselected(), Some(Missing)),
            (stopped(), green(), Some(Fixed)),
            (stopped(), red(), Some(NewFailure)),
            (stopped(), stopped(), Some(Missing)),
            (unselected(), green(), Some(Added)),
            (unselected(), red(), Some(NewFailure)),
            (unselected(), stopped(), Some(Missing)),
            (unselected(), unselected(), None),
            (unselected(), None, None),
            (None, green(), Some(Added)),
            (None, red(), Some(NewFailure)),
            (None, unselected(), None),
        ] {
            let found = cell_status(before.as_ref(), now.as_ref(), true);
            assert_eq!(found, change, "{before:?} then {now:?}");
        }
        // Nothing is known to be removed if the run ended before its plan.
        assert_eq!(cell_status(green().as_ref(), None, false), Some(Missing));
    }
}

//! The baseline of `matrix run`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use gate_matrix::artifact::reader::locate::{self, LAST_PASS, LocateError};
use gate_matrix::run::Request;
use gate_matrix::sys::git;
use gate_matrix::triage::{Baseline, BaselineError};

use super::complain;
use super::diff::{known_failures, unfit};
use crate::args::RunArgs;
use crate::settings::Settings;

/// What a run is to be held against. It is read now: the run itself removes
/// old verdict files, and prunes.
pub(super) fn with_baseline(
    args: &RunArgs,
    settings: &Settings,
    request: Request,
) -> anyhow::Result<Request> {
    let Some(word) = args.baseline.as_deref() else {
        return Ok(request);
    };
    let known = known_failures(
        args.known.as_deref(),
        settings,
        Some(&request),
        request.clock,
    )?;
    let artifacts = artifacts_of(&request);
    let stored = match locate::open(word, &artifacts, &settings.cwd) {
        Ok(stored) => stored,
        Err(LocateError::Nothing { .. }) if word == LAST_PASS => {
            complain("no baseline: no run has passed yet\n");
            return Ok(request);
        }
        Err(e) => bail!("--baseline: {e}\n  next: {}", e.next()),
    };
    let baseline = Baseline::of(stored, known, request.clock.today());
    let mut baseline = baseline.map_err(|e| match e {
        BaselineError::Unreadable(e) => anyhow!("--baseline: {e}\n  next: {}", e.next()),
        BaselineError::Unfit(e) => unfit(&e),
    })?;
    baseline.is_named = word != LAST_PASS;
    if request.run_id.as_ref() == Some(baseline.id()) {
        bail!(
            "run {} cannot be its own baseline\n  next: give the new run another id: --run-id ID",
            baseline.id()
        );
    }
    Ok(Request {
        baseline: Some(Arc::new(baseline)),
        ..request
    })
}

/// Where the run will leave its own.
fn artifacts_of(request: &Request) -> PathBuf {
    let folder = request.artifacts.clone().unwrap_or_else(|| {
        let root = git::work_tree_above(&request.repo);
        root.unwrap_or_else(|| request.repo.clone())
            .join("artifacts")
    });
    folder.canonicalize().unwrap_or(folder)
}

//! The baseline of `matrix run`.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use gate_matrix::artifact::reader::locate::{LAST_PASS, LocateError};
use gate_matrix::prepare::Request;
use gate_matrix::sys::git;
use gate_matrix::triage::{Baseline, BaselineError};

use super::complain;
use super::diff::{known_failures, unfit};
use crate::args::RunArgs;
use crate::settings::Settings;

/// Reads the run that the new one is compared with. It is read now, since the
/// run itself removes old verdict files, and prunes.
pub(super) fn find(
    args: &RunArgs,
    settings: &Settings,
    request: &Request,
) -> anyhow::Result<Option<Baseline>> {
    let Some(word) = args.baseline.as_deref() else {
        return Ok(None);
    };
    let named = args.known.as_deref();
    let known = known_failures(named, settings, Some(request), request.clock)?;
    let artifacts = artifacts_of(request);
    let stored = match settings.open_run(word, &artifacts) {
        Ok(stored) => stored,
        Err(LocateError::Nothing { .. }) if word == LAST_PASS => {
            complain("no baseline: no run has passed yet\n");
            return Ok(None);
        }
        Err(e) => bail!("--baseline: {e}\n  next: {}", e.next()),
    };
    let read = Baseline::new(stored, known, request.clock.today());
    let mut baseline = read.map_err(|e| match e {
        BaselineError::Unreadable(e) => anyhow!("--baseline: {e}\n  next: {}", e.next()),
        BaselineError::Unfit(e) => unfit(&e),
    })?;
    baseline.is_named = word != LAST_PASS;
    if request.output.run_id.as_ref() == Some(baseline.id()) {
        bail!(
            "run {} cannot be its own baseline\n  next: give the new run another id: --run-id ID",
            baseline.id()
        );
    }
    Ok(Some(baseline))
}

/// The artifacts folder of the new run.
pub(super) fn artifacts_of(request: &Request) -> PathBuf {
    let folder = request.output.artifacts.clone().unwrap_or_else(|| {
        let root = git::work_tree_above(&request.consumer.repo);
        root.unwrap_or_else(|| request.consumer.repo.clone())
            .join("artifacts")
    });
    folder.canonicalize().unwrap_or(folder)
}

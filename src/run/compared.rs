//! A run that is held against an earlier one. It decides nothing: neither
//! exit code nor verdict nor stdout know of it.

use super::held::Held;
use super::verdict::Verdict;
use super::{Face, Request};
use crate::artifact::bundle::ReplayBundle;
use crate::artifact::run_folder::{Run, RunWriter};
use crate::artifact::to_bytes;
use crate::model::text::{plain, shown};
use crate::model::{CellEvidence, Plan, Profile, ScenarioName, StageName};
use crate::sys::fs;
use crate::triage::{self, Side, Triage, console};

impl Held<'_> {
    /// Writes how the run compares with its baseline, before what vouches
    /// for the files of the run.
    pub(super) fn compare(
        &self,
        (verdict, bundle): (&Verdict, &ReplayBundle),
        run: &Run,
        writer: &RunWriter,
    ) -> Option<String> {
        let baseline = self.request.baseline.as_ref()?;
        let cells = verdict.lanes.iter().flat_map(|lane| &lane.cells);
        let current = side(run, verdict.plan(), writer, cells).because(bundle);
        let now = self.request.clock.now_utc();
        Some(match baseline.against(&current, now) {
            Ok(triage) => written(&triage, writer),
            Err(e) => format!(
                "not compared: {}\n  next: {}\n",
                plain(&e.to_string()),
                e.next()
            ),
        })
    }

    /// Says what was found, after all else.
    pub(super) fn tell_compared(text: Option<String>, face: &mut dyn Face) {
        if let Some(text) = text {
            face.say(&text);
        }
    }
}

/// Why a baseline that the user named cannot be that of this run.
pub(super) fn refused(request: &Request, profile: &Profile) -> Option<String> {
    let baseline = request.baseline.as_ref().filter(|one| one.is_named)?;
    let error = baseline.fits(&profile.gate).err()?;
    Some(format!(
        "ERROR: --baseline: {error}\n  next: {}\n",
        error.next()
    ))
}

fn side<'a>(
    run: &Run,
    plan: Option<&Plan>,
    writer: &RunWriter,
    cells: impl Iterator<Item = &'a CellEvidence>,
) -> Side {
    let is_selected = |lane: &ScenarioName, stage: &StageName| {
        plan.is_some_and(|plan| {
            plan.selected_scenarios().any(|name| name == lane)
                && plan.selected_stages().any(|name| name == stage)
        })
    };
    Side::new(run, writer.path(), &is_selected, cells)
}

fn written(triage: &Triage, writer: &RunWriter) -> String {
    let path = writer.path().join(triage::FILE);
    let lines = console::lines(triage, console::BRIEF);
    match writer.file(triage::FILE, &to_bytes(triage)) {
        Ok(()) => format!("{lines}triage: {}\n", shown(path)),
        Err(e) => {
            // Half a document is worse than none.
            let _ = fs::remove_file(&path);
            format!("{lines}warning: {}\n", plain(&e.to_string()))
        }
    }
}

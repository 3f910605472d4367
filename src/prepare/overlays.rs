//! Copies of the overlays as preflight saw them: a checkout in the middle of
//! a run must not change what is tried.

use std::io;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::model::scenario::Seed;
use crate::model::{Plan, Profile, ScenarioName};
use crate::sys::fs;

/// Copies of overlays and their digests, by scenario.
#[derive(Default)]
pub(super) struct Overlays {
    pub(super) copies: IndexMap<ScenarioName, PathBuf>,
    pub(super) sha256: IndexMap<ScenarioName, String>,
}

/// Copies the overlays of the selected scenarios.
///
/// # Errors
/// If one cannot be read or the copy not be written.
pub(super) fn copy(profile: &Profile, plan: &Plan, into: &Path) -> io::Result<Overlays> {
    let mut overlays = Overlays::default();
    let mut copied: IndexMap<&Path, (PathBuf, String)> = IndexMap::new();
    for name in plan.selected_scenarios() {
        let Seed::Overlay(folder) = &profile.scenarios[name].seed else {
            continue;
        };
        // Scenarios, and altered lanes above all, may share one.
        if !copied.contains_key(&**folder) {
            let copy = into.join(name.as_str());
            fs::copy_tree(&profile.root.join(folder), &copy)?;
            let digest = fs::digest_tree(&copy)?;
            copied.insert(folder, (copy, digest));
        }
        let (copy, digest) = &copied[&**folder];
        overlays.copies.insert(name.clone(), copy.clone());
        overlays.sha256.insert(name.clone(), digest.clone());
    }
    Ok(overlays)
}

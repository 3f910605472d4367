//! The digest of what a run agreed to prove.
//!
//! Two runs with the same digest try the same change set of the same commit
//! against the same expectations with the same gate, so their lanes can be
//! put together. Ids, times, paths and the machine are left out, and so is
//! the selection: a run of a part agrees to the whole.
//!
//! The package counts as far as it is known before the first lane: a pinned
//! version, or the bytes of a file or folder. A tag such as `latest` counts
//! as typed; what it resolved to stands in `run.json` once it is installed.

use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;

use super::overlays::Overlays;
use super::planned::planned_lanes;
use crate::artifact::MATRIX_VERSION;
use crate::lane::LaneContext;
use crate::lane::steps::steps_of;
use crate::model::plan::PlannedLane;
use crate::model::scenario::Seed;
use crate::model::{Plan, Profile, ScenarioName};
use crate::sys::fs;

/// Everything that was agreed, in an order that repeats.
#[derive(Serialize)]
struct Contract<'a> {
    matrix_version: &'a str,
    gate: &'a str,
    package: String,
    companions: &'a [String],
    commit: &'a str,
    branch: &'a str,
    profile_sha256: &'a str,
    overlays_sha256: IndexMap<&'a ScenarioName, String>,
    strict: bool,
    lanes: IndexMap<ScenarioName, PlannedLane>,
}

/// Returns the digest, hexadecimal.
pub(super) fn digest(
    context: &LaneContext,
    plan: &Plan,
    copied: &Overlays,
    timeout: Option<Duration>,
) -> String {
    let profile = &context.profile;
    let whole = whole(plan);
    let steps = |name: &ScenarioName| steps_of(profile, &whole, name, timeout);
    let contract = Contract {
        matrix_version: MATRIX_VERSION,
        gate: profile.gate.as_str(),
        package: package(context),
        companions: &profile.companions,
        commit: &context.source.head,
        branch: &context.branch,
        profile_sha256: &profile.sha256,
        overlays_sha256: overlays(profile, &whole, copied),
        strict: context.strict,
        lanes: planned_lanes(profile, &whole, steps, &context.branch),
    };
    // Every key is a text, so this is always JSON.
    let json = serde_json::to_vec(&contract).unwrap_or_default();
    fs::sha256(&json)
}

/// The plan with every declared scenario and stage selected, without the
/// altered lanes of a trial.
fn whole(plan: &Plan) -> Plan {
    let mut plan = plan.with_all_stages();
    plan.scenarios.retain(|scenario| !scenario.altered);
    for scenario in &mut plan.scenarios {
        scenario.selected = true;
    }
    plan
}

fn package(context: &LaneContext) -> String {
    let spec = context.profile.package.as_ref();
    let Some(spec) = spec.filter(|spec| spec.local_path().is_some()) else {
        return context.package.clone();
    };
    let path = Path::new(&context.package);
    let bytes = if path.is_dir() {
        fs::digest_tree(path)
    } else {
        fs::digest_file(path)
    };
    // A package that cannot be read fails at its installation, not here.
    bytes.unwrap_or_else(|_| spec.as_str().to_owned())
}

/// The digest of each overlay: of the copy that lanes get, or, if the scenario
/// does not run here, of its folder. One that does not run need not be
/// readable either.
fn overlays<'a>(
    profile: &Profile,
    plan: &'a Plan,
    copied: &Overlays,
) -> IndexMap<&'a ScenarioName, String> {
    let mut digests = IndexMap::new();
    for name in plan.selected_scenarios() {
        let Seed::Overlay(folder) = &profile.scenarios[name].seed else {
            continue;
        };
        let digest = copied.sha256.get(name).cloned();
        let of_folder = || fs::digest_tree(&profile.root.join(folder)).ok();
        let unreadable = || "unreadable".to_owned();
        digests.insert(name, digest.or_else(of_folder).unwrap_or_else(unreadable));
    }
    digests
}

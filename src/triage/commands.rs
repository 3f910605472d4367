//! Recommended commands, for a shell in any working directory.

use std::path::Path;

use super::document::{CellDiff, CellStatus};
use super::options::TriageOptions;
use super::snapshot::RunSnapshot;
use crate::artifact::last_failure::replay_command;
use crate::model::command::quote;
use crate::model::plan::SandboxMode;
use crate::model::{PackageSpec, ScenarioName};

/// Maximum number of lanes that get a replay command of their own.
const MAX_REPLAYS: usize = 3;

pub(super) fn recommended(
    base: &RunSnapshot,
    current: &RunSnapshot,
    options: TriageOptions<'_>,
    cells: &[CellDiff],
) -> Vec<String> {
    let lanes = |is_it: &dyn Fn(CellStatus) -> bool| {
        let mut found: Vec<(CellStatus, &ScenarioName)> = Vec::new();
        for cell in cells.iter().filter(|cell| is_it(cell.status)) {
            if !found.iter().any(|(_, lane)| *lane == &cell.cell.lane) {
                found.push((cell.status, &cell.cell.lane));
            }
        }
        found.sort_by_key(|(status, _)| *status);
        found
    };
    let broken = lanes(&|status| matches!(status, CellStatus::Regression | CellStatus::NewFailure));
    let replay = format!(
        "{} --execute",
        replay_command(current.artifacts(), &current.run_id)
    );
    let of_lane = |(_, lane): &(CellStatus, &ScenarioName)| format!("{replay} --lane {lane}");
    let mut out: Vec<String> = broken.iter().take(MAX_REPLAYS).map(of_lane).collect();
    if broken.len() > MAX_REPLAYS {
        out.push(replay);
    }
    let is_missing = cells.iter().any(|cell| cell.status == CellStatus::Missing);
    if is_missing || current.cells.is_empty() {
        out.push(run_whole(base, current));
    }
    out.push(diff(base, current, options));
    out
}

/// Returns the command that repeats the whole matrix against the same baseline.
fn run_whole(base: &RunSnapshot, current: &RunSnapshot) -> String {
    let asked = &current.asked;
    let typed = asked.package.as_deref();
    let package = typed.map(|package| from_anywhere(package, &asked.package_base));
    let mut words = vec![format!("matrix run --repo {}", quote(&asked.repo, true))];
    let named = [("--config", asked.config.clone()), ("--package", package)];
    let given = named
        .into_iter()
        .filter_map(|(flag, value)| Some((flag, value?)));
    words.extend(given.map(|(flag, value)| format!("{flag} {}", quote(&value, true))));
    let switches = [
        ("--strict", asked.strict),
        ("--trust-filters", asked.trust_filters),
        ("--sandbox require", asked.sandbox == SandboxMode::Require),
        ("--sandbox off", asked.sandbox == SandboxMode::Off),
    ];
    let on = switches.into_iter().filter(|(_, is_on)| *is_on);
    words.extend(on.map(|(flag, _)| flag.to_owned()));
    let artifacts = quote(&current.artifacts().to_string_lossy(), true);
    words.push(format!("--artifacts {artifacts}"));
    words.push(format!("--baseline {}", word(base, current)));
    words.join(" ")
}

/// Returns a local package by its absolute path.
fn from_anywhere(package: &str, base: &str) -> String {
    let spec = PackageSpec::parse(package).ok();
    let local = spec.as_ref().and_then(PackageSpec::local_path);
    let path = local.map(|path| Path::new(base).join(path));
    path.map_or_else(
        || package.to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

fn diff(base: &RunSnapshot, current: &RunSnapshot, options: TriageOptions<'_>) -> String {
    let artifacts = quote(&current.artifacts().to_string_lossy(), true);
    let known = options
        .known
        .map(|known| format!(" --known {}", quote(&known.file, true)));
    format!(
        "matrix diff --artifacts {artifacts} {} {}{}",
        word(base, current),
        current.run_id,
        known.unwrap_or_default()
    )
}

/// Names the earlier run: by id, or by folder if it is in another artifacts folder.
fn word(base: &RunSnapshot, current: &RunSnapshot) -> String {
    if base.artifacts() == current.artifacts() {
        base.run_id.to_string()
    } else {
        quote(&base.folder.to_string_lossy(), true)
    }
}

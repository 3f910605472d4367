//! Retention: pruning old runs.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::lock::FolderLock;
use super::manifest::Manifest;
use super::reader::History;
use super::run_folder::{EVENTS, FILES, RUN};
use super::summary::FinalVerdict;
use crate::model::profile::Retention;
use crate::model::{Kind, RunId, Shortage};
use crate::sys::fs;

struct OldRun {
    path: PathBuf,
    modified: SystemTime,
    bytes: u64,
}

/// Removes the oldest runs until the limits of number, age and size hold, and returns their
/// names, the oldest last.
///
/// Never removes this run, a run that a verdict file names, the last run of each gate and
/// kind, the last pass of each gate, or a run that another process reads. Called under the folder's lock, after the
/// verdict; a folder that cannot be removed is retried by the next run.
#[must_use]
pub fn prune(lock: &FolderLock, this: &RunId, keep: Retention, now: SystemTime) -> Vec<String> {
    let mut kept = named_by_verdicts(lock.path());
    kept.push(this.to_string());
    // Only a folder with too much is read.
    let last = OnceCell::new();
    let is_last = |name: &str| {
        let last: &Vec<RunId> = last.get_or_init(|| last_of_kinds(lock.path()));
        last.iter().any(|id| id.as_str() == name)
    };
    let is_kept = |path: &Path| kept.contains(&name(path));
    let limit = keep.mib.saturating_mul(1024 * 1024);
    let mut runs = old_runs(&lock.runs(), limit);
    runs.sort_by(|a, b| (b.modified, &b.path).cmp(&(a.modified, &a.path)));
    let age = Duration::from_secs(keep.days.saturating_mul(24 * 60 * 60));
    let mut bytes: u64 = 0;
    let mut count = 0;
    let mut dropped = Vec::new();
    // Runs that must be kept count first, then the youngest.
    runs.sort_by_key(|run| !is_kept(&run.path));
    for run in runs {
        bytes = bytes.saturating_add(run.bytes);
        count += 1;
        let old = now
            .duration_since(run.modified)
            .is_ok_and(|since| since > age);
        let too_much = count > keep.runs || bytes > limit || old;
        let name = name(&run.path);
        if too_much && !is_kept(&run.path) && !is_last(&name) && !is_read(&run.path) {
            let removed = fs::remove_folder(&run.path);
            bytes = bytes.saturating_sub(run.bytes);
            count -= 1;
            dropped.extend(removed.is_ok().then_some(name));
        }
    }
    dropped
}

fn name(run: &Path) -> String {
    let name = run.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the last run of each gate and kind, and the last pass of each gate, with which a
/// red run is compared.
fn last_of_kinds(artifacts: &Path) -> Vec<RunId> {
    let mut seen = BTreeSet::new();
    let mut last = Vec::new();
    for head in History::new(artifacts).complete() {
        let is_pass = head.kind == Kind::Matrix && head.final_verdict == FinalVerdict::Pass;
        let is_last = seen.insert((head.gate.clone(), head.kind.as_str(), false));
        let is_last_pass = is_pass && seen.insert((head.gate, head.kind.as_str(), true));
        if is_last || is_last_pass {
            last.push(head.run_id);
        }
    }
    last
}

/// The room that a short run needs on the disk of the artifacts folder, in bytes.
const ROOM: u64 = 256 * 1024;

/// True if the disk of the artifacts folder has no room for a run.
#[must_use]
pub fn lacks_room(lock: &FolderLock) -> bool {
    fs::shortage_at(lock.path(), ROOM) == Some(Shortage::Space)
}

/// Removes the oldest runs until there is room for a run, one of them at least; false if
/// none may be removed.
///
/// Never removes what [`prune`] keeps.
#[must_use]
pub fn make_room(lock: &FolderLock, this: &RunId) -> bool {
    let mut kept = named_by_verdicts(lock.path());
    kept.push(this.to_string());
    let last = last_of_kinds(lock.path());
    kept.extend(last.iter().map(ToString::to_string));
    // Sizes do not matter here, so none is looked for twice.
    let mut runs = old_runs(&lock.runs(), u64::MAX);
    runs.retain(|run| !kept.contains(&name(&run.path)) && !is_read(&run.path));
    runs.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
    let mut made = false;
    for run in runs {
        if made && !lacks_room(lock) {
            break;
        }
        made |= fs::remove_folder(&run.path).is_ok();
    }
    made
}

/// Returns the folders that look like a run; nothing else is ever removed.
fn old_runs(runs: &Path, limit: u64) -> Vec<OldRun> {
    let entries = std::fs::read_dir(runs).into_iter().flatten().flatten();
    let run = |path: PathBuf| {
        let meta = path.symlink_metadata().ok()?;
        let is_there = |file: &&str| path.join(file).is_file();
        let is_run = meta.is_dir() && [EVENTS, FILES, RUN].iter().any(is_there);
        is_run.then_some(())?;
        // A size that would fill the folder by itself is looked at.
        let told = told_size(&path).filter(|bytes| *bytes <= limit);
        let bytes = told.unwrap_or_else(|| seen_size(&path));
        let modified = meta.modified().ok()?;
        Some(OldRun {
            path,
            modified,
            bytes,
        })
    };
    entries.filter_map(|entry| run(entry.path())).collect()
}

/// Returns the size that the manifest records.
///
/// Looking at each file would take most of the time of a short run.
fn told_size(run: &Path) -> Option<u64> {
    let bytes = fs::read(run.join(FILES)).ok()?;
    let manifest: Manifest = serde_json::from_slice(&bytes).ok()?;
    let sizes = manifest.files.values().map(|file| file.bytes);
    Some(sizes.fold(0, u64::saturating_add))
}

/// Returns the size of all files. A pipe or the like has none, and must not keep a run from
/// being removed.
fn seen_size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.path().symlink_metadata() {
        Ok(meta) if meta.is_dir() => seen_size(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.map(size).fold(0, u64::saturating_add)
}

/// Returns the runs that the verdict files of all gates in this folder name.
fn named_by_verdicts(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let verdict = |path: &Path| -> Option<Vec<String>> {
        let name = path.file_name()?.to_str()?;
        let stem = name
            .strip_suffix("-summary.json")
            .or_else(|| name.strip_suffix("-last-failure.json"))?;
        let of_kind = |kind: &Kind| stem.ends_with(&format!("-{}", kind.as_str()));
        Kind::ALL.iter().any(of_kind).then_some(())?;
        let json: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        // Its lanes may have been reused from other runs.
        let scenarios = json.get("scenarios").and_then(|lanes| lanes.as_object());
        let lanes = scenarios.into_iter().flat_map(|lanes| lanes.values());
        let ids = lanes
            .filter_map(|lane| lane.get("reused"))
            .chain(json.get("run_id"));
        Some(ids.filter_map(|id| Some(id.as_str()?.to_owned())).collect())
    };
    let verdicts = entries.filter_map(|entry| verdict(&entry.path()));
    verdicts.flatten().collect()
}

/// True if a reader holds a shared lock on `run.json`.
fn is_read(run: &Path) -> bool {
    let Ok(file) = fs::open(run.join("run.json")) else {
        return false;
    };
    matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::SCHEMA_VERSION;

    #[test]
    fn the_last_of_each_gate_and_kind_and_its_last_pass_stay() {
        let folder = tempfile::tempdir().unwrap();
        let runs = [
            ("a1", "a", "matrix", "PASS"),
            ("a2", "a", "matrix", "PASS"),
            ("b1", "b", "matrix", "PASS"),
            ("s1", "a", "sabotage", "FAIL"),
            ("a3", "a", "matrix", "FAIL"),
            ("a4", "a", "matrix", "FAIL"),
            ("b2", "b", "matrix", "PARTIAL"),
        ];
        for (number, (id, gate, kind, verdict)) in (1..).zip(runs) {
            let run = json!({
                "schema_version": SCHEMA_VERSION, "run_id": id, "number": number,
                "generated_at_utc": "2026-01-01T00:00:00Z", "kind": kind, "gate": gate,
                "final_verdict": verdict, "lanes": {},
            });
            let path = folder.path().join("runs").join(id);
            fs::create_folder(&path).unwrap();
            fs::write(&path.join(RUN), run.to_string().as_bytes()).unwrap();
        }
        let mut last = last_of_kinds(folder.path());
        last.sort();
        let last: Vec<&str> = last.iter().map(RunId::as_str).collect();
        assert_eq!(last, ["a2", "a4", "b1", "b2", "s1"]);
    }
}

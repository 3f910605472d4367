//! Attempts with the machine around a run: other verbs that are killed, small disks, and
//! groups of processes with little memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;

use super::Random;
use super::attempts::{seen, words};
use super::world::{Ended, Seen, World};

/// Kills another verb than `run` at any moment; the next run passes and leaves nothing.
pub fn killed_verb(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let verbs: [(&[&str], u64); 4] = [
        (&["sabotage", "--sandbox", "off"], 1_500_000),
        (&["mutate"], 1_500_000),
        (&["check", "--vacuity"], 500_000),
        (&["replay", "latest", "--execute", "--all"], 400_000),
    ];
    if !world.artifacts().join("runs").is_dir() {
        world.run(&[], &[], None)?;
    }
    let (verb, longest) = *random.one(&verbs);
    let after = Duration::from_micros(random.below(longest));
    let killed = world.other(verb, after)?;
    let mut faults = world.broken(&killed, true);
    // A killed trial leaves the pass of the last run; the run's id tells.
    faults.retain(|fault| !fault.starts_with("exit 0 without") && !fault.starts_with("stale"));
    faults.extend(torn(&world.artifacts()));
    if killed.code == 2 {
        faults.push(format!("does not start: {}", killed.stderr));
    }
    if random.below(8) == 0 {
        let next = world.run(&[], &[], None)?;
        faults.extend(world.broken(&next, false));
        if next.code != 0 {
            faults.push(format!("the next run exits {}", next.code));
        }
        faults.extend(world.leftovers());
    }
    let what = format!(
        "SIGKILL after {} µs of {}",
        after.as_micros(),
        verb.join(" ")
    );
    Ok(seen(what, &killed, faults))
}

/// Returns the documents in a folder of artifacts that are not whole. What lies in the folder
/// of a run that never ended counts for nothing.
fn torn(artifacts: &Path) -> Vec<String> {
    let mut files = Vec::new();
    super::attempts::collect(artifacts, &mut files);
    files.retain(|path| path.extension().is_some_and(|it| it == "json"));
    let is_torn = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap_or_default();
        serde_json::from_slice::<serde_json::Value>(&bytes).is_err()
    };
    files.retain(is_torn);
    let counts = |path: &Path| {
        let run = path.strip_prefix(artifacts.join("runs")).ok();
        let id = run.and_then(|path| path.components().next());
        let has_ended = |id| artifacts.join("runs").join(id).join("run.json").exists();
        id.is_none_or(has_ended)
    };
    files.retain(|path| counts(path));
    let text = |path: &PathBuf| format!("torn: {}", path.display());
    files.iter().map(text).collect()
}

/// Runs with a small file system in the place of a folder, by bytes or by inodes.
pub fn small_disk(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let place = *random.one(&["artifacts", "work", "tmp"]);
    let option = if random.below(4) == 0 {
        format!("size=64m,nr_inodes={}", 2 + random.below(400))
    } else {
        format!("size={}k", 4 * (1 + random.below(500)))
    };
    let disk = Mount::tmpfs(&world.path(place), &option)?;
    let ended = world.run(&[], &[], None)?;
    let mut faults = world.broken(&ended, false);
    faults.extend(torn(&world.artifacts()));
    faults.extend(blamed(world, &ended));
    drop(disk);
    Ok(seen(
        format!("{place} on a tmpfs with {option}"),
        &ended,
        faults,
    ))
}

/// A full disk or too little memory is no fault of the gate.
fn blamed(world: &World, ended: &Ended) -> Option<String> {
    let path = world.artifacts().join("rel-matrix-last-failure.json");
    let failure: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let class = failure["failure_class"].as_str()?;
    let is_own = failure["run_id"] == ended.id.as_str();
    let is_blamed = ["contract", "seed", "flaky"].contains(&class);
    // The log says what the class does not.
    let log = failure["failure_log_path"].as_str().map(fs::read_to_string);
    let log = log.and_then(Result::ok).unwrap_or_default();
    (is_own && is_blamed).then(|| format!("blames the gate: {class}: {log}"))
}

/// A file system that is there as long as this value lives.
struct Mount(PathBuf);

impl Mount {
    fn tmpfs(place: &Path, options: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(place)?;
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(place);
        crate::cargo::run(&mut mount).context("only root can make small disks")?;
        Ok(Self(place.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let mut umount = Command::new("umount");
        if let Err(e) = crate::cargo::run(umount.arg("-l").arg(&self.0)) {
            eprintln!("{} stays mounted: {e}", self.0.display());
        }
    }
}

/// Runs in a group with little memory, or with few processes.
pub fn small_group(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let (kind, file, value) = if random.below(2) == 0 {
        ("pids", ["pids.max", "pids.max"], 3 + random.below(60))
    } else {
        let file = ["memory.max", "memory.limit_in_bytes"];
        ("memory", file, (4 + random.below(120)) << 20)
    };
    let group = Group::new(kind, file, value)?;
    let enter = format!("echo $$ >{}/cgroup.procs; exec \"$@\"", group.0.display());
    let ended = world.run(&words(&["sh", "-c", &enter, "sh"]), &[], None)?;
    let mut faults = world.broken(&ended, false);
    // The kernel kills any process of a group without memory.
    if ended.code == 137 {
        faults.retain(|fault| !fault.starts_with("dies"));
    }
    // Without memory a gate may die of the same: what it exits with is its own.
    if kind == "pids" {
        faults.extend(blamed(world, &ended));
    }
    Ok(seen(format!("{kind} of a cgroup: {value}"), &ended, faults))
}

/// A cgroup, removed with this value.
struct Group(PathBuf);

impl Group {
    /// Creates one in the hierarchy of a controller, or in the one for all.
    fn new(kind: &str, [unified, own]: [&str; 2], value: u64) -> anyhow::Result<Self> {
        let root = Path::new("/sys/fs/cgroup");
        let (above, file) = if root.join("cgroup.controllers").exists() {
            (root.to_owned(), unified)
        } else {
            (root.join(kind), own)
        };
        let group = Self(above.join(format!("soak-{}", std::process::id())));
        fs::create_dir_all(&group.0).context("only root can make cgroups")?;
        fs::write(group.0.join(file), value.to_string())
            .with_context(|| format!("{kind} cannot be limited by cgroups here"))?;
        Ok(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Until its last process is gone.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("{} stays", self.0.display());
    }
}

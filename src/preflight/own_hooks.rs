//! The hooks of the consumer's own clone, as far as git's configuration decides on them.
//!
//! Lanes are clones without it. What an earlier gate left there, or the user set for all
//! repositories, keeps the gate from running where people commit.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::model::Profile;
use crate::sys::git::{Consumer, DisabledHook, HooksSetting};
use crate::sys::{env, fs};

/// The size up to which a hook is searched for the name of the gate.
const MAX_SEARCHED: u64 = 64 << 10;

/// A setting of the consumer's git that keeps the gate's hooks from running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHooks {
    /// The consumer.
    pub repo: PathBuf,
    /// The setting.
    pub setting: HooksSetting,
    /// The reason for which it is wrong.
    pub problem: Problem,
}

/// The reason for which hooks of the consumer's clone are not the gate's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// In a lane the hooks are in another folder, relative to the clone.
    Elsewhere(PathBuf),
    /// There is no such hook in the folder.
    Missing(String),
    /// The folder is one of the consumer's own, and has no such hook.
    NotThere {
        /// The hook.
        hook: String,
        /// The folder, relative to the consumer.
        folder: PathBuf,
    },
    /// The consumer's own hook, relative to it, cannot be run.
    NotExecutable(PathBuf),
    /// A hook of the clone's configuration is switched off.
    Disabled(DisabledHook),
    /// The hook there does not name the gate.
    OfAnother {
        /// The hook.
        hook: String,
        /// The gate's name.
        gate: String,
    },
}

impl OwnHooks {
    /// Compares the consumer's clone with a lane, whose hooks are in this folder.
    ///
    /// A clone without such a setting was perhaps never set up, as in CI: that is no fault.
    #[must_use]
    pub fn against_lane(consumer: &Consumer, of_lane: &Path) -> Option<Self> {
        if let Some(disabled) = Self::disabled(consumer) {
            return Some(disabled);
        }
        let setting = consumer.hooks_setting()?;
        let expected = if of_lane == Path::new(".git/hooks") {
            consumer.default_hooks()
        } else {
            consumer.root().join(of_lane)
        };
        if real(&setting.folder) == real(&expected) {
            return None;
        }
        let problem = Problem::Elsewhere(of_lane.to_owned());
        Some(Self::new(consumer, setting, problem))
    }

    /// Looks for hooks of the gate in the folder that the consumer's clone names.
    #[must_use]
    pub fn without_lane(consumer: &Consumer, profile: &Profile) -> Option<Self> {
        if let Some(disabled) = Self::disabled(consumer) {
            return Some(disabled);
        }
        let setting = consumer.hooks_setting()?;
        if real(&setting.folder) == real(&consumer.default_hooks()) {
            return None;
        }
        let hooks = profile.hooks_of_clone();
        let mut hooks = hooks.iter();
        let problem = hooks.find_map(|hook| problem(consumer, profile, &setting.folder, hook))?;
        Some(Self::new(consumer, setting, problem))
    }

    /// Looks for a hook that the clone's own configuration has, and that is switched off.
    fn disabled(consumer: &Consumer) -> Option<Self> {
        let (hook, setting) = consumer.disabled_hook()?;
        Some(Self::new(consumer, setting, Problem::Disabled(hook)))
    }

    fn new(consumer: &Consumer, setting: HooksSetting, problem: Problem) -> Self {
        Self {
            repo: consumer.root().to_owned(),
            setting,
            problem,
        }
    }
}

fn problem(consumer: &Consumer, profile: &Profile, folder: &Path, hook: &str) -> Option<Problem> {
    let file = folder.join(hook);
    // Only regular files are, so that reading it below waits for nothing.
    let below = file.strip_prefix(consumer.root());
    if !env::is_executable(&file) {
        return Some(absent(consumer, folder, hook));
    }
    // A hook that is checked in is the consumer's own.
    if below.is_ok_and(|below| consumer.tracks_file(below)) {
        return None;
    }
    let mut start = Vec::new();
    if let Ok(opened) = fs::open(&file) {
        let _ = opened.take(MAX_SEARCHED).read_to_end(&mut start);
    }
    let said = format!("{} {}", file.display(), String::from_utf8_lossy(&start));
    let package = profile
        .package
        .as_ref()
        .and_then(|spec| spec.package_name());
    let names = [
        Some(profile.gate.as_str()),
        profile.inherits.as_deref(),
        package,
    ];
    let is_named = names.into_iter().flatten().any(|name| said.contains(name));
    (!is_named).then(|| Problem::OfAnother {
        hook: hook.to_owned(),
        gate: profile.gate.to_string(),
    })
}

/// Returns why a hook cannot be run: of a folder that git tracks, the setting that names
/// it is right, and the hook is wrong.
fn absent(consumer: &Consumer, folder: &Path, hook: &str) -> Problem {
    let missing = Problem::Missing(hook.to_owned());
    let Ok(own) = folder.strip_prefix(consumer.root()) else {
        return missing;
    };
    let path = own.join(hook);
    if consumer.tracks_file(&path) && folder.join(hook).is_file() {
        Problem::NotExecutable(path)
    } else if consumer
        .tracked_files()
        .iter()
        .any(|file| file.starts_with(own))
    {
        Problem::NotThere {
            hook: hook.to_owned(),
            folder: own.to_owned(),
        }
    } else {
        missing
    }
}

/// Resolves links, as far as the path exists.
fn real(path: &Path) -> PathBuf {
    match (path.canonicalize(), path.file_name()) {
        (Ok(real), _) => real,
        (Err(_), Some(name)) if path != fs::parent(path) => real(fs::parent(path)).join(name),
        (Err(_), _) => path.to_owned(),
    }
}

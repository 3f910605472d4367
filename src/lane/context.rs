//! The read-only context that all lanes of a run share.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::steps::Step;
use super::workspace::Workspace;
use crate::model::command::CommandTemplate;
use crate::model::names::base_ref;
use crate::model::plan::{Isolation, Source};
use crate::model::run_paths::repetition_prefix;
use crate::model::{CellName, Profile, RunId, ScenarioName, Template, Vars};
use crate::sys::clock::Clock;
use crate::sys::env::OffPath;
use crate::sys::namespace::LANE;
use crate::sys::sandbox::Sandbox;
use crate::sys::{env, fs, git};

/// The facts of a run that its lanes need.
#[derive(Debug, Clone)]
pub struct LaneContext {
    /// The run's id.
    pub run_id: String,
    /// The gate and its scenarios.
    pub profile: Profile,
    /// The steps of each lane.
    pub steps: IndexMap<ScenarioName, Vec<Step>>,
    /// The consumer's folder.
    pub repo_root: PathBuf,
    /// The consumer's git folder, if its work tree is elsewhere.
    pub repo_folder: PathBuf,
    /// The folder from which lanes take what a clone leaves out.
    pub lender: PathBuf,
    /// The submodules that are checked out, each after the one around it.
    pub submodules: Vec<String>,
    /// The files whose content Git LFS keeps.
    pub lfs: git::LfsFiles,
    /// The consumer as preflight saw it.
    pub source: Source,
    /// The lane's branch.
    pub branch: String,
    /// `{package_spec}`, as the installer expects it; empty without a package.
    pub package: String,
    /// The package before a file was copied for the lanes.
    pub package_origin: String,
    /// The folder of all lanes, layers and snapshots.
    pub root: PathBuf,
    /// The way in which lanes are set up and kept apart.
    pub isolation: Isolation,
    /// The sandbox that keeps lanes from the rest of the machine, if any.
    pub sandbox: Option<Sandbox>,
    /// The programs of the machine that lanes may use: those that a sandbox shows, with or
    /// without one.
    pub shown: Sandbox,
    /// The steps that lanes can share: the clone, and installing the package
    /// as the profile says.
    pub shared_steps: Vec<Step>,
    /// Copies of the overlays as preflight saw them, by scenario.
    pub overlays: IndexMap<ScenarioName, PathBuf>,
    /// The run's folder.
    pub run_folder: PathBuf,
    /// PATH and the variables that the profile passes on.
    pub base_env: BTreeMap<OsString, OsString>,
    /// Folders of the user's PATH that lanes do not have, or cannot see.
    pub off_path: Vec<OffPath>,
    /// Additional variables for steps with network access.
    pub network_env: BTreeMap<OsString, OsString>,
    /// The folders that the user's git trusts.
    pub trusted: git::Trusted,
    /// Options for opening the consumer.
    pub terms: git::OpenOptions,
    /// The repetition that the lanes run in, from 1.
    pub repetition: usize,
    /// The moment of every commit, in seconds since 1970.
    pub commit_time: i64,
    /// The run that is replayed, if any.
    pub earlier: Option<Earlier>,
    /// The user's shell, for `matrix shell`.
    pub shell: PathBuf,
    /// Set if a vacuous cell is red.
    pub strict: bool,
    /// Set if the lane's folder is kept.
    pub keep: bool,
    /// The clock for timestamps.
    pub clock: Clock,
}

/// An earlier run whose lanes run again.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Its id.
    pub run_id: RunId,
    /// Its green cells.
    pub green: BTreeSet<CellName>,
}

impl LaneContext {
    /// Returns the lane's workspace, as the thread that runs it sees it.
    #[must_use]
    pub fn workspace(&self, name: &ScenarioName) -> Workspace {
        Workspace::new(match self.isolation.lane_path {
            Some(_) => PathBuf::from(LANE),
            None => self.lane_folder(name),
        })
    }

    /// Returns the variables of a command with network.
    #[must_use]
    pub fn network_of(&self, command: &CommandTemplate) -> BTreeMap<OsString, OsString> {
        let mut all = self.network_env.clone();
        let called = command.argv.first().and_then(Template::as_literal);
        let program = called.and_then(|path| Path::new(path).file_name()?.to_str());
        if matches!(program, Some("npm" | "npx")) {
            // npm warns of what it does not know.
            all.remove(std::ffi::OsStr::new(env::PNPM_COPIES.0));
        }
        all
    }

    /// True if the sandbox cuts steps off the network.
    #[must_use]
    pub fn keeps_network_away(&self) -> bool {
        let held = &self.isolation.sandbox.held;
        self.sandbox.is_some() && held.iter().any(|promise| promise == "network")
    }

    /// Removes the files of a lane, unless `--keep` is set.
    ///
    /// Files that cannot be removed are left for the sweep of the next run.
    pub fn remove(&self, name: &ScenarioName) {
        let _ = fs::remove_folder(&self.root.join(self.layer(name)));
        if !self.keep {
            let _ = fs::remove_folder(&self.lane_folder(name));
        }
    }

    /// Returns the lane's folder on this machine, which `--keep` leaves.
    ///
    /// With layers a lane is elsewhere while it runs.
    #[must_use]
    pub fn lane_folder(&self, name: &ScenarioName) -> PathBuf {
        self.root.join("lanes").join(self.folder_name(name))
    }

    /// Returns the layer that a lane writes to, below the folder of all lanes.
    #[must_use]
    pub fn layer(&self, name: &ScenarioName) -> String {
        format!("layers/{}", self.folder_name(name))
    }

    // No scenario has a dot in its name, so the names cannot clash.
    fn folder_name(&self, name: &ScenarioName) -> String {
        match self.repetition {
            1 => name.to_string(),
            repetition => format!("{name}.{repetition}"),
        }
    }

    /// Returns the prefix of the paths of a lane's files in the run folder:
    /// nothing, or the folder of the repetition.
    #[must_use]
    pub fn path_prefix(&self) -> String {
        repetition_prefix(self.repetition)
    }

    /// Returns the environment of a lane's steps, built from nothing.
    ///
    /// Language, time zone and terminal are pinned: the output of a gate must
    /// not depend on the user's settings.
    #[must_use]
    pub fn environment(&self, lane: &Workspace) -> BTreeMap<OsString, OsString> {
        let mut env = self.base_env.clone();
        for (name, value) in git::fixed_identity(self.commit_time) {
            env.insert(name.into(), value.into());
        }
        for (name, value) in [
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
            ("TERM", "dumb"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
        ] {
            env.insert(name.into(), value.into());
        }
        for (name, folder) in [
            ("HOME", lane.home()),
            ("XDG_CACHE_HOME", lane.home().join(".cache")),
            ("XDG_CONFIG_HOME", lane.home().join(".config")),
            ("XDG_DATA_HOME", lane.home().join(".local/share")),
            ("XDG_STATE_HOME", lane.home().join(".local/state")),
            ("TMPDIR", lane.tmp()),
            ("GIT_CONFIG_GLOBAL", lane.git_config()),
        ] {
            env.insert(name.into(), folder.into());
        }
        env
    }

    /// Returns the values of the placeholders in a lane.
    #[must_use]
    pub fn vars(&self, lane: &Workspace, scenario: &ScenarioName) -> Vars {
        let declared = self.profile.scenarios.get(scenario);
        let altered = declared.and_then(|lane| lane.alteration.original.as_ref());
        Vars {
            package_spec: self.package.clone(),
            companions: self.profile.companions.clone(),
            repo_root: text(&self.repo_root),
            clone_dir: text(&lane.clone_dir()),
            tool_dir: text(&lane.tool_dir()),
            scenario: altered.unwrap_or(scenario).to_string(),
            base_ref: base_ref(scenario),
            stage: String::new(),
        }
    }

    /// Returns the paths of the configuration inside the clone.
    ///
    /// They must not stay there: every lane would contain the violations of
    /// the others.
    #[must_use]
    pub fn configuration_paths(&self) -> Vec<PathBuf> {
        let below = |path: &Path| path.strip_prefix(&self.repo_root).ok().map(Path::to_owned);
        let overlays =
            self.profile
                .scenarios
                .values()
                .filter_map(|scenario| match &scenario.seed {
                    crate::model::scenario::Seed::Overlay(folder) => {
                        below(&self.profile.root.join(folder))
                    }
                    _ => None,
                });
        let file = self.profile.file.as_deref().and_then(below);
        let inherited = self
            .profile
            .inherited_files
            .iter()
            .filter_map(|file| below(file));
        file.into_iter().chain(inherited).chain(overlays).collect()
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

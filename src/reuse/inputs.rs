//! Inputs of a lane, as digests: equal digests, equal lane.
//!
//! An input that is missing here would make stale results reusable. Everything
//! counts that is not known to be without effect: what is left out of a profile
//! is named, and the rest counts by its whole `Debug` text.

use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;

use crate::artifact::MATRIX_VERSION;
use crate::lane::LaneContext;
use crate::model::scenario::Scenario;
use crate::model::{Profile, ScenarioName};
use crate::preflight::Tools;
use crate::sys::git::Consumer;
use crate::sys::{env, fs};

/// Digests by the name of what they are of.
pub type Parts = IndexMap<String, String>;

/// The inputs of the lanes of a run.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Inputs that all lanes share.
    pub shared: Parts,
    /// Inputs of single lanes. Altered lanes are not among them: they are never reused.
    pub lanes: IndexMap<ScenarioName, Parts>,
    /// The reason why the inputs are unknown, if they are.
    pub unknown: Option<String>,
}

/// The sources of the inputs of a run.
pub struct Sources<'a> {
    /// The context of the lanes.
    pub context: &'a LaneContext,
    /// The consumer.
    pub consumer: &'a Consumer,
    /// The tools.
    pub tools: &'a Tools,
    /// Digest of each overlay, by scenario.
    pub overlays: &'a IndexMap<ScenarioName, String>,
    /// The lanes that may be reused.
    pub lanes: &'a [ScenarioName],
    /// The user's time limit for steps that name none.
    pub timeout: Option<Duration>,
    /// The isolation of lanes, as a distinct text for each kind.
    pub isolation: &'a str,
}

impl Inputs {
    /// Returns the digest of all inputs of a lane; None if they are unknown.
    #[must_use]
    pub fn digest(&self, lane: &ScenarioName) -> Option<String> {
        let parts = self.shared.iter().chain(self.lanes.get(lane)?);
        let lines: Vec<_> = parts
            .map(|(name, digest)| format!("{name} {digest}\n"))
            .collect();
        Some(fs::sha256(lines.concat().as_bytes()))
    }
}

impl Sources<'_> {
    /// Computes the digests.
    ///
    /// If something cannot be read there are none, and no lane is reused.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        self.try_inputs().unwrap_or_else(|why| Inputs {
            unknown: Some(why),
            ..Inputs::default()
        })
    }

    fn try_inputs(&self) -> Result<Inputs, String> {
        let shared = [
            ("source", self.source()?),
            ("package", self.package()?),
            ("tools", self.tools()),
            ("environment", self.environment()),
            (
                "limits",
                format!("{:?} {}", self.timeout, self.context.strict),
            ),
            ("matrix", matrix()),
            ("isolation", self.isolation.to_owned()),
            ("filters", format!("{:?}", self.context.trusted)),
        ];
        let lanes = self.lanes.iter();
        Ok(Inputs {
            shared: digests(shared),
            lanes: lanes.map(|name| (name.clone(), self.lane(name))).collect(),
            unknown: None,
        })
    }

    /// The files that every lane starts from.
    ///
    /// The commit, its parents and its date do not count: editing one overlay
    /// makes a new commit. Refs of other commits do: gates compare with them.
    fn source(&self) -> Result<String, String> {
        let cx = self.context;
        let left_out = cx.configuration_paths();
        let tree = self.consumer.tree_without(&cx.source.head, &left_out)?;
        let branches = (&cx.source.branch, &cx.branch);
        let without_content = cx.lfs.without_content;
        let refs = self.consumer.other_refs(&cx.source.head)?;
        // What only a work tree has proved says nothing for a commit.
        let is_committed = cx.source.worktree_on.is_none();
        let more = (&cx.submodules, without_content, refs, is_committed);
        Ok(format!("{tree} {branches:?} {more:?}"))
    }

    /// The package by its bytes if it is local, otherwise as typed.
    fn package(&self) -> Result<String, String> {
        let profile = &self.context.profile;
        let Some(spec) = &profile.package else {
            return Ok(String::new());
        };
        let wanted = &self.context.package;
        let bytes = match spec.local_path() {
            None => String::new(),
            Some(_) => bytes_of(Path::new(wanted)).map_err(|e| format!("{wanted}: {e}"))?,
        };
        let typed = (spec.as_str(), wanted, profile.registry);
        Ok(format!("{typed:?} {bytes}"))
    }

    fn tools(&self) -> String {
        let found = self.tools.found.iter().map(|(name, at)| {
            let real = Path::new(&at.path).canonicalize().ok();
            let stamp = real.as_deref().and_then(fs::stamp);
            (name, &at.path, real, stamp)
        });
        let found: Vec<_> = found.collect();
        format!("{found:?} {}", self.tools.git_version)
    }

    /// Variables, the installer settings that they name, and paths that gates embed in
    /// files.
    ///
    /// The date of the commit does not count.
    fn environment(&self) -> String {
        let cx = self.context;
        let settings = [
            "npm_config_userconfig",
            "npm_config_globalconfig",
            "PIP_CONFIG_FILE",
        ];
        let named = settings.iter().filter_map(|name| {
            let file = cx.network_env.get(std::ffi::OsStr::new(name))?;
            Some(bytes_of(Path::new(file)).ok())
        });
        let digests: Vec<_> = named.collect();
        let variables = (&cx.base_env, &cx.network_env, digests);
        let places = (&cx.repo_root, &cx.root, &cx.trusted, env::user());
        format!("{variables:?} {places:?}")
    }

    fn lane(&self, name: &ScenarioName) -> Parts {
        let profile = &self.context.profile;
        let steps = &self.context.steps[name];
        digests([
            (
                "profile",
                format!("{} {steps:?}", of_profile(profile, name)),
            ),
            (
                "overlay",
                self.overlays.get(name).cloned().unwrap_or_default(),
            ),
        ])
    }
}

/// Writes down the part of a profile that a lane depends on beside its steps.
///
/// Without `..`, so that a new field does not compile until it is put on one side.
fn of_profile(profile: &Profile, lane: &ScenarioName) -> String {
    let Profile {
        gate,
        inherits,
        companions,
        branch,
        workdir,
        hooks,
        server_hooks,
        configuration,
        baseline,
        commits_installation,
        scenarios,
        // Parts of their own.
        package: _,
        package_from: _,
        companions_from: _,
        unread_locks: _,
        registry: _,
        tools: _,
        pass_env: _,
        // In the steps of the lane.
        version: _,
        install: _,
        activate: _,
        stages: _,
        // Of the run, not of its lanes.
        sabotages: _,
        retention: _,
        fresh_clone: _,
        requires_sandbox: _,
        // Where the profile is; overlays and the package count by their content.
        root: _,
        package_base: _,
        file: _,
        inherited: _,
        inherited_files: _,
        // A change to another lane changes it too.
        sha256: _,
    } = profile;
    let of_gate = (gate, inherits, companions, hooks, server_hooks);
    let places = (branch, workdir, configuration);
    let scenario = Scenario {
        // A line more above it is no change of the scenario.
        expected_at: IndexMap::new(),
        ..scenarios[lane].clone()
    };
    let seeds = (baseline, commits_installation, scenario);
    format!("{of_gate:?} {places:?} {seeds:?}")
}

/// This very program: two builds of one version may judge differently.
fn matrix() -> String {
    let program = fs::stamp(&env::this_program());
    format!("{MATRIX_VERSION} {program:?} {}", fs::is_witness_off())
}

fn bytes_of(path: &Path) -> std::io::Result<String> {
    if path.is_dir() {
        fs::digest_tree(path)
    } else {
        fs::digest_file(path)
    }
}

fn digests<const N: usize>(parts: [(&str, String); N]) -> Parts {
    let digest = |(name, text): (&str, String)| (name.to_owned(), fs::sha256(text.as_bytes()));
    parts.into_iter().map(digest).collect()
}

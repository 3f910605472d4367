//! The profile of a gate: `matrix.toml` and a built-in profile, merged and checked.

use std::path::PathBuf;

use crate::model::Placeholder;
use indexmap::IndexMap;

use super::alteration::Alteration;
use super::command::CommandTemplate;
use super::names::{GateName, ScenarioName, StageName, base_ref};
use super::on::{On, is_of_remote};
use super::package::{PackageFrom, PackageSpec, Registry};
use super::plan::InheritedFile;
use super::sabotage::Sabotage;
use super::scenario::Scenario;
use super::stage::{Drive, Stage};
use super::step::ProfileStep;
use super::template::Template;

/// A complete and consistent profile: every scenario expects something of every stage.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The gate's name, the prefix of the verdict files.
    pub gate: GateName,
    /// The built-in profile that it inherits.
    pub inherits: Option<String>,
    /// The files that it inherits, the nearest first.
    pub inherited: Vec<InheritedFile>,
    /// Those that are not of a repository of their own, and the overlays beside them.
    pub inherited_files: Vec<PathBuf>,
    /// The user's own sabotages.
    pub sabotages: Vec<Sabotage>,
    /// The package, unless the gate lives in the consumer.
    pub package: Option<PackageSpec>,
    /// The origin of that package.
    pub package_from: PackageFrom,
    /// The registry that the installer uses.
    pub registry: Registry,
    /// Further packages, pinned separately from the gate's.
    pub companions: Vec<String>,
    /// The origin of each.
    pub companions_from: Vec<PackageFrom>,
    /// Lock files of the consumer that should say which versions to take and cannot be
    /// read, with the reason.
    pub unread_locks: Vec<(PathBuf, String)>,
    /// Programs that must be on PATH.
    pub tools: Vec<String>,
    /// Variables of the user's environment that every step gets.
    pub pass_env: Vec<String>,
    /// The branch of the lanes, if the profile names one.
    pub branch: Option<String>,
    /// The folder of the clone that its commands run in, unless it is the clone's root.
    pub workdir: Option<String>,
    /// The command that prints the gate's version.
    pub version: Option<CommandTemplate>,
    /// Hooks that must exist, executable, in git's folder of hooks.
    pub hooks: Vec<String>,
    /// The folder of the consumer whose executable files are the hooks of the lane's remote.
    pub server_hooks: Option<String>,
    /// Patterns of the files in the consumer that configure the gate: its
    /// configuration, and hooks that are checked in.
    pub configuration: Vec<String>,
    /// Steps that install the package.
    pub install: Vec<ProfileStep>,
    /// Steps that set up its hooks.
    pub activate: Vec<ProfileStep>,
    /// The command that seeds the baseline commit.
    pub baseline: Option<CommandTemplate>,
    /// True if the baseline commit has what the installation changed in tracked files.
    pub commits_installation: bool,
    /// The stages, in declared order.
    pub stages: IndexMap<StageName, Stage>,
    /// The scenarios, in declared order.
    pub scenarios: IndexMap<ScenarioName, Scenario>,
    /// The limits of what is kept of finished runs.
    pub retention: Retention,
    /// True if a run tries a fresh clone with the plain installation of its package manager.
    pub fresh_clone: bool,
    /// True if lanes must be in a sandbox of which everything holds.
    pub requires_sandbox: bool,
    /// The folder of the configuration and its overlays.
    pub root: PathBuf,
    /// The folder that a relative package is relative to.
    pub package_base: PathBuf,
    /// The configuration file, if there is one.
    pub file: Option<PathBuf>,
    /// Digest of the texts that the profile was made from.
    pub sha256: String,
}

impl Profile {
    /// Returns the branch of every lane: the profile's, else the one that is checked out in
    /// the consumer.
    #[must_use]
    pub fn lane_branch(&self, checked_out: Option<&str>) -> String {
        // Git would take a branch HEAD for what is checked out, and -x for an option.
        let is_taken = |name: &str| {
            let is_misread = name == "HEAD" || name.starts_with('-');
            is_misread || self.scenarios.keys().any(|s| base_ref(s) == name)
        };
        let checked_out = checked_out.filter(|name| !is_taken(name));
        let named = self.branch.as_deref().or(checked_out);
        named.unwrap_or("matrix").to_owned()
    }

    /// True if a command of its steps or stages has this placeholder.
    #[must_use]
    pub fn uses(&self, placeholder: Placeholder) -> bool {
        let steps = self.install.iter().chain(&self.activate);
        let steps = steps.map(|step| &step.command);
        let stages = self.stages.values().map(|stage| &stage.command);
        let others = self.version.iter().chain(&self.baseline);
        let mut commands = steps.chain(stages).chain(others);
        commands.any(|command| command.uses(placeholder))
    }

    /// Returns the hooks that its stages need in a clone: those that it names, and those that
    /// git launches when it drives a stage, without which no lane is green. Hooks of the remote
    /// are not among them.
    #[must_use]
    pub fn hooks_of_clone(&self) -> Vec<String> {
        let stages = self.stages.iter();
        let launched = stages.filter(|(name, stage)| stage.launches(name));
        let of_stages = launched.map(|(name, _)| name.to_string());
        let mut hooks = self.hooks.clone();
        hooks.extend(of_stages.filter(|name| !self.hooks.contains(name)));
        hooks.retain(|name| !is_of_remote(name));
        hooks
    }

    /// True if a lane with this alteration would differ from one without.
    ///
    /// Variables of steps that the profile does not have, or that these have already, words
    /// for stages that git does not drive and a list of steps without any change nothing.
    #[must_use]
    pub fn is_changed_by(&self, alteration: &Alteration) -> bool {
        let sets = |env: &IndexMap<String, Template>, command: &CommandTemplate| {
            env.iter()
                .any(|(name, value)| command.env.get(name) != Some(value))
        };
        let of_steps = |steps: &[ProfileStep], skip: bool, env: &IndexMap<_, _>| {
            steps.iter().any(|step| skip || sets(env, &step.command))
        };
        let mut stages = self.stages.values();
        alteration.command.is_some()
            || !alteration.files.is_empty()
            || of_steps(
                &self.install,
                alteration.skip.install,
                &alteration.install_env,
            )
            || of_steps(
                &self.activate,
                alteration.skip.activate,
                &alteration.activate_env,
            )
            || alteration.path.is_some()
            || alteration.without.is_some()
            || stages.any(|stage| {
                sets(&alteration.stage_env, &stage.command) || is_told(stage, alteration)
            })
    }
}

/// True if git drives a stage otherwise with an alteration.
fn is_told(stage: &Stage, alteration: &Alteration) -> bool {
    let Drive::Git(on) = stage.drive else {
        return false;
    };
    // It has no such option, and launches no hook that could refuse.
    let is_known = |word: &String| on != On::CherryPick || word != "--no-verify";
    let is_given = |word: &String| stage.args.contains(&Template::literal(word));
    let mut words = alteration.args.iter();
    !alteration.git.is_empty()
        || words.any(|word| is_known(word) && !is_given(word))
        || (on == On::Commit && alteration.on.is_some_and(|on| on != On::Commit))
}

/// The limits of what is kept beside this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Number of runs.
    pub runs: usize,
    /// Size in MiB.
    pub mib: u64,
    /// Age in days.
    pub days: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            runs: 20,
            mib: 1024,
            days: 30,
        }
    }
}

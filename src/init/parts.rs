//! The part of `matrix.toml` that installs a gate and names its stages.

use super::checkout::Checkout;
use super::gates::Gate;
use super::maker::{Maker, Step};
use super::scenarios::Stage;
use crate::model::Registry;

/// The content of `matrix.toml` beside its scenarios.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) gate: String,
    /// None if the lock file pins it, or there is none.
    pub(super) package: Option<String>,
    pub(super) has_package: bool,
    pub(super) registry: Registry,
    pub(super) tools: Vec<String>,
    pub(super) workdir: String,
    pub(super) version: Vec<String>,
    pub(super) hooks: Vec<String>,
    pub(super) programs: Vec<String>,
    pub(super) configuration: Vec<String>,
    /// True if the built-in profile that has the rest does not name all of them.
    pub(super) is_beyond_profile: bool,
    pub(super) install: Vec<Step>,
    pub(super) activate: Vec<Step>,
    /// A folder that stages need on PATH.
    pub(super) path: Option<String>,
    pub(super) stages: Vec<Stage>,
    /// The built-in profile that has all of this, without its scenarios.
    pub(super) profile: Option<String>,
}

/// Returns the parts of a gate.
pub(super) fn parts(checkout: &Checkout, gate: &Gate) -> Parts {
    let maker = Maker::new(checkout, gate);
    let stages = maker.stages();
    let hooks: Vec<String> = (stages.iter().filter(|stage| stage.run.is_none()))
        .map(|stage| stage.name.clone())
        .collect();
    let (configuration, is_beyond_profile) = match maker.profile() {
        Some(profile) => maker.of_profile(profile),
        None => (maker.configuration(), false),
    };
    let mut parts = Parts {
        gate: gate.name.clone(),
        package: maker.package(),
        has_package: gate.package.is_some(),
        registry: gate.registry,
        tools: maker.tools(),
        workdir: gate.folder.clone(),
        version: maker.version(),
        programs: maker.programs(),
        configuration,
        is_beyond_profile,
        install: maker.install(&stages),
        activate: maker.activate(&hooks),
        path: maker.path(&stages),
        profile: maker.profile().map(|profile| body(&profile.toml())),
        hooks,
        stages,
    };
    if gate.package.is_none() && parts.install.is_empty() {
        parts.tools.retain(|tool| tool == "git");
    }
    parts
}

/// A profile without what is written anew: its beginning and its scenarios.
fn body(profile: &str) -> String {
    let own = ["#", "schema =", "gate =", "package ="];
    let before = profile
        .lines()
        .take_while(|line| !line.starts_with("[scenario."));
    let mut is_head = true;
    let lines = before.filter(|line| {
        is_head = is_head && own.iter().any(|start| line.starts_with(start));
        !is_head
    });
    let text: Vec<&str> = lines.collect();
    format!("{}\n", text.join("\n").trim_end())
}

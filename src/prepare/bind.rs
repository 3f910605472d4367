//! Binds a plan to this machine and this moment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;

use super::fresh_clone::{self, FreshClonePlan};
use super::isolation::Isolated;
use super::overlays::{self, Overlays};
use super::planned::planned_lanes;
use super::request::Request;
use super::setting::Setting;
use super::{contract, package};
use crate::artifact::MATRIX_VERSION;
use crate::config::package::folders;
use crate::lane::LaneContext;
use crate::lane::steps::{self, Action, Step, steps_of};
use crate::lockfile::{Manager, Project};
use crate::model::plan::Source;
use crate::model::text::shown;
use crate::model::{BoundPlan, Plan, Profile, SCHEMA_VERSION, ScenarioName, Template};
use crate::preflight::Tools;
use crate::replay::Recorded;
use crate::reuse::{Inputs, Sources};
use crate::runner::SharedSetup;
use crate::sys::env::{OffPath, PNPM_COPIES};
use crate::sys::git::Consumer;
use crate::sys::managers::{self, ManagerFolder};

/// A plan that is bound to this machine and this moment.
pub struct Prepared {
    /// The selected scenarios and stages.
    pub plan: Plan,
    /// The plan as `plan.json` has it.
    pub record: BoundPlan,
    /// The digest of `plan.json`, once it is written.
    pub plan_sha256: Option<String>,
    /// The digests of everything that the lanes of the contract depend on.
    pub inputs: Inputs,
    /// The facts that every lane shares.
    pub context: Arc<LaneContext>,
    /// The fresh clone that is tried beside the lanes; None if nothing is to be said of one.
    pub fresh_clone: Option<FreshClonePlan>,
    /// The setup that the lanes of the contract share with the altered ones.
    pub shared: Arc<OnceLock<Option<SharedSetup>>>,
}

/// The facts that were found on this machine.
pub(super) struct Found<'a> {
    pub(super) consumer: &'a Consumer,
    pub(super) tools: Tools,
    pub(super) isolated: Isolated,
}

/// Binds a plan.
///
/// # Errors
/// A sentence, if the work folder cannot be used.
pub(super) fn bind(
    setting: &Setting<'_>,
    found: &Found<'_>,
    (profile, plan): (Profile, Plan),
    run_folder: &Path,
) -> Result<Prepared, String> {
    let source = found.consumer.source().map_err(|e| e.to_string())?;
    let root = setting.lanes_root;
    let unusable = |e: io::Error| format!("the work folder {} cannot be used: {e}", shown(root));
    let overlays = overlays::copy(&profile, &plan, &root.join("overlays")).map_err(unusable)?;
    let context = lane_context(
        setting, found, profile, &plan, source, &overlays, run_folder,
    )
    .map_err(unusable)?;
    let timeout = setting.request.execution.timeout;
    let inputs = Sources {
        context: &context,
        consumer: found.consumer,
        tools: &found.tools,
        overlays: &overlays.sha256,
        lanes: &lanes(&plan, false),
        timeout,
        isolation: &serde_json::to_string(&context.isolation).unwrap_or_default(),
    }
    .inputs();
    let contract_sha256 = contract::digest(&context, &plan, &overlays, timeout);
    let record = record(setting, &context, &plan, &found.tools, overlays.sha256);
    Ok(Prepared {
        record: BoundPlan {
            contract_sha256,
            inputs_sha256: inputs.shared.clone(),
            lane_inputs_sha256: inputs.lanes.clone(),
            ..record
        },
        plan,
        plan_sha256: None,
        inputs,
        fresh_clone: fresh_clone::plan(
            setting,
            found.consumer,
            &context.profile,
            &found.tools.path,
        ),
        context: Arc::new(context),
        shared: Arc::default(),
    })
}

/// The facts that every lane shares.
fn lane_context(
    setting: &Setting<'_>,
    found: &Found<'_>,
    profile: Profile,
    plan: &Plan,
    source: Source,
    overlays: &Overlays,
    run_folder: &Path,
) -> io::Result<LaneContext> {
    let request = setting.request;
    let (consumer, execution) = (found.consumer, &request.execution);
    let recorded = setting.mode.recorded();
    let package = package::resolve(request, recorded, &profile, setting.lanes_root)?;
    let selected = plan.selected_scenarios();
    let steps = selected.map(|name| (name.clone(), steps(setting, &profile, plan, name)));
    Ok(LaneContext {
        run_id: setting.context.run_id.to_string(),
        steps: steps.collect(),
        repo_root: consumer.root().to_owned(),
        repo_folder: consumer.folder().to_owned(),
        lender: consumer.lender().to_owned(),
        lfs: consumer.lfs_files(),
        submodules: consumer
            .submodules()
            .iter()
            .filter_map(|path| path.to_str().map(str::to_owned))
            .collect(),
        commit_time: consumer.commit_time(&source.head),
        branch: profile.lane_branch(source.branch.as_deref()),
        source,
        package_origin: package.origin,
        package: package.spec,
        root: setting.lanes_root.to_owned(),
        isolation: found.isolated.record.clone(),
        sandbox: found.isolated.sandbox.clone(),
        shown: found.isolated.shown.clone(),
        shared_steps: steps::shared_steps(&profile, plan, execution.timeout),
        overlays: overlays.copies.clone(),
        run_folder: run_folder.to_owned(),
        base_env: base_env(setting, &profile, &found.tools),
        off_path: off_path(request, found),
        network_env: network_env(request, &profile, consumer.root()),
        terms: consumer.options().clone(),
        trusted: consumer.trusted(),
        earlier: recorded.map(Recorded::earlier),
        shell: shell(setting),
        strict: execution.strict,
        keep: execution.keep,
        repetition: 1,
        clock: request.clock,
        profile,
    })
}

/// The variables of steps with network; among them those of pnpm, if it is used.
fn network_env(request: &Request, profile: &Profile, root: &Path) -> BTreeMap<OsString, OsString> {
    let mut all = request
        .env
        .network(&request.execution.work_dir.join("cache"));
    let project = Project::find(root, &folders(profile, root));
    let steps = profile.install.iter().chain(&profile.activate);
    let mut words = steps.flat_map(|step| step.command.argv.iter().map(Template::source));
    if project.is_some_and(|project| project.manager == Manager::Pnpm)
        || profile.tools.iter().any(|tool| tool == "pnpm")
        || words.any(|word| word.contains("pnpm"))
    {
        let (name, value) = PNPM_COPIES;
        all.insert(name.into(), value.into());
    }
    all
}

/// The folders of the user's PATH that lanes do not have, or cannot see.
fn off_path(request: &Request, found: &Found<'_>) -> Vec<OffPath> {
    let mut off = request.env.off_path().to_vec();
    if let Some(sandbox) = &found.isolated.sandbox {
        off.extend(sandbox.off_path(&found.tools.path));
    }
    off
}

/// PATH, the folders of managers of tools, and the variables that the profile lets through.
fn base_env(
    setting: &Setting<'_>,
    profile: &Profile,
    tools: &Tools,
) -> BTreeMap<OsString, OsString> {
    let managers = managers::on_path(&setting.request.env).into_iter();
    let named = |manager: ManagerFolder| Some((manager.variable?.into(), manager.path.into()));
    let mut env: BTreeMap<_, _> = managers.filter_map(named).collect();
    env.extend(setting.request.env.pick(&profile.pass_env));
    env.insert("PATH".into(), tools.path.clone());
    env
}

/// The plan as `plan.json` has it, without the digests of inputs.
fn record(
    setting: &Setting<'_>,
    context: &LaneContext,
    plan: &Plan,
    tools: &Tools,
    overlays_sha256: IndexMap<ScenarioName, String>,
) -> BoundPlan {
    let run = setting.context;
    let package = context.profile.package.as_ref();
    let steps = |name: &ScenarioName| context.steps[name].clone();
    BoundPlan {
        schema_version: SCHEMA_VERSION,
        run_id: run.run_id.to_string(),
        matrix_version: MATRIX_VERSION.to_owned(),
        generated_at_utc: run.clock.now_utc(),
        kind: run.kind,
        gate: run.gate.to_string(),
        package_spec: package.map(|spec| spec.as_str().to_owned()),
        repo_root: run.asked.repo.clone(),
        source: context.source.clone(),
        branch: context.branch.clone(),
        contract_sha256: String::new(),
        profile_sha256: context.profile.sha256.clone(),
        overlays_sha256,
        inputs_sha256: IndexMap::default(),
        lane_inputs_sha256: IndexMap::default(),
        tools: tools.found.clone(),
        git_version: tools.git_version.clone(),
        isolation: context.isolation.clone(),
        environment: environment_names(context),
        stages: plan.selected_stages().cloned().collect(),
        lanes: planned_lanes(&context.profile, plan, steps, &context.branch),
        filters: context.trusted.filters.clone(),
        strict: context.strict,
        fail_fast: setting.request.execution.fail_fast,
        inherited: context.profile.inherited.clone(),
    }
}

/// The steps of a lane. A lane that ends in a shell has those before the one
/// that failed, whose stage need not be part of the plan.
fn steps(setting: &Setting<'_>, profile: &Profile, plan: &Plan, name: &ScenarioName) -> Vec<Step> {
    let timeout = setting.request.execution.timeout;
    let shell = setting.mode.shell().filter(|(lane, _)| *lane == name);
    let Some((_, before)) = shell else {
        return steps_of(profile, plan, name, timeout);
    };
    let whole = steps_of(profile, &plan.with_all_stages(), name, timeout);
    let is_selected = |step: &Step| match &step.action {
        Action::Stage(stage, _) => plan.selected_stages().any(|name| name == stage),
        _ => true,
    };
    let mut steps = steps::until(whole, before);
    steps.retain(is_selected);
    steps
}

/// The user's shell, else the one that every system has.
fn shell(setting: &Setting<'_>) -> PathBuf {
    let named = setting.request.env.folder("SHELL");
    named.unwrap_or_else(|| PathBuf::from("/bin/sh"))
}

/// The names of the variables that every step of a lane gets.
fn environment_names(context: &LaneContext) -> Vec<String> {
    // The names are the same in all lanes.
    let Some(any) = context.profile.scenarios.keys().next() else {
        return Vec::new();
    };
    let variables = context.environment(&context.workspace(any));
    let name = |name: &OsString| name.to_string_lossy().into_owned();
    variables.keys().map(name).collect()
}

/// The selected lanes of the contract, or the altered ones, in declared order.
fn lanes(plan: &Plan, altered: bool) -> Vec<ScenarioName> {
    let chosen = |lane: &&crate::model::PlannedScenario| lane.selected && lane.altered == altered;
    let lanes = plan.scenarios.iter().filter(chosen);
    lanes.map(|lane| lane.name.clone()).collect()
}

impl Prepared {
    /// True if the profile names hooks, or git launches them for its stages.
    #[must_use]
    pub fn needs_hooks(&self) -> bool {
        !self.context.profile.hooks_of_clone().is_empty()
    }

    /// The lanes of the contract, or the altered ones, in declared order.
    #[must_use]
    pub fn lanes(&self, altered: bool) -> Vec<ScenarioName> {
        lanes(&self.plan, altered)
    }
}

//! What was asked becomes what will run.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;

use super::held::Held;
use super::isolation::Isolated;
use super::order::longest_first;
use super::taken::TakenOver;
use super::{Again, Request};
use crate::artifact::MATRIX_VERSION;
use crate::artifact::reader::History;
use crate::lane::LaneContext;
use crate::lane::script::{self, Action, Step, script};
use crate::model::event::EventKind;
use crate::model::plan::PlannedLane;
use crate::model::profile::Seed;
use crate::model::text::shown;
use crate::model::{BoundPlan, PackageSpec, Plan, Profile, SCHEMA_VERSION, ScenarioName};
use crate::preflight::Tools;
use crate::reuse::{Inputs, Sources};
use crate::runner::{Ground, Job};
use crate::sys::fs;
use crate::sys::git::Consumer;
use crate::sys::slots::Slots;

/// A plan that is bound to this machine and this moment.
pub(super) struct Bound {
    pub(super) plan: Plan,
    /// The plan as it is written.
    pub(super) record: BoundPlan,
    pub(super) plan_sha256: Option<String>,
    /// What the lanes of the contract depend on.
    pub(super) inputs: Inputs,
    pub(super) context: Arc<LaneContext>,
    /// The run that is made again, where one is.
    pub(super) again: Option<Arc<Again>>,
    /// What the lanes of the contract leave for the altered ones.
    ground: Arc<OnceLock<Option<Ground>>>,
}

/// Where the lanes of this artifacts folder live: always the same, so that
/// paths repeat and the next run finds what was left.
pub(super) fn lanes_root(request: &Request, artifacts: &Path) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    let key = fs::sha256(artifacts.as_os_str().as_bytes());
    request.work_dir.join(&key[..12])
}

pub(super) fn bind(
    held: &Held<'_>,
    consumer: &Consumer,
    profile: Profile,
    plan: Plan,
    (tools, isolated): (Tools, Isolated),
    root: &Path,
    run_folder: &Path,
) -> Result<Bound, String> {
    let request = held.request;
    let source = consumer.source().map_err(|e| e.to_string())?;
    let branch = profile.lane_branch(source.branch.as_deref());
    let unusable = |e| format!("the work folder {} cannot be used: {e}", shown(root));
    let again = request.again.as_deref();
    let (package, package_origin) =
        packages(request, &profile, &root.join(PACKAGE)).map_err(unusable)?;
    let overlays = copy_overlays(&profile, &plan, &root.join("overlays")).map_err(unusable)?;
    let mut base_env = request.env.pick(&profile.pass_env);
    let Isolated { record, sandbox } = isolated;
    let isolation = record;
    let trusted = consumer.trusted();
    let filters = trusted.filters.clone();
    base_env.insert("PATH".into(), tools.path.clone());
    let context = LaneContext {
        run_id: held.run_id.to_string(),
        steps: plan
            .selected_scenarios()
            .map(|name| (name.clone(), steps(request, &profile, &plan, name)))
            .collect(),
        repo_root: consumer.root().to_owned(),
        repo_folder: consumer.folder().to_owned(),
        commit_time: consumer.commit_time(&source.head),
        source: source.clone(),
        branch: branch.clone(),
        package_origin,
        package,
        root: root.to_owned(),
        isolation: isolation.clone(),
        sandbox,
        ground: script::ground(&profile, &plan, request.timeout),
        overlays: overlays.copies,
        run_folder: run_folder.to_owned(),
        base_env,
        network_env: request.env.network(&request.work_dir.join("cache")),
        terms: consumer.terms().clone(),
        trusted,
        earlier: again.map(Again::earlier),
        shell: shell(request),
        strict: request.strict,
        keep: request.keep,
        turn: 1,
        clock: request.clock,
        profile,
    };
    let inputs = Sources {
        context: &context,
        consumer,
        tools: &tools,
        overlays: &overlays.sha256,
        lanes: &own_lanes(&plan, false),
        timeout: request.timeout,
        isolation: &serde_json::to_string(&isolation).unwrap_or_default(),
    };
    let inputs = inputs.inputs();
    let record = BoundPlan {
        schema_version: SCHEMA_VERSION,
        run_id: held.run_id.to_string(),
        matrix_version: MATRIX_VERSION.to_owned(),
        generated_at_utc: request.clock.now_utc(),
        kind: held.kind,
        gate: held.gate.to_string(),
        package_spec: context
            .profile
            .package
            .as_ref()
            .map(|spec| spec.as_str().to_owned()),
        repo_root: held.asked.repo.clone(),
        source,
        profile_sha256: context.profile.sha256.clone(),
        overlays_sha256: overlays.sha256,
        inputs_sha256: inputs.shared.clone(),
        lane_inputs_sha256: inputs.lanes.clone(),
        tools: tools.found,
        git_version: tools.git_version,
        isolation,
        environment: environment_names(&context),
        stages: plan.selected_stages().cloned().collect(),
        lanes: planned_lanes(
            &context.profile,
            &plan,
            |name| context.steps[name].clone(),
            &branch,
        ),
        branch,
        filters,
        strict: request.strict,
        fail_fast: request.fail_fast,
    };
    Ok(Bound {
        plan,
        record,
        plan_sha256: None,
        inputs,
        context: Arc::new(context),
        again: request.again.clone(),
        ground: Arc::default(),
    })
}

/// The steps of a lane; of one that is left to the user, those before the
/// one that failed, whose stage the plan need not have.
fn steps(request: &Request, profile: &Profile, plan: &Plan, name: &ScenarioName) -> Vec<Step> {
    let again = request.again.as_deref();
    let left = again.and_then(|again| again.shell.as_ref());
    match left.filter(|(lane, _)| lane == name) {
        None => script(profile, plan, name, request.timeout),
        Some((_, step)) => {
            let whole = script(profile, &plan.with_all_stages(), name, request.timeout);
            let selected = |step: &Step| match &step.action {
                Action::Stage(stage, _) => plan.selected_stages().any(|name| name == stage),
                _ => true,
            };
            let mut steps = script::until(whole, step);
            steps.retain(selected);
            steps
        }
    }
}

/// The user's shell, else that of every system.
fn shell(request: &Request) -> PathBuf {
    let named = request.env.folder("SHELL");
    named.unwrap_or_else(|| PathBuf::from("/bin/sh"))
}

/// The folder of a package that is a file, below the one of all lanes.
const PACKAGE: &str = "package";

/// Where the package is, if it is not one of a registry.
pub(super) fn package_places(request: &Request, profile: &Profile, root: &Path) -> Vec<PathBuf> {
    let spec = profile.package.as_ref();
    let Some(spec) = spec.filter(|spec| spec.local_path().is_some()) else {
        return Vec::new();
    };
    let copied = root.join(PACKAGE);
    let _ = fs::create_folder(&copied);
    vec![copied, as_typed(request, profile, spec).into()]
}

/// A relative path of the user's is relative to where he is, one of the
/// configuration to where that is.
fn as_typed(request: &Request, profile: &Profile, spec: &PackageSpec) -> String {
    let base = match &request.package {
        Some(_) => &request.package_base,
        None => &profile.package_base,
    };
    spec.for_installer(profile.registry, base)
}

/// What `{package_spec}` stands for in this run, and for whoever plays a lane
/// without it.
fn packages(
    request: &Request,
    profile: &Profile,
    folder: &Path,
) -> std::io::Result<(String, String)> {
    let again = request.again.as_deref();
    if let Some(pinned) = again.and_then(|again| again.package_of(profile)) {
        return Ok((pinned.clone(), pinned));
    }
    let spec = profile.package.as_ref();
    let origin = spec.map(|spec| as_typed(request, profile, spec));
    Ok((
        package(request, profile, folder)?,
        origin.unwrap_or_default(),
    ))
}

/// What `{package_spec}` stands for. A file is copied: every lane gets the
/// same bytes, also if it is packed anew while the run goes.
fn package(request: &Request, profile: &Profile, folder: &Path) -> std::io::Result<String> {
    let Some(spec) = &profile.package else {
        return Ok(String::new());
    };
    let as_typed = as_typed(request, profile, spec);
    let file = spec.local_path().and(Path::new(&as_typed).file_name());
    let Some(name) = file.filter(|_| Path::new(&as_typed).is_file()) else {
        return Ok(as_typed);
    };
    let copy = folder.join(name);
    fs::write(&copy, &std::fs::read(&as_typed)?)?;
    Ok(copy.to_string_lossy().into_owned())
}

/// Overlays as preflight saw them: a checkout in the middle of a run must
/// not change what is tried.
fn copy_overlays(profile: &Profile, plan: &Plan, into: &Path) -> std::io::Result<Overlays> {
    let mut overlays = Overlays::default();
    let mut copied: IndexMap<&Path, (PathBuf, String)> = IndexMap::new();
    for name in plan.selected_scenarios() {
        if let Seed::Overlay(folder) = &profile.scenarios[name].seed {
            // Scenarios, and altered lanes above all, may have one in common.
            if !copied.contains_key(&**folder) {
                let copy = into.join(name.as_str());
                fs::copy_tree(&profile.root.join(folder), &copy)?;
                let digest = fs::digest_tree(&copy)?;
                copied.insert(folder, (copy, digest));
            }
            let (copy, digest) = &copied[&**folder];
            overlays.copies.insert(name.clone(), copy.clone());
            overlays.sha256.insert(name.clone(), digest.clone());
        }
    }
    Ok(overlays)
}

/// Copies of overlays and their digests, by scenario.
#[derive(Default)]
struct Overlays {
    copies: IndexMap<ScenarioName, PathBuf>,
    sha256: IndexMap<ScenarioName, String>,
}

fn environment_names(context: &LaneContext) -> Vec<String> {
    let any = context.workspace(&context_scenario(context));
    let names = context.environment(&any);
    names
        .keys()
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

fn context_scenario(context: &LaneContext) -> ScenarioName {
    context
        .profile
        .scenarios
        .keys()
        .next()
        .cloned()
        .expect("a profile has scenarios")
}

/// The lanes as plans and `matrix list` show them.
#[must_use]
pub fn planned_lanes(
    profile: &Profile,
    plan: &Plan,
    steps: impl Fn(&ScenarioName) -> Vec<Step>,
    branch: &str,
) -> IndexMap<ScenarioName, PlannedLane> {
    let lane = |name: &ScenarioName| PlannedLane {
        steps: steps(name)
            .iter()
            .map(|step| step.planned(profile, name, branch))
            .collect(),
        expect: profile.scenarios[name].expect.clone(),
    };
    plan.selected_scenarios()
        .map(|name| (name.clone(), lane(name)))
        .collect()
}

/// The lanes of the contract, or the altered ones, in declared order.
fn own_lanes(plan: &Plan, altered: bool) -> Vec<ScenarioName> {
    let lanes = plan.scenarios.iter();
    let lanes = lanes.filter(|lane| lane.selected && lane.altered == altered);
    lanes.map(|lane| lane.name.clone()).collect()
}

impl Bound {
    pub(super) fn started(&self, request: &Request) -> EventKind {
        let package = self.record.package_spec.clone();
        EventKind::RunStarted {
            schema_version: SCHEMA_VERSION,
            run_id: self.record.run_id.clone(),
            package: package.unwrap_or_else(|| self.record.gate.clone()),
            lanes: self.plan.selected_scenarios().cloned().collect(),
            stages: self.record.stages.clone(),
            jobs: request.jobs,
        }
    }

    /// The lanes of the contract, or the altered ones, in declared order.
    pub(super) fn lanes(&self, altered: bool) -> Vec<ScenarioName> {
        own_lanes(&self.plan, altered)
    }

    /// What the lanes are played on again, once for each further repetition.
    fn repetitions(&self, request: &Request, altered: bool) -> Vec<Arc<LaneContext>> {
        let turns = if altered { 1 } else { request.repeat };
        let again = |turn| {
            Arc::new(LaneContext {
                turn,
                ..(*self.context).clone()
            })
        };
        (2..=turns).map(again).collect()
    }

    /// The lanes of the contract, or the altered ones, but those that were
    /// taken over.
    pub(super) fn job(&self, held: &Held<'_>, altered: bool, taken: &TakenOver) -> Job {
        let Held {
            request, control, ..
        } = held;
        let mut lanes = self.lanes(altered);
        lanes.retain(|lane| !taken.has(lane));
        // An altered lane that fails is an answer; it must not keep the
        // others from theirs.
        let fail_fast = request.fail_fast && !altered;
        // Who wants to stop at the first failure is not served by what was
        // declared last, and where every lane has a worker there is no order.
        let order = if fail_fast || lanes.len() <= request.jobs {
            (0..lanes.len()).collect()
        } else {
            longest_first(&lanes, &History::of(held.folder.path()), &held.gate)
        };
        Job {
            context: Arc::clone(&self.context),
            repetitions: self.repetitions(request, altered),
            lanes,
            order,
            jobs: request.jobs,
            slots: Slots::new(request.jobs),
            retries: request.retries,
            fail_fast,
            control: (*control).clone(),
            ground: Arc::clone(&self.ground),
        }
    }
}

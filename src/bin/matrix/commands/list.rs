//! `matrix list`.

use std::fmt::Write as _;

use gate_matrix::artifact::to_bytes;
use gate_matrix::config;
use gate_matrix::lane::steps::steps_of;
use gate_matrix::model::plan::PlannedLane;
use gate_matrix::model::{
    ExitCode, GateName, PackageSpec, Plan, Profile, SCHEMA_VERSION, ScenarioName, StageName,
};
use gate_matrix::planner;
use gate_matrix::prepare::planned_lanes;
use gate_matrix::sys::git::Consumer;
use indexmap::IndexMap;
use serde::Serialize;

use super::{open, print, print_json};
use crate::args::{ListArgs, ListFormat};
use crate::settings::Settings;

/// The document of `--format json`, in declared order.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    gate: &'a GateName,
    package_spec: Option<&'a str>,
    branch: String,
    stages: Vec<&'a StageName>,
    lanes: IndexMap<ScenarioName, PlannedLane>,
}

pub(super) fn run(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let target = settings.target(&args.consumer, &args.select)?;
    let consumer = match open(&target.repo, &settings.open_options(&args.consumer)?) {
        Ok(consumer) => consumer,
        Err(code) => return Ok(code),
    };
    let cache = settings.work_dir(None).ok();
    let profile = config::load(&config::ConfigSource {
        repo_root: consumer.root(),
        file: target.config.as_deref(),
        package: target.package.as_ref(),
        package_base: &settings.cwd,
        remote: cache.map(|folder| config::Remote::new(&settings.env, &folder, &[])),
    })
    .map_err(anyhow::Error::new)?;
    let plan = planner::plan(&profile, &target.selection)?;
    match args.format {
        ListFormat::Human => print(&lines(&profile, &plan)),
        ListFormat::Json => print_json(&document(&profile, &plan, &consumer)),
    }
    Ok(ExitCode::Pass)
}

fn lines(profile: &Profile, plan: &Plan) -> String {
    let mut out = String::new();
    for scenario in plan.selected_scenarios() {
        for stage in plan.stages_of(scenario) {
            let expected = &profile.scenarios[scenario].expect[stage];
            let hook = match &expected.hook_exit {
                Some(set) => format!(", hook {}", set.describe()),
                None => String::new(),
            };
            let _ = writeln!(
                out,
                "{scenario}/{stage} exit {}{hook}",
                expected.exit.describe()
            );
        }
    }
    out
}

fn document(profile: &Profile, plan: &Plan, consumer: &Consumer) -> Vec<u8> {
    let source = consumer.source().ok().and_then(|source| source.branch);
    let branch = profile.lane_branch(source.as_deref());
    let steps = |name: &ScenarioName| steps_of(profile, plan, name, None);
    let document = Document {
        schema_version: SCHEMA_VERSION,
        gate: &profile.gate,
        package_spec: profile.package.as_ref().map(PackageSpec::as_str),
        stages: plan.selected_stages().collect(),
        lanes: planned_lanes(profile, plan, steps, &branch),
        branch,
    };
    to_bytes(&document)
}

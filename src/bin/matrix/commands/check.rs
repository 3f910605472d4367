//! `matrix check`: everything that a run would look at before its first
//! lane, and all of what is missing rather than the first of it.

use std::path::Path;

use gate_matrix::config::{self, ConfigError};
use gate_matrix::lane::steps::steps_of;
use gate_matrix::model::package::PackageFrom;
use gate_matrix::model::sandbox::SandboxRecord;
use gate_matrix::model::text::{plain, plain_lines, shown};
use gate_matrix::model::{ExitCode, Plan, Profile};
use gate_matrix::preflight::own_hooks::OwnHooks;
use gate_matrix::prepare::{self, Request};
use gate_matrix::report::failure;
use gate_matrix::report::notice::Notice;
use gate_matrix::sys::env;
use gate_matrix::sys::git::Consumer;
use gate_matrix::sys::process::Control;
use gate_matrix::{planner, preflight};

use super::{complain, open, print, unusable, vacuity};
use crate::args::{CheckArgs, RunOptions};
use crate::settings::{Settings, Target};

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    if args.vacuity {
        return vacuity::run(args, &settings);
    }
    let target = settings.target(&args.consumer, &args.select)?;
    let consumer = match open(&target.repo, &settings.open_options(&args.consumer)?) {
        Ok(consumer) => consumer,
        Err(code) => return Ok(code),
    };
    let mut codes = vec![cleanliness(&consumer)];
    match plan(&target, &consumer, &settings.cwd) {
        Ok((profile, plan)) => {
            describe(&profile, &plan, &consumer);
            compare(&profile, &consumer);
            let request = settings.request(&args.consumer, &RunOptions::default())?;
            codes.push(needs(&profile, &consumer, &request));
        }
        Err(text) => {
            complain(&format!("ERROR: {}\n", plain_lines(&text)));
            codes.push(ExitCode::Usage);
        }
    }
    let code = codes
        .into_iter()
        .find(|code| *code != ExitCode::Pass)
        .unwrap_or(ExitCode::Pass);
    if code == ExitCode::Pass {
        print("ready: `matrix run` would begin\n");
    }
    Ok(code)
}

fn cleanliness(consumer: &Consumer) -> ExitCode {
    print(&format!("consumer: {}\n", shown(consumer.root())));
    match consumer.dirt(&consumer.root().join("artifacts")) {
        Ok(dirt) if dirt.is_empty() => {
            print("baseline: clean\n");
            ExitCode::Pass
        }
        Ok(dirt) => {
            complain(&failure::dirty(consumer.root(), &dirt, false));
            ExitCode::Dirty
        }
        Err(e) => {
            complain(&unusable(&e));
            ExitCode::Unusable
        }
    }
}

fn plan(target: &Target, consumer: &Consumer, cwd: &Path) -> Result<(Profile, Plan), String> {
    let text = |e: ConfigError| e.to_string();
    let profile = config::load(&config::ConfigSource {
        repo_root: consumer.root(),
        file: target.config.as_deref(),
        package: target.package.as_ref(),
        package_base: cwd,
    })
    .map_err(text)?;
    let plan = planner::plan(&profile, &target.selection).map_err(|e| e.to_string())?;
    config::check_overlays(&profile, consumer).map_err(text)?;
    Ok((profile, plan))
}

fn describe(profile: &Profile, plan: &Plan, consumer: &Consumer) {
    let file = profile.file.as_deref().map(shown);
    print(&format!(
        "configuration: {}\n",
        file.unwrap_or_else(|| "built-in profile".to_owned())
    ));
    let package = profile
        .package
        .as_ref()
        .map_or("none", |spec| spec.as_str());
    let from = profile.package_from.lock_file();
    let from = from.map_or(String::new(), |file| format!(", from {}", plain(&file)));
    print(&format!(
        "gate: {} · package: {}{from}\n",
        profile.gate,
        plain(package)
    ));
    let source = consumer.source().ok().and_then(|source| source.branch);
    let branch = profile.lane_branch(source.as_deref());
    for name in plan.selected_scenarios() {
        print(&format!("lane {name}:\n"));
        for step in &steps_of(profile, plan, name, None) {
            let planned = step.planned(profile, name, &branch);
            let command = planned.command.unwrap_or_default();
            let stage = planned.step.stage_name();
            let expected = match stage.and_then(|stage| profile.scenarios[name].expect.get(&stage))
            {
                Some(expected) => format!("  → {}", expected.exit.describe()),
                None => String::new(),
            };
            let line = format!("{:<22} {}{expected}", planned.step, plain(&command));
            print(&format!("  {}\n", line.trim_end()));
        }
    }
    print(&Notice::Unexpected(&plan.selected_unexpected()).text());
}

/// Reports where the consumer itself has something else than what a run tries: another
/// version in its lock file, or other hooks in its own clone.
fn compare(profile: &Profile, consumer: &Consumer) {
    let spec = profile.package.as_ref();
    let configured = spec.filter(|_| profile.package_from == PackageFrom::Configuration);
    let pin = configured.and_then(|_| config::package::pinned(profile, consumer.root()));
    if let (Some(spec), Some(pin)) = (configured, pin)
        && spec.version() != Some(&pin.version)
    {
        let file = profile.file.as_deref().and_then(Path::file_name);
        let file = file.map(Path::new).map_or("matrix.toml".to_owned(), shown);
        complain(&format!(
            "warning: {file} tries {}, and {} pins {}; to try what is pinned, remove `package`\n",
            plain(spec.as_str()),
            shown(&pin.file),
            plain(&pin.version),
        ));
    }
    if let Some(own) = OwnHooks::without_lane(consumer, profile) {
        complain(&Notice::OwnHooks(&own).text());
    }
}

/// Looks for the tools, and tries the sandbox, which has to show them.
fn needs(profile: &Profile, consumer: &Consumer, request: &Request) -> ExitCode {
    match preflight::find_tools(profile, &request.env) {
        Ok(tools) => {
            for (name, tool) in &tools.found {
                print(&format!("tool {}: {}\n", plain(name), plain(&tool.path)));
            }
            let control = Control::new(env::this_program());
            match prepare::sandbox(request, &control, consumer, (profile, &tools)) {
                Ok(found) => {
                    print(&protection(&found));
                    ExitCode::Pass
                }
                Err(refusal) => {
                    complain(&Notice::Refused(&refusal).text());
                    ExitCode::Unusable
                }
            }
        }
        Err(missing) => {
            complain(&format!("ERROR: {}\n", plain_lines(&missing.to_string())));
            ExitCode::Unusable
        }
    }
}

/// The sandbox in a line, and the change of the machine that allows more of it.
fn protection(sandbox: &SandboxRecord) -> String {
    let line = format!("{}\n", sandbox.describe());
    match &sandbox.remedy {
        Some(remedy) => format!("{line}  next: {}\n", plain(remedy)),
        None => line,
    }
}

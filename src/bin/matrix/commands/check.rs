//! `matrix check`: everything that a run would look at before its first
//! lane, and all of what is missing rather than the first of it.

mod lanes;

use std::path::Path;

use gate_matrix::config::{self, ConfigError, Remote};
use gate_matrix::model::package::PackageFrom;
use gate_matrix::model::sandbox::SandboxRecord;
use gate_matrix::model::text::{plain, plain_lines, shown};
use gate_matrix::model::{ExitCode, Expectation, Plan, Profile, StageName};
use gate_matrix::preflight::absent;
use gate_matrix::preflight::own_hooks::OwnHooks;
use gate_matrix::preflight::scenarios::{self, Problem};
use gate_matrix::prepare::{self, Request};
use gate_matrix::report::failure;
use gate_matrix::report::notice::{Notice, unread_lock};
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
    let mut found = Found::default();
    print(&format!("consumer: {}\n", shown(consumer.root())));
    let request = settings.request(&args.consumer, &RunOptions::default())?;
    let remote = Remote::new(&request.env, &request.execution.work_dir, &[]);
    let planned = plan(&target, &consumer, remote, &settings.cwd);
    cleanliness(&consumer, &target, planned.is_ok(), &mut found);
    match planned {
        Ok((profile, plan)) => {
            describe(&profile, &plan, &consumer);
            let selected = plan.selected_scenarios();
            let root = consumer.root();
            found.problems(&absent::to_fill_in(&profile, &plan, root));
            found.problems(&scenarios::problems(&profile, selected, root));
            found.problems(&absent::problems(&profile, &consumer));
            compare(&profile, &consumer, &mut found);
            needs(&profile, &consumer, &request, &mut found);
        }
        Err(text) => found.first_error(ExitCode::Usage, format!("ERROR: {}\n", plain_lines(&text))),
    }
    Ok(found.tell())
}

/// All that is wrong or may be, told after the description.
#[derive(Default)]
struct Found {
    errors: Vec<(ExitCode, String)>,
    warnings: Vec<String>,
}

impl Found {
    fn error(&mut self, code: ExitCode, text: String) {
        self.errors.push((code, text));
    }

    /// Adds an error that is told before the others.
    fn first_error(&mut self, code: ExitCode, text: String) {
        self.errors.insert(0, (code, text));
    }

    fn warning(&mut self, text: &str) {
        if !text.is_empty() {
            self.warnings.push(text.to_owned());
        }
    }

    fn problems(&mut self, all: &[Problem]) {
        for problem in all {
            let lines = format!("{}\n  next: {}\n", plain(&problem.text), problem.next);
            if problem.is_certain {
                self.error(ExitCode::Usage, format!("ERROR: {lines}"));
            } else {
                self.warning(&format!("warning: {lines}"));
            }
        }
    }

    /// Prints them, the errors last and counted, and returns the code of the first, as a run
    /// would: a consumer that is not clean comes before its configuration.
    fn tell(&self) -> ExitCode {
        for text in &self.warnings {
            complain(text);
        }
        for (_, text) in &self.errors {
            complain(text);
        }
        let mut codes = self.errors.iter().map(|(code, _)| *code);
        let dirty = codes.clone().find(|code| *code == ExitCode::Dirty);
        let Some(code) = dirty.or_else(|| codes.next()) else {
            print("ready: `matrix run` would begin\n");
            return ExitCode::Pass;
        };
        let count = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            many => format!("{many} {what}s"),
        };
        let problems = count(self.errors.len(), "problem");
        let warnings = match self.warnings.len() {
            0 => String::new(),
            many => format!(", {}", count(many, "warning")),
        };
        complain(&format!("{problems}{warnings}\n"));
        code
    }
}

fn cleanliness(consumer: &Consumer, target: &Target, is_usable: bool, found: &mut Found) {
    match consumer.dirt(&consumer.root().join("artifacts")) {
        Ok(dirt) if dirt.is_empty() => print("baseline: clean\n"),
        Ok(dirt) => {
            let root = consumer.root();
            let config = target.config.as_deref();
            let is_own = prepare::is_configuration(config, root, &dirt);
            print("baseline: not clean\n");
            found.error(
                ExitCode::Dirty,
                failure::dirty(root, &dirt, is_own, is_usable),
            );
        }
        Err(e) => found.error(ExitCode::Unusable, unusable(&e)),
    }
}

fn plan(
    target: &Target,
    consumer: &Consumer,
    remote: Remote<'_>,
    cwd: &Path,
) -> Result<(Profile, Plan), String> {
    let text = |e: ConfigError| e.to_string();
    let profile = config::load(&config::ConfigSource {
        repo_root: consumer.root(),
        file: target.config.as_deref(),
        package: target.package.as_ref(),
        package_base: cwd,
        remote: Some(remote),
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
    let lock = profile.package_from.lock_file();
    let from = lock.map_or(String::new(), |file| format!(", from {}", plain(&file)));
    print(&format!(
        "gate: {} · package: {}{from}\n",
        profile.gate,
        plain(package)
    ));
    for file in &profile.inherited {
        let commit = file.commit.as_deref();
        let rev = file.rev.as_deref().unwrap_or_default();
        let at = commit.map_or_else(String::new, |commit| format!(" at {rev}, commit {commit}"));
        print(&format!("inherits: {}{}\n", plain(&file.from), plain(&at)));
    }
    companions(profile);
    let source = consumer.source().ok().and_then(|source| source.branch);
    let branch = profile.lane_branch(source.as_deref());
    print(&lanes::lanes(profile, plan, &branch));
    print(&Notice::Unexpected(&plan.selected_unexpected()).text());
}

/// Lists the companions with their origin.
fn companions(profile: &Profile) {
    for (spec, from) in profile.companions.iter().zip(&profile.companions_from) {
        let from = match from {
            PackageFrom::User | PackageFrom::Configuration => "from the configuration".to_owned(),
            PackageFrom::LockFile(file) => format!("from {}", shown(file)),
            PackageFrom::Profile => "from the built-in profile".to_owned(),
        };
        print(&format!("companion: {}, {from}\n", plain(spec)));
    }
}

/// Reports where the consumer itself has something else than what a run tries: another
/// version in its lock file, a companion that it does not have, or other hooks in its own
/// clone.
fn compare(profile: &Profile, consumer: &Consumer, found: &mut Found) {
    let spec = profile.package.as_ref();
    let configured = spec.filter(|_| profile.package_from == PackageFrom::Configuration);
    let pin = configured.and_then(|_| config::package::pinned(profile, consumer.root()));
    if let (Some(spec), Some(pin)) = (configured, pin)
        && spec.version() != Some(&pin.version)
    {
        let file = profile.file.as_deref().and_then(Path::file_name);
        let name = file.map_or("matrix.toml".to_owned(), |file| shown(Path::new(file)));
        found.warning(&format!(
            "warning: {name} tries {}, and {} pins {}; to try what is pinned, remove `package`\n",
            plain(spec.as_str()),
            shown(&pin.file),
            plain(&pin.version),
        ));
    }
    for (file, why) in &profile.unread_locks {
        found.warning(&format!("warning: {}\n", unread_lock(file, why)));
    }
    for (spec, from) in profile.companions.iter().zip(&profile.companions_from) {
        if *from == PackageFrom::Profile {
            found.warning(&format!(
                "warning: every lane installs {}, which no lock file of the consumer pins\n  \
                 next: list what the consumer has as `companions`, or [] for none\n",
                plain(spec)
            ));
        }
    }
    for stage in never_blocking(profile) {
        found.warning(&format!(
            "warning: no scenario must be blocked at {stage}: a gate that lets everything in there stays green\n  \
             next: expect 1 of it in a scenario whose change it is to block\n"
        ));
    }
    if let Some(own) = OwnHooks::without_lane(consumer, profile) {
        found.warning(&Notice::OwnHooks(&own).text());
    }
}

/// Returns the stages at which no scenario must be blocked, although one is elsewhere.
fn never_blocking(profile: &Profile) -> Vec<&StageName> {
    let blocks = |stage: &StageName| {
        let mut scenarios = profile.scenarios.values();
        scenarios.any(|scenario| scenario.expect.get(stage).is_some_and(Expectation::blocks))
    };
    let stages: Vec<_> = profile.stages.keys().collect();
    if stages.iter().any(|stage| blocks(stage)) {
        stages.into_iter().filter(|stage| !blocks(stage)).collect()
    } else {
        Vec::new()
    }
}

/// Looks for the tools, and tries the sandbox, which has to show them.
fn needs(profile: &Profile, consumer: &Consumer, request: &Request, found: &mut Found) {
    match preflight::find_tools(profile, &request.env) {
        Ok(tools) => {
            for (name, tool) in &tools.found {
                print(&format!("tool {}: {}\n", plain(name), plain(&tool.path)));
            }
            let control = Control::new(env::this_program());
            match prepare::sandbox(request, &control, consumer, (profile, &tools)) {
                Ok(sandbox) => print(&protection(&sandbox)),
                Err(refusal) => {
                    found.error(ExitCode::Unusable, Notice::Refused(&refusal).text());
                }
            }
        }
        Err(missing) => {
            let missing = plain_lines(&missing.to_string());
            found.error(ExitCode::Unusable, format!("ERROR: {missing}\n"));
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

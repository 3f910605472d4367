//! A lane as a shell script that needs no `matrix`: the same commands in the
//! same order, with git and the gate's own tools alone.
//!
//! The script makes a lane in a new folder, runs it up to one step and exits as
//! that step does. Steps that had no network have none, if the machine can
//! withhold it. It has no supervisor, no witness and no other sandbox: it shows
//! what a gate does beside what was expected, and judges nothing.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::time::Duration;

use crate::artifact::text_to_bytes;
use crate::lane::LaneContext;
use crate::lane::stage_command::stage_command;
use crate::lane::steps::{Action, Step, steps_of};
use crate::model::command::CommandTemplate;
use crate::model::names::base_ref;
use crate::model::package::PackageResolved;
use crate::model::scenario::{Scenario, Seed};
use crate::model::stage::Stage;
use crate::model::text::plain;
use crate::model::{LaneEvidence, On, Plan, ScenarioName, StageName, StepId, Template, Vars};
use crate::sys::env::Snapshot;
use crate::sys::git::fixed_identity;
use crate::sys::sandbox::Reach;
use crate::sys::secrets::for_this_process;

/// The functions that every script has.
const FUNCTIONS: &str = include_str!("script.sh");

/// Stands for the lane's folder until a word is quoted.
const LANE: &str = "\u{1}";
/// Stands for the consumer.
const SOURCE: &str = "\u{2}";

/// The inputs of the scripts of a run.
pub struct Scripts<'a> {
    /// The run.
    pub context: &'a LaneContext,
    /// The selected lanes and stages.
    pub plan: &'a Plan,
    /// The user's environment.
    pub env: &'a Snapshot,
    /// The consumer, unless `SOURCE` names another one.
    pub repo: &'a str,
    /// The package that the lane installed; each lane sets its own.
    pub package: Option<&'a PackageResolved>,
    /// The time limit of a step that has none of its own.
    pub timeout: Option<Duration>,
}

/// The place of the script of a lane, relative to the run folder.
#[must_use]
pub fn script_path(lane: &ScenarioName) -> String {
    format!("replay/{lane}.sh")
}

impl Scripts<'_> {
    /// The script of a lane that failed, as a file of the run folder; None if
    /// the lane did not fail or has no script.
    #[must_use]
    pub fn file(&self, lane: &LaneEvidence) -> Option<(String, Vec<u8>)> {
        let failure = lane.failure.as_ref().filter(|_| !lane.cancelled)?;
        let package = lane.package.as_ref();
        let script = Scripts { package, ..*self }.script(&lane.scenario, &failure.step)?;
        Some((script_path(&lane.scenario), text_to_bytes(&script)))
    }

    /// The script of a lane, which runs it up to this step unless it is given
    /// another one; None if the lane has no such step.
    #[must_use]
    pub fn script(&self, name: &ScenarioName, last: &StepId) -> Option<String> {
        let cx = self.context;
        let steps = steps_of(&cx.profile, self.plan, name, self.timeout);
        let ids: Vec<_> = steps.iter().map(|step| step.id.as_str()).collect();
        if !ids.contains(&last.as_str()) {
            return None;
        }
        let scenario = &cx.profile.scenarios[name];
        let bases: Vec<_> = cx.profile.scenarios.keys().map(base_ref).collect();
        let mut out = format!(
            "#!/bin/sh\n\
             # Lane {name} of run {run}, by hand and without matrix: sh {name}.sh [STEP]\n\
             # Plays the lane in a new folder up to a step and exits as that does. SOURCE=DIR\n\
             # names a clone of the consumer; the lane stays where it is made.\n",
            run = cx.run_id
        );
        for (variable, value) in [
            ("last", last.as_str()),
            ("steps", &ids.join(" ")),
            ("head", &cx.source.head),
            ("branch", &cx.branch),
            ("own", cx.source.branch.as_deref().unwrap_or_default()),
            ("bases", &bases.join(" ")),
            ("submodules", &cx.submodules.join("\n")),
            ("base_ref", &base_ref(name)),
            ("message", &scenario.message),
        ] {
            let _ = writeln!(out, "{variable}={}", word(value));
        }
        let _ = writeln!(out, "source=${{SOURCE:-{}}}", word(self.repo));
        out += &self.environment();
        out += FUNCTIONS;
        if cx.keeps_network_away() {
            out += "\nwithhold_network\n";
        }
        let mut played = Played::default();
        for step in &steps {
            let _ = writeln!(out, "\nbegin {}", step.id);
            out += &self.step(step, name, scenario, &mut played);
        }
        Some(out)
    }

    /// The functions that give a command the variables of a lane, and of a
    /// step that may reach the network.
    fn environment(&self) -> String {
        let cx = self.context;
        let mut inside = vec!["PATH=\"$PATH\"".to_owned()];
        let own = |name: &OsString| name != "PATH";
        let variables = cx.base_env.iter().filter(|(name, _)| own(name));
        inside.extend(variables.map(|(name, value)| self.own_variable(name, value)));
        for (name, value) in fixed_identity(cx.commit_time) {
            inside.push(format!("{name}={}", word(&value)));
        }
        inside.push(
            "LANG=C.UTF-8 TZ=UTC TERM=dumb GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0".to_owned(),
        );
        inside.push(
            "HOME=\"$lane/home\" XDG_CACHE_HOME=\"$lane/home/.cache\" \
             XDG_CONFIG_HOME=\"$lane/home/.config\" XDG_DATA_HOME=\"$lane/home/.local/share\" \
             XDG_STATE_HOME=\"$lane/home/.local/state\" TMPDIR=\"$lane/tmp\" \
             GIT_CONFIG_GLOBAL=\"$lane/gitconfig\""
                .to_owned(),
        );
        let network = cx.network_env.iter();
        let online: Vec<_> = network
            .map(|(name, value)| self.online(name, value))
            .collect();
        format!(
            "inside() {{\n  $without env -i \\\n    {} \\\n    \"$@\"\n}}\nonline() {{\n  inside \\\n    {} \\\n    \"$@\"\n}}\n",
            inside.join(" \\\n    "),
            online.join(" \\\n    "),
        )
    }

    /// A variable of every step: the user's when the script runs, unless it is that of a
    /// manager of tools which is not set.
    fn own_variable(&self, name: &OsString, value: &OsString) -> String {
        if self.env.get(&name.to_string_lossy()).is_some() {
            return inherited(name);
        }
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        word(&format!("{name}={value}"))
    }

    /// A variable of a step with network. Those of the user are inherited when
    /// the script runs; a cache is that of the lane.
    fn online(&self, name: &OsString, value: &OsString) -> String {
        let text = name.to_string_lossy();
        let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if is_name(&text) && self.env.get(&text) == Some(value.as_os_str()) {
            return inherited(name);
        }
        let is_cache = text.to_ascii_lowercase().contains("cache");
        if is_cache {
            return format!("{text}=\"$lane/cache\"");
        }
        word(&format!("{text}={}", value.to_string_lossy()))
    }

    fn vars(&self, name: &ScenarioName) -> Vars {
        let profile = &self.context.profile;
        let spec = profile.package.as_ref();
        let pinned = spec.and_then(|spec| spec.pinned(profile.registry, self.package?));
        Vars {
            package_spec: pinned.unwrap_or_else(|| self.context.package_origin.clone()),
            repo_root: SOURCE.to_owned(),
            clone_dir: format!("{LANE}/clone"),
            tool_dir: format!("{LANE}/tools"),
            ..self.context.vars(&self.context.workspace(name), name)
        }
    }

    fn step(
        &self,
        step: &Step,
        name: &ScenarioName,
        scenario: &Scenario,
        played: &mut Played,
    ) -> String {
        let vars = self.vars(name);
        let run = |command: &CommandTemplate| format!("{}\nend\n", self.line(step, command, &vars));
        match &step.action {
            Action::Clone => "clone\nend\n".to_owned(),
            Action::Run(command) | Action::Alter(command) => run(command),
            Action::Version(command) => self.version(step, command, &vars),
            Action::Hooks => self.hooks(),
            Action::SeedBaseline => self.baseline(step, &vars),
            Action::SeedScenario => self.seed(step, scenario, &vars),
            Action::Stage(stage_name, stage) => {
                let vars = Vars {
                    stage: stage_name.to_string(),
                    ..vars
                };
                let before = *played;
                played.any = true;
                played.last = stage.on();
                let told = expected(scenario, stage_name).map(|text| word(&text));
                let told = told.map_or_else(String::new, |text| format!("expected={text}\n"));
                told + &self.stage(step, name, stage, &vars, before)
            }
            // Altered lanes have no script.
            Action::Replace(_) | Action::Shell(_) => "end\n".to_owned(),
        }
    }

    fn line(&self, step: &Step, command: &CommandTemplate, vars: &Vars) -> String {
        line(step, command, vars, self.context.keeps_network_away())
    }

    fn version(&self, step: &Step, command: &CommandTemplate, vars: &Vars) -> String {
        let told = self.line(step, command, vars);
        match self.package {
            None => format!("{told}\nend\n"),
            Some(package) => format!(
                "told=$({told} 2>&1)\nprintf '%s\\n' \"$told\"\nprintf '%s\\n' \"$told\" | grep -qwF {} || end 1\nend\n",
                word(&package.version)
            ),
        }
    }

    fn hooks(&self) -> String {
        let mut out = String::new();
        for hook in &self.context.profile.hooks {
            let path = word(&format!("hooks/{hook}"));
            let _ = writeln!(out, "hook=$(inside git rev-parse --git-path {path})");
            let _ = writeln!(
                out,
                "test -x \"$hook\" || configured_hook {} || {{ ls -l \"$hook\" || :; end 1; exit 1; }}",
                word(hook)
            );
        }
        out + "end\n"
    }

    fn baseline(&self, step: &Step, vars: &Vars) -> String {
        let mut out = String::from("adopt_filters\n");
        let configuration = self.context.configuration_paths();
        let paths: Vec<_> = configuration
            .iter()
            .map(|path| word(&path.to_string_lossy()))
            .collect();
        if !paths.is_empty() {
            let paths = paths.join(" ");
            let _ = writeln!(
                out,
                "quiet_git --literal-pathspecs rm -r --quiet --force --ignore-unmatch -- {paths}"
            );
        }
        if self.context.profile.commits_installation {
            out += "stage_installed\n";
        }
        if let Some(seed) = &self.context.profile.baseline {
            let _ = writeln!(
                out,
                "before=$(work_tree)\n{}\nstage_since \"$before\"",
                self.line(step, seed, vars)
            );
        }
        out += "baseline\n";
        if let Some(folder) = &self.context.profile.server_hooks {
            let _ = writeln!(out, "server_hooks {}", word(folder));
        }
        out + "end\n"
    }

    fn seed(&self, step: &Step, scenario: &Scenario, vars: &Vars) -> String {
        let adds = scenario.add.as_ref();
        let runs = matches!(scenario.seed, Seed::Command(_));
        let mut out = String::from("base=$(quiet_git rev-parse HEAD)\nbefore= after=\n");
        if runs || adds.is_some() {
            out += "before=$(work_tree)\n";
        }
        out += ": >\"$lane/changed\"\n";
        match &scenario.seed {
            Seed::Overlay(folder) => {
                let place = self.context.profile.root.join(folder);
                let in_commit = place.strip_prefix(&self.context.repo_root).ok();
                let _ = match in_commit {
                    Some(below) => {
                        writeln!(out, "overlay_of_commit {}", word(&below.to_string_lossy()))
                    }
                    None => writeln!(out, "overlay {}", word(&place.to_string_lossy())),
                };
            }
            Seed::Command(command) => {
                let _ = writeln!(out, "{}", self.line(step, command, vars));
                if adds.is_none() {
                    out += "stage_since \"$before\"\n: >\"$lane/changed\"\n";
                }
            }
            Seed::Nothing => {}
        }
        for path in &scenario.remove {
            let path = word(path);
            let _ = writeln!(
                out,
                "rm -r -- {path}\nprintf '%s\\0' {path} >>\"$lane/changed\""
            );
        }
        if let Some(adds) = adds {
            let adds: Vec<_> = adds.iter().map(|path| word(path)).collect();
            let list = if adds.is_empty() {
                ":"
            } else {
                "printf '%s\\0'"
            };
            let _ = writeln!(out, "{list} {} >\"$lane/changed\"", adds.join(" "));
        }
        out += "stage_changed\n";
        if adds.is_some() {
            out += "after=$(work_tree)\n";
        }
        let _ = writeln!(out, "seeded {}", word(&scenario.delete));
        out + "end\n"
    }

    fn stage(
        &self,
        step: &Step,
        name: &ScenarioName,
        stage: &Stage,
        vars: &Vars,
        before: Played,
    ) -> String {
        let scenario = &self.context.profile.scenarios[name];
        let (tag, branch) = (word(&scenario.tag), word(&scenario.delete));
        let mut out = match before.last {
            Some(On::Push) => "undo_push\n".to_owned(),
            Some(On::Tag) => format!("undo_tag {tag}\n"),
            Some(On::Delete) => format!("undo_delete {branch}\n"),
            Some(last) if last.leaves_state() => "end_act\n".to_owned(),
            _ => String::new(),
        };
        let is_staged = match stage.on() {
            Some(on) => !on.is_push(),
            None => stage.before_commit,
        };
        match (is_staged, before.any) {
            (true, false) => {}
            (true, true) => out += "put_back\n",
            (false, _) => out += "commit_change\n",
        }
        match stage.on() {
            Some(On::Amend) => out += "begin_amend\n",
            Some(On::Rebase) => out += "begin_rebase\n",
            Some(On::Merge | On::CherryPick) => out += "change_aside\n",
            Some(On::Am) => out += "change_aside\nwrite_patch\n",
            Some(On::Tag) => {
                let _ = writeln!(out, "make_tag {tag}");
            }
            Some(On::Delete) => {
                let _ = writeln!(out, "make_branch {branch}");
            }
            Some(On::Commit | On::Push) | None => {}
        }
        let empty = |word| {
            let stands_for = if word == "--allow-empty" {
                EMPTY
            } else {
                EMPTY_PATCH
            };
            Some(Template::literal(stands_for))
        };
        let command = stage_command(stage, name, scenario, &self.context.branch, empty);
        let _ = writeln!(
            out,
            "set +e\n{}\ncode=$?\nset -e\nend $code",
            self.line(step, &command, vars)
        );
        out
    }
}

/// The stages that ran before a stage: any, and what git did in the last one.
#[derive(Default, Clone, Copy)]
struct Played {
    any: bool,
    last: Option<On>,
}

/// Stands for `--allow-empty` where nothing is staged, else for nothing.
const EMPTY: &str = "\u{3}";
/// Stands for `--empty=keep` where nothing is staged, else for nothing.
const EMPTY_PATCH: &str = "\u{4}";

/// The exit of a stage that the contract expects, and the words beside it.
fn expected(scenario: &Scenario, stage: &StageName) -> Option<String> {
    let expected = scenario.expect.get(stage)?;
    let mut out = expected.exit.describe();
    if let Some(hook) = &expected.hook_exit {
        let _ = write!(out, " (of its hook {})", hook.describe());
    }
    if let Some(reason) = scenario
        .reason
        .as_ref()
        .filter(|_| expected.exit.is_blocking())
    {
        let _ = write!(out, ", because of: {}", plain(reason.as_str()));
    }
    Some(out)
}

/// One command with its environment and its limit; offline if the lane was.
fn line(step: &Step, command: &CommandTemplate, vars: &Vars, is_offline: bool) -> String {
    let with = match step.reach {
        Reach::Nothing | Reach::Consumer if is_offline => "offline",
        Reach::Nothing | Reach::Consumer => "inside",
        _ => "online",
    };
    let mut words = vec![with.to_owned()];
    if let Some(folder) = &step.path {
        words.push(format!("PATH={}:\"$PATH\"", word(&folder.expand(vars))));
    }
    for (name, value) in command.expand_env(vars) {
        words.push(word(&format!("{name}={value}")));
    }
    let limit = command.timeout.unwrap_or(step.limit);
    words.push(format!("$(limit {})", limit.as_secs_f64()));
    words.extend(command.expand(vars).iter().map(|text| word(text)));
    let line = words.join(" ") + " </dev/null";
    match &command.workdir {
        Some(folder) => format!("(cd {} && {line})", word(folder)),
        None => line,
    }
}

/// A variable that the script inherits, if it is set.
fn inherited(name: &OsString) -> String {
    let name = name.to_string_lossy();
    format!("${{{name}+\"{name}=${name}\"}}")
}

/// A word for a shell: in single quotes, but for what stands for a folder.
/// Secrets are taken out here: quoted, they would not be known any more.
fn word(text: &str) -> String {
    match text {
        EMPTY => return "$empty".to_owned(),
        EMPTY_PATCH => return "${empty:+--empty=keep}".to_owned(),
        _ => {}
    }
    let text = &*for_this_process().redact_text(text);
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\u{1}' => out += "'\"$lane\"'",
            '\u{2}' => out += "'\"$source\"'",
            '\'' => out += "'\\''",
            c => out.push(c),
        }
    }
    out.push('\'');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    out
}

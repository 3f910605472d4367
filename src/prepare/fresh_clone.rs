//! Decides how a fresh clone of the consumer is tried.

use std::path::Path;

use super::setting::Setting;
use crate::config::package::folders;
use crate::lane::FreshClones;
use crate::lockfile::Project;
use crate::model::command::CommandTemplate;
use crate::model::step::DEFAULT_LIMIT;
use crate::model::text::{plain, shown};
use crate::model::{Kind, Profile, Registry, Template, Vars};
use crate::sys::env::find_program;
use crate::sys::fs;
use crate::sys::git::Consumer;

/// The number of clones with one store that a manager needs until what its install scripts
/// made comes from the store alone.
const WARM: usize = 3;

/// A fresh clone to try, or the reason for which there is none.
pub struct FreshClonePlan {
    /// The hooks that git must have in it.
    pub hooks: Vec<String>,
    /// The clones; otherwise the reason why they are not made.
    pub task: Result<FreshClones, NoFreshClone>,
    /// The change to the consumer that would set the hooks up.
    pub remedy: String,
    /// The package, if no `package.json` of the consumer asks for it.
    pub missing_package: Option<String>,
}

/// The reason for which no fresh clone is made.
pub enum NoFreshClone {
    /// No installation could set hooks up.
    NotApplicable(String),
    /// The installation cannot be run here.
    NotChecked(String),
}

/// Returns the fresh clones of a run; None if nothing is to be said of them.
///
/// Trials and replays make none: they say nothing of the consumer as it is.
pub(super) fn plan(
    setting: &Setting<'_>,
    consumer: &Consumer,
    profile: &Profile,
    path: &std::ffi::OsStr,
) -> Option<FreshClonePlan> {
    let hooks = profile.hooks_of_clone();
    if setting.mode.kind() != Kind::Matrix || !profile.fresh_clone || hooks.is_empty() {
        return None;
    }
    let root = consumer.root();
    if profile.registry == Registry::Pypi {
        let why = "no installation of Python packages sets up hooks: \
                   tell contributors the command that does";
        return Some(FreshClonePlan {
            hooks,
            task: Err(NoFreshClone::NotApplicable(why.to_owned())),
            remedy: String::new(),
            missing_package: None,
        });
    }
    let starts = folders(profile, root);
    let project = Project::find(root, &starts)?;
    let name = profile
        .package
        .as_ref()
        .and_then(|spec| spec.package_name());
    let missing = name.filter(|name| !project.asks_for(root, &starts, name));
    let words = project.plain_install();
    let mut install = CommandTemplate::from_words(words);
    let folder = project.folder.to_string_lossy().into_owned();
    install.workdir = Some(folder).filter(|folder| !folder.is_empty());
    let limit = setting.request.execution.timeout.unwrap_or(DEFAULT_LIMIT);
    let own_limit = profile.install.last().and_then(|step| step.command.timeout);
    let program = find_program(path, words[0]);
    let is_there = program.is_some();
    let node = find_program(path, "node");
    let task = FreshClones {
        install,
        limit: own_limit.unwrap_or(limit),
        count: if project.manager.caches_script_results() {
            WARM
        } else {
            1
        },
        hooks: hooks.clone(),
        programs: program.into_iter().chain(node).collect(),
        home: setting.request.env.folder("HOME"),
    };
    Some(FreshClonePlan {
        hooks,
        task: if is_there {
            Ok(task)
        } else {
            let why = format!("`{}` is not on PATH", words[0]);
            Err(NoFreshClone::NotChecked(why))
        },
        remedy: remedy(profile, &project, missing, root),
        missing_package: missing.map(plain),
    })
}

/// The change that sets the hooks up in every clone.
fn remedy(profile: &Profile, project: &Project, missing: Option<&str>, root: &Path) -> String {
    if let Some((file, line)) = project.scripts_switch(root) {
        let (file, line) = (shown(file), plain(&line));
        return format!("take `{line}` out of {file}: it keeps the project's scripts from running");
    }
    let script = project.manager.install_script();
    let manifest = plain(&project.manifest().to_string_lossy());
    let command = activation(profile).unwrap_or_else(|| "…".to_owned());
    let has_script = fs::read_text(root.join(project.manifest()))
        .ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .and_then(|json| Some(json["scripts"][script].as_str()?.contains(&command)))
        .unwrap_or(false);
    let script = format!("`\"{script}\": \"{command}\"`");
    match missing {
        // It ran, and something else kept the hooks from being set up.
        None if has_script => format!("{manifest} has {script}, which set none up: see its log"),
        Some(package) => format!(
            "add {} to the devDependencies of {manifest}, and {script} to its scripts",
            plain(package)
        ),
        None => format!("add {script} to the scripts of {manifest}"),
    }
}

/// The commands that activate the gate, as a script of `package.json` has them; None if
/// they make sense in a lane alone.
fn activation(profile: &Profile) -> Option<String> {
    let command = |command: &CommandTemplate| {
        let literal = command.argv.iter().map(Template::as_literal);
        let words: Option<Vec<&str>> = literal.collect();
        words?;
        let rendered = command.render(&Vars::default()).command;
        Some(rendered.trim_start_matches("node_modules/.bin/").to_owned())
    };
    let commands = profile.activate.iter().map(|step| command(&step.command));
    let all: Vec<String> = commands.collect::<Option<_>>()?;
    (!all.is_empty()).then(|| plain(&all.join(" && ")))
}

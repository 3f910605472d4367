//! Hooks and programs that a configuration names and that cannot be there, and lines that
//! are still to be written.

use std::path::Path;

use super::scenarios::Problem;
use crate::config::own_patterns::{self, OwnPattern, Unmatched};
use crate::config::{nearest, to_fill_in};
use crate::model::stage::Drive;
use crate::model::text::plain;
use crate::model::{On, Plan, Profile, Template};
use crate::sys::git::Consumer;

/// Returns the hooks that git does not know, and the programs and configurations that the
/// consumer does not have.
#[must_use]
pub fn problems(profile: &Profile, consumer: &Consumer) -> Vec<Problem> {
    let hooks = profile.hooks.iter().filter(|hook| !is_hook(hook));
    let mut all: Vec<Problem> = hooks
        .map(|hook| {
            let known = On::ALL.iter().flat_map(|(on, _)| on.hooks()).copied();
            let near = nearest(hook, known);
            Problem {
                text: format!("`hooks` names {}, which git does not know", plain(hook)),
                next: match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a hook of git, such as pre-commit".to_owned(),
                },
                is_certain: true,
            }
        })
        .collect();
    all.extend(configuration(profile, consumer));
    if profile.install.is_empty() && profile.activate.is_empty() {
        all.extend(programs(profile, consumer.root()));
    } else {
        all.extend(tracked_programs(profile, consumer));
    }
    all
}

/// Returns the lines of the configuration that still ask for something. Those that this
/// plan does not use keep no run from its lanes.
#[must_use]
pub fn to_fill_in(profile: &Profile, plan: &Plan, root: &Path) -> Vec<Problem> {
    let all = to_fill_in::to_fill_in(profile, root).into_iter();
    let problem = |one: to_fill_in::ToFillIn| Problem {
        text: one.text(),
        next: one.next().to_owned(),
        is_certain: one.is_used(plan),
    };
    all.map(problem).collect()
}

fn is_hook(name: &str) -> bool {
    let others = [
        "post-checkout",
        "pre-auto-gc",
        "sendemail-validate",
        "fsmonitor-watchman",
        "proc-receive",
        "push-to-checkout",
        "post-index-change",
    ];
    On::of_hook(name).is_some()
        || others.contains(&name)
        || On::ALL.iter().any(|(on, _)| on.hooks().contains(&name))
}

/// The programs that stages start by a path, and those that must have run, of a gate that
/// installs nothing.
fn programs(profile: &Profile, root: &Path) -> Vec<Problem> {
    let own = own_patterns::programs(profile, root);
    let mut all = Vec::new();
    for (name, stage) in &profile.stages {
        let folder = stage.command.workdir.as_deref().unwrap_or_default();
        let program = stage.command.argv.first().and_then(Template::as_literal);
        let is_command = matches!(stage.drive, Drive::Command);
        if let Some(program) = program.filter(|it| is_command && it.contains('/'))
            && !root.join(folder).join(program).exists()
        {
            all.push(missing(&format!("stage `{name}` runs {}", plain(program))));
        }
        let literals = stage.programs.iter().filter_map(Template::as_literal);
        for pattern in literals.filter(|pattern| !is_matched(profile, root, pattern)) {
            let written = own.iter().find(|own| own.text == pattern);
            let place = written.map_or(String::new(), |own| format!("{}: ", own.place));
            let what = format!("{place}`programs` names {}", plain(pattern));
            all.push(missing(&what));
        }
    }
    all.dedup();
    all
}

/// The programs in folders that git tracks, which an installation rarely makes.
fn tracked_programs(profile: &Profile, consumer: &Consumer) -> Vec<Problem> {
    let tracked = consumer.tracked_files();
    let folders = folders(profile);
    let is_tracked = |pattern: &str| {
        let literal = pattern.split(['*', '?', '[']).next().unwrap_or_default();
        let folder = literal.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut places = folders.iter().map(|base| base.join(folder));
        places.any(|folder| {
            tracked.iter().any(|file| file.starts_with(&folder))
                && !consumer.ignores(&folder.join(pattern.rsplit('/').next().unwrap_or(pattern)))
        })
    };
    let own = own_patterns::programs(profile, consumer.root()).into_iter();
    let absent = own.filter(|own| {
        !own.text.contains('{')
            && !is_matched(profile, consumer.root(), &own.text)
            && is_tracked(&own.text)
    });
    let problem = |own: OwnPattern| Problem {
        text: format!(
            "{}: no file matches {} of `programs`, and git tracks its folder",
            own.place,
            plain(&own.text)
        ),
        next: "correct the pattern, unless the installation makes the file".to_owned(),
        is_certain: false,
    };
    absent.map(problem).collect()
}

/// The patterns of `configuration` that no file matches which `matrix mutate` could weaken.
fn configuration(profile: &Profile, consumer: &Consumer) -> Vec<Problem> {
    let all = own_patterns::unmatched_configuration(profile, consumer);
    let problem = |one: &Unmatched| Problem {
        text: format!(
            "{}: no file that git tracks matches {} of `configuration`",
            one.pattern.place,
            plain(&one.pattern.text)
        ),
        next: one.next(),
        is_certain: false,
    };
    all.iter().map(problem).collect()
}

/// `workdir` and the folders above it.
fn folders(profile: &Profile) -> Vec<&Path> {
    let workdir = profile.workdir.as_deref().unwrap_or_default();
    Path::new(workdir).ancestors().collect()
}

/// True if a file in `workdir`, or in a folder above it, matches.
fn is_matched(profile: &Profile, root: &Path, pattern: &str) -> bool {
    let mut folders = folders(profile).into_iter();
    folders.any(|folder| !own_patterns::on_disk(&root.join(folder), pattern).is_empty())
}

fn missing(what: &str) -> Problem {
    Problem {
        text: format!("{what}, which is not there, and nothing is installed"),
        next: "commit it, or add the [[install]] or [[activate]] that makes it".to_owned(),
        is_certain: false,
    }
}

//! Hooks and programs that a configuration names and that cannot be there, and lines that
//! are still to be written.

use std::path::Path;

use super::scenarios::Problem;
use crate::config::{nearest, to_fill_in};
use crate::model::stage::Drive;
use crate::model::text::plain;
use crate::model::{On, Plan, Profile, Template};

/// Returns the hooks that git does not know, and, where nothing is installed, the
/// programs that the consumer does not have.
#[must_use]
pub fn problems(profile: &Profile, root: &Path) -> Vec<Problem> {
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
    if profile.install.is_empty() && profile.activate.is_empty() {
        all.extend(programs(profile, root));
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

/// The programs that stages start by a path, and those that must have run.
fn programs(profile: &Profile, root: &Path) -> Vec<Problem> {
    let workdir = profile.workdir.as_deref().unwrap_or_default();
    let mut all = Vec::new();
    for (name, stage) in &profile.stages {
        let own = stage.command.workdir.as_deref().unwrap_or_default();
        let program = stage.command.argv.first().and_then(Template::as_literal);
        let is_command = matches!(stage.drive, Drive::Command);
        if let Some(program) = program.filter(|it| is_command && it.contains('/'))
            && !root.join(own).join(program).exists()
        {
            all.push(missing(&format!("stage `{name}` runs {}", plain(program))));
        }
        let literals = stage.programs.iter().filter_map(Template::as_literal);
        for pattern in literals {
            if !is_matched(root, workdir, pattern) {
                all.push(missing(&format!("`programs` names {}", plain(pattern))));
            }
        }
    }
    all.dedup();
    all
}

/// True if a file in `workdir`, or in a folder above it, matches.
fn is_matched(root: &Path, workdir: &str, pattern: &str) -> bool {
    Path::new(workdir).ancestors().any(|folder| {
        let base = glob::Pattern::escape(&root.join(folder).to_string_lossy());
        let found = glob::glob(&format!("{base}/{pattern}"));
        found.is_ok_and(|mut found| found.next().is_some())
    })
}

fn missing(what: &str) -> Problem {
    Problem {
        text: format!("{what}, which is not there, and nothing is installed"),
        next: "commit it, or add the [[install]] or [[activate]] that makes it".to_owned(),
        is_certain: false,
    }
}

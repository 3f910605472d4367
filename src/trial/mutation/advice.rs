//! Scenarios to start from, for the rules that none exercises.

use std::fmt::Write as _;

use super::document::{MutationOutcome, MutationRow, NextScenario, UntriedRule};
use super::found::Found;
use crate::model::stage::{Drive, Stage};
use crate::model::template::Template;
use crate::model::text::shown;
use crate::model::{On, Profile, ScenarioName, StageName};
use crate::mutation::{Mutation, Rule};

/// Returns the rules whose mutations survived, without those that hold another one of them.
pub(super) fn without_a_scenario(found: &Found, rows: &[MutationRow]) -> Vec<UntriedRule> {
    let survived: Vec<&Mutation> = found
        .mutations
        .iter()
        .zip(rows)
        .filter(|(_, row)| row.outcome == MutationOutcome::Survived)
        .map(|(mutation, _)| mutation)
        .collect();
    let mut rules: Vec<(&Mutation, UntriedRule)> = Vec::new();
    for mutation in &survived {
        let is_same = |other: &Mutation| other.file == mutation.file && is_one(other, mutation);
        if let Some((_, known)) = rules.iter_mut().find(|(first, _)| is_same(first)) {
            known.mutations.push(mutation.id.clone());
            continue;
        }
        let holds =
            |other: &&Mutation| other.file == mutation.file && mutation.rule.has(&other.rule);
        if survived.iter().any(holds) {
            continue;
        }
        let rule = UntriedRule {
            file: shown(&mutation.file),
            line: mutation.line,
            rule: mutation.rule.to_string(),
            mutations: vec![mutation.id.clone()],
        };
        rules.push((mutation, rule));
    }
    rules.into_iter().map(|(_, rule)| rule).collect()
}

/// True if two mutations weaken one rule. A command may stand twice in a shell script.
fn is_one(one: &Mutation, other: &Mutation) -> bool {
    let is_shell = one.rule.names.len() == 1 && one.rule.files.is_none();
    one.rule == other.rule && (!is_shell || one.line == other.line)
}

/// Derives scenarios from the rules that were weakened.
pub(super) struct Advisor<'a> {
    profile: &'a Profile,
    found: &'a Found,
}

impl<'a> Advisor<'a> {
    pub(super) fn new(profile: &'a Profile, found: &'a Found) -> Self {
        Self { profile, found }
    }

    /// Returns the way to a scenario that notices a mutation.
    pub(super) fn next(&self, mutation: &Mutation) -> NextScenario {
        let rule = &mutation.rule;
        let expect = self.expect(rule);
        if !expect.iter().any(|(_, code)| *code != 0) {
            let hook = rule.hook.as_deref().unwrap_or_default();
            let text = if hook.starts_with("post-") {
                format!("{hook} runs once the change is in: move what must block to another hook")
            } else {
                format!("no stage runs {hook}: add [stage.{hook}] with drive = \"git\"")
            };
            return NextScenario {
                text,
                scenario: None,
            };
        }
        let name = self.name(mutation);
        let files = match &rule.files {
            Some(clause) => format!("a copy of a file {clause}"),
            None => "a copy of a file that it looks at".to_owned(),
        };
        let is_message = rule.hook.as_deref() == Some("commit-msg");
        let (what, text) = if is_message {
            (
                "a harmless edit".to_owned(),
                "give it a scenario whose message it must refuse, and run `matrix mutate` again"
                    .to_owned(),
            )
        } else {
            (
                format!("{files}, with what the rule must stop and a harmless edit beside it"),
                "give it a scenario that it must block, and run `matrix mutate` again".to_owned(),
            )
        };
        NextScenario {
            text,
            scenario: Some(snippet(&name, rule, &what, is_message, &expect)),
        }
    }

    /// The exit that each stage is expected to have.
    fn expect(&self, rule: &Rule) -> Vec<(&'a StageName, i32)> {
        let stages = self.profile.stages.iter();
        let runs = |(name, stage)| (name, i32::from(runs(name, stage, rule.hook.as_deref())));
        stages.map(runs).collect()
    }

    /// A name that no scenario has: the rule's; of a command in a script its place.
    fn name(&self, mutation: &Mutation) -> String {
        let names = &mutation.rule.names;
        let place = mutation.id.strip_suffix("-pass-always");
        let base = match (names.as_slice(), place) {
            ([command], Some(place)) if command.contains(' ') => place.to_owned(),
            (names, _) => {
                let slug = slugged(names.last().map_or("", String::as_str));
                if slug.chars().all(|c| c.is_ascii_digit()) {
                    format!("rule-{}", mutation.line)
                } else {
                    slug
                }
            }
        };
        let probes = self.found.probes.iter().flatten();
        let lanes: Vec<_> = probes.map(|probe| probe.lane.as_str()).collect();
        let scenarios = self.profile.scenarios.keys().map(ScenarioName::as_str);
        let taken: Vec<&str> = scenarios.filter(|name| !lanes.contains(name)).collect();
        let numbered = (2..).map(|count| format!("{base}-{count}"));
        let mut names = std::iter::once(base.clone()).chain(numbered);
        names
            .find(|name| !taken.contains(&name.as_str()))
            .unwrap_or(base)
    }
}

/// Lower case letters, digits and single dashes, at most 40.
fn slugged(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().take(40) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// True if a stage runs the hook of a rule; any stage may if no hook is known.
fn runs(name: &StageName, stage: &Stage, hook: Option<&str>) -> bool {
    let Some(hook) = hook else { return true };
    match stage.drive {
        Drive::Git(_) if stage.launches(name) => name.as_str() == hook,
        Drive::Git(on) => on.hooks().contains(&hook),
        Drive::Command => {
            let words = stage.command.argv.iter().map(Template::source);
            let mut hooks = words
                .flat_map(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')))
                .filter(|word| On::of_hook(word).is_some())
                .peekable();
            hooks.peek().is_none() || hooks.any(|word| word == hook)
        }
    }
}

fn snippet(
    name: &str,
    rule: &Rule,
    holds: &str,
    is_message: bool,
    expect: &[(&StageName, i32)],
) -> String {
    let mut out = format!("[scenario.{name}]\n");
    let _ = writeln!(out, "overlay = \"scenarios/{name}\"  # {holds}");
    if is_message {
        let _ = writeln!(out, "message = \"…\"  # one that the rule must refuse");
    } else {
        let _ = writeln!(out, "message = \"test: break {name}\"");
    }
    let cells: Vec<_> = expect
        .iter()
        .map(|(stage, code)| format!("{stage} = {code}"))
        .collect();
    let _ = writeln!(out, "expect = {{ {} }}", cells.join(", "));
    let named = rule.names.last().filter(|_| rule.names.len() > 1);
    let is_word = |text: &&String| !text.chars().all(|c| c.is_ascii_digit());
    if let Some(text) = named.filter(is_word) {
        let reason = toml::Value::from(text.as_str());
        let _ = writeln!(
            out,
            "reason = {reason}  # better: the line that it prints of the violation"
        );
    } else {
        out.push_str("# reason = \"…\"  # the line that it prints of the violation\n");
    }
    out
}

//! First configurations: what a consumer's own gate lets through and stops, made from its
//! configuration and its files.
//!
//! Nothing of the consumer is run. `start` reads the files that git tracks: the
//! configuration of the gate says what it looks at (`readers`), `commands` follows what it
//! runs to the programs that decide, `violations` knows what each of them blocks, and
//! `scenarios` makes the changes.

mod check;
mod checkout;
mod commands;
mod configuration;
mod document;
#[cfg(feature = "fuzzing")]
pub mod doors;
mod gates;
mod install;
mod known;
mod language;
mod maker;
mod outcome;
mod parts;
mod pattern;
mod places;
mod readers;
mod scenarios;
mod stages;
mod template;
mod violations;

use std::path::PathBuf;

use indexmap::IndexSet;

use crate::config::builtin;
use crate::config::to_fill_in::FILL_IN;
use crate::model::text::{plain, shown};
use crate::sys::git::Consumer;
pub use checkout::Broken;
use checkout::Checkout;
use document::Base;
pub use document::SCHEMA;
use gates::{Gate, Manager};
use parts::Parts;
use places::Places;
use scenarios::Scenario;
pub use template::Template;

/// Choices of the user.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The gate, if the consumer has several.
    pub gate: Option<String>,
    /// Set if nothing is to be inherited from a built-in profile.
    pub eject: bool,
    /// A package that gets a template, whatever the consumer has.
    pub template: Option<Template>,
}

/// A first configuration.
#[derive(Debug)]
pub struct Start {
    /// The files to write, relative to the consumer.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// The folders of the overlays, which must hold nothing else.
    pub overlays: Vec<PathBuf>,
    /// The gate.
    pub gate: String,
    /// The file that shows it, for a person.
    pub seen_in: String,
    /// Other gates that the consumer has.
    pub others: Vec<String>,
    /// Its stages.
    pub stages: Vec<String>,
    /// The stages for which the consumer has no hook: the program itself is run.
    pub without_hook: Vec<String>,
    /// The scenarios in words.
    pub scenarios: Vec<String>,
    /// The parts that the user has to write, with file and line.
    pub to_fill_in: Vec<String>,
    /// Checks without a known violation.
    pub unknown: Vec<String>,
    /// Configurations beside the gate's own that cannot be read: what they decide is not
    /// in the scenarios.
    pub broken: Vec<Broken>,
}

/// Returns a first configuration of the consumer's gate; None if it has none, or not that.
///
/// # Errors
/// If the gate's own configuration has a mistake, or one that may be the gate's.
pub fn start(consumer: &Consumer, options: &Options) -> Result<Option<Start>, Broken> {
    start_in(&Checkout::of(consumer), options)
}

fn start_in(checkout: &Checkout, options: &Options) -> Result<Option<Start>, Broken> {
    if let Some(template) = &options.template {
        return Ok(Some(of_template(checkout, template)));
    }
    let gates = gates::all(checkout);
    let is_asked = |gate: &Gate| options.gate.as_ref().is_none_or(|name| *name == gate.name);
    let asked = gates.iter().find(|gate| is_asked(gate)).cloned();
    // A tool can be named that nothing in the consumer names.
    let gate = asked.or_else(|| gates::named(checkout, options.gate.as_deref()?));
    let mut broken = checkout.broken().into_iter();
    let Some(gate) = gate else {
        // Deeper ones may be fixtures.
        let is_at_top = |one: &Broken| checkout::depth(&one.file) == 1;
        return broken.find(is_at_top).map_or(Ok(None), Err);
    };
    if let Some(own) = broken.find(|one| one.file == gate.seen_in) {
        return Err(own);
    }
    // A workspace may have one in each of its folders.
    let distinct: IndexSet<String> = (gates.iter())
        .filter(|other| other.name != gate.name)
        .map(|other| other.name.clone())
        .collect();
    let others = distinct.into_iter().collect();
    Ok(Some(of_gate(checkout, &gate, options, others)))
}

fn of_gate(checkout: &Checkout, gate: &Gate, options: &Options, others: Vec<String>) -> Start {
    let parts = parts::parts(checkout, gate);
    let all: Vec<_> = parts
        .stages
        .iter()
        .flat_map(|stage| &stage.checks)
        .collect();
    let checks: Vec<_> = all.iter().map(|known| &known.check).collect();
    let places = Places::new(checkout, &checks, &gate.seen_in);
    let about_messages = |stage: &&scenarios::Stage| scenarios::is_about_messages(stage);
    let of_messages = parts
        .stages
        .iter()
        .filter(about_messages)
        .flat_map(|stage| &stage.checks);
    let message = of_messages
        .into_iter()
        .find_map(|known| violations::message(&known.check, checkout));
    let scenarios = scenarios::scenarios(&parts.stages, &places, message.as_ref());
    let base = if options.eject {
        Base::Nothing
    } else if parts.profile.is_some() {
        Base::WholeProfile
    } else {
        built_in_beyond(gate, &parts).map_or(Base::Nothing, Base::Profile)
    };
    let toml = document::document(&parts, &scenarios, &base, &gate.seen_in);
    let mut unknown: Vec<String> = (parts.stages.iter())
        .flat_map(|stage| stage.checks.iter().map(move |known| (stage, known)))
        .filter(|(stage, known)| {
            let knows_message = || violations::message(&known.check, checkout).is_some();
            known.violations.is_empty() && !(about_messages(stage) && knows_message())
        })
        .map(|(_, known)| plain(&known.check.shown()))
        .collect();
    unknown.sort();
    unknown.dedup();
    let to_fill_in = to_fill_in(&toml);
    Start {
        files: files(toml, &scenarios),
        overlays: overlays(&scenarios),
        gate: gate.name.clone(),
        seen_in: shown(&gate.seen_in),
        others,
        stages: names(&parts.stages),
        without_hook: without_hook(&parts),
        scenarios: scenarios.iter().map(described).collect(),
        to_fill_in,
        unknown,
        broken: checkout.broken(),
    }
}

/// A commented configuration for a package that is not known here.
fn of_template(checkout: &Checkout, template: &Template) -> Start {
    let stage = |name: &str| scenarios::Stage {
        name: name.to_owned(),
        run: None,
        checks: Vec::new(),
        blocks_with: "1".to_owned(),
        programs: Vec::new(),
    };
    let stages = ["pre-commit", "ci"].map(stage);
    let places = Places::new(checkout, &[], "");
    let scenarios = scenarios::scenarios(&stages, &places, None);
    let toml = template::document(checkout, template, &scenarios);
    Start {
        to_fill_in: to_fill_in(&toml),
        files: files(toml, &scenarios),
        overlays: overlays(&scenarios),
        gate: template.gate().to_owned(),
        seen_in: "--gate".to_owned(),
        others: Vec::new(),
        stages: names(&stages),
        without_hook: Vec::new(),
        scenarios: scenarios.iter().map(described).collect(),
        unknown: Vec::new(),
        broken: Vec::new(),
    }
}

/// The stages at commit of a tool that no hook starts.
fn without_hook(parts: &Parts) -> Vec<String> {
    let is_direct = |stage: &&scenarios::Stage| {
        stage.name == "pre-commit" && (parts.profile.is_some() || stage.run.is_some())
    };
    let stages = parts.stages.iter().filter(is_direct);
    stages.map(|stage| stage.name.clone()).collect()
}

fn names(stages: &[scenarios::Stage]) -> Vec<String> {
    stages.iter().map(|stage| stage.name.clone()).collect()
}

/// The lines of a configuration that ask for something.
fn to_fill_in(toml: &str) -> Vec<String> {
    let asks = |(at, line): (usize, &str)| {
        let what = line.strip_prefix(FILL_IN)?;
        Some(format!("matrix.toml:{}: {what}", at + 1))
    };
    toml.lines().enumerate().filter_map(asks).collect()
}

/// The files of a configuration.
fn files(toml: String, scenarios: &[Scenario]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![(PathBuf::from("matrix.toml"), toml.into_bytes())];
    for scenario in scenarios
        .iter()
        .filter(|scenario| scenario.overlay.is_none())
    {
        for (path, content) in &scenario.files {
            let path = PathBuf::from("scenarios").join(&scenario.name).join(path);
            files.push((path, content.clone().into_bytes()));
        }
    }
    files
}

/// The folders of the overlays.
fn overlays(scenarios: &[Scenario]) -> Vec<PathBuf> {
    let own = scenarios.iter().filter(|one| one.overlay.is_none());
    own.map(|one| PathBuf::from("scenarios").join(&one.name))
        .collect()
}

/// Returns the stages that the built-in profile has beyond these; None if it does not fit.
fn built_in_beyond(gate: &Gate, parts: &Parts) -> Option<Vec<String>> {
    let profile = builtin::get(&gate.name)?;
    let is_plain = match gate.manager {
        Manager::Lefthook => parts.tools.first().is_some_and(|tool| tool == "npm"),
        Manager::PreCommit | Manager::Prek => {
            let last = parts.install.last().and_then(|(_, words)| words.last());
            let adds_nothing = last.is_some_and(|word| word == "{package_spec}");
            parts.install.len() == 2 && parts.path.is_none() && adds_nothing
        }
        _ => false,
    };
    let names: Vec<&str> = parts
        .stages
        .iter()
        .map(|stage| stage.name.as_str())
        .collect();
    let theirs = profile.stages();
    let has_all = names
        .iter()
        .all(|name| theirs.iter().any(|one| one == name));
    // Its activation sets up hooks that the consumer may not have.
    let is_whole = gate.manager == Manager::Lefthook || theirs == names;
    (is_plain && gate.folder.is_empty() && has_all && is_whole).then(|| {
        let beyond = theirs.into_iter().filter(|one| !names.contains(&&**one));
        beyond.collect()
    })
}

fn described(scenario: &Scenario) -> String {
    let files: Vec<_> = scenario.files.keys().map(shown).collect();
    let expect: Vec<_> = scenario
        .expect
        .iter()
        .map(|(stage, exit)| format!("{stage}={}", exit.trim_matches('"')))
        .collect();
    let changed = if files.is_empty() {
        "its message".to_owned()
    } else {
        files.join(", ")
    };
    format!("{}: {changed}; {}", scenario.name, expect.join(" "))
}

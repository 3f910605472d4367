//! Candidates for each kind of name.

use std::ffi::OsStr;

use clap::{Command, CommandFactory as _};
use clap_complete::CompletionCandidate as Candidate;
use clap_complete::engine::{PathCompleter, ValueCompleter as _};
use gate_matrix::artifact::reader::Head;
use gate_matrix::artifact::reader::locate::{LAST_FAIL, LAST_PASS, LATEST};
use gate_matrix::config::{builtin, sabotages as table};
use gate_matrix::diagnosis;
use gate_matrix::model::report_format::ReportFormat;
use gate_matrix::model::{ExitCode, Kind, Profile};
use gate_matrix::schema;

use super::typed::Typed;
use crate::args::Args;

/// Runs before the latest that have a word of their own.
const BEFORE_LATEST: usize = 9;
/// Scenarios of built-in profiles.
const SCENARIOS: [&str; 3] = ["clean", "violations", "mixed"];
/// Stages of built-in profiles.
const STAGES: [&str; 3] = ["pre-commit", "pre-push", "ci"];

pub(crate) fn scenarios(word: &OsStr) -> Vec<Candidate> {
    declared(word, SCENARIOS, |profile| {
        profile.scenarios.keys().map(ToString::to_string).collect()
    })
}

pub(crate) fn stages(word: &OsStr) -> Vec<Candidate> {
    declared(word, STAGES, |profile| {
        profile.stages.keys().map(ToString::to_string).collect()
    })
}

/// Names of the profile; the usual ones where nothing is configured.
fn declared(
    word: &OsStr,
    usual: [&str; 3],
    names: impl Fn(&Profile) -> Vec<String>,
) -> Vec<Candidate> {
    let Some(typed) = Typed::new() else {
        return Vec::new();
    };
    let is_mock = typed.verb() == "demo" || typed.has("--gate");
    let profile = if is_mock { Err(false) } else { typed.profile() };
    let found = match profile {
        Ok(profile) => names(&profile),
        Err(true) => Vec::new(),
        Err(false) => usual.map(str::to_owned).to_vec(),
    };
    fitting(word, found.into_iter().map(Candidate::new))
}

/// Lanes of the run that the line names, else of the newest.
pub(crate) fn lanes(word: &OsStr) -> Vec<Candidate> {
    let Some(typed) = Typed::new() else {
        return Vec::new();
    };
    let mut heads: Vec<Head> = typed.history().complete().collect();
    let named = |head: &Head| typed.words().any(|word| word == head.run_id.as_str());
    let at = heads.iter().position(named).unwrap_or(0);
    let lanes = heads.drain(..).nth(at).map(|head| head.lanes);
    let all = lanes
        .into_iter()
        .flatten()
        .map(|(name, _)| name.to_string());
    fitting(word, all.map(Candidate::new))
}

/// Runs, the newest first, by their words and then by their ids; else paths.
pub(crate) fn runs(word: &OsStr) -> Vec<Candidate> {
    let found = fitting(word, all_runs().into_iter());
    if found.is_empty() {
        return PathCompleter::any().complete(word);
    }
    found
}

fn all_runs() -> Vec<Candidate> {
    let Some(typed) = Typed::new() else {
        return Vec::new();
    };
    let history = typed.history();
    let all = history.all();
    let of_matrix = |(_, head): &(_, Result<Head, _>)| match head {
        Ok(head) => head.kind == Kind::Matrix,
        Err(_) => true,
    };
    let heads: Vec<&Head> = all
        .iter()
        .filter_map(|(_, head)| head.as_ref().ok())
        .collect();
    let count = heads
        .iter()
        .filter(|head| head.kind == Kind::Matrix)
        .count();
    let mut found = Vec::new();
    if all.iter().any(of_matrix) {
        found.push(Candidate::new(LATEST).help(Some("the newest run".into())));
    }
    let words = [
        (LAST_PASS, history.last_pass(), "the newest that passed"),
        (LAST_FAIL, history.last_fail(), "the newest that failed"),
    ];
    for (word, head, help) in words {
        found.extend(head.map(|_| Candidate::new(word).help(Some(help.into()))));
    }
    for back in 1..count.min(BEFORE_LATEST + 1) {
        found.push(Candidate::new(format!("{LATEST}~{back}")));
    }
    for (id, head) in &all {
        let help = match head {
            Ok(head) => format!(
                "{} {} {}",
                head.kind.as_str(),
                head.final_verdict.as_str(),
                head.generated_at_utc
            ),
            Err(_) => "cannot be read".to_owned(),
        };
        found.push(Candidate::new(id.as_str()).help(Some(help.into())));
    }
    found
}

/// `FORMAT=PATH`.
pub(crate) fn report_files(word: &OsStr) -> Vec<Candidate> {
    let text = word.to_string_lossy();
    let Some((format, path)) = text.split_once('=') else {
        let formats = ReportFormat::ALL.map(|format| format!("{}=", format.as_str()));
        return fitting(word, formats.into_iter().map(Candidate::new));
    };
    let paths = PathCompleter::any().complete(OsStr::new(path));
    let prefixed = paths.into_iter();
    prefixed
        .map(|path| path.add_prefix(format!("{format}=")))
        .collect()
}

/// A run, then formats, to stdout or to a file.
pub(crate) fn report_words(word: &OsStr) -> Vec<Candidate> {
    if word.to_string_lossy().contains('=') {
        return report_files(word);
    }
    let formats = ReportFormat::ALL.map(|format| Candidate::new(format.as_str()));
    fitting(word, formats.into_iter().chain(all_runs()))
}

pub(crate) fn causes(word: &OsStr) -> Vec<Candidate> {
    let causes =
        diagnosis::causes().map(|cause| Candidate::new(cause.id).help(Some(cause.title.into())));
    let exits = ExitCode::ALL.into_iter().map(|code| {
        let name = format!("exit-{}", code.number());
        Candidate::new(name).help(Some(code.meaning().into()))
    });
    fitting(word, causes.chain(exits))
}

pub(crate) fn gates(word: &OsStr) -> Vec<Candidate> {
    fitting(word, builtin::names().map(Candidate::new))
}

pub(crate) fn verbs(word: &OsStr) -> Vec<Candidate> {
    let program = Args::command();
    let verbs = program.get_subcommands();
    let about = |verb: &Command| Candidate::new(verb.get_name()).help(verb.get_about().cloned());
    fitting(word, verbs.map(about))
}

pub(crate) fn schemas(word: &OsStr) -> Vec<Candidate> {
    let named = schema::NAMES.into_iter();
    fitting(
        word,
        named.map(|(name, file)| Candidate::new(name).help(Some(file.into()))),
    )
}

/// Sabotages, the user's own among them.
pub(crate) fn sabotages(word: &OsStr) -> Vec<Candidate> {
    let profile = Typed::new().and_then(|typed| typed.profile().ok());
    let own = profile.map(|profile| profile.sabotages).unwrap_or_default();
    let all = table::with_own(&own).unwrap_or_default();
    fitting(
        word,
        all.into_iter()
            .map(|one| Candidate::new(one.id.to_string())),
    )
}

fn fitting(word: &OsStr, all: impl Iterator<Item = Candidate>) -> Vec<Candidate> {
    let begin = word.to_string_lossy();
    all.filter(|one| one.get_value().to_string_lossy().starts_with(&*begin))
        .collect()
}

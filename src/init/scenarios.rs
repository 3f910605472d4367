//! The three changes: made of the consumer's own files, for what its gate looks at.

use indexmap::IndexMap;

use super::language::{self, Form};
use super::pattern::escaped;
use super::places::{Places, is_setting, sees};
use super::violations::{FILE, Known, Message, Violation};
use crate::config::to_fill_in::FILL_IN_OVERLAY;

/// A line that changes nothing.
const HARMLESS: &str = "A harmless line.";
/// The message where none is checked, in a form that most checks take.
const MESSAGE: &str = "docs: try the gate";

/// The file of a harmless edit if the consumer has none that could be edited.
const NEW: &str = "harmless.txt";

/// A stage as `init` sees it.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) name: String,
    /// The words of its own program; None if git drives it.
    pub(super) run: Option<Vec<String>>,
    pub(super) checks: Vec<Known>,
    /// The exit with which it blocks, as TOML.
    pub(super) blocks_with: String,
    pub(super) programs: Vec<String>,
}

/// A scenario to write.
#[derive(Debug, Clone, Default)]
pub(super) struct Scenario {
    pub(super) name: String,
    /// The folder of its overlay, if another scenario has it.
    pub(super) overlay: Option<String>,
    pub(super) files: IndexMap<String, String>,
    pub(super) message: String,
    pub(super) expect: Vec<(String, String)>,
    /// An expression.
    pub(super) reason: Option<String>,
    pub(super) violation: Removed,
    /// Notes that become comments.
    pub(super) comment: Vec<String>,
    /// True if the user has to say what the gate blocks.
    pub(super) is_to_fill_in: bool,
}

/// The part of a scenario that must be blocked.
#[derive(Debug, Clone, Default)]
pub(super) enum Removed {
    #[default]
    Nothing,
    Files(Vec<String>),
    Message(String),
}

/// The violations that are known for the stages, one for each that needs it.
struct Chosen {
    violation: Violation,
    known: Known,
}

/// Returns the scenarios.
pub(super) fn scenarios(
    stages: &[Stage],
    places: &Places<'_>,
    message: Option<&Message>,
) -> Vec<Scenario> {
    let good = message.map_or(MESSAGE.to_owned(), |message| message.good.clone());
    let harmless = harmless(stages, places);
    let mut clean = Scenario {
        name: "clean".to_owned(),
        message: good.clone(),
        expect: stages
            .iter()
            .map(|stage| (stage.name.clone(), "0".to_owned()))
            .collect(),
        ..Scenario::default()
    };
    for file in &harmless {
        clean.add(places, file, HARMLESS, Form::Comment);
    }
    let chosen = choose(stages, places);
    let mut all = vec![clean];
    let blocked = if chosen.is_empty() {
        message.map(|message| of_message(stages, message, &all[0].files))
    } else {
        let mut used = harmless.clone();
        let named = ["violations", "mixed"].map(|name| {
            let one = of_files(name, stages, places, &chosen, &mut used, &harmless);
            Scenario {
                message: good.clone(),
                ..one
            }
        });
        let beside = message.map(|message| {
            let mut one = of_message(stages, message, &IndexMap::new()).swap_remove(0);
            "message".clone_into(&mut one.name);
            one.overlay = Some("scenarios/clean".to_owned());
            one
        });
        Some(named.into_iter().chain(beside).collect())
    };
    all.extend(blocked.unwrap_or_else(|| unknown(stages, places, &harmless, &good)));
    all
}

impl Scenario {
    fn add(&mut self, places: &Places<'_>, file: &str, text: &str, form: Form) {
        let before = self
            .files
            .get(file)
            .cloned()
            .unwrap_or_else(|| places.text(file));
        let after = language::appended(file, &before, text, form);
        self.files.insert(file.to_owned(), after);
    }
}

/// Files whose harmless edit each stage looks at, one for each stage that needs another.
fn harmless(stages: &[Stage], places: &Places<'_>) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    let is_seen = |stage: &Stage, file: &String| {
        stage.checks.iter().any(|known| {
            let all = &known.violations;
            let is_seen = || all.iter().any(|one| sees(&known.check, one, file));
            known.check.covers.covers(file) && (all.is_empty() || is_seen())
        })
    };
    for stage in stages {
        if stage.checks.is_empty() || files.iter().any(|file| is_seen(stage, file)) {
            continue;
        }
        files.extend(places.editable().find(|file| is_seen(stage, file)).cloned());
    }
    if files.is_empty() {
        let first = places.editable().next().cloned();
        files.push(first.unwrap_or_else(|| NEW.to_owned()));
    }
    files
}

/// True if a stage blocks a violation in a file.
fn blocks(stage: &Stage, violation: &Violation, file: &str) -> bool {
    stage.checks.iter().any(|known| {
        let mut same = known.violations.iter().filter(|one| one.id == violation.id);
        same.any(|one| sees(&known.check, one, file))
    })
}

fn choose(stages: &[Stage], places: &Places<'_>) -> Vec<Chosen> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for stage in stages {
        let is_blocked = chosen.iter().any(|one| {
            let files = places.of(&one.known.check, &one.violation);
            files
                .first()
                .is_some_and(|file| blocks(stage, &one.violation, file))
        });
        if is_blocked {
            continue;
        }
        let all = stage.checks.iter().flat_map(|known| {
            let all = known.violations.iter().cloned();
            all.map(|violation| Chosen {
                violation,
                known: known.clone(),
            })
        });
        let mut fitting = all
            .filter(|one| !places.of(&one.known.check, &one.violation).is_empty())
            .collect::<Vec<_>>();
        // What is known before what is guessed.
        fitting.sort_by_key(|one| (one.violation.is_syntax, !one.violation.is_sure));
        chosen.extend(fitting.into_iter().next());
    }
    chosen
}

/// A scenario with all chosen violations, and a harmless edit beside them.
fn of_files(
    name: &str,
    stages: &[Stage],
    places: &Places<'_>,
    chosen: &[Chosen],
    used: &mut Vec<String>,
    harmless: &[String],
) -> Scenario {
    let mut one = Scenario {
        name: name.to_owned(),
        ..Scenario::default()
    };
    let (mut bad, mut reasons) = (Vec::new(), Vec::new());
    let mut blocking = Vec::new();
    for Chosen { violation, known } in chosen {
        let files = places.of(&known.check, violation);
        let is_fresh = |file: &&String| !used.contains(file) && !is_setting(file);
        let fresh = files.iter().find(is_fresh);
        let sources = || files.iter().filter(|file| !is_setting(file));
        let again = (sources().find(|file| !harmless.contains(file)))
            .or(sources().next())
            .or(files.first());
        let Some(file) = fresh.or(again) else {
            continue;
        };
        one.add(places, file, &violation.text, violation.form);
        reasons.push(
            violation
                .reason
                .as_ref()
                .map(|reason| reason.replace(FILE, &escaped(file))),
        );
        blocking.extend(
            stages
                .iter()
                .filter(|stage| blocks(stage, violation, file))
                .map(|stage| stage.name.clone()),
        );
        if !violation.is_sure {
            one.comment.push(format!(
                "`{}` is a guess from {}.",
                violation.added.replace('\\', ""),
                known.check.shown()
            ));
        }
        if !bad.contains(file) {
            bad.push(file.clone());
        }
    }
    used.extend(bad.iter().cloned());
    // The gate must not let the good edit carry the bad one through.
    let rest = harmless
        .iter()
        .chain(places.editable())
        .find(|file| !bad.contains(file));
    // A file of its own if there is no other one: without a rest it could not be told.
    let new = NEW.to_owned();
    one.add(places, rest.unwrap_or(&new), HARMLESS, Form::Comment);
    let blocked = stages.iter().filter(|stage| blocking.contains(&stage.name));
    one.expect = blocked
        .map(|stage| (stage.name.clone(), stage.blocks_with.clone()))
        .collect();
    one.reason = reasons
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .map(|mut all| {
            all.sort();
            all.dedup();
            all.join("|")
        });
    one.reason = one.reason.filter(|reason| !reason.is_empty());
    one.violation = Removed::Files(bad);
    one
}

/// Scenarios whose message is what must be blocked.
fn of_message(
    stages: &[Stage],
    message: &Message,
    files: &IndexMap<String, String>,
) -> Vec<Scenario> {
    let expect: Vec<_> = (stages.iter().filter(|stage| is_about_messages(stage)))
        .map(|stage| (stage.name.clone(), stage.blocks_with.clone()))
        .collect();
    let of = |name: &str, text: &String, reason: &Option<String>| Scenario {
        name: name.to_owned(),
        files: files.clone(),
        message: text.clone(),
        expect: expect.clone(),
        reason: reason.clone().filter(|reason| !reason.is_empty()),
        violation: Removed::Message(message.good.clone()),
        comment: guessed(message, text),
        ..Scenario::default()
    };
    vec![
        of("violations", &message.bad, &message.reason),
        of("mixed", &message.worse, &message.worse_reason),
    ]
}

/// The note of a message that is a guess.
fn guessed(message: &Message, bad: &str) -> Vec<String> {
    let title = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let note = format!(
        "It is a guess that `{}` is refused, and `{}` is not.",
        title(bad),
        title(&message.good)
    );
    if message.is_sure {
        Vec::new()
    } else {
        vec![note]
    }
}

/// True if a stage looks at messages.
pub(super) fn is_about_messages(stage: &Stage) -> bool {
    const NAMES: [&str; 5] = [
        "commitlint",
        "gitlint",
        "cz",
        "commitizen",
        "conventional-pre-commit",
    ];
    stage.name == "commit-msg"
        || stage
            .checks
            .iter()
            .any(|known| NAMES.contains(&&*known.check.tool))
}

/// Scenarios that the user has to complete.
fn unknown(
    stages: &[Stage],
    places: &Places<'_>,
    harmless: &[String],
    good: &str,
) -> Vec<Scenario> {
    let of = |name: &str| {
        let mut one = Scenario {
            name: name.to_owned(),
            message: good.to_owned(),
            expect: stages
                .iter()
                .map(|stage| (stage.name.clone(), stage.blocks_with.clone()))
                .collect(),
            is_to_fill_in: true,
            ..Scenario::default()
        };
        for file in harmless {
            one.add(places, file, FILL_IN_OVERLAY, Form::Comment);
        }
        one
    };
    vec![of("violations"), of("mixed")]
}

//! `matrix mutate`: does the set of scenarios notice a weakened gate?
//!
//! Each mutation is a lane whose baseline has the weakened file. A violation
//! that is let in somewhere has noticed it; one that is still blocked, for
//! the gate's own reason, is a rule that no scenario exercises.

mod report;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use indexmap::IndexMap;

pub use self::report::{MutationOutcome, MutationReport};
use crate::artifact::to_bytes;
use crate::config::ConfigError;
use crate::model::BuiltinStep;
use crate::model::scenario::{Scenario, Seed};
use crate::model::text::shown;
use crate::model::{Alteration, Failure, FailureClass, Kind, LaneEvidence, Profile, ScenarioName};
use crate::mutation::{Mutation, Unread, mutations};
use crate::prepare::{About, Findings, Trial, blocking_scenario, not_tried};
use crate::sys::git::Consumer;

/// The trial `matrix mutate`: the weakened configurations, and their limit.
#[derive(Debug, Default)]
pub struct Mutator {
    /// The number of mutations that may survive; None for any number.
    pub max_survivors: Option<usize>,
    /// The mutations that were found, once the lanes were made.
    found: OnceLock<(Vec<Mutation>, Vec<Unread>)>,
}

impl Mutator {
    /// One that allows so many survivors.
    #[must_use]
    pub fn new(max_survivors: Option<usize>) -> Self {
        Self {
            max_survivors,
            found: OnceLock::new(),
        }
    }
}

impl Trial for Mutator {
    fn kind(&self) -> Kind {
        Kind::Mutation
    }

    fn lanes(
        &self,
        profile: &Profile,
        consumer: &Consumer,
    ) -> Result<IndexMap<ScenarioName, Scenario>, ConfigError> {
        let (scenario, violations) = blocking_scenario(profile)?;
        let (files, left_out) = configuration(profile, violations, consumer)?;
        let (found, unread) = self.found.get_or_init(|| {
            let (found, unread) = mutations(&files);
            (found, [unread, left_out].concat())
        });
        if found.is_empty() {
            let unread = unread.first();
            let why = unread.map(|unread| format!("; {}: {}", shown(&unread.file), unread.why));
            let text = format!(
                "there is nothing to weaken in the gate's configuration{}",
                why.unwrap_or_default()
            );
            return Err(ConfigError::whole(text).hint(
                "name the files that can be: configuration = [\"lefthook.yml\", \".husky/*\"]",
            ));
        }
        let lane = |mutation: &Mutation| {
            let altered = Scenario {
                alteration: Alteration {
                    original: Some(scenario.clone()),
                    files: vec![(mutation.file.clone(), mutation.content.clone())],
                    unchecked: true,
                    ..Alteration::default()
                },
                ..violations.clone()
            };
            let name = mutation.id.parse().map_err(|e| {
                ConfigError::whole(format!("the mutation {} is no lane: {e}", mutation.id))
            })?;
            Ok((name, altered))
        };
        found.iter().map(lane).collect()
    }

    fn conclude(&self, lanes: &[LaneEvidence], about: &About<'_>) -> Findings {
        let nothing = (Vec::new(), Vec::new());
        let (found, unread) = self.found.get().unwrap_or(&nothing);
        let mut report = MutationReport::new(found, unread, lanes, about, self.max_survivors);
        let failure = self.failure(&report, lanes);
        report.close(failure.is_some());
        Findings {
            summary: to_bytes(&report),
            files: vec![("mutation.json", to_bytes(&report))],
            console: report.console(),
            failure,
        }
    }
}

impl Mutator {
    /// A mutation that could not be tried, else too many that survive.
    fn failure(&self, report: &MutationReport, lanes: &[LaneEvidence]) -> Option<Failure> {
        let first = |outcome| report.mutations.iter().find(|row| row.outcome == outcome);
        if let Some(row) = first(MutationOutcome::NotTried) {
            let lane = lanes.iter().find(|lane| lane.scenario.as_str() == row.id);
            return Some(not_tried(&row.id, lane, BuiltinStep::ReplaceFiles));
        }
        let survived = report.counts.survived;
        let allowed = self.max_survivors.filter(|max| survived > *max)?;
        let row = first(MutationOutcome::Survived)?;
        let text = format!(
            "{survived} {} survived, {allowed} may (--max-survivors); the first: {}:{}  {}",
            if survived == 1 {
                "mutation"
            } else {
                "mutations"
            },
            row.file,
            row.line,
            row.description
        );
        let failure = Failure::new(FailureClass::Vacuous, BuiltinStep::ReplaceFiles, text);
        Some(failure.phase(&row.id))
    }
}

/// Files with their content, and what is not among them.
type Files = (Vec<(PathBuf, Vec<u8>)>, Vec<Unread>);

/// The files of the consumer that configure its gate, in the order of the
/// profile's patterns. A lane has none but those that git tracks, and what a
/// link leads to may lie outside of it; what the scenario lays over or removes
/// would be no weaker.
fn configuration(
    profile: &Profile,
    replayed: &Scenario,
    consumer: &Consumer,
) -> Result<Files, ConfigError> {
    let root = consumer.root();
    let (mut files, mut left_out): Files = Default::default();
    let escaped = glob::Pattern::escape(&root.to_string_lossy());
    for pattern in &profile.configuration {
        let found = glob::glob(&format!("{escaped}/{pattern}")).into_iter();
        for path in found.flatten().flatten().filter(|path| path.is_file()) {
            let Ok(name) = path.strip_prefix(root) else {
                continue;
            };
            let taken = files.iter().map(|(known, _)| known);
            let mut known = taken.chain(left_out.iter().map(|unread| &unread.file));
            if known.any(|known| known == name) {
                continue;
            }
            if !consumer.tracks_file(name) {
                left_out.push(Unread {
                    file: name.to_owned(),
                    why: "it is not a file that git tracks".to_owned(),
                });
                continue;
            }
            if is_replaced(name, replayed, &profile.root) {
                left_out.push(Unread {
                    file: name.to_owned(),
                    why: "the scenario that is replayed has one of its own".to_owned(),
                });
                continue;
            }
            let content = std::fs::read(&path)
                .map_err(|e| ConfigError::whole(format!("{} cannot be read: {e}", shown(&path))))?;
            files.push((name.to_owned(), content));
        }
    }
    if files.is_empty() {
        let text = match left_out.first() {
            Some(one) => format!("{}: {}", shown(&one.file), one.why),
            None => "no file of the consumer configures its gate".to_owned(),
        };
        return Err(ConfigError::whole(text)
            .hint("name some: configuration = [\"lefthook.yml\", \".husky/*\"]"));
    }
    Ok((files, left_out))
}

/// True if a scenario replaces a file, or removes it.
fn is_replaced(file: &Path, scenario: &Scenario, root: &Path) -> bool {
    let removed = scenario.remove.iter().any(|path| file.starts_with(path));
    let laid_over = match &scenario.seed {
        Seed::Overlay(folder) => root.join(folder).join(file).symlink_metadata().is_ok(),
        Seed::Command(_) | Seed::Nothing => false,
    };
    removed || laid_over
}

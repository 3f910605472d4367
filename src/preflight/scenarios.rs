//! Scenarios that prove nothing or would be red whatever the gate does, as far as files
//! alone can tell.

use std::path::{Path, PathBuf};

use crate::config::builtin;
use crate::model::scenario::{Scenario, Seed};
use crate::model::text::{plain, shown};
use crate::model::{On, Profile, ScenarioName, Violation};
use crate::sys::fs;
use crate::sys::git::added_lines;

/// Something in a configuration that a run would trip over.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The problem, in a sentence.
    pub text: String,
    /// The remedy.
    pub next: String,
    /// True if it certainly is one; otherwise it may be meant.
    pub is_certain: bool,
}

impl Problem {
    fn certain(text: String, next: impl Into<String>) -> Self {
        let next = next.into();
        Self {
            text,
            next,
            is_certain: true,
        }
    }

    fn possible(text: String, next: impl Into<String>) -> Self {
        Self {
            is_certain: false,
            ..Self::certain(text, next)
        }
    }
}

/// Returns the problems of these scenarios in a consumer.
#[must_use]
pub fn problems<'a>(
    profile: &Profile,
    selected: impl Iterator<Item = &'a ScenarioName>,
    root: &Path,
) -> Vec<Problem> {
    let mut all = Vec::new();
    for name in selected {
        let scenario = &profile.scenarios[name];
        let missing = scenario.remove.iter().filter(|path| {
            let path = root.join(path);
            profile.baseline.is_none() && path.symlink_metadata().is_err()
        });
        all.extend(missing.map(|path| {
            Problem::certain(
                format!(
                    "scenario `{name}` removes {}, which is not there",
                    plain(path)
                ),
                "name a file or folder that is committed",
            )
        }));
        let Seed::Overlay(folder) = &scenario.seed else {
            continue;
        };
        let folder = profile.root.join(folder);
        if let Some(gate) = mock_of(name, &folder, root) {
            let place = shown(&folder);
            all.push(Problem::certain(
                format!("scenario `{name}` is still that of the mock consumer of {gate}: {place}"),
                "put edits of this repository's own files there: a good one in `clean`, one that the gate must block in the others",
            ));
        } else if profile.baseline.is_none()
            && let Ok(change) = Change::of(&folder, root, scenario)
        {
            all.extend(change.problems(name, scenario));
        }
    }
    all
}

/// Returns the gate whose mock consumer has the same overlay, if this is not that consumer.
fn mock_of(scenario: &ScenarioName, folder: &Path, root: &Path) -> Option<&'static str> {
    let files = fs::list_tree(folder).ok()?;
    let is_same = |path: &Path, content: &[u8]| {
        files.iter().any(|file| file == path)
            && fs::read(folder.join(path)).is_ok_and(|own| own == content)
    };
    let mut gates = builtin::names().filter_map(builtin::get);
    let gate = gates.find(|gate| {
        let mock = gate.overlay(scenario.as_str());
        !mock.is_empty()
            && mock.len() == files.len()
            && mock.iter().all(|(path, content)| is_same(path, content))
    })?;
    let of_mock = gate.mock_files();
    let present = of_mock.iter().filter(|path| root.join(path).exists());
    // A mock consumer may have been edited.
    (present.count() * 2 < of_mock.len()).then(|| gate.name())
}

/// The change that an overlay makes to the consumer.
struct Change {
    /// The paths whose content, kind or permissions change.
    changed: Vec<PathBuf>,
    /// The lines that git calls added.
    added: Vec<Vec<u8>>,
}

impl Change {
    fn of(folder: &Path, root: &Path, scenario: &Scenario) -> std::io::Result<Self> {
        let mut change = Self {
            changed: scenario.remove.iter().map(PathBuf::from).collect(),
            added: Vec::new(),
        };
        for path in fs::list_tree(folder)? {
            let (new, old) = (folder.join(&path), root.join(&path));
            if is_same(&new, &old) {
                continue;
            }
            change.changed.push(path);
            if new.is_symlink() {
                continue;
            }
            let before = fs::read(&old).unwrap_or_default();
            let added = added_lines(&before, &fs::read(&new)?);
            change.added.extend(added.map_err(std::io::Error::other)?);
        }
        Ok(change)
    }

    fn problems(&self, name: &ScenarioName, scenario: &Scenario) -> Option<Problem> {
        let by_message = matches!(scenario.violation, Some(Violation::Message(_)))
            || scenario.expect.keys().any(|stage| {
                // Of these the change is the message, or no change at all.
                matches!(stage.as_str(), "commit-msg" | "prepare-commit-msg")
                    || !matches!(
                        On::of_hook(stage.as_str()),
                        None | Some(On::Commit | On::Push)
                    )
            });
        let blocks = |scenario: &Scenario| {
            let mut all = scenario.expect.values();
            all.any(|expected| expected.exit.is_blocking())
        };
        if self.changed.is_empty() && !by_message {
            let text = format!(
                "the overlay of scenario `{name}` changes nothing: all its files are as they are committed"
            );
            return Some(if blocks(scenario) {
                Problem::certain(text, "edit its files: a gate has nothing to block there")
            } else {
                Problem::possible(text, "edit its files: a gate has nothing to look at there")
            });
        }
        let says =
            |reason: &crate::model::Reason| self.added.iter().any(|line| reason.matches(line));
        match (&scenario.violation, &scenario.reason) {
            (Some(Violation::Lines(lines)), _) if !says(lines) => Some(Problem::certain(
                format!(
                    "the `violation` of scenario `{name}` is in no line that its overlay adds: {}",
                    plain(lines.as_str())
                ),
                "name what the change adds, or put it into the overlay",
            )),
            (Some(Violation::Files(files)), _) => {
                let is_in =
                    |file: &&String| !self.changed.iter().any(|changed| changed.starts_with(file));
                let missing = files.iter().find(is_in)?;
                Some(Problem::certain(
                    format!(
                        "the `violation` of scenario `{name}` is in {}, which its overlay does not change",
                        plain(missing)
                    ),
                    "name a file or folder that the overlay has",
                ))
            }
            (None, Some(reason)) if blocks(scenario) && !by_message && !says(reason) => {
                Some(Problem::possible(
                    format!(
                        "the `reason` of scenario `{name}` is in no line that its overlay adds: {}",
                        plain(reason.as_str())
                    ),
                    "if the gate prints the line, its cells will be red: change one of the two; \
                     if these are the gate's own words, name the line as `violation`",
                ))
            }
            _ => None,
        }
    }
}

/// True if two paths are the same file or link, to git.
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let (Ok(this), Ok(that)) = (one.symlink_metadata(), other.symlink_metadata()) else {
        return false;
    };
    if this.is_symlink() || that.is_symlink() {
        let targets = (std::fs::read_link(one), std::fs::read_link(other));
        return matches!(targets, (Ok(this), Ok(that)) if this == that);
    }
    let is_program = |meta: &std::fs::Metadata| meta.permissions().mode() & 0o100 != 0;
    is_program(&this) == is_program(&that)
        && this.len() == that.len()
        && matches!((fs::read(one), fs::read(other)), (Ok(this), Ok(that)) if this == that)
}

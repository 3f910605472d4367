//! `[[sabotage]]`: the built-in table, and the user's own.

use indexmap::IndexMap;
use serde::Deserialize;
use toml::Spanned;

use super::error::Result;
use super::raw::{Env, RawSabotage};
use super::reader::{Reader, read};
use super::text::{Located, Text};
use crate::model::BuiltinStep;
use crate::model::alteration::{Alteration, Point};
use crate::model::sabotage::Sabotage;
use crate::model::{ScenarioName, Template};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    sabotage: Vec<RawSabotage>,
}

const BUILTIN: &str = include_str!("../../sabotages/builtin.toml");

/// Returns the built-in sabotages.
///
/// # Errors
/// Never in a release: a test reads the table.
pub fn builtin() -> Result<Vec<Sabotage>> {
    let text = Text {
        name: "the built-in sabotages".to_owned(),
        content: BUILTIN.to_owned(),
    };
    let table: RawTable = read(&text)?;
    let all = Reader { text: &text }.sabotages(table.sabotage)?;
    Ok(all.into_iter().map(|one| one.value).collect())
}

impl Reader<'_> {
    pub(super) fn sabotages(&self, raw: Vec<RawSabotage>) -> Result<Vec<Located<Sabotage>>> {
        let mut all: IndexMap<ScenarioName, Located<Sabotage>> = IndexMap::new();
        for raw in raw {
            let id = raw.id.clone();
            let sabotage = self.sabotage(raw)?;
            let name = sabotage.id.clone();
            if all.insert(name, self.located(&id, sabotage)).is_some() {
                let error =
                    self.error(&id, format!("two sabotages have the id `{}`", id.get_ref()));
                return Err(error.hint("give each an `id` of its own"));
            }
        }
        Ok(all.into_values().collect())
    }

    fn sabotage(&self, raw: RawSabotage) -> Result<Sabotage> {
        for text in [&raw.does, &raw.why, &raw.remedy] {
            if text.get_ref().trim().is_empty() || text.get_ref().contains('\n') {
                return Err(self.error(text, "expected one line of text"));
            }
        }
        // `at`, `run`, `workdir` and `timeout` describe one inserted command: all or none of it.
        let command = match (&raw.at, raw.run) {
            (Some(at), Some(words)) => {
                let mut command = self.command_with(words, Env::new(), raw.timeout)?;
                command.workdir = raw.workdir.map(|path| self.workdir(&path)).transpose()?;
                Some((self.point(at)?, BuiltinStep::Sabotage.into(), command))
            }
            (None, None) => match (raw.timeout, raw.workdir) {
                (Some(limit), _) => {
                    return Err(self.error(&limit, "`timeout` needs a command to `run`"));
                }
                (None, Some(folder)) => {
                    return Err(self.error(&folder, "`workdir` needs a command to `run`"));
                }
                (None, None) => None,
            },
            (Some(at), None) => return Err(self.error(at, "`at` needs a command to `run`")),
            (None, Some(words)) => {
                let known = Point::ALL.map(|(_, word)| word).join(", ");
                let error = self.error(&words, "`run` needs an `at`");
                return Err(error.hint(format!("add one of: {known}")));
            }
        };
        let mut alteration = Alteration {
            command,
            unchecked: true,
            install_env: self.env(raw.env.install)?,
            activate_env: self.env(raw.env.activate)?,
            stage_env: self.env(raw.env.stage)?,
            path: raw.path.map(|path| self.path_folder(&path)).transpose()?,
            git: raw.git,
            args: raw.args,
            ..Alteration::default()
        };
        for word in raw.skip {
            match word.get_ref().as_str() {
                "install" => alteration.skip_install = true,
                "activate" => alteration.skip_activate = true,
                _ => return Err(self.error(&word, "expected `install` or `activate`")),
            }
        }
        // It would be reported as a sabotage that the gate withstands.
        if alteration.is_nothing() {
            let error = self.error(&raw.id, "this sabotage breaks nothing");
            return Err(
                error.hint("give it `at` and `run`, or `skip`, `env`, `path`, `git` or `args`")
            );
        }
        Ok(Sabotage {
            id: self.parsed(&raw.id)?,
            does: raw.does.into_inner(),
            why: raw.why.into_inner(),
            reference: raw.reference.map(|page| self.page(&page)).transpose()?,
            remedy: raw.remedy.into_inner(),
            gates: raw.gates,
            alteration,
        })
    }

    /// Reads the address of a page, which becomes a link.
    fn page(&self, text: &Spanned<String>) -> Result<String> {
        let page = text.get_ref();
        let is_web = page.starts_with("https://") || page.starts_with("http://");
        if !is_web
            || page.contains(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c))
        {
            return Err(self.error(text, "expected the address of a page: https://…"));
        }
        Ok(page.clone())
    }

    fn point(&self, at: &Spanned<String>) -> Result<Point> {
        let known = Point::ALL.map(|(_, word)| word);
        let found = Point::ALL.iter().find(|(_, word)| word == at.get_ref());
        found.map(|(point, _)| *point).ok_or_else(|| {
            self.error(at, format!("unknown point of a lane `{}`", at.get_ref()))
                .suggest(at.get_ref(), known, "known are")
        })
    }

    fn path_folder(&self, path: &Spanned<String>) -> Result<Template> {
        if path.get_ref().contains(':') {
            return Err(self.error(path, "expected one folder"));
        }
        self.template(path)
    }
}

/// Returns every sabotage: the built-in ones, then the user's.
///
/// One of the user's replaces a built-in one of the same id.
///
/// # Errors
/// As [`builtin`].
pub fn with_own(own: &[Sabotage]) -> Result<Vec<Sabotage>> {
    let all = builtin()?.into_iter().chain(own.iter().cloned());
    let by_id: IndexMap<_, _> = all.map(|one| (one.id.clone(), one)).collect();
    Ok(by_id.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::builtin as profiles;

    #[test]
    fn the_built_in_table_is_read_and_names_gates_that_there_are() {
        let all = builtin().unwrap();
        let named = all.iter().filter_map(|one| one.gates.as_ref()).flatten();
        for gate in named {
            assert!(profiles::get(gate).is_some(), "{gate}");
        }
        assert!(all.iter().all(|one| one.reference.is_some()));
    }
}

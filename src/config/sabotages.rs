//! `[[sabotage]]`: the built-in table, and the user's own.

use std::mem::take;

use indexmap::IndexMap;
use serde::Deserialize;

use super::error::Result;
use super::raw::{Env, RawSabotage};
use super::reader::{Reader, read};
use super::spanned::Spanned;
use super::text::{Located, Text};
use crate::model::alteration::{Alteration, Point};
use crate::model::command::CommandTemplate;
use crate::model::sabotage::{RefusedBy, Sabotage};
use crate::model::{BuiltinStep, On, ScenarioName, StepId, Template};

/// An inserted command, its point in the lane and the id of its step.
type Inserted = (Point, StepId, CommandTemplate);

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

    fn sabotage(&self, mut raw: RawSabotage) -> Result<Sabotage> {
        for text in [&raw.does, &raw.why, &raw.remedy] {
            if text.get_ref().trim().is_empty() || text.get_ref().contains('\n') {
                return Err(self.error(text, "expected one line of text"));
            }
        }
        let alteration = self.alteration(&mut raw)?;
        // It would be reported as a sabotage that the gate withstands.
        if alteration.is_nothing() {
            let error = self.error(&raw.id, "this sabotage breaks nothing");
            return Err(error
                .hint("give it `at` and `run`, or `skip`, `env`, `path`, `git`, `args` or `on`"));
        }
        let refused_by = raw.refused_by.map(|word| self.refused_by(&word));
        Ok(Sabotage {
            id: self.parsed(&raw.id)?,
            does: raw.does.into_inner(),
            why: raw.why.into_inner(),
            reference: raw.reference.map(|page| self.page(&page)).transpose()?,
            remedy: raw.remedy.into_inner(),
            refused_by: refused_by.transpose()?.unwrap_or_default(),
            gates: raw.gates,
            alteration,
        })
    }

    fn alteration(&self, raw: &mut RawSabotage) -> Result<Alteration> {
        let mut alteration = Alteration {
            command: self.inserted(raw)?,
            network: raw
                .network
                .as_ref()
                .is_some_and(|network| *network.get_ref()),
            on: raw.on.as_ref().map(|on| self.on(on)).transpose()?,
            unchecked: true,
            install_env: self.env(take(&mut raw.env.install))?,
            activate_env: self.env(take(&mut raw.env.activate))?,
            stage_env: self.env(take(&mut raw.env.stage))?,
            path: (raw.path.as_ref())
                .map(|path| self.path_folder(path))
                .transpose()?,
            git: take(&mut raw.git),
            args: take(&mut raw.args),
            ..Alteration::default()
        };
        for word in take(&mut raw.skip) {
            match word.get_ref().as_str() {
                "install" => alteration.skip.install = true,
                "activate" => alteration.skip.activate = true,
                _ => return Err(self.error(&word, "expected `install` or `activate`")),
            }
        }
        Ok(alteration)
    }

    /// Reads the inserted command, which `at`, `run`, `workdir`, `timeout` and `network`
    /// describe: all or none of it.
    fn inserted(&self, raw: &mut RawSabotage) -> Result<Option<Inserted>> {
        Ok(match (&raw.at, raw.run.take()) {
            (Some(at), Some(words)) => {
                let mut command = self.command_with(words, Env::new(), raw.timeout.take())?;
                let folder = raw.workdir.take();
                command.workdir = folder.map(|path| self.workdir(&path)).transpose()?;
                Some((self.point(at)?, BuiltinStep::Sabotage.into(), command))
            }
            (None, None) => {
                let needs = |key: &str| format!("`{key}` needs a command to `run`");
                if let Some(limit) = &raw.timeout {
                    return Err(self.error(limit, needs("timeout")));
                }
                if let Some(folder) = &raw.workdir {
                    return Err(self.error(folder, needs("workdir")));
                }
                if let Some(network) = &raw.network {
                    return Err(self.error(network, needs("network")));
                }
                None
            }
            (Some(at), None) => return Err(self.error(at, "`at` needs a command to `run`")),
            (None, Some(words)) => {
                let known = Point::ALL.map(|(_, word)| word).join(", ");
                let error = self.error(&words, "`run` needs an `at`");
                return Err(error.hint(format!("add one of: {known}")));
            }
        })
    }

    fn on(&self, word: &Spanned<String>) -> Result<On> {
        let known = On::ALL.iter().filter(|(on, _)| !on.is_push());
        let found = known.clone().find(|(_, name)| name == word.get_ref());
        found.map(|(on, _)| *on).ok_or_else(|| {
            self.error(word, format!("unknown way to commit `{}`", word.get_ref()))
                .suggest(word.get_ref(), known.map(|(_, name)| *name), "known are")
        })
    }

    fn refused_by(&self, word: &Spanned<String>) -> Result<RefusedBy> {
        let known = RefusedBy::ALL;
        let found = known.iter().find(|(_, name)| name == word.get_ref());
        let found = found.map(|(who, _)| *who);
        found.ok_or_else(|| self.error(word, "expected `gate` or `ci`"))
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

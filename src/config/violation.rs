//! `violation`: the part of a scenario's change that must be blocked.

use std::path::{Component, Path, PathBuf};

use toml::{Table, Value};

use super::error::Result;
use super::reader::Reader;
use super::spanned::Spanned;
use super::text::Located;
use crate::model::Violation;

const FORMS: &str = "write a text or { regex = \"…\" } for lines that are added, \
                     { files = [\"PATH\"] }, or { message = \"a good message\" }";

impl Reader<'_> {
    pub(super) fn violation(&self, value: &Spanned<Value>) -> Result<Located<Violation>> {
        let violation = match value.get_ref() {
            Value::Table(table) => match only_entry(table) {
                Some(("files", Value::Array(files))) if !files.is_empty() => {
                    let file = |file: &Value| match file {
                        Value::String(path) => self.changed_path(value, path),
                        _ => Err(self.error(value, "expected a path").hint(FORMS)),
                    };
                    Violation::Files(files.iter().map(file).collect::<Result<_>>()?)
                }
                Some(("message", Value::String(good))) => {
                    Violation::Message(self.message(Spanned::new(value.span(), good.clone()))?)
                }
                Some(("regex", Value::String(_))) => Violation::Lines(self.reason(value)?),
                _ => return Err(self.error(value, "not a violation").hint(FORMS)),
            },
            Value::String(text) if !text.is_empty() && !text.contains('\n') => {
                Violation::Lines(self.reason(value)?)
            }
            _ => return Err(self.error(value, "not a violation").hint(FORMS)),
        };
        Ok(self.located(value, violation))
    }

    /// Reads a path and returns it as git writes it.
    fn changed_path(&self, at: &Spanned<Value>, path: &str) -> Result<String> {
        let checked = self.path(&Spanned::new(at.span(), path.to_owned()))?;
        let normal: PathBuf = Path::new(&checked)
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        Ok(normal.to_string_lossy().into_owned())
    }
}

fn only_entry(table: &Table) -> Option<(&str, &Value)> {
    let mut entries = table.iter();
    let (key, value) = entries.next()?;
    entries.next().is_none().then_some((key.as_str(), value))
}

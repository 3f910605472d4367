//! Single values of the file: commands, durations, expectations, reasons.

use std::time::Duration;

use indexmap::IndexMap;
use toml::Value;

use super::error::Result;
use super::raw::{Env, RawStep, Words};
use super::reader::Reader;
use super::spanned::Spanned;
use crate::model::command::CommandTemplate;
use crate::model::reason::Reason;
use crate::model::step::ProfileStep;
use crate::model::template::Template;
use crate::model::{ExitSet, Expectation, StepId};

impl Reader<'_> {
    pub(super) fn steps(&self, steps: Vec<RawStep>) -> Result<Vec<ProfileStep>> {
        let step = |step: RawStep| {
            let mut command = self.command_with(step.run, step.env, step.timeout)?;
            command.weight = self.weight(step.weight)?.unwrap_or(command.weight);
            command.workdir = step.workdir.map(|path| self.workdir(&path)).transpose()?;
            Ok(ProfileStep {
                id: self.step_id(&step.step)?,
                command,
            })
        };
        steps.into_iter().map(step).collect()
    }

    /// Reads the id of a step, which is a file name too.
    pub(super) fn step_id(&self, value: &Spanned<String>) -> Result<StepId> {
        let text = value.get_ref();
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let good = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        if !good {
            return Err(self.error(value, "expected lower-case letters, digits and underscores"));
        }
        let id = StepId::from(text.as_str());
        if id.is_builtin() || id.is_stage() {
            return Err(self.error(value, format!("`{text}` is the id of a built-in step")));
        }
        Ok(id)
    }

    pub(super) fn message(&self, text: Spanned<String>) -> Result<String> {
        if text.get_ref().trim().is_empty() || text.get_ref().contains('\0') {
            return Err(self.error(&text, "git refuses a commit without a message"));
        }
        Ok(text.into_inner())
    }

    pub(super) fn count(&self, value: Option<Spanned<i64>>) -> Result<Option<u64>> {
        let Some(value) = value else {
            return Ok(None);
        };
        let number = u64::try_from(*value.get_ref())
            .ok()
            .filter(|number| *number > 0);
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(self.error(&value, "expected a whole number above 0")),
        }
    }

    pub(super) fn command(&self, words: Words) -> Result<CommandTemplate> {
        self.command_with(words, Env::new(), None)
    }

    pub(super) fn command_with(
        &self,
        words: Words,
        env: Env,
        timeout: Option<Spanned<String>>,
    ) -> Result<CommandTemplate> {
        let named = words
            .get_ref()
            .first()
            .is_some_and(|word| !word.get_ref().is_empty());
        if !named {
            return Err(self.error(&words, "a command needs at least a program"));
        }
        let argv = words.into_inner();
        Ok(CommandTemplate {
            argv: argv
                .iter()
                .map(|word| self.template(word))
                .collect::<Result<_>>()?,
            env: self.env(env)?,
            timeout: timeout.map(|timeout| self.duration(&timeout)).transpose()?,
            weight: 1,
            workdir: None,
        })
    }

    /// Reads the number of `--jobs` slots that a step takes.
    ///
    /// If it is more than there are, the step takes all.
    pub(super) fn weight(&self, value: Option<Spanned<i64>>) -> Result<Option<usize>> {
        let weight = self.count(value)?;
        Ok(weight.map(|weight| usize::try_from(weight).unwrap_or(usize::MAX)))
    }

    pub(super) fn env(&self, env: Env) -> Result<IndexMap<String, Template>> {
        let pair = |(key, value): (Spanned<String>, Spanned<String>)| {
            if key.get_ref().is_empty() || key.get_ref().contains(['=', '\0']) {
                return Err(self.error(&key, "not a valid name of a variable"));
            }
            Ok((key.get_ref().clone(), self.template(&value)?))
        };
        env.into_iter().map(pair).collect()
    }

    pub(super) fn template(&self, word: &Spanned<String>) -> Result<Template> {
        if word.get_ref().contains('\0') {
            return Err(self.error(word, "a word of a command cannot contain a NUL"));
        }
        Template::parse(word.get_ref()).map_err(|e| self.error(word, e.to_string()))
    }

    pub(super) fn duration(&self, text: &Spanned<String>) -> Result<Duration> {
        let wrong = || {
            self.error(text, format!("invalid duration `{}`", text.get_ref()))
                .hint("write it like \"90s\", \"5m\" or \"1h 30m\"")
        };
        let duration = humantime::parse_duration(text.get_ref()).map_err(|_| wrong())?;
        if duration.is_zero() {
            Err(wrong())
        } else {
            Ok(duration)
        }
    }

    pub(super) fn reason(&self, value: &Spanned<Value>) -> Result<Reason> {
        match value.get_ref() {
            Value::String(text) if !text.is_empty() && !text.contains('\n') => {
                Ok(Reason::Text(text.clone()))
            }
            Value::Table(table) if table.len() == 1 => match table.get("regex") {
                Some(Value::String(pattern)) => regex::bytes::Regex::new(pattern)
                    .map(Reason::Regex)
                    .map_err(|e| self.error(value, e.to_string())),
                _ => Err(self.error(value, "a reason is a text or { regex = \"…\" }")),
            },
            _ => Err(self.error(value, "a reason is one line of text or { regex = \"…\" }")),
        }
    }

    pub(super) fn expectation(&self, value: &Spanned<Value>) -> Result<Expectation> {
        let Value::Table(table) = value.get_ref() else {
            let exit = self.exit_set(value, value.get_ref())?;
            return Ok(Expectation {
                exit,
                hook_exit: None,
            });
        };
        if let Some(key) = table
            .keys()
            .find(|key| !["exit", "hook_exit"].contains(&key.as_str()))
        {
            return Err(self
                .error(value, format!("unknown key `{key}`"))
                .hint("an expectation has `exit` and `hook_exit`"));
        }
        let part = |key: &str| table.get(key).map(|v| self.exit_set(value, v)).transpose();
        let Some(exit) = part("exit")? else {
            return Err(self.error(value, "`exit` is missing"));
        };
        let hook_exit = part("hook_exit")?;
        Ok(Expectation { exit, hook_exit })
    }

    pub(super) fn exit_set(&self, at: &Spanned<Value>, value: &Value) -> Result<ExitSet> {
        let wrong = || {
            self.error(at, "expected an exit code")
                .hint("a number from 0 to 255, a list of them, \"nonzero\", or { exit = 1, hook_exit = 200 }")
        };
        let code = |value: &Value| {
            let number = value.as_integer().and_then(|code| u8::try_from(code).ok());
            number.map(i32::from).ok_or_else(wrong)
        };
        match value {
            Value::String(text) if text == "nonzero" => Ok(ExitSet::Nonzero),
            Value::Array(codes) if !codes.is_empty() => Ok(ExitSet::OneOf(
                codes.iter().map(code).collect::<Result<_>>()?,
            )),
            other => Ok(ExitSet::OneOf(vec![code(other)?])),
        }
    }
}

//! One text, every value of it checked on its own.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use toml::{Spanned, Value};

use super::builtin::{self, Builtin};
use super::error::{ConfigError, Place, Text, nearest};
use super::raw::{Env, RawFile, RawScenario, RawStage, RawStep, Words};
use crate::model::command::{CommandTemplate, Template};
use crate::model::profile::{ProfileStep, Reason, Seed};
use crate::model::spec::Registry;
use crate::model::{ExitSet, Expectation, GateName, PackageSpec, ScenarioName, StageName};

type Result<T> = std::result::Result<T, ConfigError>;

/// A value and the place that it came from.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<T> Located<T> {
    pub(super) fn get(&self) -> &T {
        &self.value
    }
}

/// A file's values; `None` where it says nothing.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) gate: Option<GateName>,
    /// `Some(None)` for `package = ""`: the gate lives in the consumer.
    pub(super) package: Option<Option<PackageSpec>>,
    pub(super) registry: Option<Registry>,
    pub(super) inherits: Option<Located<&'static Builtin>>,
    pub(super) companions: Option<Vec<String>>,
    pub(super) tools: Option<Vec<String>>,
    pub(super) pass_env: Option<Vec<String>>,
    pub(super) branch: Option<String>,
    pub(super) version: Option<CommandTemplate>,
    pub(super) hooks: Option<Vec<String>>,
    pub(super) install: Option<Vec<ProfileStep>>,
    pub(super) activate: Option<Vec<ProfileStep>>,
    pub(super) baseline: Option<CommandTemplate>,
    pub(super) retention: [Option<u64>; 3],
    pub(super) stages: IndexMap<StageName, Located<StageLayer>>,
    pub(super) scenarios: IndexMap<ScenarioName, Located<ScenarioLayer>>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct StageLayer {
    /// Whether git plays it.
    pub(super) by_git: Option<bool>,
    pub(super) on: Option<On>,
    pub(super) run: Option<CommandTemplate>,
    pub(super) env: IndexMap<String, Template>,
    pub(super) timeout: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Commit,
    Push,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ScenarioLayer {
    pub(super) seed: Option<Located<Seed>>,
    pub(super) remove: Option<Vec<String>>,
    pub(super) add: Option<Vec<String>>,
    pub(super) message: Option<String>,
    pub(super) expect: IndexMap<StageName, Located<Expectation>>,
    pub(super) reason: Option<Reason>,
}

impl Layer {
    pub(super) fn parse(text: &Text) -> Result<Self> {
        let raw: RawFile = toml::from_str(&text.content).map_err(|e| syntax_error(text, &e))?;
        Reader { text }.layer(raw)
    }
}

/// What serde says, with the nearest known key.
fn syntax_error(text: &Text, error: &toml::de::Error) -> ConfigError {
    let message = error.message();
    let span = error.span().unwrap_or(0..0);
    let mut words = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
        let key = words.next().unwrap_or_default();
        let known: Vec<&str> = words.collect();
        let error = text.error(&span, format!("unknown key `{key}`"));
        return match nearest(key, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("known here are {}", known.join(", "))),
        };
    }
    let error = text.error(&span, message.to_owned());
    if message.contains("string") && message.contains("expected a sequence") {
        return error.hint("a command is a list of words: run = [\"sh\", \"-c\", \"…\"]");
    }
    error
}

struct Reader<'a> {
    text: &'a Text,
}

impl Reader<'_> {
    fn layer(&self, raw: RawFile) -> Result<Layer> {
        self.schema(raw.schema.as_ref())?;
        let mut stages = IndexMap::new();
        for (name, stage) in raw.stage {
            let place = self.text.place(&name.span());
            let value = self.stage(stage)?;
            stages.insert(self.parsed(&name)?, Located { value, place });
        }
        let mut scenarios = IndexMap::new();
        for (name, scenario) in raw.scenario {
            let place = self.text.place(&name.span());
            let value = self.scenario(scenario)?;
            scenarios.insert(self.parsed(&name)?, Located { value, place });
        }
        let retention = raw
            .retention
            .map(|r| [r.runs, r.mib, r.days])
            .unwrap_or_default();
        let [runs, mib, days] = retention.map(|value| self.count(value));
        Ok(Layer {
            gate: raw.gate.map(|gate| self.parsed(&gate)).transpose()?,
            package: raw
                .package
                .map(|package| self.package(&package))
                .transpose()?,
            registry: raw
                .registry
                .map(|registry| self.registry(&registry))
                .transpose()?,
            inherits: raw.inherits.map(|name| self.inherits(&name)).transpose()?,
            companions: raw
                .companions
                .map(|list| self.companions(list))
                .transpose()?,
            tools: raw.tools.map(plain),
            pass_env: raw.pass_env.map(plain),
            branch: raw.branch.map(|branch| self.branch(&branch)).transpose()?,
            version: raw.version.map(|words| self.command(words)).transpose()?,
            hooks: raw.hooks.map(plain),
            install: raw.install.map(|steps| self.steps(steps)).transpose()?,
            activate: raw.activate.map(|steps| self.steps(steps)).transpose()?,
            baseline: raw
                .baseline
                .map(|b| self.command_with(b.seed, b.env, None))
                .transpose()?,
            retention: [runs?, mib?, days?],
            stages,
            scenarios,
        })
    }

    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> ConfigError {
        self.text.error(&at.span(), message)
    }

    fn schema(&self, schema: Option<&Spanned<i64>>) -> Result<()> {
        match schema {
            Some(schema) if *schema.get_ref() != 1 => Err(self
                .error(
                    schema,
                    format!("schema {} is not of this version", schema.get_ref()),
                )
                .hint("this matrix reads schema 1")),
            _ => Ok(()),
        }
    }

    fn parsed<T: std::str::FromStr>(&self, text: &Spanned<String>) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        text.get_ref()
            .parse()
            .map_err(|e: T::Err| self.error(text, e.to_string()))
    }

    fn package(&self, text: &Spanned<String>) -> Result<Option<PackageSpec>> {
        if text.get_ref().is_empty() {
            return Ok(None);
        }
        let spec = PackageSpec::parse(text.get_ref());
        spec.map(Some).map_err(|e| self.error(text, e.to_string()))
    }

    fn companions(&self, list: Vec<Spanned<String>>) -> Result<Vec<String>> {
        for text in &list {
            PackageSpec::parse(text.get_ref()).map_err(|e| self.error(text, e.to_string()))?;
        }
        Ok(plain(list))
    }

    fn registry(&self, text: &Spanned<String>) -> Result<Registry> {
        match text.get_ref().as_str() {
            "npm" => Ok(Registry::Npm),
            "pypi" => Ok(Registry::Pypi),
            other => Err(self.error(
                text,
                format!("unknown registry `{other}`: it is `npm` or `pypi`"),
            )),
        }
    }

    fn inherits(&self, text: &Spanned<String>) -> Result<Located<&'static Builtin>> {
        let value = builtin::get(text.get_ref()).ok_or_else(|| {
            let known: Vec<_> = builtin::names().collect();
            let error = self.error(text, format!("no built-in profile `{}`", text.get_ref()));
            match nearest(text.get_ref(), known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("built in are {}", known.join(", "))),
            }
        })?;
        let place = self.text.place(&text.span());
        Ok(Located { value, place })
    }

    fn branch(&self, text: &Spanned<String>) -> Result<String> {
        let full = format!("refs/heads/{}", text.get_ref());
        if git2::Reference::is_valid_name(&full) && !text.get_ref().starts_with('-') {
            Ok(text.get_ref().clone())
        } else {
            Err(self.error(text, "this cannot be a branch's name"))
        }
    }

    fn count(&self, value: Option<Spanned<i64>>) -> Result<Option<u64>> {
        let Some(value) = value else {
            return Ok(None);
        };
        let number = u64::try_from(*value.get_ref())
            .ok()
            .filter(|number| *number > 0);
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(self.error(&value, "a whole number above 0 is wanted")),
        }
    }

    fn steps(&self, steps: Vec<RawStep>) -> Result<Vec<ProfileStep>> {
        let step = |step: RawStep| {
            Ok(ProfileStep {
                id: self.step_id(&step.step)?,
                command: self.command_with(step.run, step.env, step.timeout)?,
            })
        };
        steps.into_iter().map(step).collect()
    }

    /// A step's id is a file name too.
    fn step_id(&self, id: &Spanned<String>) -> Result<String> {
        let text = id.get_ref();
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let good = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        let ours = crate::model::failure::step::ALL
            .iter()
            .any(|(own, _)| own == text);
        if !good {
            return Err(self.error(
                id,
                "a step's id is lower-case letters, digits and underscores",
            ));
        }
        if ours || text.starts_with("stage_") {
            return Err(self.error(id, format!("`{text}` is the id of a step of matrix itself")));
        }
        Ok(text.clone())
    }

    fn command(&self, words: Words) -> Result<CommandTemplate> {
        self.command_with(words, Env::new(), None)
    }

    fn command_with(
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
        })
    }

    fn env(&self, env: Env) -> Result<IndexMap<String, Template>> {
        let pair = |(key, value): (Spanned<String>, Spanned<String>)| {
            if key.get_ref().is_empty() || key.get_ref().contains(['=', '\0']) {
                return Err(self.error(&key, "this cannot be a variable's name"));
            }
            Ok((key.get_ref().clone(), self.template(&value)?))
        };
        env.into_iter().map(pair).collect()
    }

    fn template(&self, word: &Spanned<String>) -> Result<Template> {
        if word.get_ref().contains('\0') {
            return Err(self.error(word, "a word of a command cannot hold a NUL"));
        }
        Template::parse(word.get_ref()).map_err(|e| self.error(word, e.to_string()))
    }

    fn duration(&self, text: &Spanned<String>) -> Result<Duration> {
        let wrong = || {
            self.error(text, format!("`{}` is not a duration", text.get_ref()))
                .hint("write it like \"90s\", \"5m\" or \"1h 30m\"")
        };
        let duration = humantime::parse_duration(text.get_ref()).map_err(|_| wrong())?;
        if duration.is_zero() {
            Err(wrong())
        } else {
            Ok(duration)
        }
    }

    fn not_yet(&self, keys: [(&str, Option<&Spanned<Value>>); 3]) -> Result<()> {
        for (key, value) in keys {
            if let Some(value) = value {
                return Err(self
                    .error(value, format!("`{key}` is not in this version"))
                    .hint("take it out: a check that is read and ignored would be a lie"));
            }
        }
        Ok(())
    }

    fn stage(&self, raw: RawStage) -> Result<StageLayer> {
        self.not_yet([
            ("marker", raw.marker.as_ref()),
            ("files", raw.files.as_ref()),
            ("evidence", raw.evidence.as_ref()),
        ])?;
        let word = |value: &Option<Spanned<String>>, words: [&str; 2]| match value {
            None => Ok(None),
            Some(text) if text.get_ref() == words[0] => Ok(Some(true)),
            Some(text) if text.get_ref() == words[1] => Ok(Some(false)),
            Some(text) => {
                let [a, b] = words;
                Err(self.error(
                    text,
                    format!("`{}` is neither `{a}` nor `{b}`", text.get_ref()),
                ))
            }
        };
        let on = word(&raw.on, ["commit", "push"])?;
        Ok(StageLayer {
            by_git: word(&raw.drive, ["git", "command"])?,
            on: on.map(|commit| if commit { On::Commit } else { On::Push }),
            run: raw.run.map(|words| self.command(words)).transpose()?,
            env: self.env(raw.env)?,
            timeout: raw
                .timeout
                .map(|timeout| self.duration(&timeout))
                .transpose()?,
        })
    }

    fn scenario(&self, raw: RawScenario) -> Result<ScenarioLayer> {
        self.not_yet([
            ("marker", raw.marker.as_ref()),
            ("files", raw.files.as_ref()),
            ("evidence", raw.evidence.as_ref()),
        ])?;
        let mut expect = IndexMap::new();
        for (stage, value) in raw.expect {
            let place = self.text.place(&stage.span());
            let value = self.expectation(&value)?;
            expect.insert(self.parsed(&stage)?, Located { value, place });
        }
        Ok(ScenarioLayer {
            seed: self.seed(raw.overlay, raw.seed)?,
            remove: raw.remove.map(|paths| self.paths(paths)).transpose()?,
            add: raw.add.map(|paths| self.paths(paths)).transpose()?,
            message: raw
                .message
                .map(|message| self.message(message))
                .transpose()?,
            expect,
            reason: raw.reason.map(|reason| self.reason(&reason)).transpose()?,
        })
    }

    fn seed(
        &self,
        overlay: Option<Spanned<String>>,
        command: Option<Words>,
    ) -> Result<Option<Located<Seed>>> {
        match (overlay, command) {
            (Some(_), Some(command)) => {
                Err(self.error(&command, "a scenario has an overlay or a seed, not both"))
            }
            (Some(overlay), None) => {
                let place = self.text.place(&overlay.span());
                let value = Seed::Overlay(self.path(&overlay)?.into());
                Ok(Some(Located { value, place }))
            }
            (None, Some(words)) => {
                let place = self.text.place(&words.span());
                let value = Seed::Command(self.command(words)?);
                Ok(Some(Located { value, place }))
            }
            (None, None) => Ok(None),
        }
    }

    fn paths(&self, paths: Vec<Spanned<String>>) -> Result<Vec<String>> {
        paths.iter().map(|path| self.path(path)).collect()
    }

    fn path(&self, text: &Spanned<String>) -> Result<String> {
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        let path = Path::new(text.get_ref());
        if !text.get_ref().is_empty() && path.components().all(inside) {
            Ok(text.get_ref().clone())
        } else {
            Err(self.error(
                text,
                "a path below the folder of this file is wanted, without `..`",
            ))
        }
    }

    fn message(&self, text: Spanned<String>) -> Result<String> {
        if text.get_ref().trim().is_empty() || text.get_ref().contains('\0') {
            return Err(self.error(&text, "git refuses a commit without a message"));
        }
        Ok(text.into_inner())
    }

    fn reason(&self, value: &Spanned<Value>) -> Result<Reason> {
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

    fn expectation(&self, value: &Spanned<Value>) -> Result<Expectation> {
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

    fn exit_set(&self, at: &Spanned<Value>, value: &Value) -> Result<ExitSet> {
        let wrong = || {
            self.error(at, "an exit code is wanted")
                .hint("a number from 0 to 255, a list of them, \"nonzero\", or { exit = 1, hook_exit = 200 }")
        };
        let code = |value: &Value| {
            let code = value.as_integer().and_then(|code| u8::try_from(code).ok());
            code.map(i32::from).ok_or_else(wrong)
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

fn plain(list: Vec<Spanned<String>>) -> Vec<String> {
    list.into_iter().map(Spanned::into_inner).collect()
}

impl Located<Seed> {
    /// The overlay's folder below `root`, where the seed is one.
    pub(super) fn overlay(&self, root: &Path) -> Option<PathBuf> {
        match &self.value {
            Seed::Overlay(folder) => Some(root.join(folder)),
            Seed::Command(_) | Seed::Nothing => None,
        }
    }
}

//! A file becomes a layer: every value is checked on its own, and every
//! error points at it.

use std::path::{Component, Path};

use indexmap::IndexMap;
use toml::Spanned;

use super::builtin::{self, Builtin};
use super::error::{ConfigError, Text, nearest};
use super::layer::{Layer, Located, On, PackageChoice, ScenarioLayer, StageLayer};
use super::raw::{RawFile, RawScenario, RawStage, Words};
use crate::model::package::Registry;
use crate::model::profile::Seed;
use crate::model::{PackageSpec, Template};
use crate::sys::git;

pub(super) type Result<T> = std::result::Result<T, ConfigError>;

/// What serde says, with the nearest known key.
pub(super) fn syntax_error(text: &Text, error: &toml::de::Error) -> ConfigError {
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
    if text
        .content
        .get(..span.start)
        .is_some_and(|before| before.trim_end().ends_with("timeout ="))
    {
        return error.hint("write a duration like \"90s\" or \"5m\"");
    }
    error
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a Text,
}

impl Reader<'_> {
    pub(super) fn layer(&self, raw: RawFile) -> Result<Layer> {
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
            tools: raw.tools.map(|names| self.file_names(names)).transpose()?,
            pass_env: raw.pass_env.map(plain),
            branch: raw.branch.map(|branch| self.branch(&branch)).transpose()?,
            version: raw.version.map(|words| self.command(words)).transpose()?,
            hooks: raw.hooks.map(|names| self.file_names(names)).transpose()?,
            programs: raw.programs.map(|list| self.programs(&list)).transpose()?,
            configuration: raw
                .configuration
                .map(|list| self.patterns(&list))
                .transpose()?,
            install: raw.install.map(|steps| self.steps(steps)).transpose()?,
            activate: raw.activate.map(|steps| self.steps(steps)).transpose()?,
            baseline: raw
                .baseline
                .map(|b| self.command_with(b.seed, b.env, None))
                .transpose()?,
            retention: [runs?, mib?, days?],
            sabotages: self.sabotages(raw.sabotage)?,
            stages,
            scenarios,
        })
    }

    pub(super) fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> ConfigError {
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

    pub(super) fn parsed<T: std::str::FromStr>(&self, text: &Spanned<String>) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        text.get_ref()
            .parse()
            .map_err(|e: T::Err| self.error(text, e.to_string()))
    }

    fn package(&self, text: &Spanned<String>) -> Result<PackageChoice> {
        if text.get_ref().is_empty() {
            return Ok(PackageChoice::InConsumer);
        }
        let spec = PackageSpec::parse(text.get_ref());
        spec.map(PackageChoice::Spec)
            .map_err(|e| self.error(text, e.to_string()))
    }

    fn companions(&self, list: Vec<Spanned<String>>) -> Result<Vec<String>> {
        for text in &list {
            PackageSpec::parse(text.get_ref()).map_err(|e| self.error(text, e.to_string()))?;
        }
        Ok(plain(list))
    }

    /// Names of programs and hooks, which are looked for in a folder.
    fn file_names(&self, names: Vec<Spanned<String>>) -> Result<Vec<String>> {
        let wrong = |name: &&Spanned<String>| {
            name.get_ref().is_empty() || name.get_ref().contains(['/', '\0'])
        };
        match names.iter().find(wrong) {
            Some(name) => Err(self.error(name, "a name without a slash is wanted")),
            None => Ok(plain(names)),
        }
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
        let taken = text.get_ref().starts_with('-') || text.get_ref() == "HEAD";
        if git::is_ref_name(&full) && !taken {
            Ok(text.get_ref().clone())
        } else {
            Err(self.error(text, "this cannot be a branch's name"))
        }
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
            None => Err(self.error(&value, "a whole number above 0 is wanted")),
        }
    }

    fn stage(&self, raw: RawStage) -> Result<StageLayer> {
        let word = |value: &Option<Spanned<String>>, words: [&str; 2]| match value {
            None => Ok(None),
            Some(text) if text.get_ref() == words[0] => Ok(Some(true)),
            Some(text) if text.get_ref() == words[1] => Ok(Some(false)),
            Some(text) => {
                let [a, b] = words;
                let error = format!("`{}` is neither `{a}` nor `{b}`", text.get_ref());
                let error = self.error(text, error);
                Err(match nearest(text.get_ref(), words) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                })
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
            network: raw.network,
            weight: self.weight(raw.weight)?,
            programs: raw.programs.map(|list| self.programs(&list)).transpose()?,
            proof: self.proof(raw.marker.as_ref(), raw.files, raw.evidence.as_ref())?,
        })
    }

    fn scenario(&self, raw: RawScenario) -> Result<ScenarioLayer> {
        let proofs = self.proofs(raw.marker, raw.files, raw.evidence)?;
        let mut expect = IndexMap::new();
        for (stage, value) in raw.expect {
            let place = self.text.place(&stage.span());
            let value = self.expectation(&value)?;
            expect.insert(self.parsed(&stage)?, Located { value, place });
        }
        Ok(ScenarioLayer {
            seed: self.seed(raw.overlay, raw.seed)?,
            remove: raw.remove.map(|paths| self.paths(&paths)).transpose()?,
            add: raw.add.map(|paths| self.paths(&paths)).transpose()?,
            message: raw
                .message
                .map(|message| self.message(message))
                .transpose()?,
            expect,
            reason: raw.reason.map(|reason| self.reason(&reason)).transpose()?,
            proofs,
            violation: raw
                .violation
                .map(|violation| self.violation(&violation))
                .transpose()?,
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

    fn paths(&self, paths: &[Spanned<String>]) -> Result<Vec<String>> {
        paths.iter().map(|path| self.path(path)).collect()
    }

    /// Patterns of paths inside of the consumer.
    fn patterns(&self, list: &[Spanned<String>]) -> Result<Vec<String>> {
        let pattern = |text: &Spanned<String>| {
            let text_itself = self.path(text)?;
            self.pattern(text, &text_itself)?;
            Ok(text_itself)
        };
        list.iter().map(pattern).collect()
    }

    /// Patterns of paths below the clone or `{tool_dir}`.
    fn programs(&self, list: &[Spanned<String>]) -> Result<Vec<Template>> {
        let program = |text: &Spanned<String>| {
            let place = text.get_ref().strip_prefix("{tool_dir}/");
            let place = place.unwrap_or(text.get_ref());
            let inside = Path::new(place)
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if place.is_empty() || !inside {
                let hint = "name a path below the clone, or one that begins with {tool_dir}/";
                let error = self.error(text, "this is not a path inside of the lane");
                return Err(error.hint(hint));
            }
            self.pattern(text, place)?;
            self.template(text)
        };
        list.iter().map(program).collect()
    }

    fn pattern(&self, at: &Spanned<String>, text: &str) -> Result<()> {
        match glob::Pattern::new(text) {
            Ok(_) => Ok(()),
            Err(e) => Err(self.error(at, format!("not a pattern of paths: {}", e.msg))),
        }
    }

    pub(super) fn path(&self, text: &Spanned<String>) -> Result<String> {
        let path = Path::new(text.get_ref());
        let mut parts = path.components().filter(|part| *part != Component::CurDir);
        let inside = |part: Component<'_>| match part {
            Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
            _ => false,
        };
        if parts.clone().next().is_some() && parts.all(inside) {
            return Ok(text.get_ref().clone());
        }
        let hint = "name something below the folder of this file, without `..` and not in .git";
        Err(self
            .error(text, "this is not a path inside of the consumer")
            .hint(hint))
    }

    pub(super) fn message(&self, text: Spanned<String>) -> Result<String> {
        if text.get_ref().trim().is_empty() || text.get_ref().contains('\0') {
            return Err(self.error(&text, "git refuses a commit without a message"));
        }
        Ok(text.into_inner())
    }
}

fn plain(list: Vec<Spanned<String>>) -> Vec<String> {
    list.into_iter().map(Spanned::into_inner).collect()
}

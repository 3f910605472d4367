//! `matrix.toml` as a layer.

use indexmap::IndexMap;

use super::error::{Result, nearest};
use super::layer::{
    Drops, Layer, PackageChoice, RetentionLayer, ScenarioLayer, StageLayer, VersionCheck,
};
use super::or_false::OrFalse;
use super::raw::{Env, RawBaseline, RawFile, RawRetention, RawScenario, RawStage, Words};
use super::reader::{Reader, read};
use super::spanned::Spanned;
use super::text::{Located, Text};
use crate::model::command::CommandTemplate;
use crate::model::{On, PackageSpec, Registry, Seed};
use crate::sys::git;

/// Reads the layer of a text.
///
/// # Errors
/// If the text is no TOML, or one of its values cannot be used.
pub(super) fn parse(text: &Text) -> Result<Layer> {
    Reader { text }.layer(read(text)?)
}

impl Reader<'_> {
    fn layer(&self, raw: RawFile) -> Result<Layer> {
        // First, since a later schema may give other keys another meaning.
        self.schema(raw.schema.as_ref())?;
        let mut stages = IndexMap::new();
        let mut drops = Drops::default();
        for (name, stage) in raw.stage {
            let key = self.parsed(&name)?;
            match stage {
                OrFalse::Value(stage) => {
                    let layer = self.stage(stage)?;
                    stages.insert(key, self.located(&name, layer));
                }
                OrFalse::Switch(on) => drops.stages.push(self.dropped(&name, on, key)?),
            }
        }
        let mut scenarios = IndexMap::new();
        for (name, scenario) in raw.scenario {
            let key = self.parsed(&name)?;
            match scenario {
                OrFalse::Value(scenario) => {
                    let layer = self.scenario(scenario)?;
                    scenarios.insert(key, self.located(&name, layer));
                }
                OrFalse::Switch(on) => drops.scenarios.push(self.dropped(&name, on, key)?),
            }
        }
        let baseline = raw.baseline.map(|raw| self.baseline(raw)).transpose()?;
        let (seed, commits_installation) = baseline.unwrap_or_default();
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
            inherits: raw.inherits.map(|raw| self.inherits(raw)).transpose()?,
            companions: raw
                .companions
                .map(|list| self.companions(list))
                .transpose()?,
            tools: raw.tools.map(|names| self.file_names(names)).transpose()?,
            pass_env: raw.pass_env.map(plain),
            branch: raw.branch.map(|branch| self.branch(&branch)).transpose()?,
            workdir: raw
                .workdir
                .map(|path| Ok(self.located(&path, self.workdir(&path)?)))
                .transpose()?,
            version: raw
                .version
                .map(|version| self.version(version))
                .transpose()?,
            hooks: raw.hooks.map(|names| self.file_names(names)).transpose()?,
            server_hooks: raw
                .server_hooks
                .map(|path| Ok(self.located(&path, self.path(&path)?)))
                .transpose()?,
            programs: raw.programs.map(|list| self.programs(&list)).transpose()?,
            configuration: raw
                .configuration
                .map(|list| self.patterns(&list))
                .transpose()?,
            install: raw.install.map(|steps| self.steps(steps)).transpose()?,
            activate: raw.activate.map(|steps| self.steps(steps)).transpose()?,
            baseline: seed,
            commits_installation,
            retention: self.retention(raw.retention.unwrap_or_default())?,
            requires_sandbox: raw.require.and_then(|require| require.sandbox),
            fresh_clone: raw.fresh_clone,
            sabotages: self.sabotages(raw.sabotage)?,
            stages,
            scenarios,
            drops,
        })
    }

    /// Reads a switch in the place of a table or a value: `false` drops what is inherited.
    fn dropped<T>(&self, at: &Spanned<String>, on: bool, key: T) -> Result<Located<T>> {
        if on {
            let text = format!("`true` does not say anything about `{}`", at.get_ref());
            return Err(self
                .error(at, text)
                .hint("write `false` to drop what is inherited, or leave it out to keep it"));
        }
        Ok(self.located(at, key))
    }

    /// Reads the seed, and if the baseline commit has what the installation changed.
    fn baseline(&self, raw: RawBaseline) -> Result<(Option<CommandTemplate>, Option<bool>)> {
        let changes = raw.installed_changes;
        let commits = changes.map(|word| match word.get_ref().as_str() {
            "commit" => Ok(true),
            "leave" => Ok(false),
            other => {
                let text = format!("invalid value `{other}`: expected `commit` or `leave`");
                Err(self.error(&word, text))
            }
        });
        let env = raw.env;
        let seed = raw.seed.map(|words| self.command_with(words, env, None));
        Ok((seed.transpose()?, commits.transpose()?))
    }

    fn schema(&self, schema: Option<&Spanned<i64>>) -> Result<()> {
        match schema {
            Some(schema) if *schema.get_ref() != 1 => Err(self
                .error(schema, format!("unsupported schema {}", schema.get_ref()))
                .hint("this matrix reads schema 1")),
            _ => Ok(()),
        }
    }

    fn version(&self, version: Spanned<OrFalse<Vec<Spanned<String>>>>) -> Result<VersionCheck> {
        let span = version.span();
        match version.into_inner() {
            OrFalse::Value(words) => self
                .command(Spanned::new(span, words))
                .map(VersionCheck::By),
            OrFalse::Switch(false) => Ok(VersionCheck::Off),
            OrFalse::Switch(true) => {
                let at = Spanned::new(span, ());
                Err(self
                    .error(&at, "`true` does not say how the version is asked for")
                    .hint("name a command, or write version = false to drop an inherited check"))
            }
        }
    }

    fn retention(&self, raw: RawRetention) -> Result<RetentionLayer> {
        Ok(RetentionLayer {
            runs: self.count(raw.runs)?,
            mib: self.count(raw.mib)?,
            days: self.count(raw.days)?,
        })
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
            Some(name) => Err(self.error(name, "expected a name without a slash")),
            None => Ok(plain(names)),
        }
    }

    fn registry(&self, text: &Spanned<String>) -> Result<Registry> {
        match text.get_ref().as_str() {
            "npm" => Ok(Registry::Npm),
            "pypi" => Ok(Registry::Pypi),
            other => Err(self.error(
                text,
                format!("invalid value `{other}`: expected `npm` or `pypi`"),
            )),
        }
    }

    fn branch(&self, text: &Spanned<String>) -> Result<String> {
        self.ref_name(text, "branch", "refs/heads/")
    }

    /// Reads the name of a branch or tag.
    fn ref_name(&self, text: &Spanned<String>, what: &str, prefix: &str) -> Result<String> {
        let name = text.get_ref();
        let taken = name.starts_with('-') || name == "HEAD";
        if git::is_ref_name(&format!("{prefix}{name}")) && !taken {
            Ok(name.clone())
        } else {
            Err(self.error(text, format!("not a valid name of a {what}")))
        }
    }

    fn stage(&self, raw: RawStage) -> Result<StageLayer> {
        let drives = [(true, "git"), (false, "command")];
        let args = raw.args.map(|list| {
            let words = list.into_inner();
            words.iter().map(|word| self.template(word)).collect()
        });
        let (mut env, mut dropped_env) = (Env::new(), Vec::new());
        for (name, value) in raw.env {
            let span = value.span();
            match value.into_inner() {
                OrFalse::Value(text) => {
                    env.insert(name, Spanned::new(span, text));
                }
                OrFalse::Switch(on) => {
                    dropped_env.push(self.dropped(&name, on, name.get_ref().clone())?);
                }
            }
        }
        Ok(StageLayer {
            by_git: self.one_of(raw.drive.as_ref(), &drives)?,
            on: self.one_of(raw.on.as_ref(), &On::ALL)?,
            run: raw.run.map(|words| self.command(words)).transpose()?,
            args: args.transpose()?,
            workdir: raw.workdir.map(|path| self.workdir(&path)).transpose()?,
            env: self.env(env)?,
            dropped_env,
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

    /// Returns the value that a word stands for.
    fn one_of<T: Copy>(
        &self,
        value: Option<&Spanned<String>>,
        words: &[(T, &'static str)],
    ) -> Result<Option<T>> {
        let Some(text) = value else {
            return Ok(None);
        };
        let word = text.get_ref();
        if let Some((value, _)) = words.iter().find(|(_, known)| known == word) {
            return Ok(Some(*value));
        }
        let known: Vec<_> = words.iter().map(|(_, word)| *word).collect();
        let quoted: Vec<_> = known.iter().map(|word| format!("`{word}`")).collect();
        let (last, others) = quoted.split_last().expect("there are words");
        let expected = format!("{} or {last}", others.join(", "));
        let error = self.error(text, format!("invalid value `{word}`: expected {expected}"));
        Err(match nearest(word, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        })
    }

    fn scenario(&self, raw: RawScenario) -> Result<ScenarioLayer> {
        let proofs = self.proofs(raw.marker, raw.files, raw.evidence)?;
        let mut expect = IndexMap::new();
        for (stage, value) in raw.expect {
            let expectation = self.expectation(&value)?;
            expect.insert(self.parsed(&stage)?, self.located(&stage, expectation));
        }
        Ok(ScenarioLayer {
            seed: self.seed(raw.overlay, raw.seed)?,
            remove: raw.remove.map(|paths| self.paths(&paths)).transpose()?,
            add: raw.add.map(|paths| self.paths(&paths)).transpose()?,
            message: raw
                .message
                .map(|message| self.message(message))
                .transpose()?,
            tag: raw
                .tag
                .map(|tag| self.ref_name(&tag, "tag", "refs/tags/"))
                .transpose()?,
            delete: raw.delete.map(|branch| self.branch(&branch)).transpose()?,
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
                let seed = Seed::Overlay(self.path(&overlay)?.into());
                Ok(Some(self.located(&overlay, seed)))
            }
            (None, Some(words)) => {
                let location = self.text.location(&words.span());
                let value = Seed::Command(self.command(words)?);
                Ok(Some(Located { value, location }))
            }
            (None, None) => Ok(None),
        }
    }
}

fn plain(list: Vec<Spanned<String>>) -> Vec<String> {
    list.into_iter().map(Spanned::into_inner).collect()
}

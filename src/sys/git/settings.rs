//! Git's configuration, as git itself reads it: with every included file,
//! whatever the condition. Reading it runs nothing.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::program::Program;
use crate::sys::env::Snapshot;

/// All settings; later ones override earlier ones.
#[derive(Debug, Default)]
pub(super) struct Settings(Vec<Setting>);

#[derive(Debug)]
struct Setting {
    /// The configuration that it comes from: `system`, `global`, `local`, `worktree`.
    scope: String,
    name: String,
    value: OsString,
}

impl Setting {
    /// True if it comes from the repository, not from the user or the machine.
    fn is_of_repository(&self) -> bool {
        !matches!(self.scope.as_str(), "system" | "global")
    }
}

impl Settings {
    /// Asks git for the settings in its folder, including those of the user.
    pub(super) fn read(program: &Program, env: &Snapshot) -> Result<Self, String> {
        let mut program = program.clone();
        for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"] {
            program.env.remove(OsStr::new(name));
        }
        let name = "XDG_CONFIG_HOME";
        let folder = env.get(name).map(|value| (name.into(), value.to_owned()));
        program.env.extend(folder);
        let answer = program.ask(&["config", "--list", "--show-scope", "-z"])?;
        Ok(Self::parse(&answer))
    }

    /// Parses scope and setting in turn; a line break separates name and value.
    fn parse(answer: &[u8]) -> Self {
        let mut fields = answer.split(|&b| b == 0);
        let mut all = Vec::new();
        while let (Some(scope), Some(setting)) = (fields.next(), fields.next()) {
            if scope == b"command" {
                continue;
            }
            let end = setting.iter().position(|&b| b == b'\n');
            let (name, value) = setting.split_at(end.unwrap_or(setting.len()));
            // A name without a value means true.
            let value = value.get(1..).unwrap_or(b"true");
            all.push(Setting {
                scope: String::from_utf8_lossy(scope).into_owned(),
                name: String::from_utf8_lossy(name).into_owned(),
                value: OsStr::from_bytes(value).to_owned(),
            });
        }
        Self(all)
    }

    /// Returns the effective value of a setting and the configuration that it comes from.
    pub(super) fn scoped(&self, name: &str) -> Option<(&str, &OsStr)> {
        let found = self.0.iter().rev().find(|setting| setting.name == name);
        found.map(|setting| (&*setting.scope, setting.value.as_os_str()))
    }

    /// Returns the effective value of a setting, named with section and key in
    /// lower case.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.scoped(name).map(|(_, value)| value)
    }

    /// Returns the repository's own settings of programs that git runs when it
    /// reads or writes files.
    pub(super) fn own_filters(&self) -> impl Iterator<Item = &str> {
        let named = |setting: &&Setting| {
            let key = setting.name.rsplit('.').next().unwrap_or_default();
            setting.is_of_repository()
                && setting.name.starts_with("filter.")
                && ["clean", "smudge", "process"].contains(&key)
                && !setting.value.is_empty()
        };
        self.0.iter().filter(named).map(|setting| &*setting.name)
    }

    /// Returns the effective settings of every filter.
    pub(super) fn filters(&self) -> BTreeMap<String, String> {
        let text = |value: &OsStr| value.to_string_lossy().into_owned();
        self.0
            .iter()
            .filter(|setting| setting.name.starts_with("filter."))
            .map(|setting| (setting.name.clone(), text(&setting.value)))
            .collect()
    }

    /// Returns name and event of the repository's own hooks that are switched off,
    /// anywhere.
    pub(super) fn disabled_hooks(&self) -> impl Iterator<Item = (&str, String)> {
        let own = self.0.iter().filter(|setting| setting.is_of_repository());
        own.filter_map(|setting| {
            let name = setting.name.strip_prefix("hook.")?.strip_suffix(".event")?;
            let (_, switch) = self.scoped(&format!("hook.{name}.enabled"))?;
            let word = switch.to_string_lossy().to_lowercase();
            let is_off = ["false", "no", "off", "0", ""].contains(&&*word);
            is_off.then(|| (name, setting.value.to_string_lossy().into_owned()))
        })
    }

    /// Returns settings that switch off the repository's own hooks: `hooksPath`
    /// means files alone.
    pub(super) fn hooks_off(&self) -> BTreeMap<String, String> {
        let own = self.0.iter().filter(|setting| setting.is_of_repository());
        let hooks = own.filter_map(|setting| {
            let name = setting.name.strip_suffix(".event")?;
            name.starts_with("hook.").then_some(name)
        });
        hooks
            .map(|hook| (format!("{hook}.enabled"), "false".to_owned()))
            .collect()
    }

    /// Returns arguments for `git -c`: the user's settings that decide what is
    /// dirty, which a hardened git does not read.
    pub(super) fn handed_on(&self, env: &Snapshot) -> Vec<OsString> {
        let config = env
            .folder("XDG_CONFIG_HOME")
            .or_else(|| Some(env.folder("HOME")?.join(".config")));
        let default = |name: &str| config.as_ref().map(|config| config.join("git").join(name));
        let file = |name: &str, default: Option<PathBuf>| {
            let set = self.get(name).map(OsStr::to_owned);
            set.or(default.map(Into::into))
                .unwrap_or_else(|| "/dev/null".into())
        };
        let mut handed_on = vec![
            setting(
                "core.excludesFile",
                &file("core.excludesfile", default("ignore")),
            ),
            setting(
                "core.attributesFile",
                &file("core.attributesfile", default("attributes")),
            ),
        ];
        for name in ["core.autocrlf", "core.eol"] {
            handed_on.extend(self.get(name).map(|value| setting(name, value)));
        }
        handed_on
    }
}

fn setting(name: &str, value: &OsStr) -> OsString {
    let mut setting = OsString::from(name);
    setting.push("=");
    setting.push(value);
    setting
}

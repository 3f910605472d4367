//! What git's configuration says, as git itself reads it: with every file
//! that one includes, whatever the condition. Reading it runs nothing.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::program::Program;
use crate::sys::env::Snapshot;

/// Every setting, the weaker before the stronger.
#[derive(Debug, Default)]
pub(super) struct Settings(Vec<Setting>);

#[derive(Debug)]
struct Setting {
    /// Whether the repository says it, and not the user or the machine.
    of_repository: bool,
    name: String,
    value: OsString,
}

impl Settings {
    /// Asks git for the settings of its folder, those of the user among them.
    pub(super) fn ask(program: &Program, env: &Snapshot) -> Result<Self, String> {
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

    /// Scope and setting in turn; a name, and a line break before its value.
    fn parse(answer: &[u8]) -> Self {
        let mut fields = answer.split(|&b| b == 0);
        let mut all = Vec::new();
        while let (Some(scope), Some(setting)) = (fields.next(), fields.next()) {
            if scope == b"command" {
                continue;
            }
            let end = setting.iter().position(|&b| b == b'\n');
            let (name, value) = setting.split_at(end.unwrap_or(setting.len()));
            // A name alone means yes.
            let value = value.get(1..).unwrap_or(b"true");
            all.push(Setting {
                of_repository: !matches!(scope, b"system" | b"global"),
                name: String::from_utf8_lossy(name).into_owned(),
                value: OsStr::from_bytes(value).to_owned(),
            });
        }
        Self(all)
    }

    /// What counts of a setting; its section and key in lower case.
    fn get(&self, name: &str) -> Option<&OsStr> {
        let found = self.0.iter().rev().find(|setting| setting.name == name);
        found.map(|setting| setting.value.as_os_str())
    }

    /// The repository's own settings that name a program which reading or
    /// writing its files would run.
    pub(super) fn own_filters(&self) -> impl Iterator<Item = &str> {
        let named = |setting: &&Setting| {
            let key = setting.name.rsplit('.').next().unwrap_or_default();
            setting.of_repository
                && setting.name.starts_with("filter.")
                && ["clean", "smudge", "process"].contains(&key)
                && !setting.value.is_empty()
        };
        self.0.iter().filter(named).map(|setting| &*setting.name)
    }

    /// What counts of every filter.
    pub(super) fn filters(&self) -> BTreeMap<String, String> {
        let filters = self.0.iter();
        let filters = filters.filter(|setting| setting.name.starts_with("filter."));
        let text = |value: &OsStr| value.to_string_lossy().into_owned();
        filters
            .map(|setting| (setting.name.clone(), text(&setting.value)))
            .collect()
    }

    /// Settings that decide what is dirty and that a hardened git does not
    /// see, as it does not read the user's: for `git -c`.
    pub(super) fn handed_on(&self, env: &Snapshot) -> Vec<OsString> {
        let config = env.folder("XDG_CONFIG_HOME");
        let config = config.or_else(|| Some(env.folder("HOME")?.join(".config")));
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

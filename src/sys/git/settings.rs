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

/// A hook of the configuration that git does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisabledHook {
    /// Its name: that of `hook.<name>.event`.
    pub name: String,
    /// The hook that it would run as.
    pub event: String,
    /// The setting that switches it off: `hook.<name>.enabled` or `hook.<event>.enabled`.
    pub switch: String,
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

    /// Returns the repository's own hooks that are switched off, anywhere: by their name
    /// or with all of their event.
    pub(super) fn disabled_hooks(&self) -> Vec<DisabledHook> {
        let mut hooks: Vec<(&str, &Setting)> = Vec::new();
        for setting in &self.0 {
            let rest = setting.name.strip_prefix("hook.");
            let Some(name) = rest.and_then(|rest| rest.strip_suffix(".event")) else {
                continue;
            };
            // An empty value takes back what came before it.
            if setting.value.is_empty() {
                hooks.retain(|(known, _)| *known != name);
            } else {
                hooks.push((name, setting));
            }
        }
        let own = hooks.into_iter().filter(|(_, of)| of.is_of_repository());
        let disabled = own.filter_map(|(name, setting)| {
            let event = setting.value.to_string_lossy().into_owned();
            let switches = [name, &event].map(|of| format!("hook.{of}.enabled"));
            let switch = switches.into_iter().find(|switch| self.is_off(switch))?;
            Some(DisabledHook {
                name: name.to_owned(),
                event,
                switch,
            })
        });
        disabled.collect()
    }

    fn is_off(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| {
            let word = value.to_string_lossy().to_lowercase();
            ["false", "no", "off", "0", ""].contains(&&*word)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn disabled(settings: &[(&str, &str, &str)]) -> Vec<String> {
        let fields = settings
            .iter()
            .map(|(scope, name, value)| format!("{scope}\0{name}\n{value}\0"));
        let all = Settings::parse(fields.collect::<String>().as_bytes());
        let found = all.disabled_hooks();
        found
            .into_iter()
            .map(|hook| format!("{} {} {}", hook.name, hook.event, hook.switch))
            .collect()
    }

    #[test]
    fn a_hook_is_switched_off_by_its_name_or_with_its_event() {
        let lint = ("local", "hook.lint.event", "pre-commit");
        let by_name = ("global", "hook.lint.enabled", "no");
        let by_event = ("global", "hook.pre-commit.enabled", "false");
        assert!(disabled(&[lint]).is_empty());
        assert_eq!(
            disabled(&[lint, by_name]),
            ["lint pre-commit hook.lint.enabled"]
        );
        assert_eq!(
            disabled(&[by_event, lint]),
            ["lint pre-commit hook.pre-commit.enabled"]
        );
        let again = ("local", "hook.lint.enabled", "true");
        assert!(disabled(&[by_name, lint, again]).is_empty());
        let taken_back = ("local", "hook.lint.event", "");
        assert!(disabled(&[lint, taken_back, by_name]).is_empty());
        let of_user = ("global", "hook.lint.event", "pre-commit");
        assert!(disabled(&[of_user, by_name]).is_empty());
    }
}

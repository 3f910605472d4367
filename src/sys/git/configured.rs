//! The hooks that a configuration names, whether git runs them or not.

use std::path::Path;

use git2::{Config, ConfigLevel};

use super::entry::text_of;
use super::guard::add_config;

/// A hook of the configuration (git 2.54 and later).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredHook {
    /// Its name: that of `hook.<name>.event`.
    pub name: String,
    /// The setting that switches it off, if one does.
    pub switched_off_by: Option<String>,
}

/// Returns the hooks that two configurations name for an event, in their order. The
/// second comes after the first. One that cannot be read has none.
#[must_use]
pub fn configured_hooks(global: &Path, own: &Path, event: &str) -> Vec<ConfiguredHook> {
    read(global, own, event).unwrap_or_default()
}

fn read(global: &Path, own: &Path, event: &str) -> Result<Vec<ConfiguredHook>, git2::Error> {
    let mut config = Config::new()?;
    add_config(&mut config, global, ConfigLevel::Global)?;
    add_config(&mut config, own, ConfigLevel::Local)?;
    let mut names: Vec<String> = Vec::new();
    let entries = config.entries(Some(r"^hook\..*\.event$"))?;
    entries.for_each(|entry| {
        let (Ok(key), Some(value)) = (entry.name(), text_of(entry)) else {
            return;
        };
        let name = key.strip_prefix("hook.");
        let Some(name) = name.and_then(|rest| rest.strip_suffix(".event")) else {
            return;
        };
        // An empty value takes back what came before it.
        if value.is_empty() {
            names.retain(|known| known != name);
        } else if value == event && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    })?;
    let is_off = |name: &str| {
        let setting = format!("hook.{name}.enabled");
        (config.get_bool(&setting) == Ok(false)).then(|| format!("{setting} = false"))
    };
    let hook = |name: String| ConfiguredHook {
        switched_off_by: is_off(&name).or_else(|| is_off(event)),
        name,
    };
    Ok(names.into_iter().map(hook).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs;

    #[test]
    fn a_hook_is_named_by_either_file_and_switched_off_by_the_last() {
        let folder = fs::TemporaryFolder::new().unwrap();
        let (global, own) = (folder.path().join("global"), folder.path().join("own"));
        let of_global = "[hook \"a b=c.d\"]\nevent = pre-commit\n[hook \"b\"]\nevent = pre-commit\n\
            [hook \"c\"]\nevent = pre-push\nevent = pre-commit\n";
        let of_own = "[hook \"b\"]\nenabled = false\n[hook \"c\"]\nevent =\n[hook \"pre-push\"]\nenabled = no\n";
        fs::write(&global, of_global.as_bytes()).unwrap();
        fs::write(&own, of_own.as_bytes()).unwrap();
        let found = configured_hooks(&global, &own, "pre-commit");
        let hook = |name: &str, off: Option<&str>| ConfiguredHook {
            name: name.to_owned(),
            switched_off_by: off.map(str::to_owned),
        };
        let b = hook("b", Some("hook.b.enabled = false"));
        assert_eq!(found, [hook("a b=c.d", None), b]);
        assert!(configured_hooks(&global, &own, "pre-push").is_empty());
        assert!(configured_hooks(&global, &folder.path().join("none"), "x").is_empty());
    }
}

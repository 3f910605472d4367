//! The settings of a merged configuration, each with its origin, for people.
//!
//! Invariants: the settings are a configuration themselves, and it makes the same profile. They
//! follow the rules of `merge` and `drops`, which a test holds them to.

use indexmap::IndexMap;
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::error::{ConfigError, Result};
use super::source::ConfigSource;
use super::text::Text;
use crate::model::package::PackageFrom;
use crate::model::profile::{Profile, Retention};
use crate::model::scenario::Seed;
use crate::model::text::shown;

/// A setting of the configuration.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The keys that lead to it: `stage`, `ci`, `run`.
    pub key: Vec<String>,
    /// The value.
    pub value: Value,
    /// The file and line, the profile, the flag or `default`.
    pub origin: String,
}

impl Setting {
    /// Returns the keys as TOML writes them.
    #[must_use]
    pub fn path(&self) -> String {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let word = |word: &String| {
            if !word.is_empty() && word.chars().all(is_bare) {
                word.clone()
            } else {
                quoted(word)
            }
        };
        self.key.iter().map(word).collect::<Vec<_>>().join(".")
    }

    /// Returns the value as TOML writes it, on one line.
    #[must_use]
    pub fn text(&self) -> String {
        inline(&self.value)
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(list) => {
            let items: Vec<_> = list.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            let pair = |(key, value): (&String, &Value)| {
                let key = Setting {
                    key: vec![key.clone()],
                    value: Value::Boolean(true),
                    origin: String::new(),
                };
                format!("{} = {}", key.path(), inline(value))
            };
            let pairs: Vec<_> = table.iter().map(pair).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text of JSON is one of TOML, but for a character that JSON does not escape.
fn quoted(text: &str) -> String {
    Json::from(text).to_string().replace('\u{7f}', "\\u007f")
}

type Settings = IndexMap<Vec<String>, Setting>;

/// Returns the profile, and every setting that it was made from.
///
/// # Errors
/// As [`super::load`].
pub fn effective(source: &ConfigSource<'_>) -> Result<(Profile, Vec<Setting>)> {
    let (profile, texts) = super::read(source)?;
    let mut all = Settings::new();
    for text in &texts {
        let broken = |e: toml::de::Error| ConfigError::whole(e.message().to_owned());
        let values: Table = toml::from_str(&text.content).map_err(broken)?;
        let places = DeTable::parse(&text.content).map_err(broken)?;
        let mut own = Settings::new();
        collect(&mut own, &[], &values, places.get_ref(), text);
        over(own, &mut all);
    }
    resolved(&profile, &mut all);
    for (key, value) in defaults() {
        let key: Vec<String> = key.split('.').map(str::to_owned).collect();
        let value = Setting {
            key: key.clone(),
            value,
            origin: "default".to_owned(),
        };
        all.entry(key).or_insert(value);
    }
    Ok((profile, all.into_values().collect()))
}

/// True if a table at these keys holds settings, and is none itself.
fn is_container(key: &[&str]) -> bool {
    matches!(
        key,
        ["stage" | "scenario" | "retention" | "require" | "baseline"]
            | ["stage" | "scenario", _]
            | ["stage", _, "env" | "files" | "evidence"]
            | ["scenario", _, "expect" | "marker" | "files" | "evidence"]
            | ["scenario", _, "files" | "evidence", _]
    )
}

fn collect(into: &mut Settings, above: &[&str], values: &Table, places: &DeTable<'_>, text: &Text) {
    for (name, place) in places {
        let Some(value) = values.get(name.get_ref().as_ref()) else {
            continue;
        };
        let key = [above, &[name.get_ref().as_ref()]].concat();
        if let (Value::Table(values), DeValue::Table(places)) = (value, place.get_ref())
            && is_container(&key)
            && !values.is_empty()
        {
            collect(into, &key, values, places, text);
            continue;
        }
        let location = text.location(&name.span());
        let key: Vec<String> = key.into_iter().map(str::to_owned).collect();
        let setting = Setting {
            key: key.clone(),
            value: value.clone(),
            origin: format!("{}:{}", location.file, location.line),
        };
        into.insert(key, setting);
    }
}

/// Puts the settings of a file over those that it inherits.
fn over(own: Settings, base: &mut Settings) {
    for setting in own.values() {
        withdraw(setting, base);
    }
    for (key, mut setting) in own {
        let keys: Vec<&str> = key.iter().map(String::as_str).collect();
        match (keys.as_slice(), &mut setting.value) {
            // Taken out above.
            (["stage" | "scenario", _] | ["stage", _, "env", _], Value::Boolean(false)) => {}
            (["sabotage"], Value::Array(more)) if base.contains_key(&key) => {
                let below = &mut base[&key];
                if let Value::Array(list) = &mut below.value {
                    list.append(more);
                }
                below.origin = format!("{}, {}", below.origin, setting.origin);
            }
            _ => {
                base.insert(key, setting);
            }
        }
    }
}

/// Takes out what no longer holds once a file says this.
fn withdraw(setting: &Setting, base: &mut Settings) {
    let keys: Vec<&str> = setting.key.iter().map(String::as_str).collect();
    let mut without = |names: &[&str]| {
        base.retain(|key, _| {
            key.len() <= 2 || key[..2] != setting.key[..2] || !names.contains(&&*key[2])
        });
    };
    match (keys.as_slice(), &setting.value) {
        (["baseline", "seed"], _) => base.retain(|key, _| key[0] != "baseline" || key[1] != "env"),
        (["scenario", _, "overlay" | "seed"], _) => {
            without(&["overlay", "seed", "add", "violation"]);
        }
        (["stage", _, "on"], _) => without(&["args"]),
        (["stage", _, "drive"], drive) => {
            let key = [&setting.key[..2], &["drive".to_owned()]].concat();
            if base.get(&key).is_none_or(|below| below.value != *drive) {
                base.retain(|key, _| {
                    let names = ["on", "run", "args", "workdir", "programs"];
                    key.len() <= 2 || key[..2] != setting.key[..2] || !names.contains(&&*key[2])
                });
            }
        }
        (["stage", stage], Value::Boolean(false)) => {
            base.retain(|key, _| {
                let is_its = key.starts_with(&setting.key);
                let is_of_scenario =
                    key[0] == "scenario" && key.get(3).is_some_and(|at| at == stage);
                !is_its && !is_of_scenario
            });
            if let Some(Value::Array(hooks)) = base
                .get_mut(&vec!["hooks".to_owned()])
                .map(|it| &mut it.value)
            {
                hooks.retain(|hook| hook.as_str() != Some(stage));
            }
        }
        (["scenario", _], Value::Boolean(false)) => {
            base.retain(|key, _| !key.starts_with(&setting.key));
        }
        (["stage", _, "env", _], Value::Boolean(false)) => {
            base.shift_remove(&setting.key);
        }
        _ => {}
    }
}

/// Replaces what does not come from a file: the package, its companions, and the places of
/// overlays beside inherited files.
fn resolved(profile: &Profile, all: &mut Settings) {
    let mut set = |key: &[&str], value: Value, origin: String| {
        let key: Vec<String> = key.iter().map(|word| (*word).to_owned()).collect();
        let setting = Setting {
            key: key.clone(),
            value,
            origin,
        };
        all.insert(key, setting);
    };
    if let Some(package) = &profile.package {
        let value = Value::from(package.as_str());
        match &profile.package_from {
            PackageFrom::User => set(
                &["package"],
                value,
                "--package or MATRIX_PACKAGE".to_owned(),
            ),
            PackageFrom::LockFile(file) => set(&["package"], value, shown(file)),
            PackageFrom::Configuration | PackageFrom::Profile => {}
        }
    }
    let lock = profile
        .companions_from
        .iter()
        .find_map(PackageFrom::lock_file);
    if let Some(lock) = lock {
        let list = profile.companions.iter().map(|it| Value::from(it.as_str()));
        set(&["companions"], Value::Array(list.collect()), lock);
    }
    for (name, scenario) in &profile.scenarios {
        let key = [
            "scenario".to_owned(),
            name.to_string(),
            "overlay".to_owned(),
        ];
        if let Seed::Overlay(folder) = &scenario.seed
            && folder.is_absolute()
            && let Some(setting) = all.get_mut(key.as_slice())
        {
            setting.value = Value::from(folder.to_string_lossy().as_ref());
        }
    }
}

/// The values of keys that no file sets, where a value stands for that.
fn defaults() -> Vec<(&'static str, Value)> {
    let kept = Retention::default();
    let number = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    vec![
        ("schema", Value::Integer(1)),
        ("registry", Value::from("npm")),
        ("workdir", Value::from(".")),
        ("fresh_clone", Value::Boolean(true)),
        ("require.sandbox", Value::Boolean(false)),
        ("baseline.installed_changes", Value::from("commit")),
        ("retention.runs", number(kept.runs as u64)),
        ("retention.mib", number(kept.mib)),
        ("retention.days", number(kept.days)),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{builtin, load};
    use crate::sys::fs;

    /// The settings as a configuration.
    fn text(all: &[Setting]) -> String {
        let own = all.iter().filter(|one| one.key != ["inherits"]);
        let pairs = own.map(|one| format!("{} = {}", one.path(), one.text()));
        pairs.collect::<Vec<_>>().join("\n")
    }

    /// The content of a profile, without its origin.
    fn said(mut profile: Profile) -> String {
        for scenario in profile.scenarios.values_mut() {
            scenario.expected_at.clear();
        }
        let profile = Profile {
            inherits: None,
            package_from: PackageFrom::Configuration,
            companions_from: Vec::new(),
            file: None,
            sha256: String::new(),
            ..profile
        };
        format!("{profile:#?}")
    }

    #[track_caller]
    fn check(root: &Path) {
        let source = |file| ConfigSource {
            repo_root: root,
            file,
            package: None,
            package_base: root,
            remote: None,
        };
        let (profile, all) = effective(&source(None)).unwrap();
        let again = root.join("effective.toml");
        fs::write(&again, text(&all).as_bytes()).unwrap();
        let same = load(&source(Some(&again))).unwrap_or_else(|e| panic!("{e}\n{}", text(&all)));
        let (same, profile) = (said(same), said(profile));
        let differs = same.lines().zip(profile.lines()).find(|(a, b)| a != b);
        assert_eq!(differs, None, "{}", text(&all));
    }

    #[test]
    fn the_settings_of_every_gate_make_the_same_profile() {
        for name in builtin::names() {
            let folder = fs::TemporaryFolder::new().unwrap();
            let builtin = builtin::get(name).unwrap();
            builtin.lay_consumer(folder.path()).unwrap();
            check(folder.path());
        }
    }

    #[test]
    fn settings_follow_the_rules_of_what_is_inherited() {
        let folder = fs::TemporaryFolder::new().unwrap();
        let builtin = builtin::get("lefthook").unwrap();
        builtin.lay_consumer(folder.path()).unwrap();
        let own = "schema = 1\ngate = \"lefthook\"\ninherits = \"lefthook\"\n\
            package = \"lefthook@2.2.2\"\n\
            [stage]\npre-push = false\n\
            [stage.pre-commit]\ndrive = \"command\"\nrun = [\"true\"]\n\
            [stage.ci.env]\nMORE = \"1\"\n\
            [scenario]\nmixed = false\n\
            [scenario.violations]\nseed = [\"touch\", \"x\"]\nreason = { regex = \"x\" }\n\
            [[sabotage]]\nid = \"x\"\ndoes = \"x\"\nwhy = \"x\"\nremedy = \"x\"\nskip = [\"install\"]\n";
        fs::write(&folder.path().join("matrix.toml"), own.as_bytes()).unwrap();
        check(folder.path());
    }
}

//! `matrix.toml` and the built-in profiles, read into a [`Profile`].
//!
//! A text becomes a layer: every value is checked on its own and keeps its location.
//! Layers are merged. Checks that need the merged whole (a scenario that expects nothing,
//! a folder that does not exist) come last. Every error names file, line and column, and
//! the remedy.

pub mod accepted;
pub mod builtin;
mod chain;
mod drops;
mod effective;
mod error;
mod file;
mod inherits;
pub mod known;
mod layer;
mod merge;
mod or_false;
mod overlay;
pub mod own_patterns;
pub mod package;
mod paths;
mod proof;
mod raw;
mod reader;
mod resolve;
pub mod sabotages;
mod schema;
mod shapes;
mod source;
mod spanned;
mod stages;
mod text;
pub mod to_fill_in;
mod values;
mod violation;
mod workdir;

use std::path::{Path, PathBuf};

pub use effective::{Setting, effective};
pub use error::ConfigError;
pub(crate) use error::nearest;
pub use overlay::check_overlays;
pub use schema::schema;
pub use source::{ConfigSource, Remote};

use crate::model::names::UNNAMED_PREFIX;
use crate::model::text::shown;
use crate::model::{GateName, PackageSpec, Profile};
use crate::sys::fs;
use crate::sys::verbosity::{self, Verbosity};
use builtin::Builtin;
use chain::Chain;
use text::Text;

/// Returns the configuration file that a run reads, if there is one.
#[must_use]
pub fn find_file(source: &ConfigSource<'_>) -> Option<PathBuf> {
    if let Some(file) = source.file {
        return Some(file.to_owned());
    }
    ["matrix.toml", ".config/matrix.toml"]
        .iter()
        .map(|path| source.repo_root.join(path))
        .find(|path| path.symlink_metadata().is_ok())
}

/// Reads and checks the configuration.
///
/// # Errors
/// If there is none, or it cannot be used.
pub fn load(source: &ConfigSource<'_>) -> Result<Profile, ConfigError> {
    read(source).map(|(profile, _)| profile)
}

/// Returns the profile and the texts that it was made from, the innermost first.
fn read(source: &ConfigSource<'_>) -> Result<(Profile, Vec<Text>), ConfigError> {
    let file = find_file(source).map(|file| by_its_folder(&file));
    let root = file
        .as_deref()
        .map_or(source.repo_root, fs::parent)
        .to_owned();
    let is_own = file.is_some();
    let mut chain = Chain::new(source, root.clone());
    let merged = match &file {
        Some(path) => {
            let name = shown(path.strip_prefix(source.repo_root).unwrap_or(path));
            chain.read_own(path, name)?
        }
        None => chain.read_builtin(profile_for_package(source)?)?,
    };
    verbosity::note(Verbosity::Verbose, || {
        let texts = chain.texts.iter().rev().map(|text| text.name.as_str());
        format!(
            "configuration: {}",
            texts.collect::<Vec<_>>().join(", over ")
        )
    });
    workdir::check(&merged, source.repo_root)?;
    let all: Vec<u8> = chain
        .texts
        .iter()
        .flat_map(|text| text.content.bytes())
        .collect();
    let given = package::Given {
        package: source.package,
        is_configured: chain.is_configured,
        has_companions: chain.has_companions,
        repo_root: source.repo_root,
    };
    let profile = resolve::resolve(merged, &given, root, file, fs::sha256(&all))?;
    let profile = Profile {
        inherits: chain
            .builtin
            .filter(|_| is_own)
            .map(|gate| gate.name().to_owned()),
        inherited: chain.inherited,
        inherited_files: chain.files,
        ..profile
    };
    Ok((profile, chain.texts))
}

/// Resolves the folder of a file, so that its path can be compared with that of the
/// consumer.
///
/// The file itself may be a link: overlays are beside the link.
fn by_its_folder(file: &Path) -> PathBuf {
    let folder = fs::parent(file).canonicalize().ok();
    let joined = folder.and_then(|folder| Some(folder.join(file.file_name()?)));
    joined.unwrap_or_else(|| file.to_owned())
}

fn profile_for_package(source: &ConfigSource<'_>) -> Result<&'static Builtin, ConfigError> {
    let known = builtin::names().collect::<Vec<_>>().join(", ");
    let Some(package) = source.package else {
        return Err(
            ConfigError::whole("there is no matrix.toml, and no --package").hint(format!(
                "run `matrix init --gate NAME`, or name a package of a built-in profile: {known}"
            )),
        );
    };
    let name = package
        .package_name()
        .map(ToOwned::to_owned)
        .or_else(|| local_package_name(source, package));
    let found = name.as_deref().and_then(builtin::for_package);
    found.ok_or_else(|| {
        let error = ConfigError::whole(format!(
            "there is no matrix.toml, and no built-in profile for `{}`",
            package.as_str()
        ))
        .no_profile();
        match name
            .as_deref()
            .and_then(|name| nearest(name, builtin::names()))
        {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!(
                "write a matrix.toml for it (docs/configuration.md); built in are {known}"
            )),
        }
    })
}

/// Returns the name in a folder's `package.json`.
fn local_package_name(source: &ConfigSource<'_>, package: &PackageSpec) -> Option<String> {
    let folder = source.package_base.join(package.local_path()?);
    let text = fs::read_text(folder.join("package.json")).ok()?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(json.get("name")?.as_str()?.to_owned())
}

/// Returns the prefix of the verdict files, as far as it is known before the
/// configuration is checked.
///
/// # Panics
/// Never: `matrix` is a gate's name.
#[must_use]
pub fn guess_gate(source: &ConfigSource<'_>) -> GateName {
    let from_file = || {
        let text = fs::read_text(find_file(source)?).ok()?;
        value_of(&text, "gate").or_else(|| value_of(&text, "inherits"))
    };
    let from_package = || profile_for_package(source).ok()?.name().parse().ok();
    from_file()
        .or_else(from_package)
        .unwrap_or_else(|| UNNAMED_PREFIX.parse().expect("`matrix` is a name"))
}

/// Returns the name that a key at the top of a file has.
///
/// It works also if the file is no TOML as a whole: an earlier pass of that gate must not
/// outlive the run.
fn value_of(text: &str, key: &str) -> Option<GateName> {
    let top = text
        .lines()
        .take_while(|line| !line.trim_start().starts_with('['));
    let value = top.into_iter().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.split('#').next().unwrap_or_default().trim())
    })?;
    value.trim_matches(['"', '\'']).parse().ok()
}

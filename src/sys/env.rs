//! The environment: read once, passed on by name.
//!
//! No child inherits the environment. That of a lane is built from nothing: the
//! variables that the contract allows, pinned if the user's value would change
//! the output of a gate, and those that the profile names.
#![expect(
    clippy::disallowed_methods,
    reason = "this module is the access to the environment"
)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::npmrc;
use crate::model::text::shown;
use crate::sys::fs;

/// The environment of this process at its start, and its command line.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    vars: BTreeMap<OsString, OsString>,
    off_path: Vec<OffPath>,
    words: Vec<OsString>,
}

/// A folder of the user's PATH that lanes do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffPath {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// The reason, with the way out.
    pub because: &'static str,
}

const OF_NPM_RUN: &str = "`npm run` and npx put it there, and it holds programs of the consumer; \
                          call those of the lane by their path, node_modules/.bin/NAME";
const RELATIVE: &str = "it is relative, and would be another folder in a lane; \
                        put it on PATH by its absolute path";

/// Variables that installers need to reach a network behind a proxy or a
/// private authority; matched without regard to case.
const NETWORK: &[&str] = &[
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "curl_ca_bundle",
    "git_ssl_cainfo",
    "node_extra_ca_certs",
    "requests_ca_bundle",
    "ssl_cert_dir",
    "ssl_cert_file",
];

/// npm's settings that name sources of packages; all others are left out.
/// pnpm 11 and later read only their own.
const NPM_SETTINGS: &[&str] = &[
    "registry",
    "proxy",
    "https_proxy",
    "noproxy",
    "ca",
    "cafile",
    "strict_ssl",
    "globalconfig",
];

/// The variable by which pnpm before 11 copies files out of its store, as
/// `pnpm_config_package_import_method` makes later ones do.
///
/// npm warns of it in every log, so that only steps of pnpm have it.
pub const PNPM_COPIES: (&str, &str) = ("npm_config_package_import_method", "copy");

/// The variables by which package managers ask for nothing that is not on this machine, in
/// place of waiting for a network that a sandbox withholds.
pub const OFFLINE: [(&str, &str); 9] = [
    ("npm_config_offline", "true"),
    ("npm_config_fetch_retries", "0"),
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_update_notifier", "false"),
    ("YARN_ENABLE_NETWORK", "false"),
    ("PIP_NO_INDEX", "1"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("UV_OFFLINE", "1"),
];

/// The same of yarn 2 and later, which read no `.npmrc`.
const YARN_SETTINGS: &[&str] = &[
    "npm_registry_server",
    "http_proxy",
    "https_proxy",
    "https_ca_file_path",
    "enable_strict_ssl",
    "unsafe_http_whitelist",
];

impl Snapshot {
    /// Reads the environment of this process, without the folders of PATH that a
    /// lane must not have: those that `npm run` adds hold programs of the
    /// consumer, and a relative one is another folder in every step.
    #[must_use]
    pub fn capture() -> Self {
        let mut vars: BTreeMap<_, _> = std::env::vars_os().collect();
        let mut off_path = Vec::new();
        if let Some(path) = vars.get_mut(OsStr::new("PATH")) {
            let here = working_directory().unwrap_or_default();
            let (folders, off) = cut_path(path, &here);
            *path = std::env::join_paths(folders).unwrap_or_else(|_| path.clone());
            off_path = off;
        }
        let words = std::env::args_os().collect();
        Self {
            vars,
            off_path,
            words,
        }
    }

    /// Returns the folders of the user's PATH that lanes do not have.
    #[must_use]
    pub fn off_path(&self) -> &[OffPath] {
        &self.off_path
    }

    /// Returns every variable, except those of git: for helper commands only,
    /// never for a lane.
    #[must_use]
    pub fn all(&self) -> BTreeMap<OsString, OsString> {
        let mut all = self.vars.clone();
        all.retain(|name, _| !name.to_string_lossy().starts_with("GIT_"));
        all
    }

    /// Returns every variable: only to find secrets.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.vars
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Returns the words of the command line: only to find secrets.
    pub(super) fn words(&self) -> &[OsString] {
        &self.words
    }

    /// Returns a variable, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Returns a variable as text, if it is set and UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str)
    }

    /// Returns a variable that names a folder, if it is set and absolute.
    #[must_use]
    pub fn folder(&self, name: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.get(name)?);
        path.is_absolute().then_some(path)
    }

    /// Finds an executable program on PATH.
    #[must_use]
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        find_program(self.get("PATH")?, name)
    }

    /// Returns the additional variables of a step with network access: proxies,
    /// authorities, settings of installers, and caches below `cache`.
    #[must_use]
    pub fn network(&self, cache: &Path) -> BTreeMap<OsString, OsString> {
        let mut out: BTreeMap<_, _> = self
            .vars
            .iter()
            .filter(|(name, _)| is_network_variable(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        self.add_user_config(&mut out);
        for (name, value) in [
            ("npm_config_audit", "false"),
            ("npm_config_fund", "false"),
            ("npm_config_update_notifier", "false"),
            // A folder is packed, as its release would be, not linked.
            ("npm_config_install_links", "true"),
            // Lanes must not share files of a cache by links: the witness of
            // one lane would see them run in another.
            ("pnpm_config_package_import_method", "copy"),
            ("UV_LINK_MODE", "copy"),
        ] {
            out.insert(name.into(), value.into());
        }
        for (name, folder) in [
            ("npm_config_cache", "npm"),
            ("PIP_CACHE_DIR", "pip"),
            ("UV_CACHE_DIR", "uv"),
        ] {
            out.insert(name.into(), cache.join(folder).into());
        }
        out
    }

    /// Adds the user's settings of npm and pip by path, since HOME is the
    /// lane's, and the variables that those of npm use.
    fn add_user_config(&self, out: &mut BTreeMap<OsString, OsString>) {
        if let Some(npmrc) = self.npmrc() {
            let text = fs::read_text(&npmrc).unwrap_or_default();
            for name in npmrc::variables_in(&text) {
                if let Some(value) = self.get(name) {
                    out.insert(name.into(), value.to_owned());
                }
            }
            out.insert("npm_config_userconfig".into(), npmrc.into());
        }
        if let Some(config) = self
            .pip_config()
            .filter(|_| self.get("PIP_CONFIG_FILE").is_none())
        {
            out.insert("PIP_CONFIG_FILE".into(), config.into());
        }
    }

    fn pip_config(&self) -> Option<PathBuf> {
        let home = self.folder("HOME")?;
        [".config/pip/pip.conf", ".pip/pip.conf"]
            .into_iter()
            .map(|path| home.join(path))
            .find(|path| path.is_file())
    }

    /// Returns the files that the variables of a step with network access name.
    #[must_use]
    pub fn named_files(&self, cache: &Path) -> Vec<PathBuf> {
        self.network(cache)
            .into_values()
            .map(PathBuf::from)
            .filter(|path| path.is_absolute() && path.exists())
            .collect()
    }

    /// Returns the user's `.npmrc`, if there is one.
    #[must_use]
    pub fn npmrc(&self) -> Option<PathBuf> {
        let in_home = || Some(self.folder("HOME")?.join(".npmrc"));
        ["npm_config_userconfig", "NPM_CONFIG_USERCONFIG"]
            .iter()
            .find_map(|name| self.get(name))
            .map(PathBuf::from)
            .or_else(in_home)
            .filter(|path| path.is_file())
    }

    /// Returns the variables with these names that are set.
    #[must_use]
    pub fn pick(&self, names: &[String]) -> BTreeMap<OsString, OsString> {
        let value = |name: &String| Some((name.into(), self.get(name)?.to_owned()));
        names.iter().filter_map(value).collect()
    }

    /// Returns PATH with these folders before it.
    #[must_use]
    pub fn path_after(&self, folders: &[PathBuf]) -> OsString {
        let path = self.get("PATH").unwrap_or_default();
        let all = folders.iter().cloned().chain(std::env::split_paths(path));
        // Joining fails for a folder with a colon, which cannot be on PATH.
        std::env::join_paths(all).unwrap_or_else(|_| path.to_owned())
    }
}

/// Splits a PATH into the folders that lanes have and the others.
fn cut_path(path: &OsStr, here: &Path) -> (Vec<PathBuf>, Vec<OffPath>) {
    let mut kept = Vec::new();
    let mut off = Vec::new();
    for folder in std::env::split_paths(path) {
        let because = if folder.ends_with("node_modules/.bin") {
            OF_NPM_RUN
        } else if folder.is_relative() {
            RELATIVE
        } else {
            kept.push(folder);
            continue;
        };
        let folder = here.join(folder);
        off.push(OffPath { folder, because });
    }
    (kept, off)
}

/// Returns a sentence about a program that is in a folder which lanes do not have
/// on PATH; None if it is in none of them.
#[must_use]
pub fn why_off_path(name: &str, off: &[OffPath]) -> Option<String> {
    let has = |off: &&OffPath| is_executable(&off.folder.join(name));
    let OffPath { folder, because } = off.iter().find(has)?;
    Some(format!(
        "`{name}` is in {}, which is not on PATH in a lane: {because}",
        shown(folder)
    ))
}

/// Returns a PATH with a folder before it.
#[must_use]
pub fn path_after(folder: &str, path: Option<&OsString>) -> OsString {
    let mut out = OsString::from(folder);
    if let Some(path) = path {
        out.push(":");
        out.push(path);
    }
    out
}

/// Finds an executable program on a PATH.
#[must_use]
pub fn find_program(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|path| is_executable(path))
}

fn is_network_variable(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let lower = name.to_ascii_lowercase();
    let of_npm = ["npm_config_", "pnpm_config_"];
    if let Some(setting) = of_npm.iter().find_map(|start| lower.strip_prefix(start)) {
        return NPM_SETTINGS.contains(&setting) || setting.starts_with('@');
    }
    if let Some(setting) = lower.strip_prefix("yarn_") {
        return YARN_SETTINGS.contains(&setting);
    }
    let is_of_uv = name.starts_with("UV_") && !name.starts_with("UV_PUBLISH_");
    NETWORK.contains(&lower.as_str()) || name.starts_with("PIP_") || is_of_uv
}

/// True if a path is a file with a permission to execute it.
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    let executable =
        |meta: std::fs::Metadata| meta.is_file() && meta.permissions().mode() & 0o111 != 0;
    path.metadata().is_ok_and(executable)
}

/// Returns the path of this program, which still works after its file was
/// replaced.
#[must_use]
pub fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("matrix"))
}

/// Returns the user id of this process.
#[must_use]
pub fn user() -> u32 {
    rustix::process::getuid().as_raw()
}

/// Returns the working directory, absolute.
///
/// # Errors
/// If it is gone or not accessible.
pub fn working_directory() -> std::io::Result<PathBuf> {
    std::env::current_dir()
}

/// Returns the number of cores: the default number of parallel steps.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Returns the columns of the terminal that stdout goes to. None if it goes to no terminal.
#[must_use]
pub fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Returns the folder for temporary files.
#[must_use]
pub fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(vars: &[(&str, &str)]) -> Snapshot {
        let vars = vars.iter().map(|(k, v)| (k.into(), v.into())).collect();
        Snapshot {
            vars,
            ..Snapshot::default()
        }
    }

    #[test]
    fn secrets_and_npm_switches_stay_out_of_the_network_steps() {
        let env = snapshot(&[
            ("GITHUB_TOKEN", "s"),
            ("NPM_TOKEN", "s"),
            ("npm_config_ignore_scripts", "true"),
            ("npm_lifecycle_event", "x"),
            ("INIT_CWD", "/"),
            ("npm_config_registry", "http://r"),
            ("pnpm_config_registry", "http://r"),
            ("pnpm_config_ignore_scripts", "true"),
            ("YARN_NPM_REGISTRY_SERVER", "http://r"),
            ("YARN_NPM_AUTH_TOKEN", "s"),
            ("YARN_ENABLE_SCRIPTS", "false"),
            ("HTTPS_PROXY", "p"),
            ("https_proxy", "p"),
            ("PIP_INDEX_URL", "i"),
            ("UV_INDEX_URL", "i"),
            ("UV_PUBLISH_TOKEN", "s"),
            ("HOME", "/nonexistent-home"),
        ]);
        let out = env.network(Path::new("/cache"));
        let has = |name: &str| out.contains_key(OsStr::new(name));
        for inside in [
            "npm_config_registry",
            "pnpm_config_registry",
            "YARN_NPM_REGISTRY_SERVER",
            "HTTPS_PROXY",
            "https_proxy",
            "PIP_INDEX_URL",
            "UV_INDEX_URL",
        ] {
            assert!(has(inside), "{inside}");
        }
        for outside in [
            "GITHUB_TOKEN",
            "NPM_TOKEN",
            "npm_config_ignore_scripts",
            "pnpm_config_ignore_scripts",
            "YARN_NPM_AUTH_TOKEN",
            "UV_PUBLISH_TOKEN",
            "YARN_ENABLE_SCRIPTS",
            "npm_lifecycle_event",
            "INIT_CWD",
            "HOME",
        ] {
            assert!(!has(outside), "{outside}");
        }
    }

    #[test]
    fn folders_of_path_that_mean_another_place_in_a_lane_are_taken_off() {
        let path = OsStr::new("/usr/bin:/repo/node_modules/.bin:bin::/opt/bin");
        let (kept, off) = cut_path(path, Path::new("/here"));
        assert_eq!(kept, [Path::new("/usr/bin"), Path::new("/opt/bin")]);
        let folders: Vec<_> = off.iter().map(|off| off.folder.to_str().unwrap()).collect();
        assert_eq!(folders, ["/repo/node_modules/.bin", "/here/bin", "/here/"]);
        assert_eq!(off.iter().filter(|off| off.because == RELATIVE).count(), 2);
    }
}

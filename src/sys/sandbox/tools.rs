//! Finds the parts of hidden folders that tools need inside a sandbox.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::sys::fs;

/// The parts of a prefix that programs need.
const PARTS: [&str; 6] = ["bin", "lib", "lib64", "libexec", "share", "pyvenv.cfg"];

/// Further parts that programs of a prefix in a home may need: headers, certificates,
/// and parts of Java and Go.
const MORE_PARTS: [&str; 5] = ["include", "ssl", "conf", "jmods", "pkg"];

/// The parts of `~/.local` and its kin, which also contain keyrings and other private files.
const PUBLIC_PARTS: [&str; 5] = ["bin", "lib", "lib64", "libexec", "pyvenv.cfg"];

/// Files and folders that a sandbox shows.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Files and folders, without links in their paths.
    pub paths: Vec<PathBuf>,
    /// Links on the way to them, with their targets.
    pub links: Vec<(PathBuf, PathBuf)>,
}

/// Returns everything that a PATH, the tools on it and the managers of their versions need.
#[must_use]
pub fn needed_by_tools(
    path: &OsStr,
    tools: &[PathBuf],
    managers: &[PathBuf],
    home: Option<&Path>,
) -> Shown {
    let mut shown = Shown::default();
    let home = home.and_then(|home| home.canonicalize().ok());
    for folder in std::env::split_paths(path) {
        shown.add(&folder);
        let Ok(real) = folder.canonicalize() else {
            continue;
        };
        if is_private(&real, home.as_deref()) {
            shown.add_programs(&real);
        }
    }
    for tool in tools {
        shown.add(fs::parent(tool));
        if let Ok(real) = tool.canonicalize() {
            for path in around_tool(fs::parent(&real), home.as_deref()) {
                shown.add(&path);
            }
        }
    }
    for manager in managers {
        shown.add(manager);
    }
    shown.links.sort();
    shown.links.dedup();
    shown
}

impl Shown {
    /// Adds a path as it is written: its target, and the links on the way.
    fn add(&mut self, path: &Path) {
        if let Ok(real) = path.canonicalize() {
            self.links.extend(links_on_the_way(path));
            self.paths.push(real);
        }
    }

    /// Adds what the programs of a folder in a home need beside it.
    fn add_programs(&mut self, folder: &Path) {
        if folder.ends_with("bin") {
            let prefix = fs::parent(folder);
            // A prefix that is more than programs has a `lib`, as those of node and conda.
            let has_parts = prefix.join("lib").is_dir() || prefix.join("pyvenv.cfg").is_file();
            if has_parts {
                self.add_parts(prefix);
            }
            self.add_base_of_venv(prefix);
        }
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let is_link = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|it| it.is_symlink());
        for link in entries.filter(is_link) {
            if let Ok(target) = link.path().canonicalize()
                && target.is_file()
                && !target.starts_with(folder)
            {
                self.links.extend(links_on_the_way(&link.path()));
                self.add_target(&target);
            }
        }
    }

    /// Adds what the target of a link needs: its package or its prefix, otherwise itself.
    fn add_target(&mut self, target: &Path) {
        let above = || target.ancestors().skip(1);
        let is_package = |folder: &&Path| {
            let scope = folder.parent().filter(|it| starts_with(it, "@"));
            let list = scope.unwrap_or(folder).parent();
            list.is_some_and(|it| it.ends_with("node_modules")) && !starts_with(folder, "@")
        };
        if let Some(package) = above().find(is_package) {
            return self.add(package);
        }
        let folder = fs::parent(target);
        self.add(target);
        if folder.ends_with("bin") {
            let prefix = fs::parent(folder);
            self.add_parts(prefix);
            self.add_base_of_venv(prefix);
        }
    }

    /// Adds the Python that a virtual environment was made from.
    fn add_base_of_venv(&mut self, prefix: &Path) {
        let text = fs::read_text(prefix.join("pyvenv.cfg")).unwrap_or_default();
        let home = text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == "home").then(|| PathBuf::from(value.trim()))
        });
        if let Some(base) = home.as_deref().and_then(Path::parent) {
            self.add_parts(base);
        }
    }

    /// Adds the programs of a prefix and what they need.
    fn add_parts(&mut self, prefix: &Path) {
        let is_private = |part: &&str| is_dotted(prefix) && !PUBLIC_PARTS.contains(part);
        for part in PARTS.iter().filter(|part| !is_private(part)) {
            self.add(&prefix.join(part));
        }
    }
}

/// True for a folder in a home.
fn is_private(folder: &Path, home: Option<&Path>) -> bool {
    let homes = [Path::new("/home"), Path::new("/root")];
    let mut homes = homes.into_iter().chain(home);
    homes.any(|home| folder.starts_with(home))
}

/// True for a folder such as `~/.local` and `~/.docker`.
fn is_dotted(folder: &Path) -> bool {
    starts_with(folder, ".")
}

fn starts_with(path: &Path, text: &str) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with(text)
}

/// Returns the folders that a tool in `folder` needs: its whole prefix, unless that is a
/// user's home or in one, where private files may lie beside it.
fn around_tool(folder: &Path, home: Option<&Path>) -> Vec<PathBuf> {
    let prefix = fs::parent(folder);
    let above = fs::parent(prefix);
    let is_home = |folder: &Path| {
        fs::parent(folder) == Path::new("/home")
            || folder == Path::new("/root")
            || Some(folder) == home
    };
    if !folder.ends_with("bin") {
        vec![folder.to_owned()]
    } else if is_home(prefix) || (is_home(above) && is_dotted(prefix)) {
        let parts = PUBLIC_PARTS.iter();
        parts.map(|part| prefix.join(part)).collect()
    } else if is_private(prefix, home) {
        // Go compiles its own sources.
        let is_go = prefix.join("src/runtime").is_dir();
        let of_go = is_go.then_some("src");
        let parts = PARTS.iter().chain(&MORE_PARTS).copied().chain(of_go);
        parts.map(|part| prefix.join(part)).collect()
    } else {
        vec![prefix.to_owned()]
    }
}

/// Returns the links on the way to a path, each with its target.
///
/// Folders in which they lie may be hidden, and the path must lead to the same place.
fn links_on_the_way(path: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut links = Vec::new();
    let mut place = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => place.push(name),
            Component::ParentDir => {
                place.pop();
            }
            _ => {}
        }
        if let Ok(target) = std::fs::read_link(&place) {
            links.push((place.clone(), target));
            let Ok(real) = place.canonicalize() else {
                break;
            };
            place = real;
        }
    }
    links
}

//! Managers of tool versions, whose programs look for their data in the user's home.
//!
//! The program on PATH is a proxy, a shim or a link. A lane has a home of its own, so it gets
//! the manager's folder by the variable that names it, unless that only says where to write.

use std::path::{Path, PathBuf};

use super::env::{Snapshot, is_executable};

/// A manager of tool versions.
struct Manager {
    /// The variable that names its folder.
    variable: &'static str,
    /// The folder without the variable, relative to the home.
    folder: &'static str,
    /// The program that its proxies start, if those are not inside of the folder.
    proxy: Option<&'static str>,
    /// True if its programs start without the variable.
    only_writes: bool,
}

const fn inside(variable: &'static str, folder: &'static str) -> Manager {
    Manager {
        variable,
        folder,
        proxy: None,
        only_writes: false,
    }
}

const MANAGERS: [Manager; 14] = [
    Manager {
        variable: "RUSTUP_HOME",
        folder: ".rustup",
        proxy: Some("rustup"),
        only_writes: false,
    },
    inside("PYENV_ROOT", ".pyenv"),
    inside("RBENV_ROOT", ".rbenv"),
    inside("NODENV_ROOT", ".nodenv"),
    inside("GOENV_ROOT", ".goenv"),
    inside("JENV_ROOT", ".jenv"),
    inside("VOLTA_HOME", ".volta"),
    inside("NVM_DIR", ".nvm"),
    inside("FNM_DIR", ".local/share/fnm"),
    inside("ASDF_DATA_DIR", ".asdf"),
    inside("MISE_DATA_DIR", ".local/share/mise"),
    inside("SDKMAN_DIR", ".sdkman"),
    // The store is below it, which installations of lanes must neither use nor fill.
    Manager {
        only_writes: true,
        ..inside("PNPM_HOME", ".local/share/pnpm")
    },
    inside("HOMEBREW_PREFIX", "/home/linuxbrew/.linuxbrew"),
];

/// The folder of a manager whose programs are on PATH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagerFolder {
    /// The variable by which a lane gets it, if its programs need that to start.
    pub variable: Option<&'static str>,
    /// The folder.
    pub path: PathBuf,
}

/// Returns the folders of the managers whose programs are on PATH.
#[must_use]
pub fn on_path(env: &Snapshot) -> Vec<ManagerFolder> {
    let folders = path_folders(env);
    let home = env.folder("HOME");
    let found = |manager: &Manager| {
        let usual = || Some(home.as_ref()?.join(manager.folder));
        let path = env.folder(manager.variable).or_else(usual)?;
        let real = path.canonicalize().ok()?;
        let is_its = |folder: &Path| {
            let inside = || folder.canonicalize().is_ok_and(|it| it.starts_with(&real));
            let proxy = manager.proxy.map(|program| folder.join(program));
            proxy.map_or_else(inside, |program| is_executable(&program))
        };
        folders
            .iter()
            .any(|folder| is_its(folder))
            .then_some(ManagerFolder {
                variable: (!manager.only_writes).then_some(manager.variable),
                path,
            })
    };
    MANAGERS.iter().filter_map(found).collect()
}

fn path_folders(env: &Snapshot) -> Vec<PathBuf> {
    let path = env.get("PATH").unwrap_or_default();
    std::env::split_paths(path).collect()
}

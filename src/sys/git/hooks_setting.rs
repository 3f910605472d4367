//! The folder that the consumer's own configuration names for hooks.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::consumer::Consumer;
use super::settings::DisabledHook;
use crate::sys::fs;

/// A setting of the consumer's clone that concerns hooks: `core.hooksPath`, or the switch of
/// one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksSetting {
    /// The configuration that names it: `system`, `global`, `local` or `worktree`.
    pub scope: String,
    /// Its value.
    pub value: String,
    /// The folder that it means, if it means one.
    pub folder: PathBuf,
}

impl Consumer {
    /// Returns the effective `core.hooksPath`; None if it is not set or cannot be read.
    #[must_use]
    pub fn hooks_setting(&self) -> Option<HooksSetting> {
        let settings = self.settings().ok()?;
        let (scope, value) = settings.scoped("core.hookspath")?;
        let home = self.options().env.folder("HOME");
        let below_home = value.as_bytes().strip_prefix(b"~/");
        let folder = match (below_home, home) {
            (Some(rest), Some(home)) => home.join(OsStr::from_bytes(rest)),
            _ => self.root().join(value),
        };
        Some(HooksSetting {
            scope: scope.to_owned(),
            value: value.to_string_lossy().into_owned(),
            folder,
        })
    }

    /// Returns a hook of the clone's own configuration (git 2.54 and later run those) that
    /// is disabled, with the setting that does it.
    #[must_use]
    pub fn disabled_hook(&self) -> Option<(DisabledHook, HooksSetting)> {
        let settings = self.settings().ok()?;
        let hook = settings.disabled_hooks().into_iter().next()?;
        let (scope, value) = settings.scoped(&hook.switch)?;
        let setting = HooksSetting {
            scope: scope.to_owned(),
            value: value.to_string_lossy().into_owned(),
            folder: PathBuf::new(),
        };
        Some((hook, setting))
    }

    /// Returns the folder of hooks without such a setting. Linked work trees have that of
    /// the repository.
    #[must_use]
    pub fn default_hooks(&self) -> PathBuf {
        let common = fs::read_text(self.git_dir.join("commondir"));
        let common = common.map(|text| self.git_dir.join(Path::new(text.trim_end())));
        common
            .unwrap_or_else(|_| self.git_dir.clone())
            .join("hooks")
    }
}

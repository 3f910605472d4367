//! The second layer of a sandbox: restricts this process and all that it
//! starts, even if it escapes the first layer. See `landlock(7)`.

use std::ffi::OsString;
use std::path::PathBuf;

/// The part of a restriction that the kernel enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforced {
    /// All of it.
    Fully,
    /// The part that an older kernel knows.
    Partly,
    /// None of it.
    No,
}

impl Enforced {
    /// Returns the word for the record; `None` for no enforcement.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Fully => Some("full"),
            Self::Partly => Some("partial"),
            Self::No => None,
        }
    }
}

/// Restricts this process to folders given as arguments; does nothing without
/// any.
pub(super) fn restrict_to(args: impl Iterator<Item = OsString>) -> Enforced {
    let writable: Vec<PathBuf> = args.map(PathBuf::from).collect();
    if writable.is_empty() {
        return Enforced::No;
    }
    restrict(&writable)
}

/// Restricts this process for good.
///
/// It may write only below these folders, signal only processes that it
/// starts, and connect to no abstract socket of other processes. TCP is left
/// to the network that it sees: a gate may have a server of its own.
#[cfg(target_os = "linux")]
#[must_use]
pub fn restrict(writable: &[PathBuf]) -> Enforced {
    use landlock::{
        ABI, Access as _, AccessFs, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
        RulesetStatus, Scope, path_beneath_rules,
    };
    let abi = ABI::V6;
    let writing = AccessFs::from_write(abi);
    let restricted = || -> Result<_, landlock::RulesetError> {
        Ruleset::default()
            .handle_access(writing)?
            .scope(Scope::from_all(abi))?
            .create()?
            .add_rules(path_beneath_rules(writable, writing))?
            .restrict_self()
    };
    match restricted().map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Enforced::Fully,
        Ok(RulesetStatus::PartiallyEnforced) => Enforced::Partly,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Enforced::No,
    }
}

/// Does nothing: this system has no landlock.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn restrict(_writable: &[PathBuf]) -> Enforced {
    Enforced::No
}

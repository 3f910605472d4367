//! The second layer of a sandbox: what this process, and all that it starts,
//! may do of itself, whatever it finds a way to. See `landlock(7)`.

use std::path::PathBuf;

/// How much of it the kernel does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforced {
    /// All that is asked for.
    Fully,
    /// What an older kernel knows of it.
    Partly,
    /// Nothing.
    No,
}

impl Enforced {
    /// Its word; none for nothing.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Fully => Some("full"),
            Self::Partly => Some("partial"),
            Self::No => None,
        }
    }
}

/// Lets this process, for ever, write only below these folders, signal only
/// what it starts, and connect to no abstract socket that others listen at.
/// TCP is left to the network that it sees: a gate may have a server of its
/// own.
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
        let rules = Ruleset::default().handle_access(writing)?;
        let rules = rules.scope(Scope::from_all(abi))?.create()?;
        let rules = rules.add_rules(path_beneath_rules(writable, writing))?;
        rules.restrict_self()
    };
    match restricted().map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Enforced::Fully,
        Ok(RulesetStatus::PartiallyEnforced) => Enforced::Partly,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Enforced::No,
    }
}

/// Does nothing: there is none on this system.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn restrict(_writable: &[PathBuf]) -> Enforced {
    Enforced::No
}

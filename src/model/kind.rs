//! The purpose of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The purpose of a run; a word of its id and of the names of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Checks the contract once.
    Matrix,
    /// Broken installations.
    Sabotage,
    /// Weakened configurations.
    Mutation,
    /// Changes without their violations.
    Vacuity,
    /// Lanes of an earlier run, run again.
    Replay,
}

impl Kind {
    /// True if the lanes of the run were altered on purpose, so that only its
    /// own verb can repeat it.
    #[must_use]
    pub fn is_trial(self) -> bool {
        match self {
            Self::Sabotage | Self::Mutation | Self::Vacuity => true,
            Self::Matrix | Self::Replay => false,
        }
    }

    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Matrix,
        Self::Sabotage,
        Self::Mutation,
        Self::Vacuity,
        Self::Replay,
    ];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Matrix => "matrix",
            Self::Sabotage => "sabotage",
            Self::Mutation => "mutation",
            Self::Vacuity => "vacuity",
            Self::Replay => "replay",
        }
    }
}

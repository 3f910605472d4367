//! The exit codes that the contract expects of a cell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A set of exit codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExitSet {
    /// One of these.
    OneOf(Vec<i32>),
    /// `"nonzero"`: 1 to 125. What a shell or a signal adds above that is a
    /// crash, not a decision.
    Nonzero,
}

impl ExitSet {
    /// True if a code belongs to the set.
    #[must_use]
    pub fn contains(&self, code: i32) -> bool {
        match self {
            Self::OneOf(codes) => codes.contains(&code),
            Self::Nonzero => (1..=125).contains(&code),
        }
    }

    /// True if no code of the set means success.
    #[must_use]
    pub fn is_blocking(&self) -> bool {
        !self.contains(0)
    }

    /// The set in words, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::OneOf(codes) => {
                let codes: Vec<_> = codes.iter().map(i32::to_string).collect();
                codes.join(" or ")
            }
            Self::Nonzero => "1 to 125".to_owned(),
        }
    }
}

/// The exit codes that the contract expects of one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// Of the stage's command: git, or the program.
    pub exit: ExitSet,
    /// The exit codes of the hook of the stage's name, if the profile expects any.
    pub hook_exit: Option<ExitSet>,
}

impl Expectation {
    /// True if a stage must block, or its hook must where git is not stopped any more.
    #[must_use]
    pub fn blocks(&self) -> bool {
        let of_hook = self.hook_exit.as_ref();
        self.exit.is_blocking() || of_hook.is_some_and(ExitSet::is_blocking)
    }

    /// One exit code for the stage's command, nothing said of the hook.
    #[must_use]
    pub fn exit(code: i32) -> Self {
        Self {
            exit: ExitSet::OneOf(vec![code]),
            hook_exit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonzero_leaves_crashes_out() {
        assert!(ExitSet::Nonzero.contains(1) && ExitSet::Nonzero.contains(125));
        for code in [0, 126, 127, 139] {
            assert!(!ExitSet::Nonzero.contains(code), "{code}");
        }
    }
}

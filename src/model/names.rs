//! Names of gates, scenarios, stages and runs.
//!
//! A name is checked once, when it enters the program. After that it can become part of
//! a file name, a branch or a JSON key without another check.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::text::own;

/// The reason for which a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text does not match `[a-z0-9][a-z0-9-]{0,63}`.
    #[error(
        "`{0}` is not a name: use 1 to 64 lower-case letters, digits and dashes, the first not a dash"
    )]
    Shape(String),
    /// The word has another meaning in the artifacts.
    #[error("`{0}` is reserved: artifacts use it as a failure phase")]
    Reserved(String),
    /// The text is no run id.
    #[error(
        "`{0}` is not a run id: use 1 to 128 letters, digits, dots, dashes and underscores, and not `.` or `..`"
    )]
    RunId(String),
}

/// The prefix of the verdict files if the gate's name cannot be read.
pub const UNNAMED_PREFIX: &str = "matrix";

fn check_name(text: &str) -> Result<(), NameError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let shape_ok =
        (1..=64).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
    if !shape_ok {
        return Err(NameError::Shape(text.to_owned()));
    }
    if text == "preflight" {
        return Err(NameError::Reserved(text.to_owned()));
    }
    Ok(())
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema,
        )]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                own(&self.0, to)
            }
        }

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                $check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// The gate under test; it is the prefix of the verdict files.
    GateName,
    check_name
);
name_type!(
    /// A change to the consumer, and the id of the lane that runs it.
    ScenarioName,
    check_name
);
name_type!(
    /// A moment at which a gate decides.
    StageName,
    check_name
);
name_type!(
    /// The id of a run, which every file of it carries.
    RunId,
    check_run_id
);

impl StageName {
    /// Returns the name as JSON keys and step ids have it: `pre-commit` becomes `pre_commit`.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.replace('-', "_")
    }

    /// Returns the name that has this key; a name holds no underscore.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.replace('_', "-").parse().ok()
    }
}

/// Returns the branch that a lane's change starts from: `{base_ref}`.
#[must_use]
pub fn base_ref(scenario: &ScenarioName) -> String {
    format!("upstream-{scenario}")
}

fn check_run_id(text: &str) -> Result<(), NameError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let ok =
        (1..=128).contains(&text.len()) && text.bytes().all(allowed) && text != "." && text != "..";
    if ok {
        Ok(())
    } else {
        Err(NameError::RunId(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_contract() {
        for good in ["a", "0", "pre-commit", &"x".repeat(64)] {
            assert!(good.parse::<StageName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "A",
            "a_b",
            "a/b",
            "é",
            &"x".repeat(65),
            "preflight",
        ] {
            assert!(bad.parse::<StageName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn run_ids_cannot_climb() {
        for bad in ["", ".", "..", "a/b", "a b", &"x".repeat(129)] {
            assert!(bad.parse::<RunId>().is_err(), "{bad}");
        }
        assert!("..a".parse::<RunId>().is_ok());
    }
}

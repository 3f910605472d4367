//! The protection of the machine from the commands of a lane.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::plain;

/// The parts of the machine that a sandbox keeps from a lane.
pub const PROMISES: [&str; 6] = [
    "processes",
    "network",
    "home",
    "sockets",
    "machine",
    "privileges",
];

/// The sandbox that isolates a lane from the rest of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SandboxRecord {
    /// The mode that was asked for.
    pub mode: SandboxMode,
    /// The program that provides it; null if there is no sandbox.
    pub by: Option<String>,
    /// The reason for which there is none or only a part of it; null if all of it holds, or
    /// none was asked for.
    pub because: Option<String>,
    /// The support of the kernel for a second layer, landlock: `full`, `partial`; null for
    /// none.
    pub landlock: Option<String>,
    /// Isolated parts of the machine, each probed before the first lane: `processes`,
    /// `network` (stages have none), `home`, `sockets`, `machine` (nothing outside of the
    /// lane can be written), `privileges`.
    pub held: Vec<String>,
    /// The parts of the machine that are not isolated.
    #[serde(default)]
    #[schemars(required)]
    pub not_held: Vec<String>,
    /// A change of the machine that would allow the sandbox; null if none is known.
    pub remedy: Option<String>,
}

impl SandboxRecord {
    /// Returns the record of a run without a sandbox.
    #[must_use]
    pub fn none(mode: SandboxMode) -> Self {
        Self {
            mode,
            by: None,
            because: None,
            landlock: None,
            held: Vec::new(),
            not_held: PROMISES.map(ToOwned::to_owned).to_vec(),
            remedy: None,
        }
    }

    /// True if everything that a sandbox promises holds.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.by.is_some() && self.because.is_none()
    }

    /// Returns one line for a person: the parts that hold, the others, and why.
    #[must_use]
    pub fn describe(&self) -> String {
        let because = plain(self.because.as_deref().unwrap_or("off"));
        if self.by.is_none() {
            return format!("no sandbox: {because}");
        }
        let held = match &*self.held {
            [] => "nothing".to_owned(),
            held => held.join(", "),
        };
        let landlock = match self.landlock.as_deref() {
            None => String::new(),
            Some(part) => format!(", landlock {part}"),
        };
        if self.is_whole() {
            format!("sandbox: {held}{landlock}")
        } else {
            format!("sandbox: {held}{landlock}; not held: {because}")
        }
    }
}

/// The mode of the sandbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SandboxMode {
    /// Isolates lanes if possible.
    #[default]
    Auto,
    /// Isolates lanes, and fails if that is impossible.
    Require,
    /// Does not isolate lanes.
    Off,
}

impl std::str::FromStr for SandboxMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "require" => Ok(Self::Require),
            "off" => Ok(Self::Off),
            _ => Err("expected auto, require or off".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_holds_and_why_the_rest_does_not() {
        let off = SandboxRecord::none(SandboxMode::Off);
        assert_eq!(off.describe(), "no sandbox: off");
        let none = SandboxRecord {
            because: Some("bwrap is\nnot there".to_owned()),
            ..SandboxRecord::none(SandboxMode::Auto)
        };
        let said = none.describe();
        assert!(said.starts_with("no sandbox: bwrap is"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        let whole = SandboxRecord {
            by: Some("bubblewrap".to_owned()),
            landlock: Some("full".to_owned()),
            held: vec!["network".to_owned(), "home".to_owned()],
            not_held: Vec::new(),
            ..off.clone()
        };
        assert_eq!(whole.describe(), "sandbox: network, home, landlock full");
        let part = SandboxRecord {
            because: Some("home: /x can be seen".to_owned()),
            landlock: None,
            held: vec!["network".to_owned()],
            ..whole
        };
        let said = "sandbox: network; not held: home: /x can be seen";
        assert_eq!(part.describe(), said);
    }
}

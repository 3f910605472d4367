//! The name of a cell: `<lane>/<stage>`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::names::{NameError, ScenarioName, StageName};
use super::text::own;

/// One lane at one stage, like `violations/pre-commit`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellName {
    /// The lane.
    pub lane: ScenarioName,
    /// The stage.
    pub stage: StageName,
}

/// The reason for which a text names no cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CellNameError {
    /// It does not have two parts.
    #[error("`{0}` is not a cell: it is a lane, a slash and a stage, like violations/pre-commit")]
    Shape(String),
    /// A part is not a name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl CellName {
    /// Returns the name of the cell of a lane at a stage.
    #[must_use]
    pub fn new(lane: &ScenarioName, stage: &StageName) -> Self {
        Self {
            lane: lane.clone(),
            stage: stage.clone(),
        }
    }
}

impl FromStr for CellName {
    type Err = CellNameError;

    fn from_str(text: &str) -> Result<Self, CellNameError> {
        let parts = text.split_once('/');
        let (lane, stage) = parts.ok_or_else(|| CellNameError::Shape(text.to_owned()))?;
        Ok(Self {
            lane: lane.parse()?,
            stage: stage.parse()?,
        })
    }
}

impl fmt::Display for CellName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.lane, self.stage)
    }
}

impl Serialize for CellName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        own(&self.to_string(), to)
    }
}

impl<'de> Deserialize<'de> for CellName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for CellName {
    fn schema_name() -> Cow<'static, str> {
        "CellName".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

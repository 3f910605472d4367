//! The kinds of mutations.

use schemars::JsonSchema;
use serde::Serialize;

/// The way in which a mutation weakens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MutationKind {
    /// A command succeeds whatever it finds.
    PassAlways,
    /// A hook, command, pattern or rule is taken out.
    DropEntry,
    /// A pattern matches no file.
    EmptyGlob,
    /// An error becomes a warning.
    LowerSeverity,
}

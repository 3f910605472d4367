//! The request of a run, as far as it decides what is tried.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::SandboxMode;
use super::text::own;

/// The merged flags, variables and defaults.
///
/// Not included is what only decides the place, speed and display of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the contract"
)]
#[schemars(rename = "Asked")]
pub struct RequestRecord {
    /// The consumer: its top folder, or the folder from which it was searched for.
    pub repo: String,
    /// The configuration that was named, absolute.
    pub config: Option<String>,
    /// The package that was named, as typed; null for that of the
    /// configuration.
    pub package: Option<String>,
    /// The folder that a relative package is relative to.
    pub package_base: String,
    /// The scenarios that were selected by name.
    pub scenarios: Vec<String>,
    /// The stages that were selected by name.
    #[serde(serialize_with = "own")]
    pub stages: Vec<String>,
    /// `--timeout`, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// `--repeat`.
    pub repeat: usize,
    /// `--retries`.
    pub retries: usize,
    /// `--strict`.
    pub strict: bool,
    /// `--fail-fast`.
    pub fail_fast: bool,
    /// `--fresh`.
    pub fresh: bool,
    /// `--sandbox`.
    pub sandbox: SandboxMode,
    /// `--trust-filters`.
    pub trust_filters: bool,
    /// `--worktree`.
    #[serde(default)]
    #[schemars(required)]
    pub worktree: bool,
}

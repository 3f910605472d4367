//! A job of a CI engine other than GitHub Actions.

use std::path::PathBuf;

/// A job, as its environment describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiJob {
    /// The engine.
    pub engine: CiEngine,
    /// The folder to which it relates files: the checkout.
    pub workspace: Option<PathBuf>,
}

/// A CI engine and its own means to show a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CiEngine {
    /// Azure Pipelines, which reads commands from the log (`TF_BUILD`).
    Azure,
    /// Buildkite, whose agent takes an annotation (`BUILDKITE`); None if it is not on PATH.
    Buildkite(Option<PathBuf>),
    /// Another one, which collects a `JUnit` file that its configuration names: `CircleCI`,
    /// GitLab, `TeamCity`.
    Collector,
}

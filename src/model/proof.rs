//! The proofs that a stage must leave beside its exit code, and their evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reason::{Reason, ReasonEvidence};
use super::template::Template;
use super::text::own;

/// The proofs that the gate decided.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The text that the gate must print, in blocking and in passing stages.
    pub marker: Option<Reason>,
    /// The demands on files.
    pub files: FileDemands,
    /// The document that the gate must write.
    pub evidence: Option<EvidenceDemand>,
}

/// Paths in the lane, relative to the clone.
#[derive(Debug, Clone, Default)]
pub struct FileDemands {
    /// Must exist after the stage.
    pub exist: Vec<Template>,
    /// Must have been written by the stage.
    pub new: Vec<Template>,
    /// Must be unchanged by the stage.
    pub unchanged: Vec<Template>,
}

/// A JSON document and the assertions about it.
#[derive(Debug, Clone)]
pub struct EvidenceDemand {
    /// The document, which the stage must write.
    pub file: Template,
    /// The assertions, in jq.
    pub asserts: Vec<String>,
}

impl Proof {
    /// Combines the proof of a stage with that of a scenario.
    ///
    /// The scenario's marker and document replace those of the stage, everything else is
    /// added. Assertions about the same document are added too.
    #[must_use]
    pub fn and(&self, more: &Self) -> Self {
        let joined = |own: &[Template], more: &[Template]| [own, more].concat();
        let evidence = match (&self.evidence, &more.evidence) {
            (Some(own), Some(more)) if own.file == more.file => Some(EvidenceDemand {
                file: own.file.clone(),
                asserts: [&own.asserts[..], &more.asserts[..]].concat(),
            }),
            (own, more) => more.clone().or_else(|| own.clone()),
        };
        Self {
            marker: more.marker.clone().or_else(|| self.marker.clone()),
            files: FileDemands {
                exist: joined(&self.files.exist, &more.files.exist),
                new: joined(&self.files.new, &more.files.new),
                unchanged: joined(&self.files.unchanged, &more.files.unchanged),
            },
            evidence,
        }
    }
}

/// The evidence of a cell beside its exit code.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProofEvidence {
    /// The text that the gate had to print, and the search for it.
    pub marker: Option<ReasonEvidence>,
    /// The files with a demand.
    pub files: Vec<FileEvidence>,
    /// The document that the gate had to write.
    pub evidence: Option<DocumentEvidence>,
}

/// A demand on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileDemand {
    /// It exists after the stage.
    Exist,
    /// The stage wrote it.
    New,
    /// The stage did not change it.
    Unchanged,
}

/// A file of the lane.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FileEvidence {
    /// Its path, relative to the clone.
    pub path: String,
    /// The demand.
    pub demand: FileDemand,
    /// True if the demand is met.
    pub holds: bool,
    /// The reason for which it is not met.
    pub problem: Option<String>,
}

/// The document that a gate had to write.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentEvidence {
    /// Its path, relative to the clone.
    pub file: String,
    /// Digest of the file after the stage, hexadecimal; of the copy, if there is one.
    #[serde(serialize_with = "own")]
    pub sha256: Option<String>,
    /// Its size in bytes.
    pub bytes: Option<u64>,
    /// True if this stage wrote it.
    pub new: bool,
    /// The copy of it without secrets, relative to the run folder; null if there is no
    /// file, or one of more than 10 MiB.
    pub copy: Option<String>,
    /// The reason for which no assertion could be evaluated.
    pub problem: Option<String>,
    /// The assertions; empty if none could be evaluated.
    pub assertions: Vec<AssertionEvidence>,
}

/// One assertion.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AssertionEvidence {
    /// The assertion, in jq.
    pub assertion: String,
    /// True if it holds.
    pub holds: bool,
    /// The values that it looked at.
    pub value: Option<String>,
    /// The reason for which it does not hold.
    pub problem: Option<String>,
}

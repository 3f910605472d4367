//! What a stage must leave beside its exit code, and what it left.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::command::Template;
use super::reason::{Reason, ReasonEvidence};
use super::text::own;

/// What must prove that the gate decided.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// What the gate must print, whether it blocks or not.
    pub marker: Option<Reason>,
    /// What must be true of files.
    pub files: FileDemands,
    /// The document that the gate must write.
    pub evidence: Option<EvidenceDemand>,
}

/// Paths in the lane, relative to the clone.
#[derive(Debug, Clone, Default)]
pub struct FileDemands {
    /// Must be there after the stage.
    pub exist: Vec<Template>,
    /// Must have been written by the stage.
    pub new: Vec<Template>,
    /// Must be what they were before the stage.
    pub unchanged: Vec<Template>,
}

/// A JSON document and what it must say.
#[derive(Debug, Clone)]
pub struct EvidenceDemand {
    /// The document, which the stage must write.
    pub file: Template,
    /// What must hold of it, in jq.
    pub asserts: Vec<String>,
}

impl Proof {
    /// This and what a scenario demands more: its marker and its document
    /// replace those of the stage, all else is added. The asserts of the
    /// same document are added too.
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

/// What a cell proved beside its exit code.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProofEvidence {
    /// What the gate had to print, and whether it did.
    pub marker: Option<ReasonEvidence>,
    /// The files that something was demanded of.
    pub files: Vec<FileEvidence>,
    /// The document that the gate had to write.
    pub evidence: Option<DocumentEvidence>,
}

/// What is demanded of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileDemand {
    /// It is there after the stage.
    Exist,
    /// The stage wrote it.
    New,
    /// It is what it was before the stage.
    Unchanged,
}

/// A file of the lane.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FileEvidence {
    /// Its path, relative to the clone.
    pub path: String,
    /// What was demanded of it.
    pub demand: FileDemand,
    /// Whether that is so.
    pub holds: bool,
    /// Why it is not so.
    pub problem: Option<String>,
}

/// The document that a gate had to write.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DocumentEvidence {
    /// Its path, relative to the clone.
    pub file: String,
    /// Digest of the file after the stage, hexadecimal; of the copy, where
    /// there is one.
    #[serde(serialize_with = "own")]
    pub sha256: Option<String>,
    /// Its size in bytes.
    pub bytes: Option<u64>,
    /// Whether this stage wrote it.
    pub new: bool,
    /// The copy of it without secrets, relative to the run folder; none where
    /// there is no file, or one of more than 10 MiB.
    pub copy: Option<String>,
    /// Why nothing could be asserted of it.
    pub problem: Option<String>,
    /// What had to hold; empty where nothing could be asserted.
    pub assertions: Vec<AssertionEvidence>,
}

/// One assertion.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AssertionEvidence {
    /// The assertion, in jq.
    pub assertion: String,
    /// Whether it holds.
    pub holds: bool,
    /// What stood where it looked.
    pub value: Option<String>,
    /// Why it does not hold.
    pub problem: Option<String>,
}

/// Where the copy of a cell's document is, relative to the run folder.
#[must_use]
pub fn copy_path(
    scenario: &super::ScenarioName,
    stage: &super::StageName,
    file_name: &str,
) -> String {
    format!("evidence/{scenario}/{stage}/{file_name}")
}

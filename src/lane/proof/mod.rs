//! Proofs that a stage must leave, inspected before and after it.

mod evaluate;
mod file_state;
mod verdict;

use std::path::{Path, PathBuf};

pub(super) use verdict::unproven;

use crate::lane::state::Lane;
use crate::model::evidence::Ending;
use crate::model::proof::{DocumentEvidence, FileDemand, FileEvidence};
use crate::model::reason::Reason;
use crate::model::reason::ReasonEvidence;
use crate::model::run_paths::copy_path;
use crate::model::stage::Stage;
use crate::model::template::Template;
use crate::model::{Proof, ProofEvidence, StageName, Vars};
use crate::sys::process::{Captured, RunError};
use crate::sys::{fs, secrets};
use evaluate::Evaluation;
use file_state::FileState;

/// A larger document has no copy in the run folder.
const MAX_COPY_BYTES: usize = 10 * 1024 * 1024;

/// The proofs demanded of a stage, and the states before it.
pub(super) struct Pending {
    marker: Option<Reason>,
    files: Vec<(FileDemand, Place, FileState)>,
    document: Option<PendingDocument>,
}

/// A path of the lane, and its form in messages.
struct Place {
    host: PathBuf,
    shown: String,
}

struct PendingDocument {
    place: Place,
    asserts: Vec<String>,
    before: FileState,
    /// Kept in memory, out of the gate's reach.
    content_before: Vec<u8>,
}

impl Pending {
    /// Returns the text that the stage must print.
    pub(super) fn marker(&self) -> Option<Reason> {
        self.marker.clone()
    }
}

impl Lane<'_> {
    /// Records the states before a stage, once the lane is prepared for it.
    pub(super) fn before_stage(&self, name: &StageName, stage: &Stage) -> Pending {
        let own = self.scenario.proofs.get(name);
        let proof = own.map_or_else(|| stage.proof.clone(), |own| stage.proof.and(own));
        let Proof {
            marker,
            files,
            evidence,
        } = proof;
        let demands = [
            (FileDemand::Exist, files.exist),
            (FileDemand::New, files.new),
            (FileDemand::Unchanged, files.unchanged),
        ];
        let files = demands.into_iter().flat_map(|(demand, paths)| {
            paths.into_iter().map(move |path| {
                let place = self.place(name, &path);
                let before = self.look(&place.host).0;
                (demand, place, before)
            })
        });
        Pending {
            marker,
            files: files.collect(),
            document: evidence.map(|demand| {
                let place = self.place(name, &demand.file);
                let (before, content_before) = self.look(&place.host);
                PendingDocument {
                    place,
                    asserts: demand.asserts,
                    before,
                    content_before,
                }
            }),
        }
    }

    /// Checks the proofs of a stage; None if none are demanded.
    ///
    /// Sets `ending` to cancelled if a signal comes in between.
    pub(super) fn after_stage(
        &self,
        name: &StageName,
        pending: Pending,
        ending: &mut Ending,
        captured: &Captured,
    ) -> Result<Option<ProofEvidence>, RunError> {
        let Pending {
            marker,
            files,
            document,
        } = pending;
        if marker.is_none() && files.is_empty() && document.is_none() {
            return Ok(None);
        }
        let checked = files
            .into_iter()
            .map(|(demand, place, before)| self.file(demand, &place, &before));
        let document_evidence = document
            .map(|document| self.document(name, &document, ending))
            .transpose()?;
        Ok(Some(ProofEvidence {
            marker: marker.map(|marker| ReasonEvidence {
                wanted: marker.as_str().to_owned(),
                found: captured.marker_found,
            }),
            files: checked.collect(),
            evidence: document_evidence,
        }))
    }

    fn place(&self, stage: &StageName, path: &Template) -> Place {
        let vars = self.stage_vars(stage);
        let shown = Vars {
            clone_dir: "{clone_dir}".to_owned(),
            tool_dir: "{tool_dir}".to_owned(),
            ..vars.clone()
        };
        Place {
            host: self.workspace.clone_dir().join(path.expand(&vars)),
            shown: path.expand(&shown),
        }
    }

    fn look(&self, path: &Path) -> (FileState, Vec<u8>) {
        FileState::at(path, self.workspace.host())
    }

    fn file(&self, demand: FileDemand, place: &Place, before: &FileState) -> FileEvidence {
        let now = self.look(&place.host).0;
        let problem = match demand {
            FileDemand::Exist => now.not_there(),
            FileDemand::New => now.not_new(before),
            FileDemand::Unchanged => now.not_unchanged(before),
        };
        FileEvidence {
            path: place.shown.clone(),
            demand,
            holds: problem.is_none(),
            problem,
        }
    }

    fn document(
        &self,
        stage: &StageName,
        pending: &PendingDocument,
        ending: &mut Ending,
    ) -> Result<DocumentEvidence, RunError> {
        let place = &pending.place;
        let (now, content) = self.look(&place.host);
        let problem = now.not_new(&pending.before);
        let mut evidence = DocumentEvidence {
            file: place.shown.clone(),
            sha256: now.file().map(|file| file.sha256.clone()),
            bytes: now.file().map(|file| file.bytes),
            new: problem.is_none(),
            copy: None,
            problem,
            assertions: Vec::new(),
        };
        if now.file().is_some() && content.len() <= MAX_COPY_BYTES {
            let copy = secrets::for_this_process().redact(&content).into_owned();
            evidence.copy = Some(self.keep_copy(stage, &place.host, &copy)?);
            evidence.sha256 = Some(fs::sha256(&copy));
            evidence.bytes = Some(copy.len() as u64);
        }
        if !evidence.new {
            return Ok(evidence);
        }
        let before = pending.before.file().map(|_| &pending.content_before[..]);
        let exit = ending.code();
        match self.evaluate(stage, exit, &pending.asserts, &content, before)? {
            Evaluation::Judged(assertions) => evidence.assertions = assertions,
            Evaluation::NoDocument(why) => evidence.problem = Some(why),
            Evaluation::Stopped => *ending = Ending::Cancelled,
        }
        Ok(evidence)
    }

    /// Copies a document to the run folder, since the lane is removed.
    fn keep_copy(&self, stage: &StageName, file: &Path, bytes: &[u8]) -> Result<String, RunError> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let below = copy_path(self.name, stage, &name);
        let copy = format!("{}{below}", self.cx.path_prefix());
        let path = self.cx.run_folder.join(&copy);
        match fs::write(&path, bytes) {
            Ok(()) => Ok(copy),
            Err(source) => Err(RunError::Log { path, source }),
        }
    }
}

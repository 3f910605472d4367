//! Holds verdict files against the runs that they name.
//!
//! A process that can write into the artifacts folder can write a verdict file. What it
//! says must then also stand in the folder of its run, whose `files.json` holds the digest
//! of every file, and whose own digest stands in the summary.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::ReadError;
use super::file::{Result as ReadResult, document, read};
use super::locate::LocateError;
use super::stored::StoredRun;
use crate::artifact::manifest::FileDigest;
use crate::artifact::run_folder::FILES;
use crate::model::RunId;
use crate::model::text::{plain, shown};
use crate::sys::fs;

/// The ends of the names of verdict files, of a pass and of anything else.
const ENDS: [&str; 2] = ["-summary.json", "-last-failure.json"];

/// A verdict file that is what its run left.
#[derive(Debug)]
pub struct Verified {
    /// The file.
    pub file: PathBuf,
    /// Its verdict in a word.
    pub verdict: String,
    /// The run.
    pub run_id: RunId,
    /// The number of files of the run that were compared; None of a run that did not end, of
    /// which only a marker is left.
    pub files: Option<usize>,
}

/// The reason why a verdict file is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Forged {
    /// It says something else than the run's folder.
    #[error("{}: `{}` is not what the run {run_id} left", shown(file), plain(what))]
    Differs {
        /// The verdict file.
        file: PathBuf,
        /// The field.
        what: String,
        /// The run that it names.
        run_id: RunId,
    },
    /// There is a pass and a failure.
    #[error("{} and {} stand side by side: a run leaves one of them", shown(.0), shown(.1))]
    Both(PathBuf, PathBuf),
    /// There is no such file.
    #[error("there is no file {}", shown(.0))]
    Absent(PathBuf),
    /// It is no verdict, or cannot be read.
    #[error("{cause}")]
    NoVerdict {
        /// The reason, which names the file.
        cause: LocateError,
    },
    /// Its run cannot be read.
    #[error("{}: {cause}", shown(file))]
    OfNoRun {
        /// The verdict file.
        file: PathBuf,
        /// The reason.
        cause: LocateError,
    },
}

impl Forged {
    /// Returns what the user can do.
    #[must_use]
    pub fn next(&self) -> &'static str {
        match self {
            Self::Absent(_) | Self::NoVerdict { .. } => {
                "name a verdict file, such as artifacts/GATE-matrix-summary.json; \
                 without a name all of the artifacts folder (--artifacts) are verified"
            }
            Self::OfNoRun { cause, .. } => cause.next(),
            Self::Differs { .. } | Self::Both(..) => {
                "do not rely on it; remove both and run again: another process wrote into the artifacts folder"
            }
        }
    }
}

/// Returns the verdict files of an artifacts folder, sorted by name.
#[must_use]
pub fn verdict_files(artifacts: &Path) -> Vec<PathBuf> {
    let entries = artifacts.read_dir().into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name();
            ENDS.iter().any(|end| name.to_string_lossy().ends_with(end))
        })
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

/// Verifies a verdict file, and every file of the run that it names.
///
/// # Errors
/// If it is not the run's, or the run is not what it was.
pub fn verify(file: &Path) -> Result<Verified, Forged> {
    if let Some(other) = other_verdict(file) {
        return Err(Forged::Both(file.to_owned(), other));
    }
    let of_no_run = |cause: ReadError| Forged::OfNoRun {
        file: file.to_owned(),
        cause: cause.into(),
    };
    let (bytes, verdict) = value(file).map_err(|cause| match cause {
        ReadError::Gone(file) => Forged::Absent(file),
        cause => Forged::NoVerdict {
            cause: cause.into(),
        },
    })?;
    let text = |key: &str| verdict[key].as_str().unwrap_or_default().to_owned();
    let run_id: RunId = text("run_id").parse().map_err(|_| Forged::NoVerdict {
        cause: LocateError::OfNoRun(file.to_owned()),
    })?;
    let verified = |files| Verified {
        file: file.to_owned(),
        verdict: text("final_verdict"),
        run_id: run_id.clone(),
        files,
    };
    let folder = fs::parent(file).join("runs").join(run_id.as_str());
    let stored = match StoredRun::open(&folder) {
        Err(ReadError::Incomplete(_) | ReadError::Running(_) | ReadError::Missing(_))
            if is_marker(&verdict) =>
        {
            return Ok(verified(None));
        }
        opened => opened.map_err(of_no_run)?,
    };
    let files = stored.verify().map_err(of_no_run)?;
    let (manifest, _) = value(&folder.join(FILES)).map_err(of_no_run)?;
    match difference(&stored, &bytes, &verdict, &fs::sha256(&manifest)) {
        None => Ok(verified(Some(files))),
        Some(what) => Err(Forged::Differs {
            file: file.to_owned(),
            what: what.to_owned(),
            run_id,
        }),
    }
}

/// True for what a run leaves that was killed.
fn is_marker(verdict: &Value) -> bool {
    verdict["final_verdict"] == "FAIL" && verdict["failure_step"] == "run_incomplete"
}

/// Returns the verdict of the other kind, if it stands beside a file.
fn other_verdict(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    let [pass, fail] = ENDS;
    let own = match (name.strip_suffix(pass), name.strip_suffix(fail)) {
        (Some(gate), _) => format!("{gate}{fail}"),
        (_, Some(gate)) => format!("{gate}{pass}"),
        _ => return None,
    };
    let other = file.with_file_name(own);
    other.symlink_metadata().is_ok().then_some(other)
}

fn value(file: &Path) -> ReadResult<(Vec<u8>, Value)> {
    let bytes = read(file)?;
    let value = document(file, &bytes)?;
    Ok((bytes, value))
}

/// Returns the first field of a verdict in which it differs from its run.
fn difference(
    stored: &StoredRun,
    bytes: &[u8],
    verdict: &Value,
    manifest: &str,
) -> Option<&'static str> {
    let run = serde_json::to_value(stored.run()).unwrap_or_default();
    if verdict["failure_step"].is_string() {
        let failure = &run["failure"];
        let is_same = |key: &str, own: &str| verdict[key] == failure[own];
        return if verdict["final_verdict"] != run["final_verdict"] {
            Some("final_verdict")
        } else if !is_same("failure_step", "step") {
            Some("failure_step")
        } else if !is_same("failure_phase", "phase") {
            Some("failure_phase")
        } else {
            None
        };
    }
    // The verdict of a trial is a document of its run.
    let own = FileDigest::from_bytes(bytes);
    if verdict["scenarios"].is_null() || verdict["files_sha256"].is_null() {
        let is_of_run = stored.digests().any(|digest| *digest == own);
        return (!is_of_run).then_some("final_verdict");
    }
    let fields = ["final_verdict", "scenarios", "package_resolved", "source"];
    let differs = fields.into_iter().find(|key| verdict[*key] != run[*key]);
    let is_vouched_for = verdict["files_sha256"] == manifest;
    differs.or_else(|| (!is_vouched_for).then_some("files_sha256"))
}

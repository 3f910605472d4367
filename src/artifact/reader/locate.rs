//! Locating a run by the words that users and scripts name it by.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::ReadError;
use super::file::{document, is_absence, read};
use super::history::{Head, History};
use super::stored::StoredRun;
use crate::artifact::run_folder::{EVENTS, NUMBER, PLAN, RUN};
use crate::artifact::unpack::UnpackError;
use crate::model::text::{plain, shown};
use crate::model::{Kind, RunId};
use crate::sys::fs;

/// The word for the newest run of `matrix run`.
pub const LATEST: &str = "latest";
/// The word for the newest one that passed whole.
pub const LAST_PASS: &str = "last-pass";

/// The word for the newest one that failed.
pub const LAST_FAIL: &str = "last-fail";

/// Number of runs listed for an ambiguous word.
const MAX_LISTED: usize = 5;
/// The depth to which artifacts folders are looked for in a folder that is none.
const MAX_DEPTH: usize = 2;

/// The reason why a word does not name a run.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// No run has such an id.
    #[error("there is no run `{}` in {}", plain(word), shown(artifacts))]
    Unknown {
        /// The word.
        word: String,
        /// The artifacts folder.
        artifacts: PathBuf,
    },
    /// Several have.
    #[error("`{}` is the beginning of several runs: {}", plain(word), ids.join(", "))]
    Ambiguous {
        /// The word.
        word: String,
        /// The first of them, sorted.
        ids: Vec<String>,
    },
    /// There is no run at all, or none that passed.
    #[error("there is no {what} in {}", shown(artifacts))]
    Nothing {
        /// The kind of run that was searched.
        what: &'static str,
        /// The artifacts folder.
        artifacts: PathBuf,
    },
    /// A file that names a run whose folder is elsewhere, or gone.
    #[error("{} is of run {run_id}, which is not in {}", shown(file), shown(runs))]
    Elsewhere {
        /// The file.
        file: PathBuf,
        /// The run that it names.
        run_id: RunId,
        /// The folder that would contain it.
        runs: PathBuf,
    },
    /// A file or folder that does not belong to a run.
    #[error("{} is no file or folder that a run left", shown(.0))]
    OfNoRun(PathBuf),
    /// An archive that cannot be unpacked.
    #[error(transparent)]
    Packed(#[from] UnpackError),
    /// A folder of several artifacts folders.
    #[error("{} has several artifacts folders: {}", shown(folder), found.join(", "))]
    Several {
        /// The folder.
        folder: PathBuf,
        /// The first of them, sorted.
        found: Vec<String>,
    },
    /// The run is there, and cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
}

impl LocateError {
    /// Returns what the user can do.
    #[must_use]
    pub fn next(&self) -> &'static str {
        match self {
            Self::Unknown { .. } | Self::OfNoRun(_) => {
                "name a run by latest, latest~1, last-pass, last-fail, its id, the beginning of \
                 it, or a file that it left; matrix runs lists those of the artifacts folder \
                 (--artifacts)"
            }
            Self::Ambiguous { .. } => "give more of the id",
            Self::Packed(_) => "download it again, or unpack it yourself and name the folder",
            Self::Several { .. } => "name one of them, or a run in it",
            Self::Nothing { .. } => {
                "run the matrix first (matrix run), or name another artifacts folder: --artifacts DIR"
            }
            Self::Elsewhere { .. } => {
                "keep a verdict file beside the runs/ folder that it came with"
            }
            Self::Unreadable(e) => e.next(),
        }
    }

    /// True if the word is wrong, and not the run.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Unreadable(_) | Self::Packed(_))
    }
}

/// Opens the run that is meant: `latest`, `latest~2` (the second before it that ended),
/// `last-pass`, `last-fail`, an id or the beginning of one, in this artifacts folder; or a file that a run left
/// (its verdict, or any document of its folder), or that folder, anywhere; or a folder that
/// holds one artifacts folder, of which the newest run is meant.
///
/// # Errors
/// If no run, or more than one, is named so; or if it cannot be read.
pub fn open(
    word: &str,
    artifacts: &Path,
    working_directory: &Path,
) -> Result<StoredRun, LocateError> {
    let nothing = |what| LocateError::Nothing {
        what,
        artifacts: artifacts.to_owned(),
    };
    let history = History::new(artifacts);
    match word {
        LATEST => {
            let id = history.newest().ok_or_else(|| nothing("run"))?;
            return Ok(history.open(&id)?);
        }
        LAST_PASS => {
            let head = history.last_pass();
            return Ok(history.open(&head.ok_or_else(|| nothing("run that passed"))?.run_id)?);
        }
        LAST_FAIL => {
            let head = history.last_fail();
            return Ok(history.open(&head.ok_or_else(|| nothing("run that failed"))?.run_id)?);
        }
        _ => {}
    }
    if let Some(back) = word.strip_prefix("latest~")
        && let Ok(back) = back.parse::<usize>()
    {
        let newest = history.newest().ok_or_else(|| nothing("run"))?;
        let of_matrix = history.complete().filter(|head| head.kind == Kind::Matrix);
        let mut ids = of_matrix.map(|head| head.run_id).filter(|id| *id != newest);
        let id = match back.checked_sub(1) {
            None => Some(newest.clone()),
            Some(before) => ids.nth(before),
        };
        return Ok(history.open(&id.ok_or_else(|| nothing("run so far back"))?)?);
    }
    match by_id(word, &history, artifacts) {
        Err(LocateError::Unknown { .. })
            if !word.is_empty() && working_directory.join(word).exists() =>
        {
            let path = working_directory.join(word);
            from_path(&path.canonicalize().unwrap_or(path))
        }
        found => Ok(history.open(&found?)?),
    }
}

fn by_id(word: &str, history: &History, artifacts: &Path) -> Result<RunId, LocateError> {
    let mut ids: Vec<RunId> = history.ids().collect();
    ids.sort();
    if let Some(id) = ids.iter().find(|id| id.as_str() == word) {
        return Ok(id.clone());
    }
    ids.retain(|id| !word.is_empty() && id.as_str().starts_with(word));
    match ids.as_slice() {
        [id] => Ok(id.clone()),
        [] => Err(LocateError::Unknown {
            word: word.to_owned(),
            artifacts: artifacts.to_owned(),
        }),
        several => Err(LocateError::Ambiguous {
            word: word.to_owned(),
            ids: several
                .iter()
                .take(MAX_LISTED)
                .map(ToString::to_string)
                .collect(),
        }),
    }
}

/// Opens the run that a file belongs to, or the run of a folder.
fn from_path(path: &Path) -> Result<StoredRun, LocateError> {
    #[derive(serde::Deserialize)]
    struct OfRun {
        run_id: RunId,
    }
    if path.is_dir() {
        let is_of_run = [EVENTS, RUN].iter().any(|file| path.join(file).exists());
        return if is_of_run {
            Ok(StoredRun::open(path)?)
        } else {
            newest_in(path)
        };
    }
    let folder = path.parent().unwrap_or(path);
    let of_run: Result<OfRun, _> = document(path, &read(path)?);
    let OfRun { run_id } = of_run.map_err(|e| match e {
        // A document beside `events.jsonl` did belong to a run.
        ReadError::NotJson { .. } if !folder.join(EVENTS).exists() => {
            LocateError::OfNoRun(path.to_owned())
        }
        other => other.into(),
    })?;
    if folder
        .file_name()
        .is_some_and(|name| name == run_id.as_str())
    {
        return Ok(StoredRun::open(folder)?);
    }
    let runs = folder.join("runs");
    let stored = StoredRun::open(&runs.join(run_id.as_str()));
    stored.map_err(|e| match e {
        ReadError::Missing(_) => LocateError::Elsewhere {
            file: path.to_owned(),
            run_id,
            runs,
        },
        other => other.into(),
    })
}

/// Opens the newest run of an artifacts folder, or of the only one in a folder, as it comes
/// from a CI engine: at most two folders deep.
fn newest_in(folder: &Path) -> Result<StoredRun, LocateError> {
    let mut found = Vec::new();
    let mut level = vec![folder.to_owned()];
    for _ in 0..=MAX_DEPTH {
        let is_one = |path: &&PathBuf| path.join("runs").is_dir();
        found.extend(level.iter().filter(is_one).cloned());
        if !found.is_empty() {
            break;
        }
        let listed = level.iter().filter_map(|path| path.read_dir().ok());
        let folders = listed
            .flatten()
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|it| it.is_dir()));
        level = folders.map(|entry| entry.path()).collect();
    }
    found.sort();
    match found.as_slice() {
        [] => Err(LocateError::OfNoRun(folder.to_owned())),
        [artifacts] => {
            let history = History::new(artifacts);
            let newest = history.newest();
            // A folder may hold trials alone.
            let any = || history.complete().next().map(|head| head.run_id);
            let id = newest.or_else(any).ok_or_else(|| LocateError::Nothing {
                what: "run",
                artifacts: artifacts.clone(),
            })?;
            Ok(history.open(&id)?)
        }
        several => Err(LocateError::Several {
            folder: folder.to_owned(),
            found: several.iter().take(MAX_LISTED).map(shown).collect(),
        }),
    }
}

impl History {
    /// The newest run of `matrix run`, whether it can be read or not: one
    /// that died after the last complete one must not hide behind it. A trial
    /// passes for reasons of its own, and a replay is of what came before.
    fn newest(&self) -> Option<RunId> {
        let all = self.all();
        let is_one = |head: &Head| head.kind == Kind::Matrix;
        let complete = all.iter().find_map(|(id, head)| {
            let head = head.as_ref().ok().filter(|head| is_one(head))?;
            Some((id, head.number, self.touched(id, RUN)))
        });
        let is_newer = |(number, at): &(u64, SystemTime)| match complete {
            // Files can have any time; numbers are given in the order of runs.
            Some((_, of_complete, _)) if *number > 0 && of_complete > 0 => *number > of_complete,
            Some((_, _, since)) => since.is_none_or(|since| *at > since),
            None => true,
        };
        let newer = all
            .iter()
            .filter(|(id, head)| head.is_err() && self.may_be_of_matrix(id))
            .filter_map(|(id, _)| Some(((self.number(id), self.touched(id, EVENTS)?), id)))
            .filter(|(age, _)| is_newer(age))
            .max();
        newer
            .map(|(_, id)| id)
            .or(complete.map(|(id, ..)| id))
            .cloned()
    }

    /// The number of a run that has not ended; 0 if that is not known.
    fn number(&self, id: &RunId) -> u64 {
        let text = fs::read_text(self.runs.join(id.as_str()).join(NUMBER));
        text.ok().and_then(|it| it.trim().parse().ok()).unwrap_or(0)
    }

    /// True unless an unreadable run is known to be of another kind.
    fn may_be_of_matrix(&self, id: &RunId) -> bool {
        #[derive(serde::Deserialize)]
        struct Planned {
            kind: Kind,
        }
        let path = self.runs.join(id.as_str()).join(PLAN);
        let plan: Result<Planned, _> = read(&path).and_then(|bytes| document(&path, &bytes));
        plan.map_or(true, |plan| plan.kind == Kind::Matrix)
    }

    fn touched(&self, id: &RunId, file: &str) -> Option<SystemTime> {
        let path = self.runs.join(id.as_str()).join(file);
        match path.metadata() {
            Ok(meta) => meta.modified().ok(),
            Err(e) if is_absence(&e) => {
                self.runs.join(id.as_str()).metadata().ok()?.modified().ok()
            }
            Err(_) => None,
        }
    }
}

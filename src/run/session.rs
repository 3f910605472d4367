//! A run that holds the artifacts folder: its lock, its id, its marker and
//! its folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::artifact::context::RunContext;
use crate::artifact::folder::OpenError;
use crate::artifact::last_failure::LastFailure;
use crate::artifact::lock::FolderLock;
use crate::artifact::retention;
use crate::artifact::run_folder::RunWriter;
use crate::artifact::verdict_files::VerdictFiles;
use crate::artifact::write_error::WriteError;
use crate::model::ExitCode;
use crate::model::profile::Retention;
use crate::preflight::Refusal;
use crate::prepare::{Loaded, Mode, Request, Setting, is_lanes_root, lanes_root, load};
use crate::report::notice::Notice;
use crate::report::reporter::Reporter;
use crate::rerun::{NoRerun, Parent};
use crate::runner::cancel;
use crate::sys::fs;
use crate::sys::process::Control;

/// A run that holds the artifacts folder.
pub(super) struct Session {
    /// The request, with the package of a rerun's parent if it named none.
    pub(super) request: Request,
    /// The run's facts.
    pub(super) context: RunContext,
    /// The lock of the artifacts folder.
    pub(super) lock: FolderLock,
    /// The verdict files of this run.
    pub(super) verdicts: VerdictFiles,
    /// The document that says FAIL until there is a verdict.
    pub(super) marker: LastFailure,
    /// The run's folder.
    pub(super) writer: RunWriter,
    /// The folder of everything that lanes are made of.
    pub(super) lanes_root: PathBuf,
    /// The claim on that folder.
    _claim: Option<fs::Claim>,
    /// The run whose outstanding cells are run.
    pub(super) parent: Option<Parent>,
    /// The limits on earlier runs; None keeps everything.
    pub(super) retention: Option<Retention>,
    /// The moment at which the run got the lock.
    pub(super) begun: Instant,
    /// The number of events of the run itself.
    pub(super) seq: u64,
}

/// Loads the consumer, locks the artifacts folder and leaves a marker there.
///
/// # Errors
/// The code to exit with; the reason was reported. Nothing was touched, unless
/// the marker or the run's folder could not be written.
pub(super) fn load_and_lock(
    request: &Request,
    mode: &Mode<'_>,
    control: &Control,
    reporter: &mut dyn Reporter,
) -> Result<(Session, Loaded), ExitCode> {
    let mut read = read(request, mode);
    if let Some(text) = read.loaded.usage_error(request, mode) {
        reporter.notice(&Notice::Refused(&Refusal::usage(text)));
        return Err(ExitCode::Usage);
    }
    check_baseline(mode, &read.loaded, reporter)?;
    let is_named_wrong = !request.consumer.repo.exists();
    let place = read.loaded.artifacts(request);
    let Some(place) = place.filter(|_| !is_named_wrong) else {
        if let Err(unsupported) = read.loaded.consumer {
            reporter.notice(&Notice::Refused(&Refusal::from(unsupported)));
        }
        return Err(ExitCode::Unusable);
    };
    // The run that is waited for may turn out to be the parent of a rerun.
    if let (Err(e), false) = (&read.parent, request.output.wait) {
        return Err(no_rerun(e, reporter));
    }
    let mut lock = place.lock(false, control);
    if let (Err(OpenError::Busy(path)), true) = (&lock, request.output.wait) {
        reporter.notice(&Notice::Waiting(path));
        lock = place.lock(true, control);
        // The consumer may have changed while the other run went on.
        read = self::read(request, mode);
    }
    let Read {
        request,
        loaded,
        parent,
    } = read;
    let parent = parent.map_err(|e| no_rerun(&e, reporter))?;
    let lock = lock.map_err(|e| not_locked(&e, control, reporter))?;
    match Session::begin(request, mode, &loaded, lock, parent) {
        Ok(session) => Ok((session, loaded)),
        Err(e) => Err(not_written(&e, reporter)),
    }
}

/// A run that nothing was touched for yet.
struct Read {
    request: Request,
    loaded: Loaded,
    parent: Result<Option<Parent>, NoRerun>,
}

/// Loads the consumer, and opens the parent of a rerun. If neither the user
/// nor the configuration names a package, the rerun has that of its parent.
fn read(request: &Request, mode: &Mode<'_>) -> Read {
    let mut request = request.clone();
    let mut loaded = load(&request, mode);
    let opened = open_parent(&request, mode, &loaded);
    let configured = loaded.profile.as_ref().is_ok_and(|p| p.package.is_some());
    if let Ok(Some(parent)) = &opened
        && request.package.spec.is_none()
        && !configured
        && let Some(package) = parent.package()
    {
        request.package.spec = Some(package);
        loaded = load(&request, mode);
    }
    let parent = opened.and_then(|parent| {
        // A configuration error is kept and reported by the run.
        if let (Some(parent), Ok(profile)) = (&parent, &loaded.profile) {
            parent.check(&request.selection, profile)?;
        }
        Ok(parent)
    });
    Read {
        request,
        loaded,
        parent,
    }
}

fn open_parent(
    request: &Request,
    mode: &Mode<'_>,
    loaded: &Loaded,
) -> Result<Option<Parent>, NoRerun> {
    let Some(word) = mode.rerun_from() else {
        return Ok(None);
    };
    let place = loaded.artifacts(request);
    let artifacts = place.map_or_else(|| request.consumer.repo.clone(), |place| place.path);
    let own = request.output.run_id.as_ref();
    Parent::open(word, &artifacts, &request.package.base, own).map(Some)
}

/// A baseline of another gate is an error of usage.
fn check_baseline(
    mode: &Mode<'_>,
    loaded: &Loaded,
    reporter: &mut dyn Reporter,
) -> Result<(), ExitCode> {
    let named = mode.baseline().filter(|baseline| baseline.is_named);
    let (Some(baseline), Ok(profile)) = (named, &loaded.profile) else {
        return Ok(());
    };
    baseline.fits(&profile.gate).map_err(|e| {
        reporter.notice(&Notice::UnfitBaseline(&e));
        ExitCode::Usage
    })
}

fn no_rerun(error: &NoRerun, reporter: &mut dyn Reporter) -> ExitCode {
    reporter.notice(&Notice::NoRerun(error));
    if error.is_usage() {
        ExitCode::Usage
    } else {
        ExitCode::Unusable
    }
}

fn not_locked(error: &OpenError, control: &Control, reporter: &mut dyn Reporter) -> ExitCode {
    match error {
        OpenError::Busy(path) => {
            reporter.notice(&Notice::Busy(path));
            ExitCode::Busy
        }
        OpenError::Unsafe(e) => not_written(e, reporter),
        OpenError::Stopped(path) => {
            reporter.notice(&Notice::StoppedWaiting(path));
            cancel::exit_code(control).unwrap_or(ExitCode::Terminate)
        }
    }
}

/// Reports an artifact that could not be written.
pub(super) fn not_written(error: &WriteError, reporter: &mut dyn Reporter) -> ExitCode {
    reporter.notice(&Notice::NotWritten(error));
    ExitCode::Artifact
}

/// Removes what runs left that were killed: temporary folders, and lanes of other
/// artifacts folders.
fn sweep(work_dir: &Path) {
    fs::sweep_temporary();
    fs::sweep_claimed(work_dir, is_lanes_root);
}

impl Session {
    /// Gives the run its id, replaces the old verdict by a marker and makes
    /// the run's folder.
    fn begin(
        request: Request,
        mode: &Mode<'_>,
        loaded: &Loaded,
        lock: FolderLock,
        parent: Option<Parent>,
    ) -> Result<Self, WriteError> {
        let begun = Instant::now();
        let (kind, clock) = (mode.kind(), request.clock);
        let chosen = request.output.run_id.clone();
        let context = RunContext {
            run_id: chosen.unwrap_or_else(|| clock.new_run_id(&loaded.gate, kind)),
            kind,
            gate: loaded.gate.clone(),
            package_spec: loaded.package_spec(&request),
            asked: request.record(loaded.root.as_deref()),
            artifacts: lock.path().to_owned(),
            clock,
        };
        let package = context.package_spec.clone();
        let marker = LastFailure::marker(&context.run_id, package, clock.now_utc());
        let verdicts = lock.verdicts(loaded.gate.clone(), kind);
        let configured = loaded.profile.as_ref().ok().map(|p| p.retention);
        let retention = request.output.retention.over(configured);
        let open = || {
            if mode.has_verdict() {
                verdicts.begin(&marker)?;
            }
            RunWriter::create(&lock, &context.run_id)
        };
        let make_room = || retention.is_some() && retention::make_room(&lock, &context.run_id);
        let mut opened = open();
        if matches!(&opened, Err(e) if e.is_full()) && make_room() {
            opened = open();
        }
        let writer = opened?;
        if retention::lacks_room(&lock) {
            make_room();
        }
        let lanes_root = lanes_root(&request, lock.path());
        sweep(&request.execution.work_dir);
        // The lock is held: whatever is there was left by a run that died.
        let _ = fs::remove_folder(&lanes_root);
        let claim =
            fs::create_folder(fs::parent(&lanes_root)).and_then(|()| fs::Claim::take(&lanes_root));
        Ok(Self {
            retention,
            request,
            context,
            lock,
            verdicts,
            marker,
            writer,
            lanes_root,
            // Without it the next run of this artifacts folder alone removes the lanes.
            _claim: claim.ok().flatten(),
            parent,
            begun,
            seq: 0,
        })
    }

    /// The facts that the preparation works with.
    pub(super) fn setting<'a>(&'a self, mode: &'a Mode<'a>, control: &'a Control) -> Setting<'a> {
        Setting {
            request: &self.request,
            mode,
            context: &self.context,
            parent: self.parent.as_ref(),
            lanes_root: &self.lanes_root,
            control,
        }
    }
}

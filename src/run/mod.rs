//! One run, from what was asked to its exit code, in the order that the
//! contract gives: until the lock is held nothing is touched; from then on
//! something always says FAIL until there is a verdict.

mod bind;
mod verdict;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::artifact::folder::{ArtifactsFolder, OpenError, Place, WriteError};
use crate::artifact::last_failure::LastFailure;
use crate::artifact::run_folder::RunWriter;
use crate::artifact::{retention, summary};
use crate::config::{self, ConfigError};
use crate::model::event::{Event, EventKind};
use crate::model::failure::{PREFLIGHT, step};
use crate::model::{
    ExitCode, Failure, FailureClass, GateName, LaneEvidence, PackageSpec, Plan, Profile, RunId,
};
use crate::planner::{self, Selection};
use crate::preflight;
use crate::report::failure;
use crate::runner;
use crate::sys::clock::Clock;
use crate::sys::env::Snapshot;
use crate::sys::fs;
use crate::sys::git::{Consumer, Unsupported};
use crate::sys::process::Control;
use bind::Bound;
pub use bind::planned_lanes;
use verdict::Verdict;

/// What a run was asked to do: flags, environment and defaults, merged.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where to look for the consumer.
    pub repo: PathBuf,
    /// A configuration file named by the user, absolute.
    pub config: Option<PathBuf>,
    /// The artifacts folder, where the user named one; absolute.
    pub artifacts: Option<PathBuf>,
    /// The folder for lanes and caches, absolute, in no work tree.
    pub work_dir: PathBuf,
    /// The package spec of the user.
    pub package: Option<PackageSpec>,
    /// What a relative package spec of the user is relative to.
    pub package_base: PathBuf,
    /// Which cells are to be played.
    pub selection: Selection,
    /// How many lanes run side by side.
    pub jobs: usize,
    /// Whether a failed lane cancels those declared after it.
    pub fail_fast: bool,
    /// Whether a vacuous cell is red.
    pub strict: bool,
    /// The time limit of a step that names none.
    pub timeout: Option<Duration>,
    /// Whether lanes stay on the disk.
    pub keep: bool,
    /// Whether to wait for another run to end.
    pub wait: bool,
    /// The run's id, where the user chose one.
    pub run_id: Option<RunId>,
    /// How much of the past is kept, where the user said: runs, MiB, days.
    pub retention: [Option<u64>; 3],
    /// The environment.
    pub env: Snapshot,
    /// The clock of what is written.
    pub clock: Clock,
}

/// Where a run shows itself.
pub trait Face {
    /// What will run is known; events follow.
    fn planned(&mut self, plan: &Plan, fail_fast: bool);
    /// Something happened.
    fn event(&mut self, event: &Event);
    /// A message for a person: lines, each ended.
    fn say(&mut self, text: &str);
    /// Every lane has ended; the package that passed, after a whole pass.
    fn closed(&mut self, passed: Option<&str>);
}

/// Runs the matrix and tells the code to exit with.
pub fn run(request: &Request, control: &Control, face: &mut dyn Face) -> ExitCode {
    let consumer = Consumer::open(&request.repo);
    let root = match &consumer {
        Ok(consumer) => Some(consumer.root().to_owned()),
        Err(unsupported) => unsupported.root.clone(),
    };
    let config_root = root.clone().unwrap_or_else(|| request.repo.clone());
    let asked = config::Request {
        repo_root: &config_root,
        file: request.config.as_deref(),
        package: request.package.as_ref(),
        package_base: &request.package_base,
    };
    let profile = config::load(&asked);
    let prefix = match &profile {
        Ok(profile) => profile.gate.clone(),
        Err(_) => config::guess_gate(&asked),
    };
    let Some(place) = place(request, root.as_deref()) else {
        if let Err(unsupported) = &consumer {
            face.say(&unsupported_text(unsupported));
        }
        return ExitCode::Unusable;
    };
    let folder = match ArtifactsFolder::lock(&place, prefix.clone(), request.wait, control) {
        Ok(folder) => folder,
        Err(e) => return not_ours(&e, control, face),
    };
    let run_id = request
        .run_id
        .clone()
        .unwrap_or_else(|| request.clock.new_run_id(&prefix));
    let spec = match &profile {
        Ok(profile) => profile
            .package
            .as_ref()
            .map(|spec| spec.as_str().to_owned()),
        Err(_) => request
            .package
            .as_ref()
            .map(|spec| spec.as_str().to_owned()),
    };
    let marker = LastFailure::marker(&run_id, spec, request.clock.now_utc());
    let begun = folder
        .begin(&marker)
        .and_then(|()| RunWriter::create(&folder, &run_id));
    let writer = match begun {
        Ok(writer) => writer,
        Err(e) => return cannot_write(&e, face),
    };
    let held = Held {
        request,
        control,
        folder,
        gate: prefix,
        run_id,
        marker,
    };
    held.play(consumer, profile, writer, face)
}

fn place(request: &Request, root: Option<&Path>) -> Option<Place> {
    match &request.artifacts {
        Some(path) => Some(Place {
            path: path.clone(),
            inside: None,
        }),
        None => root.map(|root| Place {
            path: root.join("artifacts"),
            inside: Some(root.to_owned()),
        }),
    }
}

fn not_ours(error: &OpenError, control: &Control, face: &mut dyn Face) -> ExitCode {
    match error {
        OpenError::Busy(path) => {
            face.say(&format!(
                "ERROR: another run holds {}\n  next: wait for it (--wait), or use another --artifacts folder\n",
                failure::shown(path)
            ));
            ExitCode::Busy
        }
        OpenError::Unsafe(e) => cannot_write(e, face),
        OpenError::Stopped(path) => {
            face.say(&format!(
                "ERROR: stopped while waiting for {}\n",
                failure::shown(path)
            ));
            control.signal().unwrap_or(ExitCode::Terminate)
        }
    }
}

fn cannot_write(error: &WriteError, face: &mut dyn Face) -> ExitCode {
    let next = if error.is_full() {
        "make room on the disk of the artifacts folder, or use another one: --artifacts DIR"
    } else {
        "see that the artifacts folder can be written, or use another one: --artifacts DIR"
    };
    face.say(&format!(
        "ERROR: an artifact could not be written safely: {}\n  next: {next}\n",
        crate::report::plain::plain(&error.to_string())
    ));
    ExitCode::Artifact
}

fn unsupported_text(unsupported: &Unsupported) -> String {
    let plain = crate::report::plain::plain;
    format!(
        "ERROR: {}\n  next: {}\n",
        plain(&unsupported.reason),
        plain(&unsupported.remedy)
    )
}

/// A run that holds the artifacts folder.
struct Held<'a> {
    request: &'a Request,
    control: &'a Control,
    folder: ArtifactsFolder,
    gate: GateName,
    run_id: RunId,
    marker: LastFailure,
}

impl Held<'_> {
    fn play(
        self,
        consumer: Result<Consumer, Unsupported>,
        profile: Result<Profile, ConfigError>,
        mut writer: RunWriter,
        face: &mut dyn Face,
    ) -> ExitCode {
        let lanes_root = bind::lanes_root(self.request, self.folder.path());
        // The lock is held: whatever is there was left by a run that died.
        let _ = fs::remove_folder(&lanes_root);
        let ready = consumer
            .map_err(|unsupported| {
                face.say(&unsupported_text(&unsupported));
                let text = format!("{unsupported}\n{}", unsupported.remedy);
                preflight_failure(
                    ExitCode::Unusable,
                    step::REPO_UNSUPPORTED,
                    FailureClass::Unsupported,
                    text,
                )
            })
            .and_then(|consumer| self.preflight(consumer, profile, &lanes_root, &writer, face));
        let bound = match ready {
            Ok(bound) => bound,
            Err(failure) => {
                let stopped = self.control.signal().map(|code| stopped_early(code));
                let verdict = Verdict::preflight(stopped.unwrap_or(failure));
                return self.conclude(writer, verdict, face);
            }
        };
        face.planned(&bound.plan, self.request.fail_fast);
        let mut seq = 0;
        let mut run_event = |kind: EventKind, writer: &mut RunWriter, face: &mut dyn Face| {
            seq += 1;
            let at = self.request.clock.now_utc();
            let event = Event {
                seq,
                at,
                lane: None,
                kind,
            };
            let written = writer.event(&event);
            face.event(&event);
            written
        };
        let begun = std::time::Instant::now();
        let started = run_event(bound.started(self.request), &mut writer, face);
        let job = bound.job(self.request, self.control);
        let mut played = runner::play(job, &mut writer, &mut |event| face.event(event));
        played.unwritten = started.err().or(played.unwritten);
        let left = std::mem::take(&mut played.left);
        let mut verdict = Verdict::of(bound, played, self.control.signal());
        let finished = run_event(
            EventKind::RunFinished {
                final_verdict: verdict.word.as_str().to_owned(),
                exit_code: verdict.exit.number(),
                duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            },
            &mut writer,
            face,
        );
        verdict.note_unwritten(finished.err());
        let code = self.conclude(writer, verdict, face);
        clean_up(lanes_root, left, self.request.keep, self.control);
        code
    }

    /// Everything that must hold before the first lane.
    fn preflight(
        &self,
        consumer: Consumer,
        profile: Result<Profile, ConfigError>,
        lanes_root: &Path,
        writer: &RunWriter,
        face: &mut dyn Face,
    ) -> Result<Box<Bound>, Failure> {
        let dirt = consumer
            .dirt(self.folder.path(), &self.request.env)
            .map_err(|unsupported| {
                face.say(&unsupported_text(&unsupported));
                let text = unsupported.to_string();
                preflight_failure(
                    ExitCode::Unusable,
                    step::REPO_UNSUPPORTED,
                    FailureClass::Unsupported,
                    text,
                )
            })?;
        if !dirt.is_empty() {
            face.say(&failure::dirty(consumer.root(), &dirt));
            return Err(verdict::dirty(consumer.root(), dirt.len()));
        }
        let config_failure = |face: &mut dyn Face, text: String| {
            face.say(&format!("ERROR: {}\n", text_lines(&text)));
            preflight_failure(
                ExitCode::Usage,
                step::CONFIG_LOAD,
                FailureClass::Config,
                text,
            )
        };
        let profile = profile.map_err(|e| config_failure(face, e.to_string()))?;
        let plan = planner::plan(&profile, &self.request.selection)
            .map_err(|e| config_failure(face, e.to_string()))?;
        config::check_overlays(&profile, &consumer)
            .map_err(|e| config_failure(face, e.to_string()))?;
        let tools = preflight::find_tools(&profile, &self.request.env).map_err(|missing| {
            let text = missing.to_string();
            face.say(&format!(
                "ERROR: {}\n  next: install it, or see that PATH leads to it; `matrix check` tells what is missing\n",
                text_lines(&text)
            ));
            preflight_failure(ExitCode::Unusable, step::TOOL_MISSING, FailureClass::Unsupported, text)
        })?;
        let bound = bind::bind(
            self,
            &consumer,
            profile,
            plan,
            tools,
            lanes_root,
            writer.path(),
        );
        let mut bound = bound.map_err(|text| {
            face.say(&format!("ERROR: {}\n", text_lines(&text)));
            preflight_failure(
                ExitCode::Unusable,
                step::WORK_DIR,
                FailureClass::Infra,
                text,
            )
        })?;
        bound.plan_sha256 = Some(writer.plan(&bound.bound_plan).map_err(|e| {
            cannot_write(&e, face);
            let text = e.to_string();
            preflight_failure(
                ExitCode::Artifact,
                step::RUN_INCOMPLETE,
                FailureClass::Io,
                text,
            )
        })?);
        Ok(Box::new(bound))
    }

    /// Run folder, verdict, retention, exit code: in this order.
    fn conclude(&self, writer: RunWriter, verdict: Verdict, face: &mut dyn Face) -> ExitCode {
        let run = verdict.run_record(self);
        let run_folder = match writer.finish(&run) {
            Ok(path) => path,
            Err(e) => return cannot_write(&e, face),
        };
        if let Some(e) = &verdict.unwritten {
            // The marker of the run stays: what it left is not complete.
            return self.stopped_or(cannot_write(e, face));
        }
        let code = match &verdict.failure {
            None => self.passed(&verdict, face),
            Some(failure) => self.failed(&verdict, failure, &run_folder, face),
        };
        let retention = self.retention(&verdict);
        retention::prune(&self.folder, &self.run_id, retention, SystemTime::now());
        code
    }

    fn stopped_or(&self, code: ExitCode) -> ExitCode {
        self.control.signal().unwrap_or(code)
    }

    fn passed(&self, verdict: &Verdict, face: &mut dyn Face) -> ExitCode {
        let summary = verdict.summary(self);
        if let Err(e) = self.folder.pass(&summary) {
            face.closed(None);
            return cannot_write(&e, face);
        }
        let whole = summary.final_verdict == summary::FinalVerdict::Pass;
        let package = summary
            .package_spec
            .unwrap_or_else(|| self.gate.to_string());
        face.closed(whole.then_some(package.as_str()));
        if !whole {
            face.say(&format!("PARTIAL: not tried were {}\n", verdict.left_out()));
        }
        face.say(&format!(
            "summary: {}\n",
            failure::shown(&self.folder.summary())
        ));
        ExitCode::Pass
    }

    fn failed(
        &self,
        verdict: &Verdict,
        failure: &Failure,
        run_folder: &Path,
        face: &mut dyn Face,
    ) -> ExitCode {
        face.closed(None);
        let written = match self.folder.fail(self.marker.clone(), failure, run_folder) {
            Ok(written) => written,
            Err(e) => return cannot_write(&e, face),
        };
        let json = self.folder.last_failure();
        if failure.phase.as_deref() != Some(PREFLIGHT) || failure.step == step::INTERRUPTED {
            let others = failure::others(&verdict.lanes, failure);
            face.say(&others);
            face.say(&failure::describe(failure, &written, &json));
        } else {
            face.say(&format!("last failure: {}\n", failure::shown(&json)));
        }
        verdict.exit
    }

    fn retention(&self, verdict: &Verdict) -> crate::model::profile::Retention {
        let [runs, mib, days] = self.request.retention;
        let of_profile = verdict.retention;
        crate::model::profile::Retention {
            runs: runs
                .and_then(|runs| usize::try_from(runs).ok())
                .unwrap_or(of_profile.runs),
            mib: mib.unwrap_or(of_profile.mib),
            days: days.unwrap_or(of_profile.days),
        }
    }
}

fn text_lines(text: &str) -> String {
    text.lines()
        .map(crate::report::plain::plain)
        .collect::<Vec<_>>()
        .join("\n")
}

fn preflight_failure(exit: ExitCode, step: &str, class: FailureClass, message: String) -> Failure {
    Failure {
        exit,
        phase: Some(PREFLIGHT.to_owned()),
        step: step.to_owned(),
        class,
        command: None,
        log: None,
        message,
    }
}

fn stopped_early(code: ExitCode) -> Failure {
    let message = verdict::stopped_by(code);
    preflight_failure(code, step::INTERRUPTED, FailureClass::Interrupted, message)
}

/// Removes what lanes left. After a signal only as long as there is time;
/// the rest is found by the next run.
fn clean_up(lanes_root: PathBuf, left: Vec<PathBuf>, keep: bool, control: &Control) {
    if keep {
        return;
    }
    let patience = match (control.signal(), control.is_killed()) {
        (None, _) => Duration::from_mins(1),
        (Some(_), false) => Duration::from_secs(1),
        (Some(_), true) => return,
    };
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for lane in left {
            let _ = fs::remove_folder(&lane);
        }
        let _ = fs::remove_folder(&lanes_root);
        let _ = sender.send(());
    });
    let _ = receiver.recv_timeout(patience);
}

/// Whether all lanes were given the same package; the first that was not.
fn disagreement(lanes: &[LaneEvidence]) -> Option<(usize, String)> {
    let first = lanes.iter().find_map(|lane| lane.package.as_ref())?;
    let other = |lane: &LaneEvidence| lane.package.as_ref().is_some_and(|p| p != first);
    let at = lanes.iter().position(other)?;
    let version = lanes[at]
        .package
        .as_ref()
        .map(|package| package.version.clone());
    let version = version.unwrap_or_default();
    Some((
        at,
        format!("it installed {version}, another lane {}", first.version),
    ))
}

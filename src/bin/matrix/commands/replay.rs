//! `matrix replay`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use gate_matrix::artifact::reader::{StoredRun, locate};
use gate_matrix::model::{ExitCode, PackageSpec, RequestRecord};
use gate_matrix::prepare::{Mode, Request};
use gate_matrix::replay::select::{Lanes, failed_step, selection};
use gate_matrix::replay::show::{artifacts_of, show};
use gate_matrix::replay::source::find_source;
use gate_matrix::replay::{Recorded, ReplayError};
use gate_matrix::reuse::Reuse;
use gate_matrix::sys::git::OpenOptions;

use super::run::play;
use super::{cannot_read, complain};
use crate::args::{ConsumerArgs, Format, ReplayArgs, ResultArgs, RunOptions};
use crate::display::{Human, Jsonl};
use crate::settings::Settings;

pub(super) fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    let word = args.run.as_deref().unwrap_or(locate::LATEST);
    let stored = match settings.open_run(word, &artifacts) {
        Ok(stored) => stored,
        Err(e) => return Ok(cannot_read(&e)),
    };
    // A run is shown whole, or not at all.
    if let Err(e) = stored.verify() {
        return Ok(cannot_read(&e.into()));
    }
    let lanes = Lanes {
        named: args.lanes.clone(),
        all: args.all,
    };
    if let Some(name) = lanes.unknown(&stored) {
        bail!(
            "run {} has no lane {name}\n  next: list its lanes: matrix replay {} --all",
            stored.id(),
            stored.id()
        );
    }
    let format = settings.format(args.format)?;
    if args.execute || args.shell {
        return execute(args, &settings, &stored, &lanes, format);
    }
    let shown = match format {
        Format::Human => show(&stored, &lanes, &mut Human::quiet()),
        Format::Jsonl => {
            let all = lanes.named.is_empty();
            show(&stored, &Lanes { all, ..lanes }, &mut Jsonl)
        }
    };
    Ok(shown.map_or_else(|e| cannot_read(&e.into()), |()| ExitCode::Pass))
}

/// Runs lanes of a recorded run again, or opens a shell in one.
fn execute(
    args: &ReplayArgs,
    settings: &Settings,
    stored: &StoredRun,
    lanes: &Lanes,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let recorded = match Recorded::new(stored) {
        Ok(recorded) => recorded,
        Err(ReplayError::Unreadable(e)) => return Ok(cannot_read(&e.into())),
        Err(e @ ReplayError::OfAnotherVerb(..)) => bail!("{e}"),
    };
    let id = stored.id();
    let source = recorded.source();
    if source.is_some_and(|source| {
        source
            .worktree_on
            .as_ref()
            .is_some_and(|on| *on != source.head)
    }) {
        bail!(
            "run {id} tried an uncommitted work tree, which no commit holds, so it cannot be repeated\n  \
             next: try the work tree as it is now: matrix run --worktree"
        );
    }
    let asked = &stored.run().asked;
    let terms = OpenOptions {
        env: settings.env.clone(),
        trust_filters: asked.trust_filters,
    };
    let repo = match settings.repo(args.repo.as_deref()) {
        Some(named) => named,
        None => match find_source(&recorded, &settings.cwd, &terms) {
            Ok(found) => found,
            Err(e) => {
                complain(&format!("ERROR: {e}\n  next: {}\n", e.next()));
                return Ok(ExitCode::Unusable);
            }
        },
    };
    let mut selection = match selection(stored, &recorded, lanes) {
        Ok(selection) => selection,
        Err(e) => bail!("{e}\n  next: {}", e.next()),
    };
    let mut shell = None;
    if args.shell {
        let failed = failed_step(stored, &selection.scenarios);
        let (lane, before) = failed.with_context(|| {
            format!("none of the chosen lanes of run {id} failed at a step\n  next: matrix replay {id} --all")
        })?;
        selection.scenarios = vec![lane.to_string()];
        shell = Some((lane, before));
    }
    if args.run_id.as_ref() == Some(id) {
        bail!(
            "the new run would replace {id}, the run that it repeats\n  next: choose another --run-id"
        );
    }
    let mut request = settings.request(&ConsumerArgs::default(), &options(args))?;
    as_recorded(&mut request, asked)?;
    request.consumer.repo = repo;
    request.selection = selection;
    request.execution.sandbox = args.sandbox.unwrap_or(asked.sandbox);
    settings.report_to_ci(&mut request.output, args.ci)?;
    request.output.artifacts = artifacts_of(stored);
    // MATRIX_RUN_ID may well be that of the run that failed.
    request.output.run_id.clone_from(&args.run_id);
    let recorded = &recorded;
    let mode = match &shell {
        None => Mode::Replay(recorded),
        Some((lane, before)) => Mode::Shell {
            recorded,
            lane,
            before,
        },
    };
    play(request, &mode, format)
}

fn options(args: &ReplayArgs) -> RunOptions {
    RunOptions {
        work_dir: args.work_dir.clone(),
        jobs: args.jobs,
        keep: args.keep,
        results: ResultArgs {
            wait: args.wait,
            reports: args.reports.clone(),
            ..ResultArgs::default()
        },
        ..RunOptions::default()
    }
}

/// Restores what decides about the outcome; speed and places are those of
/// the new run.
fn as_recorded(request: &mut Request, asked: &RequestRecord) -> anyhow::Result<()> {
    let package = asked.package.as_deref().map(PackageSpec::parse);
    request.package.spec = package.transpose().context("the package of the run")?;
    request.package.base = PathBuf::from(&asked.package_base);
    request.consumer.config = asked.config.as_ref().map(PathBuf::from);
    request.consumer.trust_filters = asked.trust_filters;
    let execution = &mut request.execution;
    // Every lane that runs again is to run whole.
    execution.fail_fast = false;
    execution.reuse = Reuse::No;
    execution.repeat = asked.repeat;
    execution.retries = asked.retries;
    execution.strict = asked.strict;
    execution.timeout = asked.timeout_ms.map(Duration::from_millis);
    execution.fresh = asked.fresh;
    Ok(())
}

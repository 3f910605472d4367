//! `matrix replay`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use gate_matrix::artifact::reader::StoredRun;
use gate_matrix::artifact::reader::locate;
use gate_matrix::model::text::{plain, shell, shown};
use gate_matrix::model::{Asked, ExitCode, PackageSpec, ScenarioName, StepId};
use gate_matrix::planner::Selection;
use gate_matrix::replay::{self, Lanes};
use gate_matrix::reuse::Reuse;
use gate_matrix::run::{Again, AgainError, Request};
use gate_matrix::sys::git::{Consumer, Terms};

use super::run::play;
use super::{cannot_read, complain};
use crate::args::{ConsumerArgs, Format, ReplayArgs, RunOptions};
use crate::display::{Human, Jsonl};
use crate::settings::Settings;

pub(super) fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    let word = args.run.as_deref().unwrap_or(locate::LATEST);
    let stored = match locate::open(word, &artifacts, &settings.cwd) {
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
            "run {} has no lane {name}\n  next: see what it has: matrix replay {} --all",
            stored.id(),
            stored.id()
        );
    }
    let format = settings.format(args.format)?;
    if args.execute || args.shell {
        return again(args, &settings, &stored, &lanes, format);
    }
    let shown = match format {
        Format::Human => replay::show(&stored, &lanes, &mut Human::quiet()),
        Format::Jsonl => replay::show(
            &stored,
            &Lanes {
                all: lanes.named.is_empty(),
                ..lanes
            },
            &mut Jsonl,
        ),
    };
    Ok(shown.map_or_else(|e| cannot_read(&e.into()), |()| ExitCode::Pass))
}

/// Runs lanes of a run again, or leaves one to the user.
fn again(
    args: &ReplayArgs,
    settings: &Settings,
    stored: &StoredRun,
    lanes: &Lanes,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let mut again = match Again::of(stored) {
        Ok(again) => again,
        Err(AgainError::Unreadable(e)) => return Ok(cannot_read(&e.into())),
        Err(e @ AgainError::OfAnotherVerb(..)) => bail!("{e}"),
    };
    let asked = &stored.run().asked;
    let terms = Terms {
        env: settings.env.clone(),
        trust_filters: asked.trust_filters,
    };
    let repo = match source_repo(args, settings, &again, &terms) {
        Ok(repo) => repo,
        Err(refused) => {
            complain(&refused);
            return Ok(ExitCode::Unusable);
        }
    };
    let mut selection = selection(stored, &again, lanes)?;
    if args.shell {
        let left = place_to_leave(stored, &selection.scenarios)?;
        selection.scenarios = vec![left.0.to_string()];
        again.shell = Some(left);
    }
    if args.run_id.as_ref() == Some(stored.id()) {
        bail!(
            "the new run would take the place of {}, which it is to repeat\n  next: choose another --run-id",
            stored.id()
        );
    }
    let base = settings.request(&ConsumerArgs::default(), &options(args))?;
    let request = Request {
        repo,
        artifacts: replay::artifacts_of(stored),
        selection,
        // MATRIX_RUN_ID may well be that of the run that failed.
        run_id: args.run_id.clone(),
        again: Some(Arc::new(again)),
        sandbox: args.sandbox.unwrap_or(asked.sandbox),
        ..as_asked(asked, base)?
    };
    play(&request, None, format)
}

fn options(args: &ReplayArgs) -> RunOptions {
    RunOptions {
        work_dir: args.work_dir.clone(),
        jobs: args.jobs,
        keep: args.keep,
        wait: args.wait,
        run_id: args.run_id.clone(),
        ..RunOptions::default()
    }
}

/// What was asked then, asked again; how fast and where it goes is for now.
fn as_asked(asked: &Asked, base: Request) -> anyhow::Result<Request> {
    let package = asked.package.as_deref().map(PackageSpec::parse);
    Ok(Request {
        config: asked.config.as_ref().map(PathBuf::from),
        package: package.transpose().context("the package of the run")?,
        package_base: PathBuf::from(&asked.package_base),
        // Every lane that is run again is to be run whole.
        fail_fast: false,
        reuse: Reuse::No,
        repeat: asked.repeat,
        retries: asked.retries,
        strict: asked.strict,
        timeout: asked.timeout_ms.map(Duration::from_millis),
        fresh: asked.fresh,
        trust_filters: asked.trust_filters,
        ..base
    })
}

/// The lanes that are run again, with the stages of the run.
fn selection(stored: &StoredRun, again: &Again, lanes: &Lanes) -> anyhow::Result<Selection> {
    let Some(plan) = &again.plan else {
        let asked = &stored.run().asked;
        return Ok(Selection {
            scenarios: asked.scenarios.clone(),
            stages: asked.stages.clone(),
        });
    };
    let mut scenarios = lanes.to_run(stored);
    // One that was stopped before its first lane has all of them before it.
    if stored.run().lanes.is_empty() {
        scenarios.extend(plan.lanes.keys().cloned());
    }
    if scenarios.is_empty() {
        let id = stored.id();
        let next = match stored.run().outstanding.as_deref() {
            Some([_, ..]) => format!("play what did not run: matrix run --rerun-from {id}"),
            _ => "choose lanes: --lane NAME, or all of them: --all".to_owned(),
        };
        bail!(
            "there is nothing to run again: every cell that run {id} played was green\n  next: {next}"
        );
    }
    Ok(Selection {
        scenarios: scenarios.iter().map(ToString::to_string).collect(),
        stages: plan.stages.iter().map(ToString::to_string).collect(),
    })
}

/// The lane that is left to the user, and the step before which.
fn place_to_leave(stored: &StoredRun, lanes: &[String]) -> anyhow::Result<(ScenarioName, StepId)> {
    let failed = stored.run().lanes.iter().filter_map(|(name, lane)| {
        let failure = lane.failure.as_ref()?;
        lanes
            .contains(&name.to_string())
            .then(|| (name.clone(), failure.step.clone()))
    });
    let failed: Vec<_> = failed.collect();
    failed.into_iter().next().with_context(|| {
        let id = stored.id();
        format!(
            "no lane of run {id} that was chosen failed at a step\n  next: matrix replay {id} --all"
        )
    })
}

/// The repository that has the commit of the run: the one that was named;
/// else the one around the working directory, else the one that it ran in.
fn source_repo(
    args: &ReplayArgs,
    settings: &Settings,
    again: &Again,
    terms: &Terms,
) -> Result<PathBuf, String> {
    if let Some(named) = settings.repo(args.repo.as_deref()) {
        return Ok(named);
    }
    let Some(source) = again.source() else {
        let is_there = again.repo.exists();
        return Ok(if is_there {
            again.repo.clone()
        } else {
            settings.cwd.clone()
        });
    };
    let has_it = |folder: &&PathBuf| {
        Consumer::open(folder, terms).is_ok_and(|repo| repo.has_commit(&source.head))
    };
    let places = [settings.cwd.clone(), again.repo.clone()];
    let found = places.iter().find(has_it);
    found
        .cloned()
        .ok_or_else(|| lost(again, &source.head, &settings.cwd))
}

fn lost(again: &Again, commit: &str, cwd: &Path) -> String {
    format!(
        "ERROR: the commit {} of run {} is neither in the repository around {} nor in {}\n  \
         next: go into a clone of the project that has it, or name one: --repo DIR; \
         a clone gets it so: git -C {} fetch origin {}\n",
        plain(commit),
        again.of,
        shown(cwd),
        shown(&again.repo),
        shell(cwd),
        plain(commit),
    )
}

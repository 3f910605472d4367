//! Tries fresh clones of the consumer beside the lanes, and judges them.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::session::Session;
use crate::artifact::MATRIX_VERSION;
use crate::artifact::fresh_clone::FreshClone;
use crate::diagnosis::{self, HeldBack};
use crate::model::fresh_clone::{Checkout, FreshCloneOutcome};
use crate::model::text::{plain, shown};
use crate::model::{BuiltinStep, Failure, FailureClass, SCHEMA_VERSION, Vars};
use crate::prepare::{FreshClonePlan, NoFreshClone, Prepared};
use crate::sys::fs;
use crate::sys::process::Control;
use crate::sys::slots::Slots;

/// The time that the clones have to end after a signal.
const AFTER_SIGNAL: Duration = Duration::from_millis(3500);

/// Fresh clones that are being made.
pub(super) struct Started(Receiver<Message>);

enum Message {
    Made(Option<Vec<Checkout>>),
    Stopped,
}

/// Begins to make the fresh clones of a run; None if it has none.
pub(super) fn start(prepared: &Prepared, slots: &Slots, control: &Control) -> Option<Started> {
    let plan = prepared.fresh_clone.as_ref()?;
    let task = plan.task.as_ref().ok()?.clone();
    let cx = Arc::clone(&prepared.context);
    let (of_clones, mut share) = (control.clone(), slots.share());
    Started::new(control, move || task.make(&cx, &of_clones, &mut share))
}

impl Started {
    /// Begins to make clones; None if there is no thread for them.
    fn new(
        control: &Control,
        work: impl FnOnce() -> Option<Vec<Checkout>> + Send + 'static,
    ) -> Option<Self> {
        let (sender, receiver) = channel();
        let on_stop = sender.clone();
        control.on_stop(move || {
            let _ = on_stop.send(Message::Stopped);
        });
        let send = move || {
            // Its message must come: the control keeps the channel open.
            let made = panic::catch_unwind(AssertUnwindSafe(work))
                .unwrap_or_else(|_| Some(vec![internal_error()]));
            let _ = sender.send(Message::Made(made));
        };
        thread::Builder::new().spawn(send).ok()?;
        Some(Self(receiver))
    }

    /// Waits for the clones; None if they were not made, or the run was stopped.
    pub(super) fn finish(self) -> Option<Vec<Checkout>> {
        let mut wait = None;
        loop {
            let message = match wait {
                None => self.0.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(wait) => self.0.recv_timeout(wait),
            };
            match message {
                Ok(Message::Made(made)) => return made,
                Ok(Message::Stopped) => wait = Some(AFTER_SIGNAL),
                Err(_) => return None,
            }
        }
    }
}

/// Returns the clone that this program failed to make.
fn internal_error() -> Checkout {
    let text = "matrix itself failed in it: please report what it printed";
    Checkout {
        problem: Some(text.to_owned()),
        ..Checkout::default()
    }
}

/// Makes the document of the fresh clones of a run.
pub(super) fn document(
    prepared: &Prepared,
    session: &Session,
    checkouts: Option<Vec<Checkout>>,
    of_lane: Option<&Path>,
) -> Option<FreshClone> {
    let plan = prepared.fresh_clone.as_ref()?;
    let install = plan.task.as_ref().ok().map(|task| &task.install);
    let (outcome, because) = match &plan.task {
        Err(NoFreshClone::NotApplicable(why)) => {
            (FreshCloneOutcome::NotApplicable, Some(why.clone()))
        }
        Err(NoFreshClone::NotChecked(why)) => (FreshCloneOutcome::NotChecked, Some(why.clone())),
        Ok(_) => judged(prepared, plan, checkouts.as_deref()),
    };
    let other = checkouts
        .as_deref()
        .filter(|_| outcome == FreshCloneOutcome::Enforced);
    let other = other.and_then(|made| Some(other_hooks(plan, made, of_lane?)));
    let (outcome, because, remedy) = match other.flatten() {
        Some((because, remedy)) => (FreshCloneOutcome::Open, Some(because), Some(remedy)),
        None if outcome == FreshCloneOutcome::Open => {
            let last = checkouts.as_deref().and_then(<[_]>::last);
            let said = last.and_then(|last| held_back(prepared, last));
            let (because, remedy) = with_words(because, plan, said);
            (outcome, because, Some(remedy))
        }
        None => (outcome, because, None),
    };
    let context = &session.context;
    Some(FreshClone {
        schema_version: SCHEMA_VERSION,
        run_id: context.run_id.clone(),
        matrix_version: MATRIX_VERSION.to_owned(),
        generated_at_utc: context.clock.now_utc(),
        gate: context.gate.to_string(),
        source_head: prepared.context.source.head.clone(),
        outcome,
        because,
        remedy,
        needed: plan.hooks.clone(),
        command: install.map(|command| command.render(&Vars::default()).command),
        folder: install.map(|command| command.workdir.clone().unwrap_or_else(|| ".".to_owned())),
        checkouts: checkouts.unwrap_or_default(),
    })
}

fn judged(
    prepared: &Prepared,
    plan: &FreshClonePlan,
    checkouts: Option<&[Checkout]>,
) -> (FreshCloneOutcome, Option<String>) {
    let Some(checkouts) = checkouts else {
        let why = "it was not made".to_owned();
        return (FreshCloneOutcome::NotChecked, Some(why));
    };
    let command = plan.task.as_ref().ok().map(|task| {
        let rendered = task.install.render(&Vars::default());
        rendered.command
    });
    let command = command.unwrap_or_default();
    for (at, checkout) in checkouts.iter().enumerate() {
        if let Some(problem) = &checkout.problem {
            let not_asked_for = plan.missing_package.as_ref();
            let not_asked_for =
                not_asked_for.map(|name| format!(" ({name} is not in package.json)"));
            let said = last_words(prepared, checkout);
            let said = said.map(|said| format!(": {}", plain(&said)));
            let why = format!(
                "{}{}{}",
                plain(problem),
                said.unwrap_or_default(),
                not_asked_for.unwrap_or_default()
            );
            return (FreshCloneOutcome::NotChecked, Some(why));
        }
        let is_missing = |hook: &&String| !checkout.hooks.contains(hook);
        let missing: Vec<&str> = plan
            .hooks
            .iter()
            .filter(is_missing)
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            let why = lacks(at, &command, &missing);
            return (FreshCloneOutcome::Open, Some(why));
        }
    }
    (FreshCloneOutcome::Enforced, None)
}

/// Returns the line in which a step that failed says why.
fn last_words(prepared: &Prepared, checkout: &Checkout) -> Option<String> {
    let failed = checkout.steps.last().filter(|step| step.ending.is_some())?;
    let log = prepared.context.run_folder.join(&failed.log.as_ref()?.path);
    diagnosis::decisive_line(&fs::read(log).ok()?)
}

/// Returns the words of an installation that held back the gate's own script.
fn held_back(prepared: &Prepared, checkout: &Checkout) -> Option<HeldBack> {
    let package = prepared.context.profile.package.as_ref()?;
    let log = checkout.steps.get(1)?.log.as_ref()?;
    let bytes = fs::read(prepared.context.run_folder.join(&log.path)).ok()?;
    diagnosis::held_back(&bytes, package.package_name()?)
}

/// Adds what the package manager said to the reason, and its setting to the remedy.
fn with_words(
    because: Option<String>,
    plan: &FreshClonePlan,
    held_back: Option<HeldBack>,
) -> (Option<String>, String) {
    let (Some(because), Some(held_back)) = (&because, held_back) else {
        return (because, plan.remedy.clone());
    };
    let task = plan.task.as_ref().ok();
    let manager = task.and_then(|task| task.install.argv.first()?.as_literal());
    let because = format!(
        "{because}; {} said \"{}\"",
        manager.unwrap_or("it"),
        plain(&held_back.said)
    );
    // The command of a lane is of no use to a clone.
    let of_manager = held_back
        .remedy
        .and_then(|remedy| remedy.split("; or ").next());
    let remedy = match of_manager {
        Some(text) => {
            let (first, rest) = text.split_at(1);
            format!("{}{rest}; or {}", first.to_lowercase(), plan.remedy)
        }
        None => plan.remedy.clone(),
    };
    (Some(because), remedy)
}

/// Returns reason and remedy if the hooks of a clone are in another folder than those of a
/// lane: they are then not what the gate's activation made.
fn other_hooks(
    plan: &FreshClonePlan,
    checkouts: &[Checkout],
    of_lane: &Path,
) -> Option<(String, String)> {
    let mut folders = checkouts.iter().filter_map(|it| it.hooks_folder.as_ref());
    let folder = folders.find(|folder| *folder != of_lane)?;
    let task = plan.task.as_ref().ok()?;
    let command = plain(&task.install.render(&Vars::default()).command);
    let (here, there) = (shown(folder), shown(of_lane));
    let because = format!(
        "after `{command}` git looks for hooks in {here} in a fresh clone, and in {there} in a \
         lane: they are not those that were tried"
    );
    let remedy = format!("take what sets {here} up out of the installation, or try that gate");
    Some((because, remedy))
}

/// Names the hooks that a clone lacks.
fn lacks(at: usize, command: &str, missing: &[&str]) -> String {
    let hooks = match missing {
        [only] => format!("no {only} hook"),
        [first @ .., last] => format!("no {} and no {last} hook", first.join(", no ")),
        [] => String::new(),
    };
    let command = plain(command);
    match at {
        0 => format!("after `{command}` git has {hooks} in a fresh clone"),
        at => format!(
            "after `{command}` git has {hooks} in checkout {} on one store: the store keeps \
             what the gate's install script made, and the script does not run again",
            at + 1
        ),
    }
}

/// Returns the failure of a run that a fresh clone fails (`--strict`).
pub(super) fn failure(prepared: &Prepared, document: &FreshClone) -> Option<Failure> {
    if document.outcome != FreshCloneOutcome::Open {
        return None;
    }
    let because = document.because.as_deref().unwrap_or_default();
    let remedy = document.remedy.as_deref().unwrap_or_default();
    let install = document.checkouts.last().and_then(|checkout| {
        let step = checkout.steps.get(1)?;
        step.log.as_ref().map(|log| log.path.clone())
    });
    let message = format!("{because}: {remedy}");
    let failure = Failure::new(FailureClass::NotEnforced, BuiltinStep::FreshClone, message);
    let task = prepared.fresh_clone.as_ref()?.task.as_ref().ok()?;
    let command = task.install.render(&Vars::default());
    Some(failure.command(command).log(install))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_the_clones_and_not_the_run() {
        let control = Control::new("/proc/self/exe".into());
        let started = Started::new(&control, || panic!("on purpose")).unwrap();
        let (sender, receiver) = channel();
        thread::spawn(move || sender.send(started.finish()));
        // Much longer than it takes: without an end it would be for ever.
        let made = receiver.recv_timeout(Duration::from_secs(20)).unwrap();
        let problem = made.unwrap().remove(0).problem.unwrap();
        assert!(problem.starts_with("matrix itself failed"), "{problem}");
    }
}

//! Makes fresh clones of the consumer, as a colleague does: the commit, the plain
//! installation of its package manager, and nothing of the profile.
//!
//! The clones share a home, and so the store of packages, but no lane's.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::context::LaneContext;
use super::install::hook_problem;
use super::seed::Seeder;
use super::session::{Session, SessionError};
use super::shortage::LITTLE;
use super::supervisors::Supervisors;
use super::workspace::Workspace;
use crate::model::command::CommandTemplate;
use crate::model::evidence::{Ending, LogRef, StepEvidence};
use crate::model::fresh_clone::Checkout;
use crate::model::run_paths::fresh_clone_log;
use crate::model::step::DEFAULT_LIMIT;
use crate::model::{BuiltinStep, Shortage, StepId, Vars};
use crate::sys::error::with_sources;
use crate::sys::fs;
use crate::sys::process::{Capture, Control};
use crate::sys::sandbox::{Reach, Sandbox};
use crate::sys::shortage;
use crate::sys::slots::Share;

/// The id of the step that installs.
const PLAIN_INSTALL: &str = "plain_install";

/// Settings of npm and pnpm that shorten the pauses before a registry is asked again, in
/// milliseconds. Without a network the defaults are minutes, for which the run would wait.
const SHORT_PAUSES: [(&str, &str); 4] = [
    ("npm_config_fetch_retry_mintimeout", "100"),
    ("npm_config_fetch_retry_maxtimeout", "1000"),
    ("pnpm_config_fetch_retry_mintimeout", "100"),
    ("pnpm_config_fetch_retry_maxtimeout", "1000"),
];

/// Fresh clones to make.
#[derive(Debug, Clone)]
pub struct FreshClones {
    /// The installation, in its folder.
    pub install: CommandTemplate,
    /// Its time limit.
    pub limit: Duration,
    /// The number of clones that share a store.
    pub count: usize,
    /// The hooks to look for.
    pub hooks: Vec<String>,
    /// The programs of the package manager, which a profile need not name.
    pub programs: Vec<PathBuf>,
    /// The user's home.
    pub home: Option<PathBuf>,
}

impl FreshClones {
    /// Makes the clones, one after the other, up to the first that cannot be made or lacks
    /// a hook that an earlier one has.
    ///
    /// None if the run was stopped.
    #[must_use]
    pub fn make(
        &self,
        cx: &LaneContext,
        control: &Control,
        share: &mut Share,
    ) -> Option<Vec<Checkout>> {
        let show = |sandbox: &Sandbox| sandbox.also_showing(&self.programs, self.home.as_deref());
        let cx = &LaneContext {
            sandbox: cx.sandbox.as_ref().map(show),
            ..cx.clone()
        };
        let mut made: Vec<Checkout> = Vec::new();
        for number in 1..=self.count {
            let stop = || control.is_stopped();
            if !share.acquire(self.install.weight, stop) || stop() {
                return None;
            }
            let clone = FreshClone::new(cx, control, number);
            let checkout = clone.make(self);
            let first = made.first().unwrap_or(&checkout);
            let is_last = checkout.problem.is_some()
                || checkout.hooks.is_empty()
                || checkout.hooks != first.hooks;
            made.push(checkout);
            if is_last {
                break;
            }
        }
        (!control.is_stopped()).then_some(made)
    }
}

/// One fresh clone, while it is made.
struct FreshClone<'a> {
    cx: &'a LaneContext,
    number: usize,
    workspace: Workspace,
    supervisors: Supervisors,
    env: BTreeMap<OsString, OsString>,
    vars: Vars,
}

impl<'a> FreshClone<'a> {
    fn new(cx: &'a LaneContext, control: &Control, number: usize) -> Self {
        let workspace = Workspace::new(cx.root.join("fresh-clone"));
        let vars = Vars {
            repo_root: cx.repo_root.to_string_lossy().into_owned(),
            clone_dir: workspace.clone_dir().to_string_lossy().into_owned(),
            ..Vars::default()
        };
        Self {
            supervisors: Supervisors::new(cx, &workspace, control),
            env: cx.environment(&workspace),
            cx,
            number,
            workspace,
            vars,
        }
    }

    fn make(&self, wanted: &FreshClones) -> Checkout {
        shortage::forget();
        let mut checkout = Checkout::default();
        if let Err(e) = self.clear() {
            checkout.problem = Some(format!("its folder cannot be made: {e}"));
            self.blame_the_machine(&mut checkout, wanted);
            return checkout;
        }
        let mut network = self.cx.network_of(&wanted.install);
        network.extend(SHORT_PAUSES.map(|(name, value)| (name.into(), value.into())));
        let none = BTreeMap::new();
        let is_whole = self.step(
            &mut checkout,
            (BuiltinStep::GitClone.into(), Reach::Consumer, DEFAULT_LIMIT),
            &none,
            |session, _| self.clone_consumer(session),
        ) && self.step(
            &mut checkout,
            (PLAIN_INSTALL.into(), Reach::Installers, wanted.limit),
            &network,
            |session, _| session.run(&wanted.install).map(drop),
        );
        if is_whole {
            self.step(
                &mut checkout,
                (BuiltinStep::GateHooks.into(), Reach::Nothing, DEFAULT_LIMIT),
                &none,
                |session, hooks| self.find_hooks(session, &wanted.hooks, hooks),
            );
            checkout.hooks_folder = self.hooks_folder(&wanted.hooks);
        }
        self.blame_the_machine(&mut checkout, wanted);
        checkout
    }

    /// Puts what the machine lacks before the problem of a clone. The words of an installation
    /// that succeeded prove nothing, as they could be the gate's own.
    fn blame_the_machine(&self, checkout: &mut Checkout, wanted: &FreshClones) {
        let has = |hook: &String| checkout.hooks.contains(hook);
        if checkout.problem.is_none() && wanted.hooks.iter().all(has) {
            return;
        }
        let lacks = shortage::noted()
            .or_else(|| fs::shortage_at(self.workspace.host(), LITTLE))
            .or_else(|| {
                self.complaint(checkout)
                    .filter(|_| checkout.problem.is_some())
            });
        if let Some(lacks) = lacks {
            let what = lacks.message();
            let problem = checkout.problem.take();
            checkout.problem = Some(problem.map_or_else(
                || format!("{what}, and the installation set up no hooks"),
                |problem| format!("{what}: {problem}"),
            ));
        }
    }

    /// Returns the shortage of which a line of the installation complains.
    fn complaint(&self, checkout: &Checkout) -> Option<Shortage> {
        let mut steps = checkout.steps.iter();
        let install = steps.find(|step| step.step.as_str() == PLAIN_INSTALL)?;
        let log = self.cx.run_folder.join(&install.log.as_ref()?.path);
        let text = fs::read_text(log).ok()?;
        text.lines().find_map(Shortage::complained_of)
    }

    /// Removes the clone before this one. The home stays, and with it the store.
    fn clear(&self) -> std::io::Result<()> {
        for folder in ["clone", "origin.git", "own-git"] {
            fs::remove_folder(&self.workspace.host().join(folder))?;
        }
        self.workspace.create(&self.cx.trusted)
    }

    fn clone_consumer(&self, session: &mut Session<'_>) -> Result<(), SessionError> {
        let Some((name, scenario)) = self.cx.profile.scenarios.first() else {
            return Ok(());
        };
        let seeder = Seeder {
            cx: self.cx,
            lane: &self.workspace,
            name,
            scenario,
        };
        seeder.clone_consumer(session).map(drop)
    }

    /// Returns the folder of hooks, if one that is wanted is a file in it.
    fn hooks_folder(&self, wanted: &[String]) -> Option<PathBuf> {
        let folder = self.workspace.hooks_folder().path;
        let mut wanted = wanted.iter();
        wanted.find(|hook| hook_problem(&folder, hook).is_none())?;
        let clone = self.workspace.clone_dir();
        Some(folder.strip_prefix(&clone).unwrap_or(&folder).to_owned())
    }

    fn find_hooks(
        &self,
        session: &mut Session<'_>,
        wanted: &[String],
        found: &mut Vec<String>,
    ) -> Result<(), SessionError> {
        let folder = session.hooks_folder(&self.workspace.clone_dir())?;
        for hook in wanted {
            let is_configured = || self.workspace.configures(hook);
            if hook_problem(&folder, hook).is_none()
                || (is_configured() && session.has_configured_hook(hook)?)
            {
                found.push(hook.clone());
            }
        }
        session.note(&format!("hooks: {}\n", found.join(" ")))
    }

    /// Runs a step and records it; false if it failed.
    fn step(
        &self,
        checkout: &mut Checkout,
        (id, reach, limit): (StepId, Reach, Duration),
        more: &BTreeMap<OsString, OsString>,
        work: impl FnOnce(&mut Session<'_>, &mut Vec<String>) -> Result<(), SessionError>,
    ) -> bool {
        let (started, at) = (Instant::now(), self.cx.clock.now_utc());
        let path = fresh_clone_log(self.number, id.as_str());
        let mut capture = match Capture::create(&self.cx.run_folder.join(&path), None) {
            Ok(capture) => capture,
            Err(e) => {
                checkout.problem = Some(format!("the log of {id} cannot be written: {e}"));
                return false;
            }
        };
        let mut env = self.env.clone();
        env.extend(more.clone());
        let mut session = Session {
            supervisor: Rc::clone(self.supervisors.with_reach(reach)),
            capture: &mut capture,
            env,
            own: self.workspace.own_settings(),
            cwd: self.workspace.clone_dir(),
            limit,
            vars: &self.vars,
        };
        let failed = work(&mut session, &mut checkout.hooks).err();
        let log = capture.finish().ok().map(|captured| LogRef {
            path,
            sha256: captured.sha256,
            bytes: captured.bytes,
            bytes_total: captured.bytes_total,
        });
        let failed = failed.map(|e| described(&id, &e));
        let (command, ending, leaked, problem) = failed.unwrap_or_default();
        checkout.problem.clone_from(&problem);
        checkout.steps.push(StepEvidence {
            step: id,
            command,
            ending,
            leaked,
            started_at_utc: at,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            log,
            problem,
        });
        checkout.problem.is_none()
    }
}

type Described = (Option<String>, Option<Ending>, bool, Option<String>);

/// Returns command, ending and problem of a step that failed.
fn described(step: &StepId, error: &SessionError) -> Described {
    let failed = match error {
        SessionError::Failed(failed) => failed,
        SessionError::NotRun(e) => return (None, None, false, Some(with_sources(e))),
        SessionError::Problem(text) | SessionError::NotCommitted(text) => {
            return (None, None, false, Some(format!("{step}: {text}")));
        }
    };
    let command = failed.command.command.clone();
    let what = match &failed.ending {
        Ending::Exited(code) => format!("exited {code}"),
        Ending::Signaled(signal) => format!("died of signal {signal}"),
        Ending::NotStarted(why) => format!("could not be started: {why}"),
        Ending::TimedOut => "ran past its time limit".to_owned(),
        Ending::Cancelled => "was stopped".to_owned(),
        Ending::Lost => "lost its supervisor".to_owned(),
    };
    let problem = format!("`{command}` {what}");
    let ending = Some(failed.ending.clone());
    (Some(command), ending, failed.leaked, Some(problem))
}

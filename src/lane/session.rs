//! Built-in commands of a step, mostly git past the hooks, with one log.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::model::command::{CommandTemplate, Rendered};
use crate::model::evidence::Ending;
use crate::model::{Template, Vars};
use crate::sys::git::{OwnSettings, Place};
use crate::sys::process::{Capture, Cmd, RunError, SupervisorClient, Watch};

/// The failure of a built-in command.
#[derive(Debug)]
pub(super) enum SessionError {
    /// It ran and failed.
    Failed(Box<Failed>),
    /// It did not run, or its log could not be written.
    NotRun(RunError),
    /// An operation between two commands failed.
    Problem(String),
    /// A file of the gate is not in the commit.
    NotCommitted(String),
}

/// A command that ran and failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) command: Rendered,
    pub(super) ending: Ending,
    /// Set if a process outlived it.
    pub(super) leaked: bool,
}

impl From<RunError> for SessionError {
    fn from(e: RunError) -> Self {
        Self::NotRun(e)
    }
}

impl From<std::io::Error> for SessionError {
    fn from(e: std::io::Error) -> Self {
        Self::Problem(e.to_string())
    }
}

/// Runs the commands of one step, one after the other.
pub(super) struct Session<'a> {
    pub(super) supervisor: Rc<SupervisorClient>,
    pub(super) capture: &'a mut Capture,
    /// The variables of the profile's commands.
    pub(super) env: BTreeMap<OsString, OsString>,
    /// The settings of the runner's own git commands.
    pub(super) own: OwnSettings,
    pub(super) cwd: PathBuf,
    pub(super) limit: Duration,
    pub(super) vars: &'a Vars,
}

/// A git that runs no hook file, for a clone whose hooks are the gate's.
///
/// Hooks of its configuration are among the settings that it does not read.
const PAST_HOOKS: [&str; 3] = ["git", "-c", "core.hooksPath=/dev/null"];

impl Session<'_> {
    /// Runs git in the clone, past its hooks and settings, and returns its
    /// output. Words may contain placeholders.
    pub(super) fn git(&mut self, words: &[&str]) -> Result<Vec<u8>, SessionError> {
        self.git_command(CommandTemplate::from_words(words))
    }

    /// Runs git in the clone with the words of a command.
    pub(super) fn git_command(
        &mut self,
        command: CommandTemplate,
    ) -> Result<Vec<u8>, SessionError> {
        let mut all = CommandTemplate::from_words(&PAST_HOOKS);
        all.argv.extend(command.argv);
        self.own_command(&all, Place::Clone)
    }

    /// Runs git in the lane's remote, past its hooks and settings.
    pub(super) fn git_in_origin(&mut self, words: &[&str]) -> Result<Vec<u8>, SessionError> {
        let there = ["-C", "../origin.git"];
        let all: Vec<&str> = PAST_HOOKS
            .iter()
            .chain(&there)
            .chain(words)
            .copied()
            .collect();
        self.own_command(&CommandTemplate::from_words(&all), Place::Origin)
    }

    /// Runs git in another repository, or in none.
    pub(super) fn git_outside(&mut self, words: &[&str]) -> Result<Vec<u8>, SessionError> {
        let all: Vec<&str> = PAST_HOOKS.iter().chain(words).copied().collect();
        self.own_command(&CommandTemplate::from_words(&all), Place::Elsewhere)
    }

    fn own_command(
        &mut self,
        command: &CommandTemplate,
        place: Place,
    ) -> Result<Vec<u8>, SessionError> {
        let mut env = self.env.clone();
        env.extend(self.own.env(place));
        self.run_with(command, env)
    }

    /// Runs git past the hooks and returns its output as one line of text.
    pub(super) fn git_line(&mut self, words: &[&str]) -> Result<String, SessionError> {
        let answer = self.git(words)?;
        Ok(String::from_utf8_lossy(&answer).trim_end().to_owned())
    }

    /// Runs git past the hooks and returns the `N` object ids that it prints,
    /// after any warnings.
    pub(super) fn git_ids<const N: usize>(
        &mut self,
        words: &[&str],
    ) -> Result<[String; N], SessionError> {
        let answer = self.git_line(words)?;
        let lines: Vec<&str> = answer.lines().collect();
        let is_id = |id: &String| id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit());
        let last = lines[lines.len().saturating_sub(N)..]
            .iter()
            .map(ToString::to_string);
        let ids: Option<[String; N]> = last.collect::<Vec<_>>().try_into().ok();
        ids.filter(|ids| ids.iter().all(is_id)).ok_or_else(|| {
            let text = format!("git {} answered {answer:?}", words.join(" "));
            SessionError::Problem(text)
        })
    }

    /// Returns the folder in which git looks for the hooks of a clone.
    pub(super) fn hooks_folder(&mut self, clone: &Path) -> Result<PathBuf, SessionError> {
        let words = ["git", "rev-parse", "--git-path", "hooks"];
        let answer = self.run(&CommandTemplate::from_words(&words))?;
        let folder = String::from_utf8_lossy(&answer).trim_end().to_owned();
        Ok(clone.join(folder))
    }

    /// True if git runs a hook of its configuration for an event.
    pub(super) fn has_configured_hook(&mut self, event: &str) -> Result<bool, SessionError> {
        let list = "git hook list --show-scope --allow-unknown-hook-name";
        let words: Vec<&str> = list.split(' ').collect();
        let mut command = CommandTemplate::from_words(&words);
        command.argv.push(Template::literal(event));
        // Git exits non-zero if it has no hook, and before 2.54, when it knew no
        // hooks but files.
        let answer = match self.run(&command) {
            Err(SessionError::Failed(failed)) if matches!(failed.ending, Ending::Exited(_)) => {
                return Ok(false);
            }
            answer => answer?,
        };
        // Scope and name of each, with a word between them if it is disabled.
        Ok(answer.split(|&b| b == b'\n').any(|entry| {
            let mut fields = entry.split(|&b| b == b'\t').skip(1);
            let first = fields.next();
            let disabled: [&[u8]; 2] = [b"disabled", b"event-disabled"];
            first.is_some_and(|word| fields.next().is_none() || !disabled.contains(&word))
        }))
    }

    /// Brings git's cached file times up to date.
    ///
    /// Git exits non-zero if files differ from the index, and those that the
    /// installer changed do: that is no failure.
    pub(super) fn refresh_index(&mut self) -> Result<(), SessionError> {
        match self.git(&["update-index", "-q", "--refresh", "--unmerged"]) {
            Err(SessionError::Failed(failed)) if matches!(failed.ending, Ending::Exited(_)) => {
                Ok(())
            }
            refreshed => refreshed.map(drop),
        }
    }

    /// Commits the index, past the hooks.
    pub(super) fn commit(&mut self, message: &str, allow_empty: bool) -> Result<(), SessionError> {
        let mut words = PAST_HOOKS.to_vec();
        words.extend(["commit", "--quiet", "--no-verify"]);
        if allow_empty {
            words.push("--allow-empty");
        }
        words.push("-m");
        let mut command = CommandTemplate::from_words(&words);
        command.argv.push(Template::literal(message));
        self.own_command(&command, Place::Clone).map(drop)
    }

    /// Writes a note into the log.
    pub(super) fn note(&mut self, text: &str) -> Result<(), SessionError> {
        let path = self.capture.path().to_owned();
        let written = self.capture.write(text.as_bytes());
        written.map_err(|source| RunError::Log { path, source }.into())
    }

    /// Runs a command of the profile and returns its output.
    pub(super) fn run(&mut self, command: &CommandTemplate) -> Result<Vec<u8>, SessionError> {
        self.run_with(command, self.env.clone())
    }

    fn run_with(
        &mut self,
        command: &CommandTemplate,
        mut env: BTreeMap<OsString, OsString>,
    ) -> Result<Vec<u8>, SessionError> {
        let rendered = command.render(self.vars);
        self.note(&format!("$ {}\n", rendered.command))?;
        let own = command.expand_env(self.vars);
        env.extend(
            own.into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        let cmd = Cmd {
            argv: command
                .expand(self.vars)
                .into_iter()
                .map(Into::into)
                .collect(),
            env: env.into_iter().collect(),
            cwd: command.folder(&self.cwd),
            limit: Some(command.timeout.unwrap_or(self.limit)),
            watch: Watch::default(),
        };
        self.capture.keep_answer();
        let outcome = self.supervisor.run(&cmd, self.capture)?;
        let answer = self.capture.take_answer();
        if outcome.ending == Ending::Exited(0) {
            return Ok(answer);
        }
        Err(SessionError::Failed(Box::new(Failed {
            command: rendered,
            ending: outcome.ending,
            leaked: outcome.leaked,
        })))
    }
}

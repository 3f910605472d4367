//! Built-in commands of a step, mostly git past the hooks, with one log.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::model::command::{CommandTemplate, Rendered};
use crate::model::evidence::Ending;
use crate::model::{Template, Vars};
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

/// Variables of a command.
type Variables = Vec<(OsString, OsString)>;

/// Runs the commands of one step, one after the other.
pub(super) struct Session<'a> {
    pub(super) supervisor: Rc<SupervisorClient>,
    pub(super) capture: &'a mut Capture,
    pub(super) env: BTreeMap<OsString, OsString>,
    pub(super) cwd: PathBuf,
    pub(super) limit: Duration,
    pub(super) vars: &'a Vars,
    /// Variables that switch off the hooks of git's configuration, as far as they
    /// are known; None after a command that may have configured others.
    pub(super) hooks_off: Option<Variables>,
}

/// A git that runs no hook file, for a clone whose hooks are the gate's.
///
/// Hooks of its configuration are switched off by variables.
const PAST_HOOKS: [&str; 3] = ["git", "-c", "core.hooksPath=/dev/null"];

impl Session<'_> {
    /// Runs git past the hooks and returns its output. Words may contain
    /// placeholders.
    pub(super) fn git(&mut self, words: &[&str]) -> Result<Vec<u8>, SessionError> {
        let all: Vec<&str> = PAST_HOOKS.iter().chain(words).copied().collect();
        self.run_past_hooks(&CommandTemplate::from_words(&all))
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
        self.run_past_hooks(&command).map(drop)
    }

    /// Writes a note into the log.
    pub(super) fn note(&mut self, text: &str) -> Result<(), SessionError> {
        let path = self.capture.path().to_owned();
        let written = self.capture.write(text.as_bytes());
        written.map_err(|source| RunError::Log { path, source }.into())
    }

    /// Runs a command and returns its output.
    pub(super) fn run(&mut self, command: &CommandTemplate) -> Result<Vec<u8>, SessionError> {
        self.hooks_off = None;
        self.note(&format!("$ {}\n", command.render(self.vars).command))?;
        self.execute(command, Vec::new())
    }

    /// Runs git with the hooks of its configuration switched off.
    fn run_past_hooks(&mut self, command: &CommandTemplate) -> Result<Vec<u8>, SessionError> {
        let hooks_off = match self.hooks_off.take() {
            Some(known) => known,
            None => self.configured_hooks_off()?,
        };
        self.hooks_off = Some(hooks_off.clone());
        self.note(&format!("$ {}\n", command.render(self.vars).command))?;
        self.execute(command, hooks_off)
    }

    /// Returns variables that switch off every hook of git's configuration.
    ///
    /// Git has no setting against all of them: `core.hooksPath` means files, and
    /// `--no-verify` a few events. Only git itself follows every include and
    /// condition of its configuration, so it lists them.
    fn configured_hooks_off(&mut self) -> Result<Variables, SessionError> {
        let list = "git config --name-only --get-regexp ^hook[.].*[.]event$";
        let words: Vec<&str> = list.split(' ').collect();
        let answer = match self.execute(&CommandTemplate::from_words(&words), Vec::new()) {
            // Nothing is configured, or nothing can be read: then git itself fails.
            Err(SessionError::Failed(failed)) if matches!(failed.ending, Ending::Exited(_)) => {
                Vec::new()
            }
            answer => answer?,
        };
        // The name of a hook may contain dots, and any bytes but a line break.
        let keys = answer.split(|&b| b == b'\n');
        let hooks: BTreeSet<&[u8]> = keys
            .filter(|key| key.starts_with(b"hook."))
            .filter_map(|key| Some(&key[..key.iter().rposition(|&b| b == b'.')?]))
            .collect();
        if hooks.is_empty() {
            return Ok(Vec::new());
        }
        self.note("matrix: git runs none of these hooks in what follows\n")?;
        let count = hooks.len().to_string();
        let mut off = vec![("GIT_CONFIG_COUNT".into(), count.into())];
        for (at, hook) in hooks.into_iter().enumerate() {
            let key = OsString::from_vec([hook, b".enabled"].concat());
            off.push((format!("GIT_CONFIG_KEY_{at}").into(), key));
            off.push((format!("GIT_CONFIG_VALUE_{at}").into(), "false".into()));
        }
        Ok(off)
    }

    /// Runs a command with further variables and returns its output.
    fn execute(
        &mut self,
        command: &CommandTemplate,
        more: Variables,
    ) -> Result<Vec<u8>, SessionError> {
        let rendered = command.render(self.vars);
        let mut env = self.env.clone();
        let own = command.expand_env(self.vars);
        env.extend(
            own.into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        env.extend(more);
        let cmd = Cmd {
            argv: command
                .expand(self.vars)
                .into_iter()
                .map(Into::into)
                .collect(),
            env: env.into_iter().collect(),
            cwd: self.cwd.clone(),
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

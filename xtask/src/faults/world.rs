//! A consumer, the runs of it, and the rules that hold whatever happens.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;

/// A secret in the environment of every run.
pub const SECRET: &str = "planted-sesame-4711";
/// The longest that a run may take: far more than its steps and their limits of 3 s.
const LIMIT: Duration = Duration::from_secs(60);

/// The result of an attempt.
pub struct Seen {
    /// The attempt in words, so that it can be made by hand.
    pub what: String,
    pub code: i32,
    /// Rules that did not hold.
    pub faults: Vec<String>,
}

/// A run that has ended.
pub struct Ended {
    pub id: String,
    pub code: i32,
    /// True if a signal ended the program itself.
    pub by_signal: bool,
    pub stderr: String,
    pub took: Duration,
}

/// A consumer and the folders around it.
pub struct World {
    matrix: PathBuf,
    folder: TempDir,
    runs: u64,
}

impl World {
    /// Makes a consumer whose gate blocks a word.
    pub fn new(matrix: &Path) -> anyhow::Result<Self> {
        let world = Self {
            matrix: matrix.to_owned(),
            folder: tempfile::Builder::new().prefix("soak-").tempdir()?,
            runs: 0,
        };
        for name in ["home", "tmp", "work"] {
            fs::create_dir(world.path(name))?;
        }
        let root = world.path("consumer");
        let check = "#!/bin/sh\n. ./gate/plant\nif grep -rq FIX[M]E src; then echo gate: FIXME; exit 1; fi\n";
        let files = [
            ("gate/run", check),
            ("gate/plant", ":\n"),
            ("hooks/pre-commit", "#!/bin/sh\nexec gate/run\n"),
            ("hooks/pre-push", "#!/bin/sh\nexec gate/run\n"),
            ("src/a.txt", "hello\n"),
            ("scenarios/clean/src/a.txt", "hello you\n"),
            ("scenarios/violations/src/a.txt", "hello FIXME\n"),
            ("matrix.toml", TOML),
        ];
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().context("a folder")?)?;
            fs::write(&path, text)?;
            if text.starts_with("#!") {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
            }
        }
        world.git(&["init", "-q", "-b", "main"])?;
        world.commit()?;
        Ok(world)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The last artifacts folder.
    pub fn artifacts(&self) -> PathBuf {
        self.path("artifacts")
    }

    fn git(&self, words: &[&str]) -> anyhow::Result<()> {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"];
        let mut git = Command::new("git");
        git.args(identity)
            .args(words)
            .current_dir(self.path("consumer"));
        crate::cargo::run(git.stdout(Stdio::null()))
    }

    /// Commits the consumer as it is.
    pub fn commit(&self) -> anyhow::Result<()> {
        self.git(&["add", "-A"])?;
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", "base"])
    }

    /// Returns a command of the program, behind others if there are any.
    pub fn command(&self, before: &[String], words: &[&str]) -> Command {
        let program = self.matrix.display().to_string();
        let mut all = before.to_vec();
        all.push(program);
        let mut command = Command::new(&all[0]);
        command.args(&all[1..]).args(words);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", path)
            .env("DEPLOY_TOKEN", SECRET);
        command
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"));
        command.env("MATRIX_WORK_DIR", self.path("work"));
        command.current_dir(self.path("consumer"));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// The words of a run, and its id.
    pub fn words(&mut self, verb: &str) -> (String, Vec<String>) {
        self.runs += 1;
        let id = format!("run-{}", self.runs);
        let artifacts = self.artifacts().display().to_string();
        let words = [
            verb,
            "--run-id",
            &id,
            "--artifacts",
            &artifacts,
            "--timeout",
            "3s",
        ];
        (id.clone(), words.map(str::to_owned).to_vec())
    }

    /// Kills another verb than `run` after a time.
    pub fn other(&mut self, verb: &[&str], kill_after: Duration) -> anyhow::Result<Ended> {
        let (id, words) = self.words(verb[0]);
        // A replay has no limit of its own.
        let own = if verb[0] == "replay" { 5 } else { 7 };
        let words = words[1..own].iter().map(String::as_str);
        let words: Vec<&str> = verb.iter().copied().chain(words).collect();
        self.until(id, &[], &words, kill_after)
    }

    /// Runs to the end, or kills it after a time.
    pub fn run(
        &mut self,
        before: &[String],
        more: &[&str],
        kill_after: Option<Duration>,
    ) -> anyhow::Result<Ended> {
        let (id, words) = self.words("run");
        let words: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .collect();
        self.until(id, before, &words, kill_after.unwrap_or(LIMIT))
    }

    fn until(
        &self,
        id: String,
        before: &[String],
        words: &[&str],
        limit: Duration,
    ) -> anyhow::Result<Ended> {
        let log = self.path("stderr");
        let mut command = self.command(before, words);
        command.stderr(fs::File::create(&log)?);
        let started = Instant::now();
        let child = command.spawn()?;
        let (code, by_signal) = wait(child, limit)?;
        Ok(Ended {
            id,
            code,
            by_signal,
            stderr: String::from_utf8_lossy(&fs::read(&log)?).into_owned(),
            took: started.elapsed(),
        })
    }

    /// Returns the rules that do not hold after a run.
    pub fn broken(&self, ended: &Ended, was_killed: bool) -> Vec<String> {
        let mut broken = Vec::new();
        let mut fault = |text: String| broken.push(text);
        if ended.took >= LIMIT {
            fault(format!("hangs: {:.0} s", ended.took.as_secs_f64()));
        }
        let is_panic = ended.stderr.contains("matrix itself failed");
        if is_panic || [70, 101, 134].contains(&ended.code) {
            fault(format!("panics: {}", last_line(&ended.stderr)));
        }
        if ended.by_signal && !was_killed {
            fault(format!("dies of a signal: {}", ended.code));
        }
        let artifacts = self.artifacts();
        let verdict = |end: &str| read(&artifacts.join(format!("rel-matrix-{end}.json")));
        let (pass, fail) = (verdict("summary"), verdict("last-failure"));
        for file in [&pass, &fail] {
            if let Verdict::Torn(text) = file {
                fault(format!("torn: {text}"));
            }
        }
        if !matches!(pass, Verdict::None) && !matches!(fail, Verdict::None) {
            fault("double: both verdicts".to_owned());
        }
        let own = Value::from(ended.id.as_str());
        let has_folder = artifacts.join("runs").join(&ended.id).exists();
        match &pass {
            Verdict::Some(pass) if pass["run_id"] != own && has_folder => {
                fault("stale: the pass of an earlier run".to_owned());
            }
            Verdict::Some(pass) if pass["run_id"] == own && ended.code != 0 && !was_killed => {
                fault(format!("forged: a pass with exit {}", ended.code));
            }
            Verdict::None if ended.code == 0 => fault("exit 0 without a pass".to_owned()),
            _ => {}
        }
        if let Some(file) = holding(&artifacts, SECRET) {
            fault(format!("leaks: {} holds the secret", file.display()));
        }
        broken
    }

    /// Returns what is left in temporary folders, and processes of an ended run.
    pub fn leftovers(&self) -> Vec<String> {
        let mut left = Vec::new();
        for (folder, what) in [("tmp", "temporary"), ("work/lanes", "lane")] {
            let entries = fs::read_dir(self.path(folder))
                .into_iter()
                .flatten()
                .flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            left.extend(names.map(|name| format!("leftover {what}: {name}")));
        }
        left.retain(|text| !text.ends_with("lock"));
        let own = self.folder.path().display().to_string();
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let cmdline = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let cwd = fs::read_link(process.path().join("cwd")).unwrap_or_default();
            let is_own = cwd.starts_with(&own) || String::from_utf8_lossy(&cmdline).contains(&own);
            if is_own && !cmdline.is_empty() {
                let text = String::from_utf8_lossy(&cmdline).replace('\0', " ");
                left.push(format!("survivor: {text}"));
            }
        }
        left
    }
}

/// A verdict file.
enum Verdict {
    None,
    Some(Value),
    Torn(String),
}

fn read(path: &Path) -> Verdict {
    match path.symlink_metadata() {
        Err(_) => Verdict::None,
        Ok(meta) if !meta.is_file() => Verdict::Torn(format!("{} is no file", path.display())),
        Ok(_) => match serde_json::from_slice(&fs::read(path).unwrap_or_default()) {
            Ok(value) => Verdict::Some(value),
            Err(e) => Verdict::Torn(format!("{}: {e}", path.display())),
        },
    }
}

/// Waits until the end, or kills it.
fn wait(mut child: Child, limit: Duration) -> anyhow::Result<(i32, bool)> {
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() >= limit {
            child.kill()?;
            break child.wait()?;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let signal = status.signal();
    Ok((
        status.code().unwrap_or(128 + signal.unwrap_or(0)),
        signal.is_some(),
    ))
}

fn last_line(text: &str) -> &str {
    let mut lines = text.lines();
    lines
        .find(|line| line.contains("ERROR"))
        .unwrap_or_default()
}

fn holding(folder: &Path, text: &str) -> Option<PathBuf> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().ok()?;
        let found = if kind.is_dir() {
            holding(&path, text)
        } else if kind.is_file() {
            let bytes = fs::read(&path).unwrap_or_default();
            let mut parts = bytes.windows(text.len());
            parts.any(|part| part == text.as_bytes()).then_some(path)
        } else {
            None
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

const TOML: &str = r#"schema = 1
gate = "rel"
configuration = ["gate/run"]
package = ""

[[activate]]
step = "gate_install"
run = ["git", "config", "core.hooksPath", "hooks"]

[stage.pre-commit]
drive = "git"
[stage.pre-push]
drive = "git"
[stage.ci]
drive = "command"
run = ["gate/run"]

[scenario.clean]
overlay = "scenarios/clean"
message = "a change"
expect = { pre-commit = 0, pre-push = 0, ci = 0 }
[scenario.violations]
overlay = "scenarios/violations"
message = "a change"
expect = { pre-commit = 1, pre-push = 1, ci = 1 }
"#;

//! A program that still runs, and what of a world is alive.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Consumer, Ran, World, json, script_gate};

/// Long enough for whatever surely happens, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until there is an answer.
#[track_caller]
pub fn wait_for<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(answer) = answer() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("waited in vain for {what}");
}

/// Waits for a file that a script writes with `say`; its text.
#[track_caller]
pub fn wait_for_file(path: &Path) -> String {
    wait_for(&path.display().to_string(), || {
        fs::read_to_string(path).ok().filter(|t| t.ends_with('\n'))
    })
}

/// The same command with the default action for each signal: under `nohup`, or
/// in the background of a shell, a child would ignore some of them.
fn with_default_signals(command: &Command) -> Command {
    let defaults = "$SIG{$_} = 'DEFAULT' for qw(HUP INT QUIT TERM TSTP); exec { $ARGV[0] } @ARGV";
    let mut wrapped = Command::new("perl");
    wrapped.args(["-e", defaults]).arg(command.get_program());
    wrapped
        .args(command.get_args())
        .env_clear()
        .stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        wrapped.envs(value.map(|value| (name, value)));
    }
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
}

/// A program that was started, killed if the test ends before it.
pub struct Running {
    child: Option<Child>,
    pub pid: Pid,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&child);
        Self {
            child: Some(child),
            pid,
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// How it ended.
    pub fn end(mut self) -> Ran {
        Ran::of(self.child.take().unwrap().wait_with_output().unwrap())
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        let child = self.child.as_mut().unwrap();
        child.try_wait().unwrap().is_some()
    }

    /// A line of `/proc/<pid>/status`.
    pub fn status(&self, name: &str) -> Option<String> {
        status(self.pid, name)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A line of `/proc/<pid>/status`: `State`, `VmHWM`, …
pub fn status(pid: Pid, name: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim_start_matches(':').trim().to_owned())
}

impl World {
    /// Starts `matrix run` in a consumer.
    pub fn start(&self, consumer: &Consumer, more: &[&str]) -> Running {
        Running::start(with_default_signals(&self.run_command(consumer, more)))
    }

    /// A consumer whose configuration is this one.
    pub fn configured_consumer(&self, configuration: &str) -> Consumer {
        self.consumer(
            "consumer",
            &[
                ("matrix.toml", configuration),
                ("file", "one\n"),
                ("scenarios/clean/file", "two\n"),
            ],
        )
    }

    /// A consumer whose only stage is this script, with a time limit.
    pub fn limited_consumer(&self, script: &str, limit: &str) -> Consumer {
        let limited = format!("timeout = \"{limit}\"\n[scenario");
        self.configured_consumer(&script_gate(script).replace("[scenario", &limited))
    }

    /// Waits until a run that begins now has ended at this time limit: at
    /// least as long has passed for every other run by then.
    #[track_caller]
    pub fn outlast(&self, limit: &str) {
        let other = Self::new();
        let consumer = other.limited_consumer("while :; do sleep 60; done", limit);
        other.run(&consumer, &[]).expect(124);
    }

    /// The beginning of a script that knows this world as `$W` and tells the
    /// test something with `say NAME TEXT`, whole or not at all.
    pub fn script(&self, rest: &str) -> String {
        let world = self.path();
        format!(
            "W='{}'\nsay() {{ echo \"$2\" >\"$W/$1.part\"; mv \"$W/$1.part\" \"$W/$1\"; }}\n{rest}",
            world.display()
        )
    }

    /// Waits for what a script says; its text.
    #[track_caller]
    pub fn said(&self, name: &str) -> String {
        wait_for_file(&self.path().join(name)).trim_end().to_owned()
    }

    /// Waits for the process id that a script says.
    #[track_caller]
    pub fn said_pid(&self, name: &str) -> Pid {
        Pid::from_raw(self.said(name).parse().unwrap()).unwrap()
    }

    /// Every process whose environment or words name this world: the program
    /// itself, its supervisors, and whatever a step started.
    pub fn alive(&self) -> Vec<(Pid, String)> {
        let world = self.path();
        let world = world.as_os_str().as_encoded_bytes();
        let names_it = |bytes: &[u8]| bytes.windows(world.len()).any(|window| window == world);
        let mut alive = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse() else {
                continue;
            };
            let read = |name| fs::read(entry.path().join(name)).unwrap_or_default();
            let words = read("cmdline");
            if names_it(&words) || names_it(&read("environ")) {
                let words = String::from_utf8_lossy(&words).replace('\0', " ");
                alive.push((Pid::from_raw(pid).unwrap(), words));
            }
        }
        alive
    }

    /// Nothing of this world lives on; a second is what even a killed runner
    /// has for that, a second more is for busy machines.
    #[track_caller]
    pub fn nobody_lives(&self) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            if self.alive().is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let left = self.alive();
        for (pid, _) in &left {
            let _ = kill_process(*pid, Signal::KILL);
        }
        assert!(left.is_empty(), "still alive: {left:#?}");
    }

    /// What stands in the work folder besides caches: lanes of a run.
    pub fn lanes_left(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.work()).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        paths.filter(|path| !path.ends_with("cache")).collect()
    }
}

impl Consumer {
    /// The evidence of the cell `clean` at `ci` of the only run.
    #[track_caller]
    pub fn only_cell(&self) -> Value {
        json(&self.run_folder().join("cells/clean/ci.json")).expect("there is no cell")
    }

    /// Every file below the artifacts folder with its bytes, but for the lock.
    pub fn snapshot(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let folder = self.artifacts();
        let files = gate_matrix::sys::fs::list_tree(&folder).unwrap();
        let files = files
            .into_iter()
            .filter(|file| !file.ends_with(".matrix.lock"));
        files
            .map(|file| (file.clone(), fs::read(folder.join(&file)).unwrap()))
            .collect()
    }
}

/// Runs a command where no namespace can be made: what a container does.
pub fn without_namespaces(command: &std::process::Command) -> Ran {
    let mut denied = std::process::Command::new("bwrap");
    denied.args(["--unshare-user", "--disable-userns", "--cap-drop", "ALL"]);
    denied
        .args(["--dev-bind", "/", "/", "--"])
        .arg(command.get_program());
    denied.args(command.get_args()).env_clear();
    denied.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
    if let Some(folder) = command.get_current_dir() {
        denied.current_dir(folder);
    }
    Ran::of(
        denied
            .output()
            .expect("bubblewrap is installed: .ci/run does so"),
    )
}

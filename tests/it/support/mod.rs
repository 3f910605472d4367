//! A world for one test: a home, a work folder, consumers, and the program
//! with an environment of its own.

mod running;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub mod again;
pub mod bundles;
pub mod comparisons;
pub mod configurations;
pub mod gate;
pub mod git_commands;
pub mod hooks;
#[cfg(target_os = "linux")]
pub mod hostile;
pub mod managers;
pub mod new_git;
pub mod readers;
pub mod recorded;
pub mod registry;
pub mod schema;
pub mod tools;
pub mod trials;
pub mod vacuity;
pub use running::{Running, status, wait_for, without_namespaces};

/// Everything that one test touches.
pub struct World {
    folder: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            recorded::reports_hold(self.folder.path());
        }
    }
}

/// A consumer: a git repository with a configuration.
pub struct Consumer {
    pub root: PathBuf,
}

/// Where worlds are made: in memory if there is room, since lanes consist of
/// thousands of small files that are soon removed (half of a test's time on
/// ext4); else in the temporary folder. `MATRIX_TEST_SCRATCH` names another one.
fn scratch() -> PathBuf {
    const ENOUGH: u64 = 4 << 30;
    let memory = PathBuf::from("/dev/shm");
    let free = rustix::fs::statvfs(&memory).map(|fs| fs.f_bavail.saturating_mul(fs.f_frsize));
    match std::env::var_os("MATRIX_TEST_SCRATCH") {
        Some(named) => named.into(),
        None if free.is_ok_and(|free| free >= ENOUGH) => memory,
        None => std::env::temp_dir(),
    }
}

/// What the program said and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    pub fn new() -> Self {
        tools::install_missing();
        let folder = tempfile::Builder::new()
            .prefix("matrix-it-")
            .tempdir_in(scratch())
            .unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        Self { folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub fn home(&self) -> PathBuf {
        self.path().join("home")
    }

    pub fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    /// The folder of a lane that `--keep` left: `clone`, `origin.git`, `home`.
    #[track_caller]
    pub fn kept_lane(&self, scenario: &str) -> PathBuf {
        let entries = fs::read_dir(self.work()).unwrap();
        let lanes = entries.map(|entry| entry.unwrap().path().join("lanes").join(scenario));
        let mut lanes: Vec<_> = lanes.filter(|lane| lane.is_dir()).collect();
        assert_eq!(lanes.len(), 1, "{lanes:?}");
        lanes.remove(0)
    }

    /// A clean consumer of these files, committed. `matrix.toml` is one of
    /// them, unless there is none.
    pub fn consumer(&self, name: &str, files: &[(&str, &str)]) -> Consumer {
        let root = self.path().join(name);
        fs::create_dir_all(&root).unwrap();
        let consumer = Consumer { root };
        for (path, text) in files {
            consumer.write(path, text);
        }
        consumer.git(&["init", "--quiet", "--initial-branch=main"]);
        consumer.commit("a consumer");
        consumer
    }

    /// The demo gate's consumer, committed.
    pub fn demo_consumer(&self, name: &str) -> Consumer {
        let root = self.path().join(name);
        let ran = self.matrix(
            &["demo", "--scenario", "clean", "--stage", "ci", "--into"]
                .into_iter()
                .chain([root.to_str().unwrap(), "--artifacts"])
                .map(String::from)
                .chain([self.path().join("unused").display().to_string()])
                .collect::<Vec<_>>(),
        );
        assert_eq!(ran.code, 0, "{ran:?}");
        Consumer { root }
    }

    /// A consumer with one scenario, `clean`, and one stage, `ci`, which is
    /// this shell script and must exit 0.
    pub fn script_consumer(&self, script: &str) -> Consumer {
        self.consumer(
            "consumer",
            &[
                ("matrix.toml", &script_gate(script)),
                ("file", "one\n"),
                ("scenarios/clean/file", "two\n"),
            ],
        )
    }

    /// A fresh clone of a consumer in another folder.
    pub fn clone_of(&self, consumer: &Consumer, name: &str) -> PathBuf {
        let clone = self.path().join(name);
        let words = [consumer.root.as_os_str(), clone.as_os_str()];
        let [from, to] = words.map(|path| path.to_str().unwrap());
        git(&self.path(), &["clone", "--quiet", from, to]);
        clone
    }

    /// The program, with nothing of this process's environment but PATH.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(program());
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home())
            .env("MATRIX_WORK_DIR", self.work())
            // Gates of the tests tell of themselves outside of their lanes.
            .env("MATRIX_SANDBOX", "off")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub fn matrix<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// `matrix run` in a consumer.
    pub fn run(&self, consumer: &Consumer, more: &[&str]) -> Ran {
        Ran::of(self.run_command(consumer, more).output().unwrap())
    }

    pub fn run_command(&self, consumer: &Consumer, more: &[&str]) -> Command {
        let mut args = vec!["run", "--repo", consumer.root.to_str().unwrap()];
        args.extend(more);
        self.command(&args)
    }
}

impl Ran {
    pub fn of(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let code = output.status.code();
        Self {
            code: code.unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0)),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn expect(&self, code: i32) -> &Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

impl Consumer {
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        if text.starts_with("#!") {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    }

    /// Runs git in the consumer; its output. Must succeed.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        git(&self.root, args)
    }

    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }

    /// The summary of the gate, if there is one.
    pub fn summary(&self, gate: &str) -> Option<Value> {
        json(&self.artifacts().join(format!("{gate}-matrix-summary.json")))
    }

    /// The last failure of the gate, if there is one.
    pub fn last_failure(&self, gate: &str) -> Option<Value> {
        json(
            &self
                .artifacts()
                .join(format!("{gate}-matrix-last-failure.json")),
        )
    }

    /// Where a lane stood while the newest run played it, which left it here.
    #[track_caller]
    pub fn stood_at(&self, kept: &Path) -> PathBuf {
        let runs = fs::read_dir(self.artifacts().join("runs")).unwrap();
        let plans = runs.map(|run| run.unwrap().path().join("plan.json"));
        let newest = plans.max_by_key(|plan| plan.metadata().unwrap().modified().unwrap());
        let plan = json(&newest.unwrap()).unwrap();
        let common = plan["isolation"]["lane_path"].as_str().map(PathBuf::from);
        common.unwrap_or_else(|| kept.to_owned())
    }

    /// The only run folder.
    #[track_caller]
    pub fn run_folder(&self) -> PathBuf {
        let mut runs: Vec<_> = fs::read_dir(self.artifacts().join("runs"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    /// What a step of a lane of the only run printed.
    #[track_caller]
    pub fn log(&self, scenario: &str, step: &str) -> String {
        let log = self
            .run_folder()
            .join(format!("logs/{scenario}/{step}.log"));
        let bytes = fs::read(&log).unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The cell of a scenario and a stage of the only run.
    #[track_caller]
    pub fn cell(&self, scenario: &str, stage: &str) -> Value {
        let file = self
            .run_folder()
            .join(format!("cells/{scenario}/{stage}.json"));
        json(&file).unwrap_or_else(|| panic!("there is no {}", file.display()))
    }

    /// Exactly one verdict, a failure with this step; told whole.
    #[track_caller]
    pub fn failed(&self, gate: &str, step: &str) -> Value {
        assert!(self.summary(gate).is_none(), "there is a summary");
        let failure = self.last_failure(gate).expect("there is no last failure");
        assert_eq!(failure["failure_step"], step, "{failure:#}");
        self.no_temporaries();
        failure
    }

    /// As [`Self::failed`], with a log whose digest and size are those of
    /// the copy.
    #[track_caller]
    pub fn failed_with_log(&self, gate: &str, step: &str) -> Value {
        let failure = self.failed(gate, step);
        let copy = fs::read(failure["failure_log_artifact"].as_str().expect("no log")).unwrap();
        assert_eq!(failure["failure_log_artifact_bytes"], copy.len());
        assert_eq!(
            failure["failure_log_artifact_sha256"],
            gate_matrix::sys::fs::sha256(&copy)
        );
        assert!(Path::new(failure["failure_log_path"].as_str().unwrap()).is_file());
        failure
    }

    /// Exactly one verdict, a pass.
    #[track_caller]
    pub fn passed(&self, gate: &str) -> Value {
        assert!(self.last_failure(gate).is_none(), "there is a last failure");
        self.no_temporaries();
        self.summary(gate).expect("there is no summary")
    }

    #[track_caller]
    pub fn no_temporaries(&self) {
        for entry in fs::read_dir(self.artifacts()).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(
                !name.to_string_lossy().starts_with(".matrix-tmp-"),
                "{name:?}"
            );
        }
    }
}

/// Changes `run.json` of a run as if it had been written so.
pub fn rewrite_run(run: &Path, change: &dyn Fn(&mut Value)) {
    rewrite(run, "run.json", change);
}

/// Changes a document of a run as if it had been written so.
pub fn rewrite(run: &Path, name: &str, change: &dyn Fn(&mut Value)) {
    use gate_matrix::artifact::{manifest::FileDigest, to_bytes};
    let edit = |file: &str, edit: &dyn Fn(&mut Value)| {
        let mut document = json(&run.join(file)).unwrap();
        edit(&mut document);
        let bytes = to_bytes(&document);
        fs::write(run.join(file), &bytes).unwrap();
        (FileDigest::from_bytes(&bytes), document)
    };
    let (digest, document) = edit(name, change);
    edit("files.json", &|files| {
        files["run_id"] = document["run_id"].clone();
        files["files"][name] = serde_json::to_value(&digest).unwrap();
    });
}

pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_matrix")
}

/// A configuration with one scenario and one stage, which is this script.
pub fn script_gate(script: &str) -> String {
    format!(
        "schema = 1\ngate = \"fake\"\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", {}]\n\
         [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = {{ ci = 0 }}\n",
        // A JSON string is a TOML string; placeholders are not meant.
        Value::from(script.replace('{', "{{").replace('}', "}}"))
    )
}

/// Runs git with an identity and nothing of this machine's configuration.
#[track_caller]
pub fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.invalid"),
            ("GIT_AUTHOR_DATE", "1767225600 +0000"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@example.invalid"),
            ("GIT_COMMITTER_DATE", "1767225600 +0000"),
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A JSON file, if there is one. Half a file is no JSON and fails the test.
#[track_caller]
pub fn json(path: &Path) -> Option<Value> {
    let bytes = fs::read(path).ok()?;
    assert!(
        bytes.ends_with(b"\n"),
        "{} does not end with a newline",
        path.display()
    );
    Some(serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

/// Whether `jq -e` says yes.
#[track_caller]
pub fn jq(file: &Path, filter: &str) {
    let output = Command::new("jq")
        .arg("-e")
        .arg(filter)
        .arg(file)
        .output()
        .expect("jq is needed: apt-get install jq");
    assert!(
        output.status.success(),
        "{filter}\n{}\n{}",
        fs::read_to_string(file).unwrap(),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Writes a line to a file that a fifo may be; opens it first.
pub fn write_line(path: &Path, line: &str) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

/// Makes a fifo.
pub fn mkfifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success(), "mkfifo {}", path.display());
}

//! A hostile package, and what of its attempts came true. It is installed as
//! any other and runs as a hook and as a stage's own command.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Consumer, Ran, World};

/// How a matrix is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `--sandbox off`.
    Open,
    /// `--sandbox require`.
    Closed,
}

/// What an attempt comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Done,
    Denied,
    /// A matter of the machine and of who runs the test.
    Either,
}

impl Mode {
    fn args(self) -> &'static [&'static str] {
        match self {
            Self::Open => &["--sandbox", "off"],
            Self::Closed => &["--sandbox", "require"],
        }
    }
}

use Fate::{Denied, Done, Either};

/// Every attempt of `attack.pl`, with its fate in the open and in the sandbox.
pub const ATTEMPTS: &[(&str, Fate, Fate)] = &[
    ("read_npmrc", Done, Denied),
    ("read_ssh_key", Done, Denied),
    ("list_home", Done, Denied),
    ("read_home_through_proc", Done, Denied),
    // Root can; the runner of another user went into a user namespace, where
    // that works, and cannot be read since.
    ("read_environment", Either, Denied),
    // The supervisor has the lane's environment, never the user's.
    ("read_parents_environment", Denied, Denied),
    ("tcp", Done, Denied),
    ("udp", Done, Denied),
    ("dns", Either, Denied),
    ("unix_socket", Done, Denied),
    ("abstract_socket", Done, Denied),
    ("write_source", Done, Denied),
    ("write_source_git", Done, Denied),
    ("write_work", Done, Denied),
    ("write_cache", Done, Denied),
    ("write_artifacts", Done, Denied),
    ("write_home", Done, Denied),
    ("write_tmp", Done, Denied),
    ("fill_var_tmp", Done, Denied),
    ("fill_shm", Either, Denied),
    ("signal_runner", Done, Denied),
    ("find_and_signal_runner", Done, Denied),
    ("terminal", Either, Denied),
    // Forbidden where bubblewrap knows `--disable-userns`, from 0.8 on.
    ("user_namespace", Either, Denied),
    ("mount", Either, Denied),
    ("read_runners_memory", Either, Denied),
    ("read_supervisors_memory", Either, Denied),
    ("trace_supervisor", Either, Denied),
    // Nothing outlives a step, with or without a sandbox.
    ("relay", Denied, Denied),
];

/// The stages in which it is let loose: a hook, and a command.
pub const STAGES: [&str; 2] = ["pre-commit", "ci"];

/// A world with everything that is worth an attack.
pub struct Hostile {
    world: World,
    /// In the names of all that it leaves behind.
    mark: String,
    tcp: Listener,
    udp: Listener,
    socket: Listener,
    hidden: Listener,
}

/// Somebody who greets whoever comes.
struct Listener {
    /// The port or path.
    place: String,
    reached: Arc<AtomicBool>,
}

/// What came of a run.
pub struct Attacked {
    pub ran: Ran,
    pub consumer: Consumer,
    /// Each attempt, stage by stage, and whether it came true.
    pub attempts: Vec<(&'static str, String, bool)>,
}

impl Listener {
    fn new<S: Send + 'static>(
        place: impl ToString,
        socket: S,
        greet: impl Fn(&S) -> std::io::Result<()> + Send + 'static,
    ) -> Self {
        let reached = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&reached);
        thread::spawn(move || {
            loop {
                // Who goes away before the greeting has come all the same.
                let _ = greet(&socket);
                noted.store(true, Ordering::SeqCst);
            }
        });
        Self {
            place: place.to_string(),
            reached,
        }
    }

    fn was_reached(&self) -> bool {
        self.reached.swap(false, Ordering::SeqCst)
    }
}

impl Hostile {
    pub fn new() -> Self {
        let world = World::new();
        let name = world.path().file_name().unwrap().to_owned();
        let mark = name.to_string_lossy().replace("matrix-it-", "");
        fs::create_dir(world.home().join(".ssh")).unwrap();
        fs::write(world.home().join(".ssh/id_ed25519"), "planted\n").unwrap();
        fs::write(world.home().join(".npmrc"), "# planted\n").unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let path = world.path().join("socket");
        let socket = UnixListener::bind(&path).unwrap();
        let hidden = format!("matrix-it-{mark}");
        let address = SocketAddr::from_abstract_name(&hidden).unwrap();
        let abstract_socket = UnixListener::bind_addr(&address).unwrap();
        let unix = |socket: &UnixListener| socket.accept()?.0.write_all(b"hello\n");
        Self {
            tcp: Listener::new(tcp.local_addr().unwrap().port(), tcp, |tcp| {
                tcp.accept()?.0.write_all(b"hello\n")
            }),
            udp: Listener::new(udp.local_addr().unwrap().port(), udp, |udp| {
                let (size, from) = udp.recv_from(&mut [0; 16])?;
                udp.send_to(&b"hello hello hello"[..size], from).map(drop)
            }),
            socket: Listener::new(path.display(), socket, unix),
            hidden: Listener::new(hidden, abstract_socket, unix),
            world,
            mark,
        }
    }

    /// The package, packed; its program is `node_modules/.bin/hostile`.
    fn package(&self) -> PathBuf {
        let package = Consumer {
            root: self.world.path().join("hostile"),
        };
        let manifest = r#"{"name": "hostile", "version": "6.6.6", "bin": "attack.pl"}"#;
        package.write("package.json", manifest);
        let attack = format!("#!/usr/bin/env perl\n{}", include_str!("attack.pl"));
        package.write("attack.pl", &attack);
        self.world.npm_pack(&package.root)
    }

    fn consumer(&self) -> Consumer {
        let config = r#"
            schema = 1
            gate = "hostile"
            tools = ["npm", "node"]
            pass_env = ["TRY_HOME", "TRY_SOURCE", "TRY_WORK", "TRY_ARTIFACTS", "TRY_MARK",
                "TRY_RUNNER", "TRY_TCP", "TRY_UDP", "TRY_SOCKET", "TRY_ABSTRACT",
                "TRY_DNS"]
            [[install]]
            step = "npm_install_package"
            run = ["npm", "install", "--save-exact", "--offline", "{package_spec}"]
            [[activate]]
            step = "gate_install"
            run = ["git", "config", "core.hooksPath", "hooks"]
            [stage.pre-commit]
            drive = "git"
            [stage.ci]
            drive = "command"
            run = ["node_modules/.bin/hostile", "ci"]
            [scenario.clean]
            overlay = "scenarios/clean"
            expect = { pre-commit = 0, ci = 0 }
        "#;
        let hook = "#!/bin/sh\nexec node_modules/.bin/hostile pre-commit\n";
        let files = [
            ("matrix.toml", config),
            (".gitignore", "node_modules\nreport-*\nmounted-*\n"),
            ("package.json", "{\"private\": true}\n"),
            ("hooks/pre-commit", hook),
            ("scenarios/clean/file", "two\n"),
        ];
        self.world.consumer("consumer", &files)
    }

    /// Lets it loose.
    pub fn attack(&self, mode: Mode) -> Attacked {
        let consumer = self.consumer();
        let package = self.package();
        let package = ["--package", package.to_str().unwrap()];
        let args = [&package[..], mode.args()].concat();
        let ran = Ran::of(self.command(&consumer, &args).output().unwrap());
        let mut attempts = Vec::new();
        for stage in STAGES {
            let step = format!("stage_{}", stage.replace('-', "_"));
            let log = consumer.run_folder().join(format!("logs/clean/{step}.log"));
            let log = fs::read_to_string(log).unwrap_or_default();
            for line in log.lines() {
                if let Some((name, told @ ("DONE" | "denied"))) = line.split_once(": ") {
                    let done = self.came_true(&consumer, name, stage, told == "DONE");
                    attempts.push((stage, name.to_owned(), done));
                }
            }
        }
        Attacked {
            ran,
            consumer,
            attempts,
        }
    }

    /// The program, told its own process id, which outlives the `exec`.
    fn command(&self, consumer: &Consumer, args: &[&str]) -> Command {
        let plain = self.world.run_command(consumer, args);
        let mut command = Command::new("sh");
        command
            .args(["-c", "TRY_RUNNER=$$ exec \"$0\" \"$@\""])
            .arg(plain.get_program())
            .args(plain.get_args())
            .current_dir(self.world.path())
            .env_clear()
            .envs(plain.get_envs().map(|(k, v)| (k, v.unwrap())))
            .env("GITHUB_TOKEN", format!("planted-{}", self.mark))
            .env("TRY_MARK", &self.mark)
            .env("TRY_HOME", self.world.home())
            .env("TRY_SOURCE", &consumer.root)
            .env("TRY_WORK", self.world.work())
            .env("TRY_ARTIFACTS", consumer.artifacts())
            .env("TRY_TCP", &self.tcp.place)
            .env("TRY_UDP", &self.udp.place)
            .env("TRY_SOCKET", &self.socket.place)
            .env("TRY_ABSTRACT", &self.hidden.place)
            .env("TRY_DNS", registry_host());
        command
    }

    /// Whether an attempt came true: what can be seen from outside counts,
    /// whatever the gate believes.
    fn came_true(&self, consumer: &Consumer, name: &str, stage: &str, told: bool) -> bool {
        let left = |folder: &Path| {
            folder
                .join(format!("planted-{}-{stage}", self.mark))
                .exists()
        };
        match name {
            "tcp" => self.tcp.was_reached() || told,
            "udp" => self.udp.was_reached() || told,
            "unix_socket" => self.socket.was_reached() || told,
            "abstract_socket" => self.hidden.was_reached() || told,
            "write_source" => left(&consumer.root),
            "write_source_git" => left(&consumer.root.join(".git")),
            "write_work" => left(&self.world.work()),
            "write_cache" => left(&self.world.work().join("cache")),
            "write_artifacts" => left(&consumer.artifacts()),
            "write_home" => left(&self.world.home()),
            "write_tmp" => left(Path::new("/tmp")),
            "fill_var_tmp" => left(Path::new("/var/tmp")),
            "fill_shm" => left(Path::new("/dev/shm")),
            "relay" => self.lives(&format!("relay-{}-{stage}", self.mark)),
            _ => told,
        }
    }

    /// Whether a process goes by this name.
    fn lives(&self, name: &str) -> bool {
        fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&words).contains(name)
        })
    }
}

impl Drop for Hostile {
    /// What it left outside of its world.
    fn drop(&mut self) {
        for folder in ["/tmp", "/var/tmp", "/dev/shm"] {
            for stage in STAGES {
                let name = format!("planted-{}-{stage}", self.mark);
                let _ = fs::remove_file(Path::new(folder).join(name));
            }
        }
    }
}

/// A host that this machine reaches: that of its npm registry.
fn registry_host() -> String {
    let mut npm = std::process::Command::new("npm");
    let told = npm.args(["config", "get", "registry"]).output().unwrap();
    let address = String::from_utf8(told.stdout).unwrap();
    let (_, rest) = address.trim().split_once("://").unwrap();
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    assert!(!host.is_empty(), "{address}");
    host.to_owned()
}

//! Keeping what runs in a lane from the rest of the machine: bubblewrap.
//!
//! Inside there is the lane, writable, and the machine, read-only; folders
//! of temporary files, of sockets and of homes are empty, other processes
//! are not there, and there is no network unless it is asked for. What held
//! is not believed but tried, by this program, inside (see `bwrap(1)`). Where
//! the kernel has landlock, it is told the same once more.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::StatVfsMountFlags;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use super::process::Wrapper;
use super::{env, fs, landlock};

/// The hidden verb under which the program looks around in a sandbox.
pub const VERB: &str = "__look_around";

/// The program that makes the sandbox.
pub const PROGRAM: &str = "bwrap";

/// Folders of every machine that hold what is none of a gate's business.
const HIDDEN: [&str; 6] = ["/tmp", "/var/tmp", "/run", "/home", "/root", "/mnt"];

/// Those of them that are for everybody, and hold sockets.
const PUBLIC: [&str; 4] = ["/tmp", "/var/tmp", "/run", "/mnt"];

/// Where the network's names come from; often a link to what is hidden.
const RESOLVER: &str = "/etc/resolv.conf";

/// What every sandbox is told.
const ALWAYS: [&str; 13] = [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
    "--as-pid-1",
    "--clearenv",
    "--cap-drop",
    "ALL",
    "--hostname",
    "lane",
];

/// What a sandbox must keep away, each tried from inside.
const PROMISES: [&str; 6] = [
    "processes",
    "network",
    "home",
    "sockets",
    "machine",
    "privileges",
];

/// What is reached from a sandbox, beside the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing.
    Nothing,
    /// The network.
    Network,
    /// The network, a cache of packages, and the files that the settings of
    /// installers name.
    Installers,
}

impl Reach {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Network, Self::Installers];
}

/// How to make a sandbox on this machine.
#[derive(Debug, Clone)]
pub struct Sandbox {
    program: PathBuf,
    /// Whether no further user namespace can be made inside: an older
    /// bubblewrap than 0.8 does not know how.
    is_last: bool,
    /// What is empty inside, those above before those below.
    hidden: Vec<PathBuf>,
    /// What is shown of it all the same, read-only.
    shown: Vec<PathBuf>,
    /// The same, for installers.
    settings: Vec<PathBuf>,
    /// What an installer may write beside the lane.
    cache: PathBuf,
}

/// What a sandbox is made for.
#[derive(Debug, Clone, Default)]
pub struct SandboxSpec {
    /// The user's home, where it is known.
    pub home: Option<PathBuf>,
    /// The folder of lanes and caches.
    pub work_dir: PathBuf,
    /// The consumer.
    pub repo_root: PathBuf,
    /// Where tools are, and what else must be seen.
    pub tools: Vec<PathBuf>,
    /// Files that the settings of installers name.
    pub settings: Vec<PathBuf>,
}

/// What held when it was tried.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Probe {
    /// What is kept away.
    pub held: Vec<String>,
    /// What is not, and why.
    pub not: Vec<String>,
    /// How much the kernel does of the second layer; none for nothing.
    pub landlock: Option<String>,
}

impl Sandbox {
    /// A sandbox around lanes; `program` is the one that makes it.
    #[must_use]
    pub fn new(program: PathBuf, around: &SandboxSpec) -> Self {
        let homes = around.home.iter().cloned();
        let folders = HIDDEN.iter().map(PathBuf::from).chain(homes);
        let folders = folders.chain([around.work_dir.clone()]);
        let real = folders.filter_map(|folder| folder.canonicalize().ok());
        let mut hidden: Vec<PathBuf> = real
            .filter(|folder| folder.is_dir() && folder.parent().is_some())
            .collect();
        hidden.sort();
        hidden.dedup();
        // /dev is another one inside: what lies there (/dev/shm) is not in it.
        let is_hidden = |path: &PathBuf| {
            path.starts_with("/dev") || hidden.iter().any(|folder| path.starts_with(folder))
        };
        let mut settings: Vec<PathBuf> = around.settings.clone();
        settings.retain(|path| is_hidden(path) && path.exists());
        let mut shown: Vec<PathBuf> = around.tools.clone();
        shown.retain(|path| path.is_dir() && !hidden.contains(path));
        // A consumer may be the home itself: nothing can be cloned unseen.
        // That the home is not kept away then is found by trying.
        shown.push(around.repo_root.clone());
        shown.retain(is_hidden);
        shown.sort();
        shown.dedup();
        Self {
            program,
            is_last: true,
            shown,
            settings,
            cache: around.work_dir.join("cache"),
            hidden,
        }
    }

    fn hides(&self, path: &Path) -> bool {
        self.hidden.iter().any(|folder| path.starts_with(folder))
    }

    /// What puts a supervisor into the sandbox of a lane.
    #[must_use]
    pub fn wrapper(&self, lane: &Path, reach: Reach) -> Wrapper {
        Wrapper {
            before: self.words(lane, reach),
            after: self.second_layer(lane, reach),
        }
    }

    /// What may be written inside.
    fn second_layer(&self, lane: &Path, reach: Reach) -> Vec<OsString> {
        let cache = (reach == Reach::Installers).then_some(&*self.cache);
        let own = self.hidden.iter().map(PathBuf::as_path);
        let own = own.chain([lane, Path::new("/dev"), Path::new("/proc")]);
        own.chain(cache).map(Into::into).collect()
    }

    /// The command that makes a sandbox, up to the program inside.
    fn words(&self, lane: &Path, reach: Reach) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![self.program.clone().into()];
        words.extend(ALWAYS.map(Into::into));
        if self.is_last {
            words.push("--disable-userns".into());
        }
        if reach == Reach::Nothing {
            words.push("--unshare-net".into());
        }
        self.show(&mut words, reach);
        bind(&mut words, "--bind", lane);
        words.extend(["--chdir", "/", "--"].map(Into::into));
        words
    }

    /// What is seen beside the lane. A later word covers an earlier one.
    fn show(&self, words: &mut Vec<OsString>, reach: Reach) {
        bind(words, "--ro-bind", Path::new("/"));
        words.extend(["--dev", "/dev", "--proc", "/proc"].map(Into::into));
        for folder in &self.hidden {
            words.extend(["--tmpfs".into(), folder.into()]);
        }
        for folder in &self.shown {
            bind(words, "--ro-bind", folder);
        }
        let names = Path::new(RESOLVER).canonicalize().ok();
        if let Some(file) = names.filter(|file| reach != Reach::Nothing && self.hides(file)) {
            bind(words, "--ro-bind", &file);
        }
        if reach == Reach::Installers {
            for file in &self.settings {
                bind(words, "--ro-bind", file);
            }
            bind(words, "--bind-try", &self.cache);
        }
    }

    /// Makes a sandbox and looks around in it. `supervisor` is this program.
    ///
    /// # Errors
    /// If it cannot be made, in the words of whoever cannot.
    pub fn probe(
        &mut self,
        supervisor: &Path,
        home: Option<&Path>,
        repo: &Path,
    ) -> Result<Probe, String> {
        let lane = fs::TemporaryFolder::new().map_err(|e| e.to_string())?;
        let look = |sandbox: &Self| {
            let said = sandbox.probe_inside(supervisor, lane.path(), home, repo);
            let said = said.map_err(|e| e.to_string())?;
            serde_json::from_str(&said).map_err(|_| said.trim().to_owned())
        };
        look(self).or_else(|_| {
            self.is_last = false;
            look(self)
        })
    }

    fn probe_inside(
        &self,
        supervisor: &Path,
        lane: &Path,
        home: Option<&Path>,
        repo: &Path,
    ) -> io::Result<String> {
        let (mut words, writer): (PipeReader, _) = io::pipe()?;
        let mut argv = self.words(lane, Reach::Nothing);
        let runner = rustix::process::getpid().as_raw_nonzero().to_string();
        let home = home.unwrap_or(Path::new("/root"));
        argv.extend(["/proc/self/fd/1".into(), VERB.into(), runner.into()]);
        argv.extend([home.into(), repo.into()]);
        argv.extend(self.hidden.iter().map(Into::into));
        argv.push("--".into());
        argv.push(lane.into());
        argv.extend(self.shown.iter().map(Into::into));
        argv.push("--".into());
        argv.extend(self.second_layer(lane, Reach::Nothing));
        let program = argv.remove(0);
        // What is said is short: it fits into the pipe.
        duct::cmd(program, argv)
            .dir("/")
            .full_env(std::iter::empty::<(OsString, OsString)>())
            .stdin_null()
            .stdout_file(File::open(supervisor)?)
            .stderr_file(OwnedFd::from(writer))
            .unchecked()
            .run()?;
        let mut said = String::new();
        words.read_to_string(&mut said)?;
        Ok(said)
    }
}

/// Shows something where it is.
fn bind(words: &mut Vec<OsString>, how: &str, path: &Path) {
    words.extend([how.into(), path.into(), path.into()]);
}

/// Looks around and says on stderr what is kept away. `args` are the process
/// id of the runner outside, the home, the consumer, the hidden folders and
/// what is shown of them, both lists ended by `--`.
///
/// # Errors
/// If it is started with other words.
pub fn probe_inside(mut args: impl Iterator<Item = OsString>) -> io::Result<()> {
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "not for use by hand");
    let runner = args.next().and_then(|text| text.to_str()?.parse().ok());
    let runner = runner.and_then(Pid::from_raw).ok_or_else(usage)?;
    let home = PathBuf::from(args.next().ok_or_else(usage)?);
    let repo = PathBuf::from(args.next().ok_or_else(usage)?);
    let mut list = || -> Vec<PathBuf> {
        let words = args.by_ref().take_while(|word| word != "--");
        words.map(PathBuf::from).collect()
    };
    let (hidden, mut shown) = (list(), list());
    shown.extend(hidden.iter().cloned());
    let sees = |folder: &Path| not_empty(folder, &shown);
    let is_public = |folder: &&PathBuf| PUBLIC.iter().any(|name| *folder == Path::new(name));
    let (public, private): (Vec<_>, Vec<_>) = hidden.iter().partition(is_public);
    let mut told = Probe {
        landlock: landlock::restrict_to(args).word().map(ToOwned::to_owned),
        ..Probe::default()
    };
    for promise in PROMISES {
        let broken = match promise {
            "processes" => processes(runner),
            "network" => network(),
            "home" => sees(&home).or_else(|| private.iter().find_map(|folder| sees(folder))),
            "sockets" => public.iter().find_map(|folder| sees(folder)),
            "machine" => writable(&repo).or_else(|| writable(Path::new("/usr"))),
            _ => privileges(),
        };
        match broken {
            None => told.held.push(promise.to_owned()),
            Some(why) => told.not.push(format!("{promise}: {why}")),
        }
    }
    let json = serde_json::to_vec(&told)?;
    io::stderr().write_all(&json)
}

fn processes(runner: Pid) -> Option<String> {
    let alone = rustix::process::getpid().as_raw_nonzero().get() == 1;
    let reached =
        runner.as_raw_nonzero().get() != 1 && rustix::process::test_kill_process(runner).is_ok();
    (!alone || reached).then(|| "processes outside can be reached".to_owned())
}

fn network() -> Option<String> {
    let list = std::fs::read_to_string("/proc/net/dev").unwrap_or_default();
    let names = list.lines().filter_map(|line| line.split_once(':'));
    let other = names
        .map(|(name, _)| name.trim())
        .find(|name| *name != "lo");
    let unknown = list.is_empty().then_some("an unknown one");
    other.or(unknown).map(|name| format!("there is {name}"))
}

/// A hidden folder may hold what is shown of it, and nothing else.
fn not_empty(folder: &Path, shown: &[PathBuf]) -> Option<String> {
    let real = folder.canonicalize().ok()?;
    let leads_to_shown = |path: &Path| shown.iter().any(|shown| shown.starts_with(path));
    let entries = std::fs::read_dir(&real).into_iter().flatten().flatten();
    let mut other = entries.map(|entry| entry.path());
    let other = other.find(|path| !leads_to_shown(path))?;
    Some(format!("{} can be seen", other.display()))
}

fn writable(path: &Path) -> Option<String> {
    let flags = rustix::fs::statvfs(path).ok()?.f_flag;
    let is_writable = !flags.contains(StatVfsMountFlags::RDONLY);
    is_writable.then(|| format!("{} can be written", path.display()))
}

fn privileges() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let none = field("CapEff:").bytes().all(|b| b == b'0') && field("NoNewPrivs:") == "1";
    (!none).then(|| "privileges are left".to_owned())
}

/// The folders that a PATH and the tools found on it need, wherever they
/// are.
#[must_use]
pub fn tool_folders(path: &std::ffi::OsStr, tools: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    for tool in tools {
        folders.push(fs::parent(tool).to_owned());
        if let Ok(real) = tool.canonicalize() {
            folders.extend(around_tool(fs::parent(&real)));
        }
    }
    folders
        .iter()
        .filter_map(|folder| folder.canonicalize().ok())
        .collect()
}

/// What a tool in this folder needs of what lies around it: all below its
/// prefix, unless that is a person's own folder. `~/.local` holds keyrings and
/// the like beside programs and their libraries.
fn around_tool(folder: &Path) -> Vec<PathBuf> {
    let prefix = fs::parent(folder);
    if !folder.ends_with("bin") {
        vec![folder.to_owned()]
    } else if prefix.ends_with(".local") || fs::parent(prefix) == Path::new("/home") {
        let parts = ["bin", "lib", "lib64", "libexec"];
        parts.iter().map(|part| prefix.join(part)).collect()
    } else {
        vec![prefix.to_owned()]
    }
}

/// The program that makes the sandbox, on a PATH.
#[must_use]
pub fn find(path: &std::ffi::OsStr) -> Option<PathBuf> {
    env::find_program(path, PROGRAM)
}

//! Builds sandboxes with bubblewrap; see `bwrap(1)`.

use std::ffi::{OsStr, OsString};
use std::io::{self, PipeReader, Read as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::slice;

use super::credentials;
use super::probe::{Probe, VERB};
use super::tools::{Shown, needed_by_tools};
use crate::sys::env::OffPath;
use crate::sys::process::Wrapper;
use crate::sys::{env, fs};

/// The program that creates sandboxes.
pub const PROGRAM: &str = "bwrap";

/// Folders of every machine that a gate has no reason to read.
const HIDDEN: [&str; 14] = [
    "/tmp",
    "/var/tmp",
    "/run",
    "/home",
    "/root",
    "/mnt",
    "/media",
    "/srv",
    // Where services of CI check out, and keep the files of a job beside it.
    "/builds",
    "/github",
    "/__w",
    "/var/jenkins_home",
    "/var/lib/jenkins",
    "/var/spool",
];

/// The configuration of name resolution; often a link into a hidden folder.
const RESOLVER: &str = "/etc/resolv.conf";

const HIDES: &str = "the sandbox hides it; \
                     put the program into a folder of programs, such as ~/.local/bin";

/// The options of every sandbox.
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

/// The resources that a sandbox can reach beside the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing.
    Nothing,
    /// The consumer and what it borrows from, to clone it: its git folder may hold the
    /// token of a job, and its work tree files that git does not track.
    Consumer,
    /// The network.
    Network,
    /// The network, a cache of packages, and the files that the settings of
    /// installers name.
    Installers,
}

impl Reach {
    /// All values.
    pub const ALL: [Self; 4] = [
        Self::Nothing,
        Self::Consumer,
        Self::Network,
        Self::Installers,
    ];

    /// True if it includes the network.
    #[must_use]
    pub fn has_network(self) -> bool {
        matches!(self, Self::Network | Self::Installers)
    }
}

/// A builder of sandboxes on this machine.
#[derive(Debug, Clone)]
pub struct Sandbox {
    program: PathBuf,
    /// Set if no further user namespace can be created inside. Bubblewrap before
    /// 0.8 cannot prevent that.
    is_last: bool,
    /// Folders that are empty inside, parents before children.
    hidden: Vec<PathBuf>,
    /// Folders and files in hidden folders that are shown all the same, read-only.
    shown: Vec<PathBuf>,
    /// Files and folders that hold credentials, which are empty inside.
    credentials: Vec<PathBuf>,
    /// Links in hidden folders that are shown, with their targets.
    links: Vec<(PathBuf, PathBuf)>,
    /// The folders of the consumer, which are hidden but for its clone.
    consumer: Vec<PathBuf>,
    /// The untracked files of the consumer, hidden where commands name it and see the rest;
    /// `None` if they see nothing of it.
    untracked: Option<Vec<PathBuf>>,
    /// Files in hidden folders that are shown to installers, read-only.
    settings: Vec<PathBuf>,
    /// The folder that an installer may write beside the lane.
    cache: PathBuf,
}

/// The folders and files that matter to a sandbox.
#[derive(Debug, Clone, Default)]
pub struct SandboxSpec {
    /// The user's home, if it is known.
    pub home: Option<PathBuf>,
    /// The folder of lanes and caches.
    pub work_dir: PathBuf,
    /// The consumer.
    pub repo_root: PathBuf,
    /// Folders outside of it that git needs to read it.
    pub outside: Vec<PathBuf>,
    /// The untracked files in it, if commands see the others.
    pub untracked: Option<Vec<PathBuf>>,
    /// The parts of hidden folders that tools need, and others that must be visible.
    pub tools: Shown,
    /// Files that the settings of installers name.
    pub settings: Vec<PathBuf>,
}

impl Sandbox {
    /// Creates a builder; `program` is the path of bubblewrap.
    #[must_use]
    pub fn new(program: PathBuf, spec: &SandboxSpec) -> Self {
        let mut hidden: Vec<PathBuf> = HIDDEN
            .iter()
            .map(PathBuf::from)
            .chain(spec.home.clone())
            .chain([spec.work_dir.clone(), spec.repo_root.clone()])
            .chain(spec.outside.clone())
            .filter_map(|folder| folder.canonicalize().ok())
            .filter(|folder| folder.is_dir() && folder.parent().is_some())
            .collect();
        hidden.sort();
        hidden.dedup();
        let is_hidden = |path: &PathBuf| is_below(path, &hidden);
        let mut settings: Vec<PathBuf> = spec.settings.clone();
        settings.retain(|path| is_hidden(path) && path.exists());
        let mut shown: Vec<PathBuf> = spec.tools.paths.clone();
        shown.retain(|path| path.exists() && !hidden.contains(path));
        shown.retain(is_hidden);
        shown.sort();
        shown.dedup();
        // What is in a shown folder is shown with it, unless a hidden one is between.
        let is_covered = |path: &Path| {
            let outer = shown
                .iter()
                .filter(|it| *it != path && path.starts_with(it));
            let nearest = outer.max_by_key(|it| it.components().count());
            nearest.is_some_and(|it| {
                !hidden
                    .iter()
                    .any(|h| h.starts_with(it) && path.starts_with(h))
            })
        };
        let covered: Vec<bool> = shown.iter().map(|path| is_covered(path)).collect();
        let mut links = spec.tools.links.clone();
        links.retain(|(link, _)| is_hidden(link) && !is_covered(link));
        let mut covered = covered.into_iter();
        shown.retain(|_| !covered.next().unwrap_or(false));
        Self {
            program,
            is_last: true,
            credentials: credentials::found(&shown),
            shown,
            links,
            untracked: spec.untracked.clone(),
            consumer: [slice::from_ref(&spec.repo_root), &*spec.outside].concat(),
            settings,
            cache: spec.work_dir.join("cache"),
            hidden,
        }
    }

    /// Returns the same sandbox with further tools in it.
    #[must_use]
    pub fn also_showing(&self, tools: &[PathBuf], home: Option<&Path>) -> Self {
        let more = needed_by_tools(OsStr::new(""), tools, &[], home);
        let mut sandbox = self.clone();
        for path in more.paths {
            let holds_hidden = self.hidden.iter().any(|hidden| hidden.starts_with(&path));
            if path.exists() && !sandbox.shows(&path) && !holds_hidden {
                sandbox.shown.push(path);
            }
        }
        for (link, target) in more.links {
            let is_there = sandbox.shows(&link) || sandbox.links.iter().any(|it| it.0 == link);
            if !is_there {
                sandbox.links.push((link, target));
            }
        }
        sandbox.credentials = credentials::found(&sandbox.shown);
        sandbox
    }

    fn hides(&self, path: &Path) -> bool {
        is_below(path, &self.hidden)
    }

    /// The root of the consumer, if commands see it.
    fn tracked(&self) -> Option<&PathBuf> {
        self.consumer.first().filter(|_| self.untracked.is_some())
    }

    /// True if a path without links is visible inside.
    #[must_use]
    pub fn shows(&self, real: &Path) -> bool {
        if self.tracked().is_some_and(|root| real.starts_with(root)) {
            return true;
        }
        !self.hides(real) || self.shown.iter().any(|shown| real.starts_with(shown))
    }

    /// Returns the folders of a PATH that nothing can be run from inside.
    #[must_use]
    pub fn off_path(&self, path: &OsStr) -> Vec<OffPath> {
        let is_visible = |folder: &PathBuf| folder.canonicalize().is_ok_and(|it| self.shows(&it));
        let off = std::env::split_paths(path).filter(|folder| !is_visible(folder));
        off.map(|folder| OffPath {
            folder,
            because: HIDES,
        })
        .collect()
    }

    /// Returns the wrapper that puts a supervisor into the sandbox of a lane.
    #[must_use]
    pub fn wrapper(&self, lane: &Path, reach: Reach) -> Wrapper {
        Wrapper {
            before: self.command(lane, reach),
            after: self.second_layer(lane, reach),
        }
    }

    /// Returns the folders that landlock allows to write.
    fn second_layer(&self, lane: &Path, reach: Reach) -> Vec<OsString> {
        let cache = (reach == Reach::Installers).then_some(&*self.cache);
        // Hidden folders are empty file systems of the sandbox.
        self.hidden
            .iter()
            .map(PathBuf::as_path)
            .chain([lane, Path::new("/dev"), Path::new("/proc")])
            .chain(cache)
            .map(Into::into)
            .collect()
    }

    /// Returns the command that creates a sandbox, up to the program inside.
    fn command(&self, lane: &Path, reach: Reach) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![self.program.clone().into()];
        words.extend(ALWAYS.map(Into::into));
        if self.is_last {
            words.push("--disable-userns".into());
        }
        if !reach.has_network() {
            words.push("--unshare-net".into());
        }
        self.show(&mut words, reach);
        bind(&mut words, "--bind", lane);
        words.extend(["--chdir", "/", "--"].map(Into::into));
        words
    }

    /// Adds the options for everything visible beside the lane. Later options
    /// cover earlier ones.
    fn show(&self, words: &mut Vec<OsString>, reach: Reach) {
        bind(words, "--ro-bind", Path::new("/"));
        words.extend(["--dev", "/dev", "--proc", "/proc"].map(Into::into));
        for folder in &self.hidden {
            words.extend(["--tmpfs".into(), folder.into()]);
        }
        for folder in &self.shown {
            bind(words, "--ro-bind", folder);
        }
        if reach == Reach::Consumer {
            for folder in &self.consumer {
                bind(words, "--ro-bind", folder);
            }
        }
        if let (Some(untracked), [root, ..]) = (&self.untracked, &*self.consumer)
            && reach != Reach::Consumer
        {
            bind(words, "--ro-bind", root);
            let own = [PathBuf::from(".git")];
            let paths: Vec<_> = own
                .iter()
                .chain(untracked)
                .map(|path| root.join(path))
                .filter(|path| path.exists())
                .collect();
            credentials::mask(words, paths.iter());
        }
        let for_installers = reach == Reach::Installers;
        let masked = self.credentials.iter();
        let masked = masked.filter(|path| !(for_installers && credentials::is_of_installers(path)));
        credentials::mask(words, masked);
        for (link, target) in &self.links {
            words.extend(["--symlink".into(), target.into(), link.into()]);
        }
        if let Ok(resolver) = Path::new(RESOLVER).canonicalize()
            && reach.has_network()
            && self.hides(&resolver)
        {
            bind(words, "--ro-bind", &resolver);
        }
        if reach == Reach::Installers {
            for file in &self.settings {
                bind(words, "--ro-bind", file);
            }
            bind(words, "--bind-try", &self.cache);
        }
    }

    /// Creates a sandbox and probes it from inside. `supervisor` is this program.
    ///
    /// # Errors
    /// If it cannot be created, with the error of bubblewrap or the system.
    pub fn probe(&mut self, supervisor: &Path, home: Option<&Path>) -> Result<Probe, String> {
        let lane = fs::TemporaryFolder::new().map_err(|e| e.to_string())?;
        let probe = |sandbox: &Self| {
            let answer = sandbox
                .run_probe(supervisor, lane.path(), home)
                .map_err(|e| e.to_string())?;
            serde_json::from_str(&answer).map_err(|_| answer.trim().to_owned())
        };
        probe(self).or_else(|_| {
            // It may be a bubblewrap that does not know the option.
            self.is_last = false;
            probe(self)
        })
    }

    /// Runs this program in a sandbox and returns its stderr.
    fn run_probe(&self, supervisor: &Path, lane: &Path, home: Option<&Path>) -> io::Result<String> {
        let (mut reader, writer): (PipeReader, _) = io::pipe()?;
        let mut argv = self.command(lane, Reach::Nothing);
        let runner = rustix::process::getpid().as_raw_nonzero().to_string();
        let home = home.unwrap_or(Path::new("/root"));
        argv.extend(["/proc/self/fd/1".into(), VERB.into(), runner.into()]);
        argv.push(home.into());
        let tracked = self.tracked();
        let hidden = self.hidden.iter().filter(|it| Some(*it) != tracked);
        argv.extend(hidden.map(Into::into));
        argv.push("--".into());
        argv.push(lane.into());
        let links = self.links.iter().map(|(link, _)| link);
        argv.extend(
            self.shown
                .iter()
                .chain(links)
                .chain(tracked)
                .map(Into::into),
        );
        argv.push("--".into());
        argv.extend(self.second_layer(lane, Reach::Nothing));
        let program = argv.remove(0);
        // The answer is short enough for the buffer of the pipe, so it can be
        // read after the end.
        duct::cmd(program, argv)
            .dir("/")
            .full_env(std::iter::empty::<(OsString, OsString)>())
            .stdin_null()
            .stdout_file(fs::open(supervisor)?)
            .stderr_file(OwnedFd::from(writer))
            .unchecked()
            .run()?;
        let mut answer = String::new();
        reader.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// True if a path is hidden. The sandbox has a /dev of its own, without files such as those
/// of /dev/shm.
fn is_below(path: &Path, hidden: &[PathBuf]) -> bool {
    path.starts_with("/dev") || hidden.iter().any(|folder| path.starts_with(folder))
}

/// Adds the options that show a path at the same place.
fn bind(words: &mut Vec<OsString>, how: &str, path: &Path) {
    words.extend([how.into(), path.into(), path.into()]);
}

/// Finds bubblewrap on a PATH.
#[must_use]
pub fn find(path: &std::ffi::OsStr) -> Option<PathBuf> {
    env::find_program(path, PROGRAM)
}

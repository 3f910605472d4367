//! The reader that runs the `git` program, with everything disabled that a
//! repository could make it run.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::reader::{Dirt, FILES, Object, Reader, Unread, is_present};
use crate::model::plan::Source;
use crate::model::text::plain;
use crate::sys::env::{self, Snapshot};
use crate::sys::process::helper;

/// Variables of a child.
pub(super) type Env = BTreeMap<OsString, OsString>;

/// A hardened `git` in a folder.
#[derive(Debug, Clone)]
pub(super) struct Program {
    git: PathBuf,
    folder: PathBuf,
    /// The whole environment.
    pub(super) env: Env,
    /// Settings that override those of the repository.
    pub(super) settings: Vec<OsString>,
}

/// Settings against programs that the repository's configuration names.
const HARDENED: [&str; 2] = ["core.fsmonitor=false", "core.hooksPath=/dev/null"];

impl Program {
    /// Returns the git on the user's PATH, for the consumer; `None` without one.
    /// `safe` are the folders that the user trusts.
    pub(super) fn of_user(env: &Snapshot, folder: &Path, safe: &[String]) -> Option<Self> {
        let mut program = Self {
            git: env.find_program("git")?,
            folder: folder.to_owned(),
            env: hardened_env(env),
            settings: HARDENED.map(Into::into).into(),
        };
        let safe = safe.iter().map(|folder| format!("safe.directory={folder}"));
        program.settings.extend(safe.map(Into::into));
        Some(program)
    }

    /// Returns the git on the PATH of a lane.
    pub(super) fn of_lane(env: &Env, folder: &Path) -> Option<Self> {
        let path = env.get(OsStr::new("PATH"))?;
        let mut own = hardening();
        own.insert("PATH".into(), path.clone());
        Some(Self {
            git: env::find_program(path, "git")?,
            folder: folder.to_owned(),
            env: own,
            settings: HARDENED.map(Into::into).into(),
        })
    }

    /// Returns the same program in another folder.
    pub(super) fn at(&self, folder: PathBuf) -> Self {
        Self {
            folder,
            ..self.clone()
        }
    }

    /// Runs git and returns its output. An error is the first line of its stderr,
    /// safe to display.
    pub(super) fn ask(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        self.ask_with(words, &[])
    }

    /// Runs a command that may take long, such as a clone.
    pub(super) fn ask_slowly(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        self.within(helper::LONG_TIMEOUT, words, &[])
    }

    pub(super) fn ask_with(&self, words: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        self.within(helper::TIMEOUT, words, input)
    }

    fn within(&self, limit: Duration, words: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        let settings = self
            .settings
            .iter()
            .flat_map(|setting| ["-c".into(), setting.clone()]);
        let args: Vec<OsString> = settings.chain(words.iter().map(OsString::from)).collect();
        helper::run_within(limit, &self.git, &args, &self.env, &self.folder, input)
            .map_err(|text| plain(&text))
    }

    /// Returns output of one line, of any bytes.
    pub(super) fn line(&self, words: &[&str]) -> Result<OsString, String> {
        let mut answer = self.ask(words)?;
        if answer.last() == Some(&b'\n') {
            answer.pop();
        }
        Ok(OsString::from_vec(answer))
    }

    fn text(&self, words: &[&str]) -> Result<String, String> {
        let line = self.line(words)?;
        Ok(line.to_string_lossy().into_owned())
    }

    /// Returns mode and path of each entry of the index.
    pub(super) fn entries(&self) -> Result<Vec<(u32, Vec<u8>)>, String> {
        let answer = self.ask(&["ls-files", "--stage", "-z"])?;
        Ok(answer.split(|&b| b == 0).filter_map(entry).collect())
    }
}

/// Parses a record of `ls-files --stage`: mode, id, stage, tab, path.
fn entry(record: &[u8]) -> Option<(u32, Vec<u8>)> {
    let tab = record.iter().position(|&b| b == b'\t')?;
    let octal = std::str::from_utf8(record.get(..6)?).ok()?;
    let mode = u32::from_str_radix(octal, 8).ok()?;
    Some((mode, record[tab + 1..].to_vec()))
}

/// Returns variables that keep git from reading the settings of the user and
/// the machine, from writing, and from fetching missing objects.
///
/// Replacement objects are ignored: a clone does not have them.
fn hardening() -> Env {
    let hardening = [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("LANG", "C.UTF-8"),
    ];
    let pairs = hardening.map(|(name, value)| (name.into(), value.into()));
    pairs.into_iter().collect()
}

pub(super) fn hardened_env(env: &Snapshot) -> Env {
    let mut out = hardening();
    for name in ["PATH", "HOME"] {
        out.extend(env.get(name).map(|value| (name.into(), value.to_owned())));
    }
    out
}

impl Reader for Program {
    fn head(&self) -> Result<Source, Unread> {
        let branch = self.text(&["symbolic-ref", "--quiet", "HEAD"]).ok();
        let head = self.text(&["rev-parse", "--quiet", "--verify", "HEAD"]);
        if head.is_err() && branch.is_some() {
            return Err(Unread::Unborn);
        }
        let whole = ["rev-parse", "--verify", "HEAD^{tree}"];
        self.text(&whole).map_err(Unread::Because)?;
        let commit = self.text(&["rev-parse", "--verify", "HEAD^{commit}"]);
        Ok(Source {
            head: commit.map_err(Unread::Because)?,
            branch: branch.and_then(|name| Some(name.strip_prefix("refs/heads/")?.to_owned())),
            worktree_on: None,
        })
    }

    fn id(&self, name: &str, object: Object) -> Option<String> {
        let kind = match object {
            Object::Commit => "commit",
            Object::Tree => "tree",
        };
        let name = format!("{name}^{{{kind}}}");
        let words = [
            "rev-parse",
            "--quiet",
            "--verify",
            "--end-of-options",
            &name,
        ];
        let id = self.text(&words).ok()?;
        // git resolves a full id even if no such object exists.
        self.ask(&["cat-file", "-e", &id]).ok()?;
        Some(id)
    }

    /// Reads the commit object: the configuration can make `git log` run gpg.
    fn commit_time(&self, commit: &str) -> Option<i64> {
        let id = self.id(commit, Object::Commit)?;
        let object = self.ask(&["cat-file", "commit", &id]).ok()?;
        let text = String::from_utf8_lossy(&object);
        let line = text.lines().find(|line| line.starts_with("committer "))?;
        line.rsplit(' ').nth(1)?.parse().ok()
    }

    fn holding(&self, commit: &str) -> Vec<String> {
        let contains = format!("--contains={commit}");
        let answer = self.text(&["for-each-ref", "--format=%(refname)", &contains]);
        let names = answer.unwrap_or_default();
        names.lines().map(ToOwned::to_owned).collect()
    }

    fn direct_at(&self, commit: &str) -> Vec<String> {
        let points_at = format!("--points-at={commit}");
        let format = "--format=%(refname) %(symref)";
        let answer = self.text(&["for-each-ref", format, &points_at]);
        let all = answer.unwrap_or_default();
        // A symbolic ref has a second word.
        let direct = all.lines().filter_map(|line| line.strip_suffix(' '));
        direct.map(ToOwned::to_owned).collect()
    }

    fn stands_on(&self, commit: &str, base: &str) -> bool {
        let words = ["merge-base", "--is-ancestor", base, commit];
        commit != base && self.ask(&words).is_ok()
    }

    fn ignores(&self, path: &Path) -> bool {
        let input = [path.as_os_str().as_bytes(), b"\0"].concat();
        // Succeeds if a path is ignored; tracked paths never are.
        self.ask_with(&["check-ignore", "-z", "--stdin"], &input)
            .is_ok()
    }

    fn tracks_file(&self, path: &Path) -> bool {
        let path = path.as_os_str().as_bytes();
        let entries = self.entries().unwrap_or_default();
        let mut files = entries.iter().filter(|(mode, _)| FILES.contains(mode));
        files.any(|(_, entry)| entry == path)
    }

    fn tracked_files(&self) -> Vec<PathBuf> {
        let entries = self.entries().unwrap_or_default().into_iter();
        let files = entries.filter(|(mode, _)| FILES.contains(mode));
        files
            .map(|(_, path)| PathBuf::from(OsString::from_vec(path)))
            .collect()
    }

    fn index_entries(&self) -> Vec<Vec<u8>> {
        let answers = ["--stage", "-v"].map(|kind| self.ask(&["ls-files", kind, "-z"]));
        let answers = answers.into_iter().flatten();
        let records = answers.flat_map(|answer| {
            let records = answer.split(|&b| b == 0).map(<[u8]>::to_vec);
            records.collect::<Vec<_>>()
        });
        records.collect()
    }

    fn dirt(&self) -> Option<Result<Vec<Dirt>, Unread>> {
        None
    }

    fn hidden(&self, root: &Path) -> Result<Vec<Vec<u8>>, Unread> {
        let answer = self
            .ask(&["ls-files", "-v", "-z"])
            .map_err(Unread::Because)?;
        // Each entry begins with a tag and a space: lower case means assumed
        // unchanged, S means excluded from the work tree.
        let hidden = |entry: &&[u8]| {
            let assumed = entry[0].is_ascii_lowercase();
            assumed || (entry[0] == b'S' && is_present(root, &entry[2..]))
        };
        Ok(answer
            .split(|&b| b == 0)
            .filter(|entry| entry.len() > 2)
            .filter(hidden)
            .map(|entry| entry[2..].to_vec())
            .collect())
    }
}

//! The `git` program, with everything switched off that a repository could
//! make it run, and how it answers what libgit2 cannot.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Dirt;
use super::reader::{FILES, Object, Reader, Unread, is_there};
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
    /// Its whole environment.
    pub(super) env: Env,
    /// Settings that go before those of the repository.
    pub(super) settings: Vec<OsString>,
}

/// What of the repository's configuration names a program, or leads to one.
const HARDENED: [&str; 2] = ["core.fsmonitor=false", "core.hooksPath=/dev/null"];

impl Program {
    /// The one on PATH, for the consumer; none where there is none. Settings
    /// of the user say which folders are safe.
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

    /// The one that a lane uses, by its variables.
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

    /// The same one somewhere else.
    pub(super) fn at(&self, folder: PathBuf) -> Self {
        Self {
            folder,
            ..self.clone()
        }
    }

    /// What it answers; an error is its complaint, made harmless.
    pub(super) fn ask(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        self.ask_with(words, &[])
    }

    /// The same where the answer may take its time.
    pub(super) fn ask_slowly(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        self.within(helper::LONG_TIMEOUT, words, &[])
    }

    pub(super) fn ask_with(&self, words: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        self.within(helper::TIMEOUT, words, input)
    }

    fn within(&self, limit: Duration, words: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
        let settings = self.settings.iter();
        let settings = settings.flat_map(|setting| ["-c".into(), setting.clone()]);
        let words = words.iter().map(OsString::from);
        let args: Vec<OsString> = settings.chain(words).collect();
        helper::run_within(limit, &self.git, &args, &self.env, &self.folder, input)
            .map_err(|text| plain(&text))
    }

    /// An answer that is one line, whatever bytes it has.
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

    /// The index, an entry a record: mode, id, stage, tab, path.
    pub(super) fn entries(&self) -> Result<Vec<(u32, Vec<u8>)>, String> {
        let answer = self.ask(&["ls-files", "--stage", "-z"])?;
        Ok(answer.split(|&b| b == 0).filter_map(entry).collect())
    }
}

/// Mode and path of a record of `ls-files --stage`.
fn entry(record: &[u8]) -> Option<(u32, Vec<u8>)> {
    let tab = record.iter().position(|&b| b == b'\t')?;
    let mode = std::str::from_utf8(record.get(..6)?).ok()?;
    let mode = u32::from_str_radix(mode, 8).ok()?;
    Some((mode, record[tab + 1..].to_vec()))
}

/// Nothing of the user's or the machine's settings, nothing written, nothing
/// fetched for want of an object, and the commits that are there, not what
/// stands in for them: a clone does not have those.
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
        // The name of an object need not be that of one that is there.
        self.ask(&["cat-file", "-e", &id]).ok()?;
        Some(id)
    }

    /// From the commit itself: `git log` may be told to call gpg.
    fn commit_time(&self, commit: &str) -> Option<i64> {
        let id = self.id(commit, Object::Commit)?;
        let text = self.ask(&["cat-file", "commit", &id]).ok()?;
        let text = String::from_utf8_lossy(&text);
        let line = text.lines().find(|line| line.starts_with("committer "))?;
        line.rsplit(' ').nth(1)?.parse().ok()
    }

    fn holding(&self, commit: &str) -> Vec<String> {
        let contains = format!("--contains={commit}");
        let answer = self.text(&["for-each-ref", "--format=%(refname)", &contains]);
        let names = answer.unwrap_or_default();
        names.lines().map(ToOwned::to_owned).collect()
    }

    fn stands_on(&self, commit: &str, base: &str) -> bool {
        let words = ["merge-base", "--is-ancestor", base, commit];
        commit != base && self.ask(&words).is_ok()
    }

    fn ignores(&self, path: &Path) -> bool {
        let input = [path.as_os_str().as_bytes(), b"\0"].concat();
        // Tells those that it ignores, and leaves tracked ones out.
        self.ask_with(&["check-ignore", "-z", "--stdin"], &input)
            .is_ok()
    }

    fn tracks_file(&self, path: &Path) -> bool {
        let path = path.as_os_str().as_bytes();
        let entries = self.entries().unwrap_or_default();
        let mut files = entries.iter().filter(|(mode, _)| FILES.contains(mode));
        files.any(|(_, entry)| entry == path)
    }

    fn dirt(&self) -> Option<Result<Vec<Dirt>, Unread>> {
        None
    }

    fn hidden(&self, root: &Path) -> Result<Vec<Vec<u8>>, Unread> {
        let answer = self.ask(&["ls-files", "-v", "-z"]);
        let answer = answer.map_err(Unread::Because)?;
        let entries = answer.split(|&b| b == 0).filter(|entry| entry.len() > 2);
        // A tag and a blank: lower case is assumed unchanged, S is left out.
        let hidden = entries.filter(|entry| {
            let assumed = entry[0].is_ascii_lowercase();
            assumed || (entry[0] == b'S' && is_there(root, &entry[2..]))
        });
        Ok(hidden.map(|entry| entry[2..].to_vec()).collect())
    }
}

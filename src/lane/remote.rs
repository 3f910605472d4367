//! The lane's remote: a bare copy of the consumer that says what the remote of
//! the consumer said.
//!
//! Gates compare with `origin/main` or `origin/HEAD`. In a clone on a feature
//! branch, as colleagues and CI have it, those exist as remote-tracking branches
//! alone.

use std::path::Path;

use super::clashes::clash;
use super::seed::{Result, Seeder, literal};
use super::session::Session;
use crate::sys::{fs, git};

/// The bare copy, relative to the lane's folder.
const ORIGIN: &str = "origin.git";

/// Returns the words that give a clone of a repository its format of refs: gates
/// look into `.git`.
pub(super) fn ref_format(session: &mut Session<'_>, from: &Path) -> Result<Vec<&'static str>> {
    if !git::may_have_another_ref_format(from) {
        return Ok(Vec::new());
    }
    let from = literal(&from.to_string_lossy());
    let ask = ["-C", &from, "config", "--default", "files"];
    let ask = [&ask[..], &["--get", "extensions.refStorage"]].concat();
    let format = session.git_outside(&ask)?;
    let is_table = format
        .split(|&b| b == b'\n')
        .any(|line| line == b"reftable");
    // Only versions of git that know this format know the option.
    Ok(is_table
        .then_some("--ref-format=reftable")
        .into_iter()
        .collect())
}

/// The refs of the consumer, as they arrive in the bare copy.
pub(super) struct Listed {
    /// Id and full name of each.
    refs: Vec<(String, String)>,
    /// The consumer's remote whose branches become those of the lane's.
    remote: Option<String>,
}

impl Listed {
    fn new(text: &str) -> Self {
        let refs: Vec<(String, String)> = text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .collect();
        let mut remotes: Vec<&str> = refs
            .iter()
            .filter_map(|(_, name)| name.strip_prefix("refs/remotes/")?.split('/').next())
            // CI puts the commits of pull requests there.
            .filter(|remote| *remote != "pull")
            .collect();
        remotes.dedup();
        let remote = match &remotes[..] {
            [only] => Some(*only),
            all => all.iter().copied().find(|remote| *remote == "origin"),
        };
        Self {
            remote: remote.map(str::to_owned),
            refs,
        }
    }

    /// Returns the branches below a prefix.
    fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.refs.iter().map(|(_, name)| name);
        names.filter_map(move |name| name.strip_prefix(prefix))
    }

    /// True if there are branches of other remotes, or of none.
    pub(super) fn has_others(&self) -> bool {
        let own = self.remote.as_ref().map(|name| format!("{name}/"));
        self.below("refs/remotes/")
            .any(|name| own.as_ref().is_none_or(|own| !name.starts_with(own)))
    }
}

impl Seeder<'_> {
    /// Makes the bare copy of the consumer, with the branches of its remote, and
    /// returns the refs that the consumer has.
    pub(super) fn copy_consumer(&self, session: &mut Session<'_>, from: &str) -> Result<Listed> {
        let tracking = "remote.origin.fetch=+refs/remotes/*:refs/remotes/*";
        // Deleting a branch is for its hooks to refuse, also if HEAD names it.
        let may_delete = "receive.denyDeleteCurrent=ignore";
        let settings = ["-c", tracking, "-c", may_delete];
        let copy = [
            &["--bare", "--no-hardlinks"][..],
            &settings,
            &[from, ORIGIN],
        ]
        .concat();
        let format = ref_format(session, &self.cx.repo_folder)?;
        session.git_outside(&[&["clone", "--quiet"][..], &format, &copy].concat())?;
        let alternates = self.lane.origin().join("objects/info/alternates");
        if alternates.exists() {
            Self::in_origin(session, &["repack", "--quiet", "-a", "-d"])?;
            fs::remove_file(&alternates)?;
        }
        git::forget_remote(&self.lane.origin(), "origin")?;
        let format = "--format=%(objectname) %(refname)";
        let listed = Listed::new(&Self::in_origin(session, &["for-each-ref", format])?);
        if let Some(remote) = &listed.remote {
            self.adopt_branches(session, remote, &listed)?;
        }
        if let Some(branch) = &self.cx.source.branch {
            // The branch may have moved on, or be another one on the remote.
            let name = literal(&format!("refs/heads/{branch}"));
            Self::in_origin(session, &["update-ref", &name, &self.cx.source.head])?;
        }
        Ok(listed)
    }

    /// Makes branches of the remote-tracking branches. They say more of the
    /// remote than local branches, which may be old.
    fn adopt_branches(
        &self,
        session: &mut Session<'_>,
        remote: &str,
        listed: &Listed,
    ) -> Result<()> {
        let tracking = format!("refs/remotes/{remote}/");
        let own = self.cx.source.branch.as_deref();
        for name in listed.below(&tracking) {
            // A remote has no branch of this name: it is the remote's HEAD.
            if name == "HEAD" || own.is_some_and(|own| clash(own, name)) {
                let name = literal(&format!("{tracking}{name}"));
                Self::in_origin(session, &["update-ref", "-d", &name])?;
                continue;
            }
            for local in listed
                .below("refs/heads/")
                .filter(|local| clash(local, name))
            {
                let name = literal(&format!("refs/heads/{local}"));
                Self::in_origin(session, &["update-ref", "-d", &name])?;
            }
        }
        // From itself, since all objects are there: one command for all refs.
        let renamed = literal(&format!("+{tracking}*:refs/heads/*"));
        let fetch = ["fetch", "--quiet", "--no-tags", ".", &renamed];
        Self::in_origin(session, &fetch)?;
        let gone = literal(&format!("+refs/gone/*:{tracking}*"));
        Self::in_origin(session, &["fetch", "--quiet", "--prune", ".", &gone]).map(drop)
    }

    /// Gives the clone the branches of other remotes.
    pub(super) fn fetch_other_remotes(session: &mut Session<'_>) -> Result<()> {
        let fetch = ["fetch", "--quiet", "--no-tags", "--update-shallow"];
        let all = ["../origin.git", "+refs/remotes/*:refs/remotes/*"];
        session.git_outside(&[&fetch[..], &all].concat())?;
        let gone = [
            "fetch",
            "--quiet",
            "--prune",
            ".",
            "+refs/gone/*:refs/remotes/*",
        ];
        session
            .git_outside(&[&["-C", "../origin.git"][..], &gone].concat())
            .map(drop)
    }

    /// Points HEAD of the remote, and `origin/HEAD`, at the branch that the
    /// consumer's `origin/HEAD` names, else at a usual one.
    pub(super) fn point_origin_head(
        session: &mut Session<'_>,
        from: &str,
        listed: &Listed,
    ) -> Result<()> {
        let Some(remote) = &listed.remote else {
            return Ok(());
        };
        let tracking = format!("refs/remotes/{remote}/");
        let head = literal(&format!("{tracking}HEAD"));
        let ask = ["-C", from, "for-each-ref", "--format=%(symref)", &head];
        let answer = session.git_outside(&ask)?;
        let answer = String::from_utf8_lossy(&answer);
        let named = answer.lines().find_map(|line| line.strip_prefix(&tracking));
        let usual = ["main", "master"];
        let mut candidates = named.into_iter().chain(usual);
        let Some(branch) = candidates.find(|name| listed.below(&tracking).any(|one| one == *name))
        else {
            return Ok(());
        };
        let (own, seen) = (
            literal(&format!("refs/heads/{branch}")),
            literal(&format!("refs/remotes/origin/{branch}")),
        );
        session.git_outside(&["-C", "../origin.git", "symbolic-ref", "HEAD", &own])?;
        session
            .git(&["symbolic-ref", "refs/remotes/origin/HEAD", &seen])
            .map(drop)
    }

    /// Runs git in the bare copy and returns its output.
    fn in_origin(session: &mut Session<'_>, words: &[&str]) -> Result<String> {
        let answer = session.git_outside(&[&["-C", ORIGIN][..], words].concat())?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

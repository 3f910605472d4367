//! Seeds the baseline and the scenario: the commits and the index that stages
//! start from.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::context::LaneContext;
use super::programs::{file_or_files, files_of};
use super::session::{Session, SessionError};
use super::workspace::Workspace;
use crate::model::evidence::Hunk;
use crate::model::scenario::{Scenario, Seed};
use crate::model::{ScenarioName, Violation};
use crate::sys::fs;
use crate::sys::git::{self, Refs};

pub(super) type Result<T> = std::result::Result<T, SessionError>;

/// The lane's change, staged on top of the baseline.
#[derive(Debug, Clone)]
pub(super) struct Seeded {
    /// The baseline commit.
    pub(super) base: String,
    /// HEAD: the baseline commit, or the last of those that the seed made.
    pub(super) start: String,
    /// The branch that is checked out.
    pub(super) branch: Option<String>,
    /// The tree that is staged.
    pub(super) tree: String,
    /// The whole work tree before and after the seed, if it may hold more than
    /// what is staged.
    pub(super) work: Option<(String, String)>,
    /// Set if nothing is staged.
    pub(super) nothing_staged: bool,
    /// Set if the scenario changes nothing: it stages and commits nothing.
    pub(super) vacuous: bool,
    /// Set if `origin` had the lane's branch before any push.
    pub(super) has_tracking: bool,
    /// The commit of the branch that a stage deletes, if `origin` had that.
    pub(super) deleted: Option<String>,
    /// The parts of the change that were reverted.
    pub(super) taken_out: Vec<Hunk>,
    /// The reason for which nothing is left of the change that a gate would look at, if
    /// parts of it were reverted and nothing is.
    pub(super) nothing_left: Option<&'static str>,
}

/// Seeds one lane.
pub(super) struct Seeder<'a> {
    pub(super) cx: &'a LaneContext,
    pub(super) lane: &'a Workspace,
    pub(super) name: &'a ScenarioName,
    pub(super) scenario: &'a Scenario,
}

impl Seeder<'_> {
    /// Removes the configuration and the overlays, adds what the installation
    /// changed, runs the baseline's seed, and makes the commit that
    /// `{base_ref}` names.
    pub(super) fn baseline(&self, session: &mut Session<'_>) -> Result<()> {
        let configuration = self.cx.configuration_paths();
        if !configuration.is_empty() {
            let list = self.path_list("configuration", &configuration)?;
            session.git(&[
                "rm",
                "-r",
                "--quiet",
                "--force",
                "--ignore-unmatch",
                &format!("--pathspec-from-file={list}"),
                "--pathspec-file-nul",
            ])?;
        }
        if self.cx.profile.commits_installation {
            self.stage_installed_changes(session)?;
        }
        if let Some(seed) = &self.cx.profile.baseline {
            let before = self.work_tree(session)?;
            session.run(seed)?;
            self.stage_changes_since(session, &before)?;
        }
        let tree = self.index_tree(session)?;
        if Some(&tree) != self.refs(session)?.tree("HEAD").as_ref() {
            session.commit("chore: the baseline of the matrix", false)?;
        }
        self.publish_baseline(session)?;
        // Last: what came before must not meet them.
        self.server_hooks(session)
    }

    pub(super) fn refs(&self, session: &Session<'_>) -> Result<Refs> {
        let refs = Refs::open(&self.lane.clone_dir(), &session.env);
        refs.ok_or_else(|| SessionError::Problem("the clone cannot be read any more".to_owned()))
    }

    pub(super) fn head(&self, session: &Session<'_>) -> Result<String> {
        let head = self.refs(session)?.commit("HEAD");
        head.ok_or_else(|| SessionError::Problem("HEAD of the clone leads nowhere".to_owned()))
    }

    pub(super) fn index_tree(&self, session: &mut Session<'_>) -> Result<String> {
        match git::index_tree(&self.lane.clone_dir()) {
            Some(tree) => Ok(tree),
            None => session.git_ids(&["write-tree"]).map(|[tree]| tree),
        }
    }

    /// Overwrites files of the clone and stages them for the baseline.
    pub(super) fn replace(
        &self,
        session: &mut Session<'_>,
        files: &[(PathBuf, Vec<u8>)],
    ) -> Result<()> {
        let clone = self.lane.clone_dir();
        for (path, content) in files {
            fs::overwrite(&clone.join(path), content)?;
        }
        let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
        self.stage_paths(session, &paths)
    }

    /// Applies the scenario to the baseline and stages it.
    pub(super) fn scenario(&self, session: &mut Session<'_>) -> Result<Seeded> {
        let clone = self.lane.clone_dir();
        let mut changed: Vec<PathBuf> = Vec::new();
        let base = self.head(session)?;
        let runs = matches!(self.scenario.seed, Seed::Command(_));
        // What a command changes is told by comparing trees. Without a list of files
        // all of it is staged, with one the rest has to be kept.
        let before = (runs || self.scenario.add.is_some())
            .then(|| self.work_tree(session))
            .transpose()?;
        match &self.scenario.seed {
            Seed::Overlay(_) => {
                changed = fs::copy_tree(&self.cx.overlays[self.name], &clone)?;
            }
            Seed::Command(command) => session.run(command).map(drop)?,
            Seed::Nothing => {}
        }
        for path in &self.scenario.remove {
            if !fs::remove_below(&clone, Path::new(path))? {
                let text = format!("the scenario removes {path}, which the baseline does not have");
                return Err(SessionError::Problem(text));
            }
            changed.push(path.into());
        }
        match (&self.scenario.add, &before) {
            (Some(add), _) => {
                let add: Vec<PathBuf> = add.iter().map(PathBuf::from).collect();
                self.stage_paths(session, &add)?;
            }
            (None, Some(before)) => self.stage_changes_since(session, before)?,
            (None, None) => self.stage_paths(session, &changed)?,
        }
        let start = self.head(session)?;
        let of_start = self.refs(session)?.tree("HEAD").unwrap_or_default();
        let mut tree = self.index_tree(session)?;
        let (mut taken_out, mut nothing_left) = (Vec::new(), None);
        if let Some(violation) = &self.scenario.alteration.without {
            let is_message = matches!(violation, Violation::Message(_));
            if start != base && !is_message {
                let text = "the seed commits, and no violation can be taken out of commits";
                return Err(SessionError::Problem(text.to_owned()));
            }
            let rest = self.strip_violation(session, violation, &of_start, &tree)?;
            (tree, taken_out, nothing_left) = (rest.tree, rest.taken_out, rest.nothing_left);
        }
        let work = match (&self.scenario.add, before) {
            (Some(_), Some(before)) => Some((before, self.work_tree(session)?)),
            _ => None,
        };
        let refs = self.refs(session)?;
        let tracking = format!("refs/remotes/origin/{}", self.cx.branch);
        let has_tracking = refs.commit(&tracking).is_some();
        let deleted = format!("refs/heads/{}", self.scenario.delete);
        let deleted = self.origin_refs(session)?.commit(&deleted);
        // Last, since everything before it writes files.
        self.settle(session)?;
        let nothing_staged = tree == of_start;
        Ok(Seeded {
            vacuous: nothing_staged && start == base,
            base,
            start,
            branch: refs.branch(),
            tree,
            work,
            nothing_staged,
            has_tracking,
            deleted,
            taken_out,
            nothing_left,
        })
    }

    /// Dates back the checked-in programs and hooks of the gate.
    ///
    /// Git reads files that are as young as its index, to see if they changed.
    /// The witness would take that for the gate running them.
    fn settle(&self, session: &mut Session<'_>) -> Result<()> {
        let workdir = self.cx.profile.workdir.as_deref();
        let stages = self.cx.profile.stages.values();
        let programs = stages.flat_map(|stage| &stage.programs);
        let mut places: Vec<PathBuf> = programs
            .flat_map(|program| files_of(program, session.vars, self.lane, workdir))
            .collect();
        if places.is_empty() {
            return Ok(());
        }
        let clone = self.lane.clone_dir().canonicalize()?;
        places.push(self.lane.hooks_folder().path);
        let files = places.iter().flat_map(|place| file_or_files(place));
        for file in files.filter(|file| file.starts_with(&clone)) {
            fs::date_back(&file)?;
        }
        session.refresh_index()
    }

    /// Writes the whole work tree as a tree object, with a temporary index.
    fn work_tree(&self, session: &mut Session<'_>) -> Result<String> {
        self.with_own_index(session, |session| {
            session.git(&["read-tree", "HEAD"])?;
            session.git(&["add", "--all"])?;
            session.git_ids(&["write-tree"]).map(|[tree]| tree)
        })
    }

    /// Runs git commands with a temporary index, which is empty at first.
    pub(super) fn with_own_index<T>(
        &self,
        session: &mut Session<'_>,
        work: impl FnOnce(&mut Session<'_>) -> Result<T>,
    ) -> Result<T> {
        let index = self.lane.host().join("work-tree-index");
        fs::remove_file(&index)?;
        session.env.insert("GIT_INDEX_FILE".into(), index.into());
        let done = work(session);
        session.env.remove(std::ffi::OsStr::new("GIT_INDEX_FILE"));
        done
    }

    fn stage_changes_since(&self, session: &mut Session<'_>, before: &str) -> Result<()> {
        let after = self.work_tree(session)?;
        let changed = session.git(&[
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--name-only",
            before,
            &after,
        ])?;
        // Git refuses to add what the seed has staged as deleted: it is nowhere any more.
        let words = ["diff-index", "--cached", "-z", "--no-renames"];
        let not_staged = session.git(&[&words[..], &["--name-only", &after]].concat())?;
        let not_staged: BTreeSet<&[u8]> = not_staged.split(|&b| b == 0).collect();
        let changed = changed.split(|&b| b == 0).filter(|path| !path.is_empty());
        let left: Vec<&[u8]> = changed.filter(|path| not_staged.contains(path)).collect();
        if left.is_empty() {
            return Ok(());
        }
        let list = self.write_list("changed", &left.join(&0))?;
        Self::add_list(session, &list)
    }

    fn stage_paths(&self, session: &mut Session<'_>, paths: &[PathBuf]) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let list = self.path_list("changed", paths)?;
        Self::add_list(session, &list)
    }

    pub(super) fn add_list(session: &mut Session<'_>, list: &str) -> Result<()> {
        let from = format!("--pathspec-from-file={list}");
        session
            .git(&["add", "--all", &from, "--pathspec-file-nul"])
            .map(drop)
    }

    pub(super) fn path_list(&self, name: &str, paths: &[PathBuf]) -> Result<String> {
        let bytes: Vec<&[u8]> = paths
            .iter()
            .map(|path| path.as_os_str().as_bytes())
            .collect();
        self.write_list(name, &bytes.join(&0))
    }

    /// Writes a list of paths for `--pathspec-from-file` and returns its path as
    /// a word of a command.
    pub(super) fn write_list(&self, name: &str, paths: &[u8]) -> Result<String> {
        let file = self.lane.host().join(format!("{name}.paths"));
        fs::write(&file, &literal_pathspecs(paths))?;
        Ok(literal(&file.to_string_lossy()))
    }
}

/// Turns paths into pathspecs that match them literally.
fn literal_pathspecs(paths: &[u8]) -> Vec<u8> {
    let paths = paths.split(|&b| b == 0).filter(|path| !path.is_empty());
    paths
        .flat_map(|path| [b":(top,literal)", path, b"\0"].concat())
        .collect()
}

/// Escapes a text as a word of a command without placeholders.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let _ = match c {
            '{' | '}' => write!(out, "{c}{c}"),
            _ => write!(out, "{c}"),
        };
    }
    out
}

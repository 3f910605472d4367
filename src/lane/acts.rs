//! Prepares the commits, tags and branches that a git command works on, and
//! removes what it left.

use std::path::PathBuf;

use super::seed::{Result, Seeded, Seeder, literal};
use super::session::{Session, SessionError};
use super::stage_command::{CHANGE, PATCH};
use crate::model::command::CommandTemplate;
use crate::model::text::shown;
use crate::model::{On, Template};
use crate::sys::{env, fs};

/// The input of a pre-push hook for one ref.
#[derive(Debug, Clone)]
pub(super) struct ToPush {
    /// The ref of the clone.
    pub(super) local: String,
    /// Its object; None if the remote's ref is deleted.
    pub(super) id: Option<String>,
}

/// The committer of a commit before it is amended or rebased: all else in it may
/// stay the same, and so would its id.
const BEFORE: &str = "matrix before the change";

impl Seeder<'_> {
    /// Brings HEAD, index and work tree into the state that a git command starts
    /// from, and returns HEAD. Index and work tree have the seeded change.
    pub(super) fn prepare_act(
        &self,
        session: &mut Session<'_>,
        seeded: &Seeded,
        on: On,
    ) -> Result<String> {
        let start = seeded.start.clone();
        match on {
            On::Commit | On::Push | On::Tag | On::Delete => Ok(start),
            On::Amend => {
                let of_start = format!("{start}^{{{{tree}}}}");
                let begun = self.make_earlier_commit(session, &start, &of_start)?;
                session.git(&["update-ref", "HEAD", &begun])?;
                Ok(begun)
            }
            On::Merge | On::CherryPick | On::Am => {
                let change = self.make_commit(session, &start, &seeded.tree)?;
                session.git(&["update-ref", CHANGE, &change])?;
                self.put_aside(session, seeded)?;
                if on == On::Am {
                    Self::write_patch(session)?;
                }
                Ok(start)
            }
            On::Rebase => {
                let change = self.make_earlier_commit(session, &start, &seeded.tree)?;
                session.git(&["update-ref", "HEAD", &change])?;
                Ok(change)
            }
        }
    }

    /// Makes a commit of a tree with the scenario's message. No hook runs, and no
    /// ref moves.
    fn make_commit(&self, session: &mut Session<'_>, on: &str, tree: &str) -> Result<String> {
        let message = literal(&self.scenario.message);
        let words = ["commit-tree", "-p", on, "-m", &message, tree];
        session.git_ids(&words).map(|[commit]| commit)
    }

    /// Makes a commit that git makes anew, with another id.
    fn make_earlier_commit(
        &self,
        session: &mut Session<'_>,
        on: &str,
        tree: &str,
    ) -> Result<String> {
        let name = std::ffi::OsString::from("GIT_COMMITTER_NAME");
        let usual = session.env.insert(name.clone(), BEFORE.into());
        let commit = self.make_commit(session, on, tree);
        session.env.extend(usual.map(|usual| (name, usual)));
        commit
    }

    /// Writes the change as a patch.
    fn write_patch(session: &mut Session<'_>) -> Result<()> {
        // Not taken from git's answer, in which a warning would be part of the patch.
        let output = format!("--output={PATCH}");
        let words = ["format-patch", "-1", "--keep-subject", "--always", &output];
        let all = [&words[..], &["--full-index", "--binary", CHANGE]].concat();
        session.git(&all).map(drop)
    }

    /// Makes the tag that is pushed, or the branch that is deleted, of HEAD.
    pub(super) fn prepare_ref(
        &self,
        session: &mut Session<'_>,
        on: On,
        head: &str,
    ) -> Result<Option<ToPush>> {
        let pushed = |local: &str, id| {
            let local = local.to_owned();
            Ok(Some(ToPush { local, id }))
        };
        match on {
            On::Push => pushed("HEAD", Some(head.to_owned())),
            On::Tag => {
                let full = format!("refs/tags/{}", self.scenario.tag);
                self.make_tag(session)?;
                let [id] = session.git_ids(&["rev-parse", "--verify", &literal(&full)])?;
                session.git_in_origin(&["update-ref", "-d", &literal(&full)])?;
                pushed(&full, Some(id))
            }
            On::Delete => {
                let full = format!("refs/heads/{}", self.scenario.delete);
                let is_there = self.origin_refs(session)?.commit(&full).is_some();
                if !is_there {
                    let from = literal(&format!("+HEAD:{full}"));
                    let fetch = ["fetch", "--quiet", "--no-tags", "../clone", &from];
                    session.git_in_origin(&fetch)?;
                }
                pushed("(delete)", None)
            }
            _ => Ok(None),
        }
    }

    /// Makes an annotated tag of HEAD, in place of one that is there.
    fn make_tag(&self, session: &mut Session<'_>) -> Result<()> {
        let mut command = CommandTemplate::from_words(&["tag", "--annotate", "--force", "-m"]);
        let words = [&self.scenario.message, &self.scenario.tag];
        command
            .argv
            .extend(words.map(|word| Template::literal(word)));
        session.git_command(command).map(drop)
    }

    /// Deletes a tag that was pushed, or the branch that was to be deleted.
    pub(super) fn undo_ref(
        &self,
        session: &mut Session<'_>,
        on: On,
        seeded: &Seeded,
    ) -> Result<()> {
        match on {
            On::Push => self.undo_push(session, seeded),
            On::Tag => {
                let full = literal(&format!("refs/tags/{}", self.scenario.tag));
                session.git_in_origin(&["update-ref", "-d", &full])?;
                session.git(&["update-ref", "-d", &full]).map(drop)
            }
            On::Delete => {
                let name = &self.scenario.delete;
                let full = format!("refs/heads/{name}");
                let tracking = literal(&format!("refs/remotes/origin/{name}"));
                match seeded.deleted.as_ref() {
                    None => session
                        .git_in_origin(&["update-ref", "-d", &literal(&full)])
                        .map(drop),
                    Some(at) => {
                        session.git_in_origin(&["update-ref", &literal(&full), at])?;
                        session.git(&["update-ref", &tracking, at]).map(drop)
                    }
                }
            }
            _ => Ok(()),
        }
    }

    /// Ends a merge, rebase, cherry-pick or series of patches that was refused, and
    /// attaches HEAD to its branch again.
    pub(super) fn end_act(&self, session: &mut Session<'_>, seeded: &Seeded) -> Result<()> {
        let git_dir = self.lane.clone_dir().join(".git");
        for folder in ["rebase-merge", "rebase-apply"] {
            fs::remove_folder(&git_dir.join(folder))?;
        }
        // Forgets merges as well, wherever their heads are stored.
        session.git(&["cherry-pick", "--quit"])?;
        for name in ["REBASE_HEAD", CHANGE] {
            session.git(&["update-ref", "-d", name])?;
        }
        let branch = self.refs(session)?.branch();
        match &seeded.branch {
            Some(own) if branch.as_ref() != Some(own) => {
                let full = literal(&format!("refs/heads/{own}"));
                session.git(&["symbolic-ref", "HEAD", &full]).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Puts the hooks of the profile into the lane's remote.
    pub(super) fn server_hooks(&self, session: &mut Session<'_>) -> Result<()> {
        let Some(folder) = &self.cx.profile.server_hooks else {
            return Ok(());
        };
        let from = self.lane.clone_dir().join(folder);
        let problem = |text: String| Err(SessionError::Problem(text));
        let to = self.lane.origin().join("hooks");
        let files = match fs::copy_tree(&from, &to) {
            Ok(files) => files,
            Err(e) => return problem(format!("server_hooks: {folder} cannot be copied: {e}")),
        };
        let is_hook = |file: &&PathBuf| env::is_executable(&to.join(file));
        let hooks: Vec<_> = files.iter().filter(is_hook).map(shown).collect();
        if hooks.is_empty() {
            return problem(format!("server_hooks: no file in {folder} is executable"));
        }
        session.note(&format!(
            "matrix: origin has the hooks {}\n",
            hooks.join(", ")
        ))?;
        Ok(())
    }
}

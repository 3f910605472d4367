//! Publishes the baseline: the refs that name it, in the clone and in the
//! lane's remote.
//!
//! Invariants: `origin/<branch>..HEAD` is the scenario and nothing else, before
//! every stage. A gate that looks there must not find the commit that removes
//! the configuration, nor overlook a file that looks renamed because of it.

use super::seed::{Result, Seeded, Seeder, literal};
use super::session::{Session, SessionError};
use crate::model::names::base_ref;
use crate::sys::git::{self, Published, Refs};

impl Seeder<'_> {
    /// Points the base, and every branch that was at the consumer's commit, at
    /// HEAD, and makes the lane's branch track the base.
    pub(super) fn publish_baseline(&self, session: &mut Session<'_>) -> Result<()> {
        let base = base_ref(self.name);
        let clone = self.lane.clone_dir();
        let refs = self.moved_refs(session, &base)?;
        let reflog = "matrix: the baseline";
        if git::publish_head(&clone, &self.lane.origin(), &refs, reflog) {
            session.note(&format!("matrix: {base} stands here and in origin\n"))?;
        } else {
            Self::publish_by_git(session, &refs)?;
        }
        // An installer may have changed the branch.
        let branch = self.refs(session)?.branch();
        git::set_upstream(&clone, branch.as_ref().unwrap_or(&self.cx.branch), &base)?;
        self.check_base(session, &base)
    }

    /// Fails if the base does not lead to HEAD: a gate that cannot find its
    /// base may let everything through.
    fn check_base(&self, session: &Session<'_>, base: &str) -> Result<()> {
        let refs = self.refs(session)?;
        let of = |name: &str| refs.commit(name);
        let (head, found, upstream) = (of("HEAD"), of(base), of("@{upstream}"));
        if head.is_none() || found != head || upstream != head {
            let text = format!("{base} is {found:?} and its upstream {upstream:?}, not {head:?}");
            return Err(SessionError::Problem(text));
        }
        Ok(())
    }

    /// Returns the refs that the baseline moves; the base is the first.
    fn moved_refs(&self, session: &Session<'_>, base: &str) -> Result<Published> {
        let (here, origin) = (self.refs(session)?, self.origin_refs(session)?);
        let from = &self.cx.source.head;
        let mut moved = Published {
            here: vec![
                format!("refs/heads/{base}"),
                format!("refs/remotes/origin/{base}"),
            ],
            in_origin: vec![format!("refs/heads/{base}")],
        };
        let branches = here.direct_at(from, &["refs/heads/", "refs/remotes/"]);
        moved.here.extend(branches);
        moved
            .in_origin
            .extend(origin.direct_at(from, &["refs/heads/"]));
        // The lane's own branch moves also from another commit.
        let branch = &self.cx.branch;
        let (own, tracking) = (
            format!("refs/heads/{branch}"),
            format!("refs/remotes/origin/{branch}"),
        );
        if origin.commit(&own).is_some() {
            moved.in_origin.push(own);
            moved.here.push(tracking);
        }
        for names in [&mut moved.here, &mut moved.in_origin] {
            let mut seen = std::collections::BTreeSet::new();
            names.retain(|name| seen.insert(name.clone()));
        }
        Ok(moved)
    }

    /// Does the same as [`git::publish_head`], with git commands.
    fn publish_by_git(session: &mut Session<'_>, refs: &Published) -> Result<()> {
        for name in &refs.here {
            session.git(&["update-ref", &literal(name), "HEAD"])?;
        }
        // Fetched by the remote: a push would run its hooks, and take HEAD for a tag of
        // that name too.
        let fetched = refs.in_origin.iter();
        let fetched: Vec<_> = fetched
            .map(|name| literal(&format!("+HEAD:{name}")))
            .collect();
        let mut words = vec![
            "fetch",
            "--quiet",
            "--no-tags",
            "--update-shallow",
            "../clone",
        ];
        words.extend(fetched.iter().map(String::as_str));
        session.git_in_origin(&words).map(drop)
    }

    /// Undoes the effect of a push on the lane's branch in `origin`.
    ///
    /// The hook of another push would get no refs, and `origin/<branch>..HEAD`
    /// would be empty.
    pub(super) fn undo_push(&self, session: &mut Session<'_>, seeded: &Seeded) -> Result<()> {
        let branch = &self.cx.branch;
        let own = format!("refs/heads/{branch}");
        let tracking = format!("refs/remotes/origin/{branch}");
        let to = seeded.has_tracking.then_some(&*seeded.base);
        if !git::set_ref(&self.lane.origin(), &own, to) {
            session.git_in_origin(&update_ref(&literal(&own), to))?;
        }
        if !git::set_ref(&self.lane.clone_dir(), &tracking, to) {
            session.git(&update_ref(&literal(&tracking), to))?;
        }
        Ok(())
    }

    pub(super) fn origin_refs(&self, session: &Session<'_>) -> Result<Refs> {
        let refs = Refs::open(&self.lane.origin(), &session.env);
        refs.ok_or_else(|| SessionError::Problem("origin cannot be read any more".to_owned()))
    }
}

/// Returns the words of git that point a ref at a commit, or delete it.
fn update_ref<'a>(name: &'a str, to: Option<&'a str>) -> Vec<&'a str> {
    match to {
        Some(commit) => vec!["update-ref", name, commit],
        None => vec!["update-ref", "-d", name],
    }
}

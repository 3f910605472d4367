//! The git commands that drive stages, and the hooks that they launch.

/// A git command that drives a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// `git commit` of the staged change.
    Commit,
    /// `git commit --amend`: the staged change goes into an empty commit.
    Amend,
    /// `git merge` of a commit that has the change.
    Merge,
    /// `git rebase` of a commit that has the change.
    Rebase,
    /// `git cherry-pick` of a commit that has the change.
    CherryPick,
    /// `git am` of a patch that has the change.
    Am,
    /// `git push` of the lane's branch, which has the change.
    Push,
    /// `git push` of a tag of a commit that has the change.
    Tag,
    /// `git push` that deletes a branch.
    Delete,
}

/// Hooks that the remote runs when it is pushed to.
const REMOTE: [&str; 5] = [
    "pre-receive",
    "update",
    "post-receive",
    "post-update",
    "proc-receive",
];

impl On {
    /// Every one, with its word in configurations.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Commit, "commit"),
        (Self::Amend, "amend"),
        (Self::Merge, "merge"),
        (Self::Rebase, "rebase"),
        (Self::CherryPick, "cherry-pick"),
        (Self::Am, "am"),
        (Self::Push, "push"),
        (Self::Tag, "tag"),
        (Self::Delete, "delete"),
    ];

    /// Returns the command that reaches the hook of this name.
    #[must_use]
    pub fn of_hook(name: &str) -> Option<Self> {
        Some(match name {
            "pre-commit"
            | "prepare-commit-msg"
            | "commit-msg"
            | "post-commit"
            | "reference-transaction" => Self::Commit,
            "post-rewrite" => Self::Amend,
            "pre-merge-commit" | "post-merge" => Self::Merge,
            "pre-rebase" => Self::Rebase,
            "applypatch-msg" | "pre-applypatch" | "post-applypatch" => Self::Am,
            // Not proc-receive, which needs a setting of the remote.
            name if Self::Push.hooks().contains(&name) => Self::Push,
            _ => return None,
        })
    }

    /// The hooks that it launches, wherever they are.
    #[must_use]
    pub fn hooks(self) -> &'static [&'static str] {
        match self {
            Self::Commit => &[
                "pre-commit",
                "prepare-commit-msg",
                "commit-msg",
                "post-commit",
                "reference-transaction",
                "post-index-change",
            ],
            Self::Amend => &[
                "pre-commit",
                "prepare-commit-msg",
                "commit-msg",
                "post-commit",
                "post-rewrite",
                "reference-transaction",
                "post-index-change",
            ],
            Self::Merge => &[
                "pre-merge-commit",
                "prepare-commit-msg",
                "commit-msg",
                "post-merge",
                "reference-transaction",
                "post-index-change",
            ],
            Self::Rebase => &[
                "pre-rebase",
                "post-checkout",
                "prepare-commit-msg",
                "post-commit",
                "post-rewrite",
                "reference-transaction",
                "post-index-change",
            ],
            Self::CherryPick => &[
                "prepare-commit-msg",
                "post-commit",
                "reference-transaction",
                "post-index-change",
            ],
            Self::Am => &[
                "applypatch-msg",
                "pre-applypatch",
                "post-applypatch",
                "reference-transaction",
                "post-index-change",
            ],
            Self::Push | Self::Tag | Self::Delete => &[
                "pre-push",
                "pre-receive",
                "update",
                "post-receive",
                "post-update",
                "reference-transaction",
            ],
        }
    }

    /// The command, for messages.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Commit => "git commit",
            Self::Amend => "git commit --amend",
            Self::Merge => "git merge",
            Self::Rebase => "git rebase",
            Self::CherryPick => "git cherry-pick",
            Self::Am => "git am",
            Self::Push | Self::Tag | Self::Delete => "git push",
        }
    }

    /// True if it changes the lane's remote, not HEAD.
    #[must_use]
    pub fn is_push(self) -> bool {
        matches!(self, Self::Push | Self::Tag | Self::Delete)
    }

    /// True if the stage starts with the change staged, not committed.
    #[must_use]
    pub fn is_staged(self) -> bool {
        matches!(self, Self::Commit | Self::Amend)
    }

    /// True if it may leave more behind than a commit or a pushed ref: a state to
    /// continue from, or commits beside the change.
    #[must_use]
    pub fn leaves_state(self) -> bool {
        !self.is_push() && self != Self::Commit
    }
}

/// True for a name under which git launches a hook for some command that drives stages.
#[must_use]
pub fn is_hook(name: &str) -> bool {
    On::ALL.iter().any(|(on, _)| on.hooks().contains(&name))
}

/// True for a hook that the remote runs when it is pushed to.
#[must_use]
pub fn is_of_remote(hook: &str) -> bool {
    REMOTE.contains(&hook)
}

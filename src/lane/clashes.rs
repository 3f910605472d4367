//! Refs of the consumer that clash with a lane's: git would refuse the lane's,
//! or take one for the other.

/// The refs of a lane that the consumer's could clash with.
pub(super) struct LaneRefs<'a> {
    /// The lane's branch.
    pub(super) branch: &'a str,
    /// The bases of all lanes: the clone may be shared.
    pub(super) bases: Vec<String>,
}

impl LaneRefs<'_> {
    /// True if a full name of a ref clashes with one of these.
    pub(super) fn clashes_with(&self, name: &str) -> bool {
        let tag = name.strip_prefix("refs/tags/");
        let Some(short) = tag.or_else(|| name.strip_prefix("refs/heads/")) else {
            return false;
        };
        let own = || std::iter::once(self.branch).chain(self.bases.iter().map(String::as_str));
        if tag.is_none() && short == self.branch {
            return false;
        }
        let is_own = own().any(|own| short == own);
        let is_nested = tag.is_none() && own().any(|own| clash(short, own));
        is_own || is_nested || is_read_as(short, own())
    }
}

/// True if git, asked for HEAD or for a ref in full or by a usual short form,
/// could answer with a branch or tag of this name.
fn is_read_as<'a>(short: &str, mut own: impl Iterator<Item = &'a str>) -> bool {
    let rest = |folder: &str| short.strip_prefix(folder);
    let remote = rest("remotes/origin/").or_else(|| rest("origin/"));
    // `refs/tags/refs/heads/main` has the full name of a branch as its own.
    short == "HEAD"
        || short.starts_with("refs/")
        || remote == Some("HEAD")
        || own.any(|own| rest("heads/") == Some(own) || remote == Some(own))
}

/// True if two branches cannot both exist: a ref is a file or a folder.
pub(super) fn clash(one: &str, other: &str) -> bool {
    let is_below = |name: &str, folder: &str| {
        name.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    is_below(one, other) || is_below(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_git_could_take_for_those_of_a_lane() {
        let refs = LaneRefs {
            branch: "main",
            bases: vec!["upstream-clean".to_owned()],
        };
        for name in [
            "refs/tags/HEAD",
            "refs/heads/HEAD",
            "refs/tags/main",
            "refs/tags/refs/heads/main",
            "refs/heads/refs/tags/v1",
            "refs/heads/heads/main",
            "refs/tags/origin/main",
            "refs/heads/origin/HEAD",
            "refs/heads/remotes/origin/upstream-clean",
            "refs/heads/upstream-clean",
            "refs/heads/main/more",
            "refs/tags/upstream-clean",
        ] {
            assert!(refs.clashes_with(name), "{name}");
        }
        for name in [
            "refs/heads/main",
            "refs/heads/mainly",
            "refs/tags/main/more",
            "refs/tags/v1",
            "refs/heads/heads/other",
            "refs/heads/origin/other",
            "refs/remotes/origin/main",
            "refs/remotes/refs/heads/main",
        ] {
            assert!(!refs.clashes_with(name), "{name}");
        }
    }
}

//! Detects vacuous cells: those in which the gate had nothing to check.

use super::state::Lane;
use crate::model::command::CommandTemplate;
use crate::model::stage::{Drive, Stage};
use crate::model::witness::Witness;
use crate::model::{On, StageName, Vars};
use crate::sys::git::Refs;

/// Variables that gates and CI engines read the base of a change from: a branch
/// or a commit.
const BASES: [&str; 6] = [
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "CHANGE_TARGET",
    "PRE_COMMIT_FROM_REF",
];

/// Options whose value is the base of a change.
const BASE_OPTIONS: [&str; 4] = ["--from-ref", "--from", "--since", "--base"];

impl Lane<'_> {
    /// Returns the reason why a stage has nothing to check, if it has nothing.
    pub(super) fn vacuous(
        &self,
        name: &StageName,
        stage: &Stage,
        command: &CommandTemplate,
        noted: &Witness,
    ) -> Option<String> {
        if stage.needs_no_change() {
            return None;
        }
        let seeded = self.seeded.as_ref();
        if seeded.is_some_and(|seeded| seeded.nothing_staged && !seeded.vacuous)
            && stage
                .on()
                .is_some_and(|on| !matches!(on, On::Push | On::Rebase))
        {
            return Some("the seed committed everything: nothing is staged".to_owned());
        }
        if let Some(why) = seeded.and_then(|seeded| seeded.nothing_left) {
            return Some(why.to_owned());
        }
        if seeded.is_some_and(|seeded| seeded.vacuous) {
            return Some("the scenario changes nothing".to_owned());
        }
        if noted.stdin.as_deref() == Some("") {
            let text = "the remote has the commit already: git gives the hook no refs";
            return Some(text.to_owned());
        }
        if !matches!(stage.drive, Drive::Command) || stage.before_commit {
            return None;
        }
        let refs = Refs::open(&self.workspace.clone_dir(), &self.env)?;
        empty_range(&refs, command, &self.stage_vars(name))
    }
}

/// Returns the reason why the range of commits to check is empty, as far as the
/// stage's variables and words name one.
fn empty_range(refs: &Refs, command: &CommandTemplate, vars: &Vars) -> Option<String> {
    let base = &vars.base_ref;
    let Some(of_base) = refs.commit(base) else {
        return Some(format!("its base {base} does not resolve any more"));
    };
    if refs.commit("HEAD") == Some(of_base) {
        return Some(format!("there is no commit between {base} and HEAD"));
    }
    let unknown = |name: &str| {
        let places = [name.to_owned(), format!("origin/{name}")];
        places.iter().all(|place| refs.commit(place).is_none())
    };
    for (variable, value) in command.expand_env(vars) {
        let is_set = BASES.contains(&variable.as_str()) && !value.is_empty();
        if is_set && unknown(&value) {
            return Some(format!("{variable} is `{value}`, which does not resolve"));
        }
    }
    let words = command.expand(vars);
    let joined = words.iter().filter_map(|word| word.split_once('='));
    let pairs = words.windows(2).map(|pair| (&*pair[0], &*pair[1]));
    let unresolved = pairs.chain(joined).find_map(|(option, value)| {
        let is_base = BASE_OPTIONS.contains(&option) && may_be_a_commit(value) && unknown(value);
        is_base.then(|| format!("`{value}` does not resolve"))
    });
    unresolved.or_else(|| words.iter().find_map(|word| no_range(refs, word)))
}

/// True if a value may name a commit.
///
/// `--since` takes dates too, and `--base` and `--from` of other tools take
/// paths.
fn may_be_a_commit(value: &str) -> bool {
    let moments = ["now", "today", "yesterday", "midnight", "noon"];
    let begins_with_a_number = value.starts_with(|c: char| c.is_ascii_digit());
    let is_id = value.bytes().all(|b| b.is_ascii_hexdigit()) && value.len() >= 7;
    let is_path = value.starts_with(['/', '.']) || value.ends_with('/');
    let is_moment = moments.contains(&value) || value.contains(' ');
    !value.is_empty() && !is_path && !is_moment && (is_id || !begins_with_a_number)
}

/// Returns the reason why a word is an empty range of commits.
fn no_range(refs: &Refs, word: &str) -> Option<String> {
    let range = match word.split_once('=') {
        Some((option, range)) if option.starts_with("--") => range,
        _ => word,
    };
    let (from, to) = range.split_once("...").or_else(|| range.split_once(".."))?;
    // `../x`, `./...` and `..` are paths.
    if from.ends_with('/') || to.starts_with('/') || from.len() + to.len() == 0 {
        return None;
    }
    let side = |name: &str| refs.commit(if name.is_empty() { "HEAD" } else { name });
    match (side(from), side(to)) {
        (Some(from), Some(to)) if from == to => Some(format!("the range `{range}` is empty")),
        // If neither side is a commit it may be no range at all.
        (Some(_), Some(_)) | (None, None) => None,
        (None, Some(_)) => Some(format!("`{from}` of `{range}` does not resolve")),
        (Some(_), None) => Some(format!("`{to}` of `{range}` does not resolve")),
    }
}

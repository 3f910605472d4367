//! The command that runs a stage: git's, or the stage's own.

use crate::model::command::CommandTemplate;
use crate::model::names::base_ref;
use crate::model::scenario::Scenario;
use crate::model::stage::Stage;
use crate::model::{On, ScenarioName, Template};

/// The ref of the commit that has the change, beside the lane's branch.
pub(super) const CHANGE: &str = "refs/matrix/change";
/// The patch of the same commit, relative to the clone.
pub(super) const PATCH: &str = "../change.patch";

/// Returns the command that runs a stage: git's, or the stage's own.
///
/// `empty` is asked for the word that allows git an empty commit.
#[must_use]
pub fn stage_command(
    stage: &Stage,
    lane: &ScenarioName,
    scenario: &Scenario,
    branch: &str,
    empty: impl Fn(&'static str) -> Option<Template>,
) -> CommandTemplate {
    let mut command = stage.command.clone();
    let Some(on) = stage.on() else {
        return command;
    };
    let message = scenario.message.as_str();
    let (base, to) = (base_ref(lane), format!("HEAD:refs/heads/{branch}"));
    let tag = format!("refs/tags/{}", scenario.tag);
    let gone = format!("refs/heads/{}", scenario.delete);
    let keeps_empty = match on {
        On::Commit | On::Amend | On::CherryPick => empty("--allow-empty"),
        On::Am => empty("--empty=keep"),
        On::Merge | On::Rebase | On::Push | On::Tag | On::Delete => None,
    };
    let (verb, words): (_, &[&str]) = match on {
        On::Commit => ("commit", &["-m", message]),
        On::Amend => ("commit", &["--amend", "-m", message]),
        On::Merge => ("merge", &["--no-ff", "-m", message, CHANGE]),
        // By force, since nothing else has happened on the base.
        On::Rebase => ("rebase", &["--force-rebase", &base]),
        On::CherryPick => ("cherry-pick", &[CHANGE]),
        // As it is: subjects may begin with brackets, files may have lines of Windows.
        On::Am => ("am", &["--keep", "--keep-cr", PATCH]),
        On::Push => ("push", &["origin", &to]),
        On::Tag => ("push", &["origin", &tag]),
        On::Delete => ("push", &["origin", "--delete", &gone]),
    };
    let alteration = &scenario.alteration;
    let is_known = |word: &&String| match word.as_str() {
        // Cherry-pick alone has no such option: it launches no hook that could refuse.
        "--no-verify" => on != On::CherryPick,
        "--allow-empty" => matches!(on, On::Commit | On::Amend | On::CherryPick),
        _ => true,
    };
    let literal = |word: &String| Template::literal(word);
    command.argv = [Template::literal("git")].into();
    command.argv.extend(alteration.git.iter().map(literal));
    command.argv.push(Template::literal(verb));
    let args = alteration.args.iter().filter(is_known);
    command.argv.extend(args.map(literal));
    command.argv.extend(keeps_empty);
    command
        .argv
        .extend(words.iter().map(|word| Template::literal(word)));
    command.argv.extend(stage.args.iter().cloned());
    command
}

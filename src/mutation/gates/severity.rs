//! Severities of rules: words or numbers, alone or at the head of a list.

use super::{At, Edit, Found, MutationKind, Node};

/// The severity of a rule: its place, and its word.
pub(super) fn of<'a>(rule: &At<'a>) -> Option<(At<'a>, &'a str)> {
    let at = if rule.is_list() {
        rule.children().into_iter().next()?
    } else if rule.is_map() {
        rule.get("level")?
    } else {
        rule.clone()
    };
    let word = at.scalar()?;
    Some((at, word))
}

/// True if the rule reports anything.
pub(super) fn is_on(word: &str) -> bool {
    matches!(word, "error" | "warn" | "info" | "on" | "1" | "2")
}

/// True if the rule stops anything.
pub(super) fn blocks(word: &str) -> bool {
    matches!(word, "error" | "2")
}

/// An error becomes a warning.
pub(super) fn lower(rule: &At, found: &mut Found) {
    let Some((at, word)) = of(rule) else { return };
    if !blocks(word) {
        return;
    }
    let with = match at.as_text() {
        Some("2") => Node::text("1"),
        Some(_) => Node::text("warn"),
        None => Node::bare("1"),
    };
    let edit = Edit::Replace(at.path, with);
    found.add(
        MutationKind::LowerSeverity,
        "",
        rule,
        "it only warns",
        vec![edit],
    );
}

/// Each rule of a map that is on: dropped, and made a warning.
pub(super) fn rules(map: &At, found: &mut Found) {
    for rule in map.children() {
        if of(&rule).is_some_and(|(_, word)| is_on(word)) {
            found.drops("rule", &rule);
            lower(&rule, found);
        }
    }
}

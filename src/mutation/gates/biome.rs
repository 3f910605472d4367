//! Biome: rules stand in groups; a group may have a severity of its own.

use super::{At, Found, severity};

pub(in crate::mutation) fn biome(config: &At, found: &mut Found) {
    globs(config.get("files"), found);
    globs(config.get("linter"), found);
    rules(config, found);
    for part in config.get("overrides").iter().flat_map(At::children) {
        // An override that only relaxes must stay: without it the gate is stricter.
        if rules(&part, found) {
            globs(Some(part), found);
        }
    }
}

/// `includes` since 2.0, `include` before.
fn globs(at: Option<At>, found: &mut Found) {
    let Some(at) = at else { return };
    for key in ["includes", "include"] {
        if let Some(globs) = at.get(key) {
            found.empties_glob(&globs);
        }
    }
}

/// True if one of the rules blocks.
fn rules(config: &At, found: &mut Found) -> bool {
    let before = found.list.len();
    for group in config
        .walk(&["linter", "rules"])
        .iter()
        .flat_map(At::children)
    {
        if group.is_map() {
            severity::rules(&group, found);
        } else if group.as_text().is_some_and(severity::is_on) {
            found.drops("group", &group);
            severity::lower(&group, found);
        }
    }
    found.list[before..]
        .iter()
        .any(|weakening| weakening.kind == super::MutationKind::LowerSeverity)
}

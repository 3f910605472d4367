//! `ESLint` before flat configuration.

use super::{At, Found, severity};

pub(in crate::mutation) fn eslint(config: &At, found: &mut Found) {
    if let Some(rules) = config.get("rules") {
        severity::rules(&rules, found);
    }
    for part in config.get("overrides").iter().flat_map(At::children) {
        let Some(rules) = part.get("rules") else {
            continue;
        };
        severity::rules(&rules, found);
        // An override that only relaxes must stay: without it the gate is stricter.
        let blocks = |rule: &At| severity::of(rule).is_some_and(|(_, word)| severity::blocks(word));
        if rules.children().iter().any(blocks)
            && let Some(files) = part.get("files")
        {
            found.empties_glob(&files);
        }
    }
}

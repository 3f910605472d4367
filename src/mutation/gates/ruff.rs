//! Ruff: rules are selected by prefixes; there is no severity.

use super::{At, Found};

pub(in crate::mutation) fn ruff(config: &At, found: &mut Found) {
    if let Some(include) = config.get("include") {
        found.empties_glob(&include);
    }
    for part in [Some(config.clone()), config.get("lint")]
        .into_iter()
        .flatten()
    {
        for key in ["select", "extend-select"] {
            for rule in part.get(key).iter().flat_map(At::children) {
                found.drops("rule", &rule);
            }
        }
    }
}

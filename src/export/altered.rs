//! The lanes that a trial altered on purpose.

use std::collections::BTreeSet;

use crate::artifact::reader::{ReadError, StoredRun};
use crate::model::event::EventKind;
use crate::model::{Kind, ScenarioName};

/// Returns the lanes of a run that a trial altered: the last of those that it announced.
pub(super) fn altered_lanes(stored: &StoredRun) -> Result<BTreeSet<ScenarioName>, ReadError> {
    if stored.run().kind == Kind::Matrix {
        return Ok(BTreeSet::new());
    }
    let events = stored.events()?;
    let announced = events.into_iter().find_map(|event| match event.kind {
        EventKind::RunStarted {
            lanes,
            altered: Some(altered),
            ..
        } => Some((lanes, altered.at_most)),
        _ => None,
    });
    let Some((lanes, count)) = announced else {
        return Ok(BTreeSet::new());
    };
    let own = lanes.len().saturating_sub(count);
    Ok(lanes.into_iter().skip(own).collect())
}

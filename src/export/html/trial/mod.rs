//! The findings of a trial, as its document has them.

mod mutation;
mod sabotage;
mod vacuity;

use serde::Deserialize;

use crate::export::detail::Detail;
use crate::page::Trial;

pub(super) fn of_run(detail: &Detail) -> Option<Trial> {
    let document = |name| detail.documents.get(name);
    if let Some(value) = document("sabotage.json") {
        return Some(sabotage::trial(
            &sabotage::Scorecard::deserialize(value).ok()?,
        ));
    }
    if let Some(value) = document("mutation.json") {
        return Some(mutation::trial(&mutation::Report::deserialize(value).ok()?));
    }
    let value = document("vacuity.json")?;
    Some(vacuity::trial(&vacuity::Report::deserialize(value).ok()?))
}

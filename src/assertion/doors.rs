//! Doors to the parsers of this module, for `fuzz/`.

use jaq_json::Val;

use super::filter::Values;
use super::judge::{AssertionResult, judge};
use super::serve::parsed;

/// Evaluates an assertion about a document in this process.
///
/// # Errors
/// If the document is no JSON.
pub fn judged(assertion: &str, document: &[u8]) -> Result<AssertionResult, String> {
    let values = Values {
        stage: "ci".to_owned(),
        scenario: "clean".to_owned(),
        exit: Some(1),
        before: Val::Null,
    };
    Ok(judge(assertion, &values, &parsed(document)?))
}

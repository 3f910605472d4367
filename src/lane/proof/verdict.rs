//! Describes the part of a proof that does not hold.

use crate::model::FailureClass;
use crate::model::proof::{AssertionEvidence, DocumentEvidence, ProofEvidence};
use crate::model::text::plain;

/// Returns the first part that was not proven, as the end of a sentence.
///
/// `blocks` is set if the stage had to block.
pub(in crate::lane) fn unproven(
    proof: &ProofEvidence,
    blocks: bool,
) -> Option<(FailureClass, String)> {
    if let Some(marker) = proof.marker.as_ref().filter(|marker| !marker.found) {
        let class = if blocks {
            FailureClass::WrongReason
        } else {
            FailureClass::NotEnforced
        };
        let text = format!("it never printed its marker `{}`", marker.wanted);
        return Some((class, plain(&text)));
    }
    let of_file = proof.files.iter().find_map(|file| {
        let why = file.problem.as_ref()?;
        Some(format!("the file {} {why}", file.path))
    });
    let text = of_file.or_else(|| of_document(proof.evidence.as_ref()?))?;
    Some((FailureClass::WrongReason, plain(&text)))
}

fn of_document(document: &DocumentEvidence) -> Option<String> {
    let file = &document.file;
    if let Some(why) = &document.problem {
        return Some(format!("its evidence {file} {why}"));
    }
    let mut failed = document.assertions.iter().filter(|a| !a.holds);
    let first = of_assertion(failed.next()?);
    let more = match failed.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Some(format!("its evidence {file} does not hold: {first}{more}"))
}

fn of_assertion(assertion: &AssertionEvidence) -> String {
    let why = assertion.problem.as_deref().unwrap_or("does not hold");
    let value = assertion.value.as_deref();
    let suffix = value.map(|value| format!(": {value}")).unwrap_or_default();
    format!("`{}` {why}{suffix}", assertion.assertion)
}

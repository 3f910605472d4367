//! Annotations as commands of a workflow, the only ones that the program gives.
//!
//! Invariant: every value is escaped, so that no text of a gate ends a command, adds a
//! property or begins a command of its own.

use std::fmt::Write as _;

use crate::model::github::Annotation;
use crate::model::text::plain;
use crate::sys::secrets;

/// The most of a message, in characters.
const LONGEST: usize = 4000;

/// Returns the command for an annotation, a line. It must not go through [`super::outgoing`],
/// which takes commands for those of a gate.
#[must_use]
pub fn command(annotation: &Annotation) -> String {
    let mut out = "::error ".to_owned();
    if let Some(file) = &annotation.file {
        let _ = write!(out, "file={},", property(file));
        if let Some(line) = annotation.line {
            let _ = write!(out, "line={line},");
        }
    }
    let title = property(&annotation.title);
    let _ = writeln!(out, "title={title}::{}", data(&annotation.message));
    out
}

/// Returns a text without secrets, control characters and commands, and not too long.
pub(super) fn safe(text: &str) -> String {
    let whole = secrets::for_this_process().redact_text(text);
    let lines: Vec<String> = whole.lines().map(plain).collect();
    lines.join("\n").chars().take(LONGEST).collect()
}

/// Escapes a message, as GitHub's toolkit does.
fn data(text: &str) -> String {
    safe(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_gets_out_of_its_place() {
        let annotation = Annotation {
            file: Some("a,b:c%.toml".to_owned()),
            line: Some(3),
            title: "x::y,line=9\n::error::z".to_owned(),
            message: "100%\n::error::a\r\n##[error]b \x1b[31mred\x1b[0m".to_owned(),
        };
        assert_eq!(
            command(&annotation),
            "::error file=a%2Cb%3Ac%25.toml,line=3,title=x%3A%3Ay%2Cline=9%0A%3A%3Aerror%3A%3Az\
             ::100%25%0A::error::a%0A# #[error]b red\n"
        );
    }
}

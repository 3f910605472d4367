//! Edits that checks block.

use super::super::check::Covers;
use super::super::language::Form;
use super::super::pattern::escaped;

/// A word in a reason that stands for the path of the file with the violation.
pub(in crate::init) const FILE: &str = "{file}";

/// An edit that a check blocks.
#[derive(Debug, Clone)]
pub(in crate::init) struct Violation {
    /// The same for the same violation of the same program.
    pub(in crate::init) id: String,
    /// The added lines.
    pub(in crate::init) text: String,
    pub(in crate::init) form: Form,
    /// Ends of the names of files that can hold it; any that has comments if there is none.
    pub(in crate::init) ends: &'static [&'static str],
    /// Files that the configuration of the program chooses.
    pub(in crate::init) covers: Covers,
    /// True if only a test file is a place for it.
    pub(in crate::init) in_tests: bool,
    /// The expression for what the program prints, if it prints anything.
    pub(in crate::init) reason: Option<String>,
    /// The expression for the added lines.
    pub(in crate::init) added: String,
    /// False if it is a guess.
    pub(in crate::init) is_sure: bool,
    /// True if whatever reads the language refuses it: it says little about the gate's rules.
    pub(in crate::init) is_syntax: bool,
}

impl Violation {
    /// One that is known, and whose first line is what is looked for in the change.
    pub(super) fn known(
        id: impl Into<String>,
        text: &str,
        reason: &str,
        ends: &'static [&'static str],
    ) -> Self {
        Self {
            id: id.into(),
            text: text.to_owned(),
            form: Form::Code,
            ends,
            covers: Covers::default(),
            in_tests: false,
            reason: Some(reason.to_owned()),
            added: escaped(text.lines().next().unwrap_or(text).trim()),
            is_sure: true,
            is_syntax: false,
        }
    }

    pub(super) fn comment(id: impl Into<String>, text: &str, reason: &str) -> Self {
        Self {
            form: Form::Comment,
            ..Self::known(id, text, reason, &[])
        }
    }

    /// A line that is none of its language.
    pub(super) fn syntax(
        program: &str,
        text: &str,
        reason: &str,
        ends: &'static [&'static str],
    ) -> Self {
        Self {
            is_syntax: true,
            ..Self::known(format!("{program} syntax"), text, reason, ends)
        }
    }

    pub(super) fn in_files(self, covers: Covers) -> Self {
        Self { covers, ..self }
    }
}

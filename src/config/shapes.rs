//! Values of several shapes, for the schema: they are read by hand (`values`, `violation`), since
//! a mistake in one must name what was expected.

#![expect(dead_code, reason = "only their schemas are used")]

use schemars::JsonSchema;

/// Text, or a pattern.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(super) enum Reason {
    /// One line of text.
    Text(#[schemars(length(min = 1))] String),
    /// Pattern of a line.
    Pattern(Pattern),
}

/// Pattern of a line.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pattern {
    /// Regular expression.
    regex: String,
}

/// Exit codes of a stage.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(super) enum Expectation {
    /// Those of the command.
    Exit(Exit),
    /// Those of the command and of its hooks.
    Both(Both),
}

/// Exit codes of a command and of its hooks.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Both {
    /// Exit codes of the command.
    exit: Exit,
    /// Exit codes of the hooks that git started.
    hook_exit: Option<Exit>,
}

/// Exit code, a list of them, or `nonzero` (1 to 125).
#[derive(JsonSchema)]
#[serde(untagged)]
pub(super) enum Exit {
    /// One code.
    One(u8),
    /// Any of these.
    OneOf(#[schemars(length(min = 1))] Vec<u8>),
    /// Any from 1 to 125.
    Word(Nonzero),
}

/// Any code from 1 to 125.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Nonzero {
    /// Any code from 1 to 125.
    Nonzero,
}

/// Part of a change that must be blocked.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(super) enum Violation {
    /// Added lines that contain it.
    Lines(Reason),
    /// Changed files.
    Files(Files),
    /// A good message in place of that of the commit.
    Message(Message),
}

/// Changed files.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Files {
    /// Their paths.
    #[schemars(length(min = 1))]
    files: Vec<String>,
}

/// Message of a commit.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    /// A good one.
    message: String,
}

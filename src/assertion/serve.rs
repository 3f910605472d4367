//! The process that evaluates assertions: this program under a hidden verb.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use jaq_json::Val;
use serde::{Deserialize, Serialize};

use super::filter::Values;
use super::judge::{AssertionResult, judge};
use crate::sys::fs;
use crate::sys::process;

/// The hidden verb under which the program evaluates assertions.
pub const VERB: &str = "__assert";

/// The CPU time for the assertions of a cell, in seconds. CPU time, so that a busy machine
/// makes none fail.
pub const CPU_SECONDS: u64 = 2;

/// The address space for the assertions of a cell, in MiB.
pub const MEMORY_MIB: u64 = 512;

/// The assertions to evaluate and their inputs, as a file that the runner writes.
#[derive(Debug, Serialize, Deserialize)]
pub struct EvaluationRequest {
    /// The assertions.
    pub asserts: Vec<String>,
    /// `$stage`.
    pub stage: String,
    /// `$scenario`.
    pub scenario: String,
    /// `$exit`.
    pub exit: Option<i32>,
    /// The document.
    pub document: PathBuf,
    /// The document before the stage, if there was one.
    pub before: Option<PathBuf>,
}

/// An answer of the process, one JSON object per line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The document is JSON; the results follow, in order.
    Json,
    /// The document is no JSON; nothing follows.
    NotJson(String),
    /// The result of the next assertion.
    Result(AssertionResult),
}

/// Evaluates the request in a file and writes the replies to stdout.
///
/// # Errors
/// If the process cannot be limited, or a file cannot be read.
pub fn serve(mut args: impl Iterator<Item = OsString>) -> io::Result<()> {
    process::limit_this_process(CPU_SECONDS, MEMORY_MIB * 1024 * 1024)?;
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "not for use by hand");
    let request: EvaluationRequest =
        serde_json::from_slice(&fs::read(args.next().ok_or_else(usage)?)?)?;
    let document = match parsed(&fs::read(&request.document)?) {
        Ok(document) => document,
        Err(text) => return reply(&Reply::NotJson(text)),
    };
    let before = match &request.before {
        None => Val::Null,
        // A document that was no JSON has nothing to compare.
        Some(path) => parsed(&fs::read(path)?).unwrap_or_default(),
    };
    reply(&Reply::Json)?;
    let values = Values {
        stage: request.stage,
        scenario: request.scenario,
        exit: request.exit,
        before,
    };
    for assertion in &request.asserts {
        reply(&Reply::Result(judge(assertion, &values, &document)))?;
    }
    Ok(())
}

/// Parses JSON. jaq reads more than JSON, and does not bound its nesting, so serde checks
/// first.
pub(super) fn parsed(bytes: &[u8]) -> Result<Val, String> {
    serde_json::from_slice::<serde_json::Value>(bytes).map_err(|e| e.to_string())?;
    jaq_json::read::parse_single(bytes).map_err(|e| e.to_string())
}

fn reply(reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

//! The process that evaluates: this program under a hidden verb.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use jaq_json::Val;
use serde::{Deserialize, Serialize};

use super::filter::Values;
use super::judge::{AssertionResult, judge};
use crate::sys::process;

/// The hidden verb under which the program evaluates assertions.
pub const VERB: &str = "__assert";

/// How long the assertions of a cell may compute, in seconds of CPU: a busy
/// machine must not make one fail.
pub const CPU_SECONDS: u64 = 2;

/// How much address space they may take, in MiB.
pub const MEMORY_MIB: u64 = 512;

/// What is to be evaluated, a file that the runner writes.
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
    /// The document before the stage, where there was one.
    pub before: Option<PathBuf>,
}

/// What the process tells, one JSON object a line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The document is JSON; the verdicts follow, in order.
    Json,
    /// It is not; nothing follows.
    NotJson(String),
    /// What came of the next assertion.
    Result(AssertionResult),
}

/// Evaluates the request whose file is named, and tells on stdout.
///
/// # Errors
/// If the process cannot be limited, or a file not be read.
pub fn serve(mut args: impl Iterator<Item = OsString>) -> io::Result<()> {
    process::limit_this_process(CPU_SECONDS, MEMORY_MIB * 1024 * 1024)?;
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "not for use by hand");
    let request: EvaluationRequest =
        serde_json::from_slice(&std::fs::read(args.next().ok_or_else(usage)?)?)?;
    let document = match parsed(&std::fs::read(&request.document)?) {
        Ok(document) => document,
        Err(text) => return tell(&Reply::NotJson(text)),
    };
    let before = match &request.before {
        None => Val::Null,
        // What was no JSON has nothing that could be compared.
        Some(path) => parsed(&std::fs::read(path)?).unwrap_or_default(),
    };
    tell(&Reply::Json)?;
    let values = Values {
        stage: request.stage,
        scenario: request.scenario,
        exit: request.exit,
        before,
    };
    for assertion in &request.asserts {
        tell(&Reply::Result(judge(assertion, &values, &document)))?;
    }
    Ok(())
}

/// jaq reads more than JSON, and does not bound how deep it nests.
fn parsed(bytes: &[u8]) -> Result<Val, String> {
    serde_json::from_slice::<serde_json::Value>(bytes).map_err(|e| e.to_string())?;
    jaq_json::read::parse_single(bytes).map_err(|e| e.to_string())
}

fn tell(told: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(told)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

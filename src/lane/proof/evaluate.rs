//! Evaluates assertions in a separate process.
//!
//! A process that dies of one assertion is replaced by another, which continues
//! after it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use crate::assertion::{AssertionResult, CPU_SECONDS, EvaluationRequest, MEMORY_MIB, Reply, VERB};
use crate::lane::state::Lane;
use crate::model::StageName;
use crate::model::evidence::Ending;
use crate::model::proof::AssertionEvidence;
use crate::sys::fs;
use crate::sys::process::{Capture, Cmd, RunError, Watch};
use crate::sys::sandbox::Reach;

/// The time limit of one process, in case it neither computes nor ends.
const LIMIT: Duration = Duration::from_secs(30);

/// The result of evaluating the assertions of a cell.
pub(super) enum Evaluation {
    /// Every assertion was judged.
    Judged(Vec<AssertionEvidence>),
    /// The document cannot be read; the text ends a sentence about it.
    NoDocument(String),
    /// The run was stopped.
    Stopped,
}

/// The output of one process.
struct Answer {
    told: Vec<Reply>,
    /// Other output: a panic, a failed allocation.
    words: String,
    ending: Ending,
}

impl Lane<'_> {
    /// Evaluates assertions about a document.
    pub(super) fn evaluate(
        &self,
        stage: &StageName,
        exit: Option<i32>,
        asserts: &[String],
        document: &[u8],
        before: Option<&[u8]>,
    ) -> Result<Evaluation, RunError> {
        let folder = self.workspace.asked(stage.as_str());
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            match fs::write(&path, bytes) {
                Ok(()) => Ok(path),
                Err(source) => Err(RunError::Log { path, source }),
            }
        };
        let mut request = EvaluationRequest {
            asserts: asserts.to_vec(),
            stage: stage.to_string(),
            scenario: self.vars.scenario.clone(),
            exit,
            document: write("document.json", document)?,
            before: before
                .map(|bytes| write("before.json", bytes))
                .transpose()?,
        };
        let mut judged: Vec<AssertionResult> = Vec::new();
        loop {
            // Continue after the assertion that the last process died of.
            request.asserts = asserts[judged.len()..].to_vec();
            let json = serde_json::to_vec(&request).unwrap_or_default();
            let answer = self.answer(&write("request.json", &json)?, &folder)?;
            if answer.ending == Ending::Cancelled {
                return Ok(Evaluation::Stopped);
            }
            let died = answer.died();
            let mut told = answer.told.into_iter();
            match told.next() {
                Some(Reply::Json) => {}
                Some(Reply::NotJson(why)) => {
                    return Ok(Evaluation::NoDocument(format!("is not JSON: {why}")));
                }
                _ => {
                    return Ok(Evaluation::NoDocument(format!(
                        "cannot be read: the reader {died}"
                    )));
                }
            }
            judged.extend(told.filter_map(|told| match told {
                Reply::Result(verdict) => Some(verdict),
                _ => None,
            }));
            // A process that ended early died of the first unjudged assertion.
            if judged.len() < asserts.len() {
                judged.push(AssertionResult::problem(died));
            }
            if judged.len() >= asserts.len() {
                let judged = asserts.iter().zip(judged);
                return Ok(Evaluation::Judged(judged.map(evidence).collect()));
            }
        }
    }

    fn answer(&self, request: &Path, folder: &Path) -> Result<Answer, RunError> {
        let path = folder.join("answer");
        let log_error = |source| RunError::Log {
            path: path.clone(),
            source,
        };
        let mut capture = Capture::create(&path, None).map_err(log_error)?;
        capture.keep_answer();
        let program = PathBuf::from(self.control.supervisor());
        let cmd = Cmd {
            argv: vec![program.into(), VERB.into(), request.into()],
            env: Vec::new(),
            cwd: folder.to_owned(),
            limit: Some(LIMIT),
            watch: Watch::default(),
        };
        let outcome = self
            .supervisors
            .with_reach(Reach::Nothing)
            .run(&cmd, &mut capture)?;
        let mut answer = Answer {
            told: Vec::new(),
            words: String::new(),
            ending: outcome.ending,
        };
        for line in capture.take_answer().split(|&byte| byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(told) => answer.told.push(told),
                Err(_) => answer.words.push_str(&String::from_utf8_lossy(line)),
            }
        }
        Ok(answer)
    }
}

impl Answer {
    /// Describes the early end of the process, as the end of a sentence.
    fn died(&self) -> String {
        let out_of_time = Ending::Signaled(Signal::XCPU.as_raw());
        if self.ending == out_of_time || self.ending == Ending::TimedOut {
            format!("does not end within {CPU_SECONDS} seconds")
        } else if self.words.contains("memory allocation") {
            format!("needs more than {MEMORY_MIB} MiB of memory")
        } else if self.words.contains("overflowed its stack") {
            "recurses too deeply".to_owned()
        } else {
            "cannot be evaluated: jaq failed".to_owned()
        }
    }
}

fn evidence((assertion, verdict): (&String, AssertionResult)) -> AssertionEvidence {
    AssertionEvidence {
        assertion: assertion.clone(),
        holds: verdict.holds,
        value: verdict.value,
        problem: verdict.problem,
    }
}

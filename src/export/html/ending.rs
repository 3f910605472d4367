//! Endings in words.

use crate::model::StepEvidence;
use crate::model::evidence::Ending;

/// Returns the ending of a step in words, with its problem if it had one.
pub(super) fn ending(evidence: &StepEvidence) -> String {
    let ending = evidence.ending.as_ref().map(words);
    match (ending, &evidence.problem) {
        (Some(ending), Some(problem)) if ending != "exit 0" => format!("{ending}: {problem}"),
        (_, Some(problem)) => problem.clone(),
        (Some(ending), None) => ending,
        (None, None) => "done".to_owned(),
    }
}

/// Returns the ending of a command in words.
pub(super) fn words(ending: &Ending) -> String {
    match ending {
        Ending::Exited(code) => format!("exit {code}"),
        Ending::Signaled(signal) => format!("died of signal {signal}"),
        Ending::NotStarted(why) => format!("not started: {why}"),
        Ending::TimedOut => "killed at its time limit".to_owned(),
        Ending::Cancelled => "stopped with the run".to_owned(),
        Ending::Lost => "its supervisor was lost".to_owned(),
    }
}

//! Commands of Azure Pipelines, which its agent reads in the log of a step.
//!
//! The agent reads stderr too: the tasks that run scripts join it to stdout.
//!
//! Invariant: every value is escaped, so that no text of a gate ends a command, adds a
//! property or begins a command of its own.

use std::path::Path;

use super::annotation::safe;
use crate::model::RunId;
use crate::model::github::Annotation;

/// Returns the commands that publish a run: its tests, its page, its verdict and id as
/// outputs of the step.
#[must_use]
pub fn result(verdict: &str, run: &RunId, junit: &Path, markdown: &Path) -> [String; 4] {
    let output = |name: &str, value: &str| {
        format!(
            "##vso[task.setvariable variable={name};isOutput=true]{}\n",
            message(value)
        )
    };
    [
        format!(
            "##vso[results.publish type=JUnit;runTitle={};resultFiles={}]\n",
            property(run.as_str()),
            property(&junit.to_string_lossy())
        ),
        format!(
            "##vso[task.uploadsummary]{}\n",
            message(&markdown.to_string_lossy())
        ),
        output("verdict", verdict),
        output("run_id", run.as_str()),
    ]
}

/// Returns the command for an error, a line.
#[must_use]
pub fn error(annotation: &Annotation) -> String {
    let file = annotation.file.as_ref();
    let place = file.map_or(String::new(), |file| {
        let line = annotation.line.map(|line| format!("linenumber={line};"));
        format!("sourcepath={};{}", property(file), line.unwrap_or_default())
    });
    let text = format!("{}\n{}", annotation.title, annotation.message);
    format!(
        "##vso[task.logissue type=error;{place}]{}\n",
        message(&text)
    )
}

/// Escapes a message, as the agent reads it.
fn message(text: &str) -> String {
    safe(text)
        .replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    message(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_gets_out_of_its_place() {
        let annotation = Annotation {
            file: Some("a;b]c.toml".to_owned()),
            line: Some(3),
            title: "x".to_owned(),
            message: "100%\n##vso[task.complete result=Succeeded]\x1b[31m".to_owned(),
        };
        assert_eq!(
            error(&annotation),
            "##vso[task.logissue type=error;sourcepath=a%3Bb%5Dc.toml;linenumber=3;]\
             x%0A100%AZP25%0A# #vso[task.complete result=Succeeded]\n"
        );
    }
}

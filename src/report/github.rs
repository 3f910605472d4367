//! Lines on the report of a run to a step of GitHub Actions.

use crate::artifact::write_error::WriteError;
use crate::model::text::plain;

/// Something that the report to a step says on the console.
#[derive(Debug)]
pub enum GithubNotice<'a> {
    /// A file of the step could not be written.
    NotWritten(&'a WriteError),
    /// The step's summary has no room for the whole report; the command that shows it.
    SummaryFull(String),
    /// The command that shows the run on another machine.
    Elsewhere(&'a str),
}

impl GithubNotice<'_> {
    /// The words for a person: lines, each terminated.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::NotWritten(e) => {
                let why = plain(&e.to_string());
                format!(
                    "warning: not reported to GitHub: {why}\n  verdict and exit code stay; next: \
                     make the file writable, or report nothing: --no-ci-report\n"
                )
            }
            Self::SummaryFull(again) => format!(
                "warning: the step's summary on GitHub is cut: GitHub takes 1 MiB of a step\n  next: {}\n",
                plain(again)
            ),
            Self::Elsewhere(command) => {
                format!("next, on another machine: {}\n", plain(command))
            }
        }
    }
}

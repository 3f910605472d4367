//! A job of GitHub Actions: the files and names that it hands to its steps.

use std::path::PathBuf;

use super::names::RunId;

/// A step of GitHub Actions, as its environment describes it.
#[derive(Debug, Clone, Default)]
pub struct GithubStep {
    /// The file of the step's summary, Markdown (`GITHUB_STEP_SUMMARY`).
    pub summary: Option<PathBuf>,
    /// The file of the step's outputs (`GITHUB_OUTPUT`).
    pub output: Option<PathBuf>,
    /// The folder to which the files of annotations are relative (`GITHUB_WORKSPACE`).
    pub workspace: Option<PathBuf>,
    /// The workflow's run, if its names are as GitHub writes them.
    pub job: Option<GithubJob>,
}

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubJob {
    id: String,
    repository: String,
}

impl GithubJob {
    /// Creates it from `GITHUB_RUN_ID`, `GITHUB_REPOSITORY` and `GITHUB_SERVER_URL`.
    ///
    /// None unless all are plain words: they become part of a command for a shell.
    #[must_use]
    pub fn new(id: &str, repository: &str, server: Option<&str>) -> Option<Self> {
        let is_word = |text: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
            !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
        };
        let is_number = !id.is_empty() && id.bytes().all(|c| c.is_ascii_digit());
        let (owner, name) = repository.split_once('/')?;
        let host = server.and_then(|url| url.split_once("://")).map(|it| it.1);
        let host = host.filter(|host| *host != "github.com");
        let all = is_number && [owner, name].into_iter().chain(host).all(is_word);
        all.then(|| Self {
            id: id.to_owned(),
            repository: match host {
                Some(host) => format!("{host}/{repository}"),
                None => repository.to_owned(),
            },
        })
    }

    /// Returns the command that fetches the uploaded artifacts folder and shows a run of it,
    /// for a shell on another machine.
    ///
    /// The artifact's name is the workflow's own; the shell finds it.
    #[must_use]
    pub fn download(&self, run: &RunId) -> String {
        let Self { id, repository } = self;
        format!(
            "gh run download {id} -R {repository} -D gate-{id} && matrix replay gate-{id}/*/runs/{run}"
        )
    }
}

/// An error that GitHub shows beside a line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The file, relative to the workspace, if one matters.
    pub file: Option<String>,
    /// Its line, counted from 1.
    pub line: Option<usize>,
    /// The title, one line.
    pub title: String,
    /// The message, lines.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_become_a_command() {
        let job = GithubJob::new("12", "owner/repo", Some("https://github.com")).unwrap();
        assert_eq!(
            job.download(&"r1".parse().unwrap()),
            "gh run download 12 -R owner/repo -D gate-12 && matrix replay gate-12/*/runs/r1"
        );
        let other = GithubJob::new("12", "owner/repo", Some("https://git.corp")).unwrap();
        assert_eq!(other.repository, "git.corp/owner/repo");
        for (id, repository) in [
            ("", "o/r"),
            ("1;id", "o/r"),
            ("1", "o"),
            ("1", "o/r/s"),
            ("1", "o/$(id)"),
            ("1", "-o/r"),
        ] {
            assert_eq!(GithubJob::new(id, repository, None), None);
        }
    }
}

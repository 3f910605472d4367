//! The formats in which a recorded run can be reported.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A format in which a recorded run can be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportFormat {
    /// Common Test Report Format, JSON.
    Ctrf,
    /// A page for people, HTML.
    Html,
    /// `JUnit` XML, which every CI engine reads.
    Junit,
    /// Markdown, for a comment, an issue or a release.
    Markdown,
    /// A picture of the grid, SVG.
    Svg,
    /// Test Anything Protocol, version 14.
    Tap,
    /// The steps of the lanes in time, as Chrome's trace event format.
    Trace,
}

impl ReportFormat {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Ctrf,
        Self::Html,
        Self::Junit,
        Self::Markdown,
        Self::Svg,
        Self::Tap,
        Self::Trace,
    ];

    /// Returns the words of all, in a list that ends in this word: `junit, markdown or tap`.
    #[must_use]
    pub fn list(last: &str) -> String {
        let mut words: Vec<&str> = Self::ALL.map(Self::as_str).to_vec();
        let end = words.pop().unwrap_or_default();
        format!("{} {last} {end}", words.join(", "))
    }

    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ctrf => "ctrf",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Svg => "svg",
            Self::Tap => "tap",
            Self::Trace => "trace",
        }
    }
}

/// A text that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no format `{0}`; the formats are {list}", list = words())]
pub struct UnknownFormat(String);

fn words() -> String {
    ReportFormat::ALL.map(ReportFormat::as_str).join(", ")
}

impl FromStr for ReportFormat {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|format| format.as_str() == word);
        found.ok_or_else(|| UnknownFormat(super::text::plain(word)))
    }
}

/// A report to be written: `junit=target/matrix.xml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// The format.
    pub format: ReportFormat,
    /// The file, relative to the working directory if it is relative.
    pub path: PathBuf,
}

/// A text that names no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReportFile {
    /// It has no path.
    #[error("`{0}` names no file; a report is FORMAT=PATH, like junit=artifacts/matrix.xml")]
    NoPath(String),
    /// Its format is not known.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
}

impl FromStr for ReportFile {
    type Err = NoReportFile;

    fn from_str(text: &str) -> Result<Self, NoReportFile> {
        let (format, path) = text.split_once('=').unwrap_or((text, ""));
        let format = format.parse()?;
        if path.is_empty() {
            return Err(NoReportFile::NoPath(super::text::plain(text)));
        }
        let path = path.into();
        Ok(Self { format, path })
    }
}

impl fmt::Display for ReportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_format_and_a_path() {
        let report: ReportFile = "junit=a=b.xml".parse().unwrap();
        assert_eq!(report.format, ReportFormat::Junit);
        assert_eq!(report.path, PathBuf::from("a=b.xml"));
        for text in ["junit", "junit="] {
            let error = text.parse::<ReportFile>().unwrap_err();
            assert!(error.to_string().contains("FORMAT=PATH"), "{error}");
        }
        let error = "xml=a".parse::<ReportFile>().unwrap_err().to_string();
        assert!(
            error.ends_with("the formats are ctrf, html, junit, markdown, svg, tap, trace"),
            "{error}"
        );
    }
}

//! Recorded runs as documents that other tools and people read.
//!
//! A [`RunReport`] is made from a run's folder alone, never from live events: a report
//! that could not be written can be made again, and the same run gives the same bytes.
//!
//! Invariant: what a gate printed is text in every format, and acts on none of its readers.

mod altered;
mod case;
mod compared;
mod ctrf;
mod detail;
pub mod github;
mod html;
mod junit;
mod last_pass;
mod markdown;
mod placed;
mod run_report;
mod svg;
mod tap;
mod trace;

pub use detail::Detail;
pub use last_pass::{Difference, LastPass};
pub use run_report::{Case, LaneReport, LaneStep, Outcome, RunReport};

use std::io;

use crate::artifact::write_error::WriteError;
use crate::model::report_format::{ReportFile, ReportFormat};
use crate::model::text::inert;
use crate::sys::fs;

/// Returns a run in a format.
#[must_use]
pub fn render(format: ReportFormat, report: &RunReport) -> String {
    let text = match format {
        ReportFormat::Ctrf => ctrf::render(report),
        ReportFormat::Html => html::render(report),
        ReportFormat::Junit => junit::render(report),
        ReportFormat::Markdown => markdown::render(report),
        ReportFormat::Svg => svg::render(report),
        ReportFormat::Tap => tap::render(report),
        ReportFormat::Trace => trace::render(report),
    };
    // A later step of a job may print the file.
    inert(&text)
}

/// Writes a run in a format, and the folders above the file.
///
/// # Errors
/// If the file cannot be written; what stood there stays.
pub fn write(file: &ReportFile, report: &RunReport) -> Result<(), WriteError> {
    let text = render(file.format, report);
    let written = || -> io::Result<()> {
        fs::create_folder(fs::parent(&file.path))?;
        fs::write_atomic(&file.path, text.as_bytes())
    };
    let failed = |e| WriteError::new("cannot write", &file.path, e).of_size(text.len());
    written().map_err(failed)
}

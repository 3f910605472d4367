//! Help texts that name every format of a report.

use gate_matrix::model::report_format::ReportFormat;

/// The help of `--report`.
pub(crate) fn reports(run: &str) -> String {
    let formats = ReportFormat::list("or");
    format!("Report {run} as FORMAT=PATH once it has its verdict: {formats}; may be repeated")
}

/// The help of `--report` of a comparison.
pub(crate) fn compared() -> String {
    let formats = ReportFormat::list("or");
    format!(
        "Report CURRENT as FORMAT=PATH, in html and markdown compared with BASE: {formats}; may be repeated"
    )
}

/// The help of what `matrix report` reports.
pub(crate) fn report_words() -> String {
    let listed = ReportFormat::list("and");
    format!(
        "Run to report [default: latest], then formats: FORMAT to stdout or FORMAT=PATH to a \
         file, of {listed} [default: markdown]. A run is `latest`, `latest~1`, `last-pass`, `last-fail`, a run id or its \
         beginning, or a file or folder of a run"
    )
}

//! Every run that a test recorded is reported in every format when the test is over.

use std::path::Path;

use gate_matrix::artifact::reader::StoredRun;
use gate_matrix::export::{self, RunReport};
use gate_matrix::model::report_format::ReportFormat;

/// Asserts that each readable run below a folder of a test has a report in every format, and
/// the same one twice. What a test broke on purpose is no run any more.
pub fn reports_hold(world: &Path) {
    for consumer in folders(world) {
        for run in folders(&consumer.join("artifacts/runs")) {
            if let Ok(stored) = StoredRun::open(&run) {
                reported(&stored);
            }
        }
    }
}

fn reported(stored: &StoredRun) {
    let (Ok(first), Ok(again)) = (RunReport::new(stored), RunReport::new(stored)) else {
        return;
    };
    for format in ReportFormat::ALL {
        let text = export::render(format, &first);
        assert!(!text.is_empty(), "{format} of {} is empty", stored.id());
        assert!(
            text == export::render(format, &again),
            "{format} of {} differs between two times",
            stored.id()
        );
    }
}

fn folders(above: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let entries = above.read_dir().into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|it| it.is_dir()));
    folders.map(|entry| entry.path())
}

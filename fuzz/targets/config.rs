//! `matrix.toml` with what it inherits, and the files of waivers.

use chrono::NaiveDate;
use gate_matrix::config::{self, ConfigError, ConfigSource, accepted, known};
use gate_matrix::model::PackageSpec;

use super::{file, files, folder, is_harmless};

pub fn config(data: &[u8]) {
    let mut files = files(data);
    // A text without names is a configuration.
    if let Some(first) = files.first_mut().filter(|first| first.0.is_empty()) {
        first.0 = "matrix.toml";
    }
    let (folder, written) = folder(&files);
    let path = folder.path();
    let package = PackageSpec::parse("lefthook@1.0.0").unwrap();
    for package in [None, Some(&package)] {
        let source = ConfigSource {
            repo_root: path,
            file: None,
            package,
            package_base: path,
            remote: None,
        };
        let _ = config::guess_gate(&source);
        if let Err(error) = config::load(&source) {
            says_where(&error, file(&files, "matrix.toml").unwrap_or_default());
        }
    }
    let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    if written.iter().any(|name| name == known::FILE_NAME)
        && let Err(error) = known::load(&path.join(known::FILE_NAME), today)
    {
        says_where(&error, file(&files, known::FILE_NAME).unwrap_or_default());
    }
    if written.iter().any(|name| name == accepted::FILE_NAME)
        && let Err(error) = accepted::load(&path.join(accepted::FILE_NAME), today)
    {
        says_where(
            &error,
            file(&files, accepted::FILE_NAME).unwrap_or_default(),
        );
    }
}

/// An error names its line, unless the file is no text or the whole of it is wrong.
fn says_where(error: &ConfigError, content: &[u8]) {
    let text = error.to_string();
    is_harmless(&text);
    let first = text.lines().next().unwrap();
    let mut parts = first.split(':').skip(1);
    let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
    if let (Some(line), Some(column)) = (number(), number()) {
        assert!(line > 0 && column > 0, "{text}");
        return;
    }
    assert!(!first.trim().is_empty());
    let is_of_file = std::str::from_utf8(content).is_err() || text.contains('\n');
    assert!(is_of_file, "no place and no remedy: {text}");
}

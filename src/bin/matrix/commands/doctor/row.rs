//! A row of `matrix doctor`.

use std::fmt::Write as _;

use gate_matrix::sys::env::Snapshot;
use serde::Serialize;

use crate::display;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// There.
    Ok,
    /// Not there, and some runs can do without.
    Warning,
    /// Not there, and no run can begin.
    Missing,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Missing => "missing",
        }
    }
}

/// A thing that runs need.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    id: &'static str,
    pub(super) status: Status,
    /// The state that was found.
    found: String,
    needed_for: String,
    /// The remedy; null if there is nothing to do.
    next: Option<String>,
}

impl Row {
    pub(super) fn new(id: &'static str, status: Status, found: &str, needed_for: &str) -> Self {
        Self {
            id,
            status,
            found: found.to_owned(),
            needed_for: needed_for.to_owned(),
            next: None,
        }
    }

    pub(super) fn next(self, next: &str) -> Self {
        Self {
            next: Some(next.to_owned()),
            ..self
        }
    }
}

/// A row of the table for each, and the remedy below it.
pub(super) fn table(rows: &[Row]) -> String {
    let cells = rows.iter().map(|row| {
        [
            format!("{:<7}", row.status.word()),
            format!("{:<11}", row.id),
            format!("{}  [{}]", row.found, row.needed_for),
        ]
    });
    let laid_out = display::table(&cells.collect::<Vec<_>>());
    // The status stands in the first line of a row alone.
    let mut lines = laid_out.lines().peekable();
    let mut out = String::new();
    for row in rows {
        out.extend(lines.next().map(|line| format!("{line}\n")));
        while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
            let _ = writeln!(out, "{line}");
        }
        // Not broken, since most are commands to copy.
        if let Some(next) = &row.next {
            let _ = writeln!(out, "  next: {next}");
        }
    }
    out
}

/// The package managers of machines, and how they install.
const INSTALLERS: [(&str, &str); 6] = [
    ("apt-get", "sudo apt-get install"),
    ("dnf", "sudo dnf install"),
    ("pacman", "sudo pacman -S"),
    ("apk", "sudo apk add"),
    ("zypper", "sudo zypper install"),
    ("brew", "brew install"),
];

/// The command that installs a package here. The names are Debian's.
pub(super) fn installed_by(package: &str, env: &Snapshot) -> String {
    let there = |(program, _): &&(&str, &str)| env.find_program(program).is_some();
    let Some((program, command)) = INSTALLERS.iter().find(there) else {
        return format!("install {package}");
    };
    // Elsewhere python brings its modules, and brew has no bubblewrap.
    let name = match (*program, package) {
        ("apt-get", package) => package,
        (_, "python3-venv") => "python3",
        ("pacman", "python3") => "python",
        ("brew", "nodejs" | "npm") => "node",
        ("brew", "bubblewrap") => return "there is none for macOS; lanes are copies".to_owned(),
        (_, package) => package,
    };
    format!("{command} {name}")
}

//! What git says of the hooks that it launched (`GIT_TRACE2_EVENT`; the
//! format is git's `Documentation/technical/api-trace2.adoc`).

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    event: String,
    sid: String,
    child_id: Option<i64>,
    child_class: Option<String>,
    hook_name: Option<String>,
    code: Option<i32>,
}

/// More than a stage's git ever writes; a gate's own git calls go to the
/// same file.
const LIMIT: u64 = 64 * 1024 * 1024;

/// The exit code of the hook of this name that the git we started launched;
/// none if it launched none, or that did not end.
#[must_use]
pub(super) fn hook_exit(trace: &Path, hook: &str) -> Option<i32> {
    let file = std::fs::File::open(trace).ok()?;
    let mut launched = None;
    for line in BufReader::new(file.take(LIMIT)).split(b'\n') {
        let Ok(line) = serde_json::from_slice::<Line>(&line.ok()?) else {
            continue;
        };
        // The git that a hook starts carries its parent's id before a slash.
        if line.sid.contains('/') {
            continue;
        }
        let is_hook = line.child_class.as_deref() == Some("hook");
        if line.event == "child_start" && is_hook && line.hook_name.as_deref() == Some(hook) {
            launched = line.child_id;
        }
        if line.event == "child_exit" && launched.is_some() && line.child_id == launched {
            return line.code;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit_in(lines: &str) -> Option<i32> {
        let file = tempfile::NamedTempFile::new().unwrap();
        crate::sys::fs::write(file.path(), lines.as_bytes()).unwrap();
        hook_exit(file.path(), "pre-commit")
    }

    const START: &str = r#"{"event":"child_start","sid":"S","child_id":1,"child_class":"hook","hook_name":"pre-commit","argv":["x"]}"#;

    #[test]
    fn the_hook_of_the_stage_counts() {
        let exit = r#"{"event":"child_exit","sid":"S","child_id":1,"pid":9,"code":200}"#;
        assert_eq!(exit_in(&format!("{START}\n{exit}\n")), Some(200));
        assert_eq!(exit_in(&format!("not json\n{START}\n{exit}\n")), Some(200));
        assert_eq!(exit_in(START), None);
        assert_eq!(exit_in(exit), None);
    }

    #[test]
    fn another_hook_or_an_inner_git_does_not() {
        let other = START.replace("pre-commit", "commit-msg");
        let exit = r#"{"event":"child_exit","sid":"S","child_id":1,"code":1}"#;
        assert_eq!(exit_in(&format!("{other}\n{exit}\n")), None);
        let inner = format!("{START}\n{exit}\n").replace("\"S\"", "\"S/T\"");
        assert_eq!(exit_in(&inner), None);
    }
}

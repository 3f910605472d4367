//! Fault injection: makes the disk fail in tests.
//!
//! `MATRIX_FAULT` holds rules, separated by `;`:
//! `<operation>[@<n>]:<part of the path>=<errno name>` fails the n-th call
//! that fits (every call without a number); `kill@<n>` kills this process
//! before its n-th call, whatever it is; `witness=EIO` turns the witness off, so
//! that the benchmark can measure its cost.
#![expect(clippy::disallowed_methods, reason = "a switch for tests")]

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use rustix::io::Errno;

struct Rule {
    operation: String,
    nth: Option<usize>,
    part: String,
    errno: Option<Errno>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let text = std::env::var("MATRIX_FAULT").unwrap_or_default();
    text.split(';')
        .filter(|rule| !rule.is_empty())
        .map(parse)
        .collect()
});

static CALLS: LazyLock<Mutex<HashMap<usize, usize>>> = LazyLock::new(Mutex::default);

fn parse(text: &str) -> Rule {
    let (what, errno) = text.split_once('=').unwrap_or((text, ""));
    let (call, part) = what.split_once(':').unwrap_or((what, ""));
    let (operation, nth) = call.split_once('@').unwrap_or((call, ""));
    Rule {
        operation: operation.to_owned(),
        nth: nth.parse().ok(),
        part: part.to_owned(),
        errno: match errno {
            "ENOSPC" => Some(Errno::NOSPC),
            "EROFS" => Some(Errno::ROFS),
            "EDQUOT" => Some(Errno::DQUOT),
            "EMFILE" => Some(Errno::MFILE),
            "EACCES" => Some(Errno::ACCESS),
            _ => Some(Errno::IO),
        },
    }
}

pub(super) fn check(operation: &str, path: &Path) -> io::Result<()> {
    for (at, rule) in RULES.iter().enumerate() {
        let kills = rule.operation == "kill";
        let fits = rule.operation == operation && path.to_string_lossy().contains(&rule.part);
        if !kills && !fits {
            continue;
        }
        let mut calls = CALLS.lock().unwrap_or_else(PoisonError::into_inner);
        let count = calls.entry(at).or_insert(0);
        *count += 1;
        if rule.nth.is_some_and(|nth| nth != *count) {
            continue;
        }
        if kills {
            let me = rustix::process::getpid();
            let _ = rustix::process::kill_process(me, rustix::process::Signal::KILL);
        }
        if let Some(errno) = rule.errno {
            return Err(errno.into());
        }
    }
    Ok(())
}

/// True if stages must not be observed, so that the benchmark can measure the
/// cost of observing.
#[must_use]
pub fn is_witness_off() -> bool {
    check("witness", Path::new("")).is_err()
}

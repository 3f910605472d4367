//! Known violations: for each check an edit, or a message, that it blocks.

mod javascript;
mod languages;
mod markers;
mod messages;
mod python;
mod rules;
mod text;
mod violation;

use super::check::Check;
use super::checkout::Checkout;
use super::outcome::Outcome;
use super::pattern::escaped;

pub(super) use messages::{Message, message};
pub(super) use violation::{FILE, Violation};

/// A check with the edits that it blocks.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) check: Check,
    pub(super) violations: Vec<Violation>,
}

impl Known {
    /// A check that looks at no file.
    pub(super) fn without_edits(check: Check) -> Self {
        Self {
            check,
            violations: Vec::new(),
        }
    }

    pub(super) fn new(check: Check, checkout: &Checkout) -> Self {
        let violations = of_check(&check, checkout);
        Self { check, violations }
    }
}

/// Returns edits that a check blocks, the best known first.
fn of_check(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    // `eslint . || true` blocks nothing.
    if check.outcome == Outcome::Ignored {
        return Vec::new();
    }
    let mut all = match &*check.tool {
        "eslint" | "oxlint" | "biome" | "prettier" | "tsc" | "vue-tsc" | "stylelint"
        | "standard" | "xo" | "jest" | "vitest" | "mocha" | "ava" | "node" => {
            javascript::violations(check, checkout)
        }
        "ruff" | "ruff-check" | "ruff-format" | "black" | "isort" | "flake8" | "pylint"
        | "mypy" | "pyright" | "bandit" | "pytest" | "py_compile" | "compileall"
        | "debug-statements" | "check-ast" => python::violations(check, checkout),
        "cargo" | "rustfmt" | "fmt" | "clippy" | "cargo-check" | "go" | "gofmt" | "goimports"
        | "shellcheck" | "yamllint" | "sh -n" | "hadolint" => languages::violations(check),
        "grep" | "egrep" | "fgrep" | "rg" | "ag" | "script" | "pygrep" | "fail" => {
            markers::violations(check, checkout)
        }
        "git" if check.has("grep") => markers::violations(check, checkout),
        _ => text::violations(check, checkout),
    };
    if let Some(id) = &check.hook_id {
        // pre-commit and prek name the hook that failed, whatever that prints.
        for one in &mut all {
            one.id = format!("{id}: {}", one.id);
            one.reason = Some(format!("hook id: {}$", escaped(id)));
        }
    }
    all
}

/// The names of test files.
pub(super) fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_folder = path
        .split('/')
        .any(|part| ["test", "tests", "__tests__", "spec"].contains(&part));
    let parts = [".test.", ".spec.", "_test."];
    in_folder || name.starts_with("test_") || parts.iter().any(|part| name.contains(part))
}

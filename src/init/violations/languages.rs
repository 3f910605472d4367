//! Programs that look at Rust, Go, shell and YAML.

use super::super::check::Check;
use super::violation::{FILE, Violation};

const RS: &[&str] = &["rs"];
const GO: &[&str] = &["go"];
const SH: &[&str] = &["sh", "bash"];
const YAML: &[&str] = &["yml", "yaml"];

pub(super) fn violations(check: &Check) -> Vec<Violation> {
    let first = check.args.first().map_or("", String::as_str);
    let unformatted = "const  MATRIX_VIOLATION : u32=1;";
    let wrong_type = "const MATRIX_VIOLATION: u32 = \"text\";";
    let one =
        |id: &str, text: &str, reason: &str, ends| vec![Violation::known(id, text, reason, ends)];
    match (&*check.tool, first) {
        ("cargo", "fmt") | ("rustfmt" | "fmt", _) if check.only_rewrites(&["--check"]) => {
            Vec::new()
        }
        ("cargo", "fmt") | ("rustfmt" | "fmt", _) => one("rustfmt", unformatted, "Diff in", RS),
        ("cargo", "clippy" | "check" | "build" | "test" | "nextest")
        | ("clippy" | "cargo-check", _) => one("rustc", wrong_type, "mismatched types", RS),
        ("gofmt" | "goimports", _) | ("go", "fmt") => {
            one("gofmt", "var  matrixViolation  =  1", FILE, GO)
        }
        ("go", "vet" | "build" | "test") => one(
            "go vet",
            "var matrixViolation int = \"text\"",
            "cannot use",
            GO,
        ),
        ("shellcheck", _) => one("shellcheck", "cat $@", "SC2068", SH),
        ("sh -n", _) => one("sh -n", "if true; then", "[Ss]yntax error", SH),
        ("yamllint", _) => one(
            "yamllint",
            "# an example of matrix   ",
            "trailing spaces",
            YAML,
        ),
        ("hadolint", _) => one("hadolint", "RUN cd /tmp", "DL3003", &["dockerfile"]),
        _ => Vec::new(),
    }
}

//! Programs that look at Python.

use super::super::check::Check;
use super::super::checkout::{Checkout, join};
use super::rules::lists;
use super::violation::Violation;

const PY: &[&str] = &["py"];

/// A code of ruff and flake8, what breaks it, and whether `--fix` mends it.
struct Code(&'static str, &'static str, bool);

/// Nothing here fails when the module is imported, so that tests still pass.
const CODES: [Code; 12] = [
    Code(
        "F821",
        "def matrix_violation():\n    return matrix_undefined_name",
        false,
    ),
    Code("F401", "import colorsys", true),
    Code("E741", "l = 1", false),
    Code("E711", "matrix_violation = 1 == None", true),
    Code(
        "T201",
        "def matrix_violation():\n    print(\"matrix\")",
        false,
    ),
    Code(
        "S307",
        "def matrix_violation():\n    return eval(\"1\")",
        false,
    ),
    Code(
        "B006",
        "def matrix_violation(value=[]):\n    return value",
        false,
    ),
    Code("N801", "class matrix_violation:\n    pass", false),
    Code("UP004", "class MatrixViolation(object):\n    pass", true),
    Code("D103", "def matrix_violation():\n    return 1", false),
    Code("ANN201", "def matrix_violation():\n    return 1", false),
    Code("W291", "matrix_violation = 1  ", true),
];

pub(super) fn violations(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let mut all = of_rules(check, checkout);
    let said = match &*check.tool {
        "ruff" | "ruff-check" | "ruff-format" => "[Ss]yntax|[Ff]ailed to parse",
        "black" => "[Cc]annot (?:format|parse)",
        "flake8" => "E999",
        _ => return all,
    };
    let line = "def matrix_violation(:";
    all.push(Violation::syntax(&check.tool, line, said, PY));
    all
}

fn of_rules(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let known = |text: &str, reason: &str| vec![Violation::known(&*check.tool, text, reason, PY)];
    match &*check.tool {
        "ruff" if check.has("format") => format(check, "Would reformat"),
        "ruff-format" => format(check, "reformatted"),
        "ruff" | "ruff-check" => ruff(check, checkout),
        "black" => format(check, "would reformat"),
        "isort" if check.only_rewrites(&["--check", "--check-only", "-c"]) => Vec::new(),
        "isort" => known("import sys\nimport os", "incorrectly sorted"),
        "flake8" => known(CODES[0].1, "F821"),
        "pylint" => known(CODES[0].1, "undefined-variable"),
        "mypy" => known(
            "matrix_violation: int = \"text\"",
            "Incompatible types in assignment",
        ),
        "pyright" => known("matrix_violation: int = \"text\"", "reportAssignmentType"),
        "bandit" => known("def matrix_violation():\n    return eval(\"1\")", "B307"),
        "debug-statements" => known("def matrix_violation():\n    breakpoint()", "breakpoint"),
        "py_compile" | "compileall" | "check-ast" => known("def matrix_violation(:", "SyntaxError"),
        "pytest" => {
            let text = "def test_matrix_violation():\n    assert False, \"matrix violation\"";
            let mut all = known(text, "matrix violation");
            all[0].in_tests = true;
            all
        }
        _ => Vec::new(),
    }
}

fn format(check: &Check, reason: &str) -> Vec<Violation> {
    if check.only_rewrites(&["--check", "--diff"]) {
        return Vec::new();
    }
    let id = format!("{} format", check.tool);
    vec![Violation::known(
        id,
        "matrix_violation  =  [ 1,2 ]",
        reason,
        PY,
    )]
}

fn ruff(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let config = ruff_config(check, checkout);
    let split = |option: &str| -> Vec<String> {
        let value = check.value_of(option).unwrap_or_default();
        value
            .split(',')
            .filter(|code| !code.is_empty())
            .map(ToOwned::to_owned)
            .collect()
    };
    let mut select = split("--select");
    if select.is_empty() {
        select = lists(&config, "select");
    }
    if select.is_empty() {
        select = ["E4", "E7", "E9", "F"].map(ToOwned::to_owned).into();
    }
    select.extend([split("--extend-select"), lists(&config, "extend-select")].concat());
    let ignore = [
        split("--ignore"),
        lists(&config, "ignore"),
        lists(&config, "extend-ignore"),
    ]
    .concat();
    // Of two that fit, the longer counts.
    let longest = |all: &[String], code: &str| {
        let fitting = all
            .iter()
            .filter(|one| code.starts_with(&***one) || *one == "ALL");
        fitting
            .map(|one| if one == "ALL" { 0 } else { one.len() })
            .max()
    };
    let fixes = (check.has("--fix") || config.contains("fix = true")) && check.hook_id.is_none();
    (CODES.iter())
        .filter(|code| !(fixes && code.2))
        .filter(
            |code| match (longest(&select, code.0), longest(&ignore, code.0)) {
                (Some(on), Some(off)) => on > off,
                (Some(_), None) => true,
                (None, _) => false,
            },
        )
        .map(|code| Violation::known(format!("ruff {}", code.0), code.1, code.0, PY))
        .collect()
}

/// The part of a configuration that is ruff's.
fn ruff_config(check: &Check, checkout: &Checkout) -> String {
    let of = |name: &str| {
        checkout
            .text(&join(&check.folder, name))
            .or_else(|| checkout.text(name))
    };
    if let Some(text) = of("ruff.toml").or_else(|| of(".ruff.toml")) {
        return text;
    }
    let whole = of("pyproject.toml").unwrap_or_default();
    let mut is_ruff = false;
    let lines = whole.lines().filter(|line| {
        if line.starts_with('[') {
            is_ruff = line.starts_with("[tool.ruff");
        }
        is_ruff
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

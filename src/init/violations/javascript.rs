//! Programs that look at JavaScript, TypeScript and style sheets.

use super::super::check::{Check, Covers};
use super::super::checkout::{Checkout, join};
use super::super::pattern::escaped;
use super::super::pattern::{Style, glob};
use super::rules::{State, lists, state};
use super::violation::{FILE, Violation};

const JS: &[&str] = &["js", "mjs", "cjs"];
const JS_AND_TS: &[&str] = &["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx"];
const TS: &[&str] = &["ts", "tsx", "mts", "cts"];
const CSS: &[&str] = &["css", "scss"];

/// A rule of `ESLint`, its name for Biome, whether the recommended set has it, and what breaks it.
struct Rule(&'static str, &'static str, bool, &'static str);

/// None of these lines does anything when it runs, so that tests of the consumer still pass.
const RULES: [Rule; 11] = [
    Rule("no-debugger", "noDebugger", true, "debugger;"),
    Rule(
        "no-unused-vars",
        "noUnusedVariables",
        true,
        "const matrixUnused = 1;",
    ),
    Rule("no-var", "noVar", false, "var matrixExample = 1;"),
    Rule(
        "eqeqeq",
        "noDoubleEquals",
        false,
        "void (() => Date.now() == 1);",
    ),
    Rule(
        "no-console",
        "noConsole",
        false,
        "void (() => console.log(\"matrix\"));",
    ),
    Rule(
        "no-eval",
        "noGlobalEval",
        false,
        "void (() => eval(\"1\"));",
    ),
    Rule(
        "no-alert",
        "noAlert",
        false,
        "void (() => alert(\"matrix\"));",
    ),
    Rule(
        "no-empty",
        "noEmptyBlockStatements",
        true,
        "if (Date.now() < 0) {}",
    ),
    Rule(
        "no-undef",
        "noUndeclaredVariables",
        true,
        "void (() => matrixUndefinedName);",
    ),
    Rule(
        "prefer-const",
        "useConst",
        false,
        "let matrixExample = 1;\nvoid matrixExample;",
    ),
    Rule(
        "no-warning-comments",
        "",
        false,
        "// TODO: an example of matrix",
    ),
];

/// A line that no parser of the language takes.
const NO_JS: &str = "const matrixViolation = = 1;";

pub(super) fn violations(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let mut all = of_rules(check, checkout);
    let said = match &*check.tool {
        "eslint" => "Parsing error",
        "oxlint" => "Unexpected token",
        "biome" => "parse",
        "prettier" => "SyntaxError",
        _ => return all,
    };
    let covers = all.first().map(|one| one.covers.clone());
    let syntax = Violation::syntax(&check.tool, NO_JS, said, JS);
    all.push(syntax.in_files(covers.unwrap_or_default()));
    all
}

fn of_rules(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let unformatted = "const   matrixViolation  =  {a:1}";
    match &*check.tool {
        "eslint" => eslint(check, checkout),
        "oxlint" => oxlint(check, checkout),
        "biome" => biome(check, checkout),
        "standard" | "xo" => vec![Violation::known("standard", "debugger;", "debugger", JS)],
        "prettier" if check.only_rewrites(&["--check", "-c", "--list-different", "-l"]) => {
            Vec::new()
        }
        "prettier" => {
            let reason = format!("Code style issues|{FILE}");
            vec![
                Violation::known("prettier", unformatted, &reason, JS_AND_TS),
                Violation::known("prettier", "a{color:red}", &reason, CSS),
                Violation::known(
                    "prettier",
                    "*   an item\n\n\n\n*   another",
                    &reason,
                    &["md"],
                ),
            ]
        }
        "tsc" | "vue-tsc" => {
            let config = check.value_of("--project").or(check.value_of("-p"));
            let path = join(&check.folder, config.unwrap_or("tsconfig.json"));
            let text = checkout.text(&path).unwrap_or_default();
            let line = "const matrixViolation: number = \"text\";";
            let mut found = Violation::known("tsc", line, "TS2322", TS);
            found.covers = of_lists(
                &lists(&text, "include"),
                &lists(&text, "exclude"),
                &check.folder,
            );
            vec![found]
        }
        "stylelint" => vec![Violation::known("stylelint", "a {}", "block-no-empty", CSS)],
        "node" if check.has("--test") => test_runner(),
        "node" if check.has_any(&["--check", "-c"]) => {
            vec![Violation::known(
                "node --check",
                "const const matrixViolation",
                "SyntaxError",
                JS,
            )]
        }
        "jest" | "vitest" | "mocha" | "ava" => test_runner(),
        _ => Vec::new(),
    }
}

fn test_runner() -> Vec<Violation> {
    let line = "throw new Error(\"matrix violation\");";
    let mut found = Violation::known("tests", line, "matrix violation", JS_AND_TS);
    found.in_tests = true;
    vec![found]
}

/// The configuration beside a check or above it, as text.
fn config_text(check: &Check, checkout: &Checkout, names: &[&str]) -> Option<String> {
    let mut folder = check.folder.as_str();
    if let Some(named) = check.value_of("--config").or(check.value_of("-c")) {
        return checkout.text(&join(folder, named));
    }
    loop {
        if let Some(text) = names
            .iter()
            .find_map(|name| checkout.text(&join(folder, name)))
        {
            return Some(text);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

fn of_lists(files: &[String], but: &[String], folder: &str) -> Covers {
    let globs = |patterns: &[String]| {
        let of = |pattern: &String| {
            let path = join(folder, pattern.trim_end_matches('/'));
            if pattern.contains('*') {
                // A folder in front of the stars, or names everywhere.
                glob(&path, Style::Paths)
            } else {
                regex::Regex::new(&format!("(?:^|/){}(?:/|$)", escaped(&path))).ok()
            }
        };
        patterns.iter().filter_map(of).collect()
    };
    Covers::default().and_any(globs(files)).but(globs(but))
}

fn eslint(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let names = [
        "eslint.config.js",
        "eslint.config.mjs",
        "eslint.config.cjs",
        "eslint.config.ts",
        "eslint.config.mts",
        ".eslintrc.json",
        ".eslintrc.js",
        ".eslintrc.cjs",
        ".eslintrc.yml",
        ".eslintrc.yaml",
        ".eslintrc",
    ];
    let mut config = config_text(check, checkout, &names).unwrap_or_default();
    if config.is_empty() {
        config = checkout.manifest(&check.folder)["eslintConfig"].to_string();
    }
    let rules = format!("{config}\n{}", check.args.join(" "));
    let sets = [
        "recommended",
        "airbnb",
        "standard",
        "antfu",
        "configs.all",
        "xo",
        "google",
    ];
    let has_set = sets.iter().any(|set| config.contains(set));
    let blocks_warnings = check.value_of("--max-warnings") == Some("0");
    let covers = of_lists(
        &lists(&config, "files"),
        &lists(&config, "ignores"),
        &check.folder,
    );
    let ends = if config.contains("typescript") || config.contains("tseslint") {
        JS_AND_TS
    } else {
        JS
    };
    let blocks = |rule: &&Rule| match state(&rules, rule.0) {
        State::Error => true,
        State::Warning => blocks_warnings,
        State::Off => false,
        State::Unnamed => rule.2 && has_set,
    };
    let typed =
        |rule: &Rule| state(&rules, &format!("@typescript-eslint/{}", rule.0)) == State::Error;
    (RULES.iter())
        .filter(|rule| blocks(rule) || typed(rule))
        .map(|rule| {
            let id = format!("eslint {}", rule.0);
            Violation::known(id, rule.3, rule.0, ends).in_files(covers.clone())
        })
        .collect()
}

/// Only what is an error blocks, unless the command says otherwise.
fn oxlint(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let names = [".oxlintrc.json", ".oxlintrc.jsonc", "oxlintrc.json"];
    let config = config_text(check, checkout, &names).unwrap_or_default();
    let denied: Vec<&str> = (check.args.windows(2))
        .filter(|pair| ["-D", "--deny"].contains(&&*pair[0]))
        .map(|pair| pair[1].as_str())
        .chain(
            check
                .args
                .iter()
                .filter_map(|arg| arg.strip_prefix("--deny=")),
        )
        .collect();
    let blocks_warnings =
        check.has("--deny-warnings") || check.value_of("--max-warnings") == Some("0");
    // `no-debugger` and `no-unused-vars` are of the category that is on by default, as warnings.
    let correctness = state(&config, "correctness");
    let by_default = match correctness {
        State::Error => true,
        State::Warning | State::Unnamed => blocks_warnings || denied.contains(&"correctness"),
        State::Off => false,
    };
    let blocks = |rule: &&Rule| match state(&config, rule.0) {
        State::Error => true,
        State::Warning => blocks_warnings,
        State::Off => false,
        State::Unnamed => {
            denied.iter().any(|name| [rule.0, "all"].contains(name))
                || (by_default && ["no-debugger", "no-unused-vars"].contains(&rule.0))
        }
    };
    (RULES.iter())
        .filter(blocks)
        .map(|rule| Violation::known(format!("oxlint {}", rule.0), rule.3, rule.0, JS_AND_TS))
        .collect()
}

fn biome(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let names = ["biome.json", "biome.jsonc", ".biome.json", ".biome.jsonc"];
    let config = config_text(check, checkout, &names).unwrap_or_default();
    let value = crate::mutation::configuration("biome.jsonc".as_ref(), &config).unwrap_or_default();
    let is_off = |part: &str| value[part]["enabled"] == false;
    let writes = check.has_any(&["--write", "--apply", "--fix"]) && check.hook_id.is_none();
    let command = check.args.first().map_or("", String::as_str);
    let globs = |key: &str, negated: bool| -> Vec<String> {
        let all = value["files"][key].as_array().into_iter().flatten();
        all.filter_map(serde_json::Value::as_str)
            .filter(|one| one.starts_with('!') == negated)
            .map(|one| one.trim_start_matches('!').to_owned())
            .collect()
    };
    let but = [globs("includes", true), globs("ignore", false)].concat();
    let covers = of_lists(
        &[globs("includes", false), globs("include", false)].concat(),
        &but,
        &check.folder,
    );
    let mut all = Vec::new();
    if ["lint", "check", "ci"].contains(&command) && !is_off("linter") {
        let recommended = value["linter"]["rules"]["recommended"] != false;
        let on = |rule: &&Rule| match state(&config, rule.1) {
            State::Error => true,
            State::Unnamed => recommended && ["noDebugger", "noDoubleEquals"].contains(&rule.1),
            State::Warning | State::Off => false,
        };
        let lint = RULES.iter().filter(|rule| !rule.1.is_empty()).filter(on);
        all.extend(lint.map(|rule| {
            let id = format!("biome {}", rule.1);
            Violation::known(id, rule.3, rule.1, JS_AND_TS).in_files(covers.clone())
        }));
    }
    if ["format", "check", "ci"].contains(&command) && !is_off("formatter") && !writes {
        let line = "const   matrixViolation  =  {a:1}";
        all.push(Violation::known("biome format", line, "format", JS_AND_TS).in_files(covers));
    }
    all
}

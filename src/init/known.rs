//! Programs that are packages: their names, and how each is asked, and run in CI.

use super::checkout::Checkout;
use super::language::extension;
use crate::model::Registry;

/// A program that comes in a package.
#[derive(Debug)]
pub(super) struct Tool {
    /// The gate's name.
    pub(super) gate: &'static str,
    pub(super) package: &'static str,
    pub(super) registry: Registry,
    /// The name of the program.
    pub(super) program: &'static str,
    /// The words that print its version.
    pub(super) version: &'static str,
    /// The file that is opened when it runs, in `node_modules`; empty if it is not known, and
    /// for programs of Python, which are opened themselves.
    pub(super) opened: &'static str,
    /// Its words in CI.
    pub(super) ci: &'static [&'static str],
    /// How the names of its configuration begin.
    pub(super) configs: &'static [&'static str],
}

impl Tool {
    /// True if it looks at messages, and not at files.
    pub(super) fn is_of_messages(&self) -> bool {
        ["commitlint", "gitlint", "commitizen"].contains(&self.gate)
    }
}

const fn npm(
    gate: &'static str,
    package: &'static str,
    opened: &'static str,
    ci: &'static [&'static str],
    configs: &'static [&'static str],
) -> Tool {
    Tool {
        gate,
        package,
        registry: Registry::Npm,
        program: gate,
        version: "--version",
        opened,
        ci,
        configs,
    }
}

const fn pypi(
    gate: &'static str,
    program: &'static str,
    ci: &'static [&'static str],
    configs: &'static [&'static str],
) -> Tool {
    Tool {
        gate,
        package: gate,
        registry: Registry::Pypi,
        program,
        version: "--version",
        opened: "",
        ci,
        configs,
    }
}

/// The programs, those that start others first.
pub(super) const TOOLS: [Tool; 21] = [
    npm(
        "lint-staged",
        "lint-staged",
        "node_modules/lint-staged/bin/lint-staged.js",
        &["--diff={base_ref}...HEAD"],
        &[],
    ),
    npm(
        "commitlint",
        "@commitlint/cli",
        "node_modules/@commitlint/cli/cli.js",
        &["--from", "{base_ref}", "--to", "HEAD"],
        &["commitlint.config", ".commitlintrc"],
    ),
    npm(
        "eslint",
        "eslint",
        "node_modules/eslint/bin/eslint.js",
        &["."],
        &["eslint.config", ".eslintrc"],
    ),
    npm(
        "biome",
        "@biomejs/biome",
        "node_modules/@biomejs/cli-*/biome",
        &["ci", "."],
        &["biome.json"],
    ),
    npm("oxlint", "oxlint", "", &["."], &[".oxlintrc"]),
    npm(
        "secretlint",
        "secretlint",
        "",
        &["**/*"],
        &[".secretlintrc"],
    ),
    npm(
        "stylelint",
        "stylelint",
        "",
        &["**/*.css"],
        &["stylelint.config", ".stylelintrc"],
    ),
    npm(
        "cspell",
        "cspell",
        "",
        &["--no-progress", "**"],
        &["cspell", ".cspell"],
    ),
    npm(
        "markdownlint-cli2",
        "markdownlint-cli2",
        "",
        &["**/*.md", "!node_modules"],
        &[".markdownlint"],
    ),
    npm(
        "prettier",
        "prettier",
        "",
        &["--check", "."],
        &[".prettierrc"],
    ),
    pypi(
        "ruff",
        "ruff",
        &["check", "."],
        &["ruff.toml", ".ruff.toml"],
    ),
    pypi(
        "gitlint",
        "gitlint",
        &["--commits", "{base_ref}..HEAD"],
        &[".gitlint"],
    ),
    Tool {
        version: "version",
        ..pypi(
            "commitizen",
            "cz",
            &["check", "--rev-range", "{base_ref}..HEAD"],
            &[".cz.", "cz."],
        )
    },
    pypi("black", "black", &["--check", "."], &[]),
    pypi("flake8", "flake8", &[], &[".flake8"]),
    pypi("mypy", "mypy", &["."], &["mypy.ini"]),
    pypi(
        "bandit",
        "bandit",
        &["--recursive", "--quiet", "."],
        &[".bandit"],
    ),
    pypi("codespell", "codespell", &["."], &[".codespellrc"]),
    pypi(
        "typos",
        "typos",
        &["."],
        &["typos.toml", ".typos.toml", "_typos.toml"],
    ),
    pypi("yamllint", "yamllint", &["."], &[".yamllint"]),
    Tool {
        program: "detect-secrets-hook",
        version: "--version",
        ..pypi(
            "detect-secrets",
            "detect-secrets-hook",
            &[],
            &[".secrets.baseline"],
        )
    },
];

/// Returns the tool with this program, or name.
pub(super) fn tool(program: &str) -> Option<&'static Tool> {
    let mut all = TOOLS.iter();
    all.find(|tool| [tool.program, tool.gate, tool.package].contains(&program))
}

/// Returns the file in which a consumer of Python names a package.
pub(super) fn python_file(checkout: &Checkout, package: &str) -> Option<String> {
    let mut files = checkout.files().iter().filter(|file| is_python_file(file));
    let names_it = |file: &&String| {
        let text = checkout.text(file);
        let table = format!("[tool.{package}");
        text.is_some_and(|text| names(&text, package) || text.contains(&table))
    };
    files.find(names_it).cloned()
}

fn is_python_file(file: &str) -> bool {
    let names = [
        "pyproject.toml",
        "setup.cfg",
        "Pipfile",
        "tox.ini",
        "uv.lock",
        "poetry.lock",
    ];
    names.contains(&file) || is_requirements(file)
}

/// Returns the texts in which a consumer of Python names its packages.
pub(super) fn python_files(checkout: &Checkout) -> Vec<String> {
    let files = checkout.files().iter().filter(|file| is_python_file(file));
    files.filter_map(|file| checkout.text(file)).collect()
}

/// True for a list of requirements of pip.
pub(super) fn is_requirements(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let is_list = name.starts_with("requirements") || file.starts_with("requirements/");
    is_list && ["txt", "in"].contains(&&*extension(name))
}

/// True if a text names a package as a whole word.
pub(super) fn names(text: &str, package: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '.';
    text.match_indices(package).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

//! Programs and hooks that look at files of any language.

use super::super::check::Check;
use super::super::checkout::Checkout;
use super::super::language::Form;
use super::violation::Violation;

/// Misspelt on purpose; in two parts, since our own gate looks for such words.
const MISSPELT: &str = concat!("rec", "ieve");

/// The head of a key; no key.
const KEY: &str = concat!("-----BEGIN RSA ", "PRIVATE KEY-----");

pub(super) fn violations(check: &Check, _checkout: &Checkout) -> Vec<Violation> {
    let comment = |text: &str, reason: &str| vec![Violation::comment(&*check.tool, text, reason)];
    let code = |text: &str, ends: &'static [&'static str]| {
        vec![Violation::known(&*check.tool, text, "", ends)]
    };
    match &*check.tool {
        "trailing-whitespace" => comment("an example of matrix   ", ""),
        "git" if check.has("--check") => comment("an example of matrix   ", "trailing whitespace"),
        "end-of-file-fixer" => {
            let mut found = Violation::known("end-of-file-fixer", "\n\n\n", "", &[]);
            found.form = Form::Raw;
            "^$".clone_into(&mut found.added);
            vec![found]
        }
        "check-merge-conflict" if check.has("--assume-in-merge") => {
            code("<<<<<<< HEAD\n=======\n>>>>>>> other", &[])
        }
        "check-yaml" => code("matrix: [unclosed", &["yml", "yaml"]),
        "check-toml" => code("matrix = [unclosed", &["toml"]),
        "check-json" | "pretty-format-json" => code("{", &["json"]),
        "check-xml" => code("<unclosed>", &["xml", "svg"]),
        "mixed-line-ending" => {
            let mut found = Violation::known("mixed-line-ending", "\r\n\n\r\n\n", "", &[]);
            found.form = Form::Raw;
            "^\r?$".clone_into(&mut found.added);
            vec![found]
        }
        "detect-private-key" => comment(KEY, "Private key found"),
        "detect-secrets" | "detect-secrets-hook" => detect_secrets(check),
        "secretlint" => vec![secretlint()],
        "codespell" => comment(
            &format!("{MISSPELT} an example of matrix"),
            &format!("{MISSPELT} ==> "),
        ),
        "typos" => comment(
            &format!("{MISSPELT} an example of matrix"),
            &format!("`{MISSPELT}`"),
        ),
        "cspell" => comment(
            &format!("{MISSPELT} an example"),
            &format!("Unknown word \\({MISSPELT}\\)"),
        ),
        "markdownlint" | "markdownlint-cli2" => vec![Violation::known(
            "markdownlint",
            "#No space",
            "MD018",
            &["md", "markdown"],
        )],
        _ => Vec::new(),
    }
}

/// An id in the form that AWS gives them; made up.
const KEY_ID: &str = concat!("AKIA", "Q3EGRXMATRIX2026");

/// It reads the values of settings files, and leaves their comments out.
fn detect_secrets(check: &Check) -> Vec<Violation> {
    let other: &[&str] = &[
        "py", "js", "mjs", "cjs", "ts", "jsx", "tsx", "sh", "rb", "go", "rs", "java", "php", "md",
        "txt",
    ];
    let mut key = Violation::comment(&*check.tool, KEY, "Private Key");
    key.ends = other;
    let reason = "AWS Access Key";
    let of = |id: &str, text: &str, ends| Violation::known(id, text, reason, ends);
    vec![
        key,
        of(
            "detect-secrets ini",
            &format!("matrix_key = {KEY_ID}"),
            &["ini", "cfg", "properties"],
        ),
        of(
            "detect-secrets yaml",
            &format!("matrix_key: {KEY_ID}"),
            &["yml", "yaml"],
        ),
    ]
}

/// A token in the form of GitHub's; made up, and without the checksum of a real one.
const TOKEN: &str = concat!("ghp", "_Zx8Qm2Rt7Lw4Kp9Vb3Nc6Jd1Hs5Gf0Ty8UaE");

fn secretlint() -> Violation {
    Violation::comment("secretlint", TOKEN, "GITHUB_TOKEN")
}

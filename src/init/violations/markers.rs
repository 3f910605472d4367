//! Words that a consumer's own check looks for: in the pattern of `grep`, or in the text of
//! a script.

use std::sync::LazyLock;

use regex::Regex;

use super::super::check::Check;
use super::super::checkout::Checkout;
use super::super::language::Form;
use super::super::outcome::Outcome;
use super::super::pattern::escaped;
use super::super::pattern::{example, extended, posix};
use super::violation::{FILE, Violation};

/// An expression for the ends of files' names: with it names are chosen, and nothing is found.
static ENDS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\\\.\(?[\w|?\[\]]+\)?\$$").ok());

/// The expressions and words in a script.
static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:[=(,:]\s*|return\s+)/((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])*)/[a-z]*"#,
        r#"|re\.\w+\(\s*r?["']([^"'\n]+)["']"#,
        r#"|includes\(\s*["']([^"'\n]+)["']\s*\)"#,
        r#"|["']([A-Z]{4,})["']\s+in\b"#,
    ))
    .ok()
});

pub(super) fn violations(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    match &*check.tool {
        "script" => script(check, checkout),
        "pygrep" if check.has("--negate") => Vec::new(),
        "pygrep" => (check.args.first())
            .and_then(|pattern| of_pattern(pattern, None))
            .into_iter()
            .collect(),
        "fail" => vec![Violation::comment("fail", "an example of matrix", "")],
        _ => grep(check).into_iter().collect(),
    }
}

/// A line that a pattern matches: as a comment if it can be one.
fn of_pattern(pattern: &str, reason: Option<String>) -> Option<Violation> {
    let mut text = example(pattern)?;
    let regex = Regex::new(pattern).ok()?;
    // Other checks may read the language.
    let closed = format!("{text})");
    if text.ends_with('(') && regex.is_match(&closed) {
        text = closed;
    }
    // A word that begins where the line does cannot stand behind the mark of a comment.
    let form = if ["# ", "// "]
        .iter()
        .all(|mark| regex.is_match(&format!("{mark}{text}")))
    {
        Form::Comment
    } else {
        Form::Code
    };
    let mut found = Violation::known(format!("pattern {pattern}"), &text, "", &[]);
    found.form = form;
    found.reason = reason.or_else(|| Some(escaped(text.trim())));
    Some(found)
}

fn grep(check: &Check) -> Option<Violation> {
    let short = |letter: char| {
        let is_short = |arg: &&String| arg.starts_with('-') && !arg.starts_with("--");
        check
            .args
            .iter()
            .filter(is_short)
            .any(|arg| arg.contains(letter))
    };
    let is_other = check.has_any(&["--invert-match", "--files-without-match"]);
    if short('v') || short('L') || is_other {
        return None;
    }
    // What must be there is no violation.
    if check.outcome == Outcome::Same {
        return None;
    }
    let written = of_added(&with_variables(&pattern_of(check)?, &check.text)?);
    let is_extended = short('E')
        || short('P')
        || check.has_any(&["--extended-regexp", "--perl-regexp"])
        || ["egrep", "rg", "ag"].contains(&&*check.tool);
    let mut pattern = if short('F') || check.tool == "fgrep" {
        escaped(&written)
    } else if is_extended {
        posix(&written)
    } else {
        extended(&written)
    };
    // Names of files are chosen with `\.js$`, and nothing is found by them.
    if ENDS.as_ref().is_some_and(|ends| ends.is_match(&pattern)) {
        return None;
    }
    if short('i') {
        pattern = format!("(?i){pattern}");
    }
    let mut pairs = check.args.windows(2);
    let is_hidden =
        check.has(">/dev/null") || pairs.any(|pair| pair[0] == ">" && pair[1] == "/dev/null");
    let is_quiet = is_hidden || short('q') || check.has_any(&["--quiet", "--silent", "-c"]);
    let reason = if is_quiet {
        // What the hook prints instead.
        Some(said_after(&check.text, "grep").unwrap_or_default())
    } else if short('l') || check.has("--files-with-matches") {
        Some(FILE.to_owned())
    } else {
        None
    };
    let mut found = of_pattern(&pattern, reason)?;
    found.reason = found.reason.filter(|reason| !reason.is_empty());
    found.is_sure = check.outcome == Outcome::Turned;
    Some(found)
}

/// The pattern among the arguments of grep.
fn pattern_of(check: &Check) -> Option<String> {
    if let Some(pattern) = check.value_of("-e").or(check.value_of("--regexp")) {
        return Some(pattern.to_owned());
    }
    let mut args = check
        .args
        .iter()
        .filter(|arg| *arg != "grep" && *arg != "--");
    while let Some(arg) = args.next() {
        match &**arg {
            // Options that take the next word.
            "-A" | "-B" | "-C" | "-m" | "-f" => {
                args.next();
            }
            option if option.starts_with('-') => {
                if option.ends_with('e') && !option.starts_with("--") {
                    return args.next().cloned();
                }
            }
            pattern => return Some(pattern.to_owned()),
        }
    }
    None
}

/// A pattern with the values that its script gives to the variables in it; None if one has none.
fn with_variables(pattern: &str, script: &str) -> Option<String> {
    let variable = Regex::new(r"\$\{?(\w+)\}?").ok()?;
    let mut out = String::new();
    let mut rest = 0;
    for found in variable.captures_iter(pattern) {
        let (whole, name) = (found.get(0)?, escaped(&found[1]));
        let setting = format!(
            r#"(?m)^\s*(?:export\s+|readonly\s+|local\s+)?{name}=(?:'([^'\n]*)'|"([^"\n]*)")"#
        );
        let value = Regex::new(&setting).ok()?.captures(script)?;
        out.push_str(&pattern[rest..whole.start()]);
        out.push_str(value.get(1).or(value.get(2))?.as_str());
        rest = whole.end();
    }
    out.push_str(&pattern[rest..]);
    Some(out)
}

/// A pattern without the plus with which a diff begins an added line.
fn of_added(pattern: &str) -> String {
    let starts = [r"^\+.*", r"^[+].*", r"^\+", r"^[+]"];
    let rest = starts.iter().find_map(|start| pattern.strip_prefix(start));
    rest.unwrap_or(pattern).to_owned()
}

/// The first text that a script prints after a word, up to what varies.
fn said_after(script: &str, word: &str) -> Option<String> {
    let (_, rest) = script.split_once(word)?;
    let echo = Regex::new(r#"(?:echo|printf)\s+(?:-\w\s+)*["']?([^"'\n]+)"#).ok()?;
    let said = echo.captures(rest)?.get(1)?.as_str();
    let fixed = said.split(['$', '%', '`', '\\']).next()?.trim();
    (fixed.len() > 3).then(|| escaped(fixed))
}

/// Words that such scripts look for, and what holds them.
const KNOWN: [(&str, &str); 9] = [
    ("FIXME", "FIXME: an example of matrix"),
    ("TODO", "TODO: an example of matrix"),
    ("XXX", "XXX: an example of matrix"),
    ("DO NOT COMMIT", "DO NOT COMMIT: an example of matrix"),
    ("NOCOMMIT", "NOCOMMIT: an example of matrix"),
    ("console.log", "console.log(\"matrix\");"),
    ("debugger", "debugger;"),
    ("breakpoint", "def matrix_violation():\n    breakpoint()"),
    (
        "pdb",
        "def matrix_violation():\n    import pdb\n    return pdb",
    ),
];

/// A script in another language: its expressions, else words that are known.
fn script(check: &Check, checkout: &Checkout) -> Vec<Violation> {
    let Some(path) = &check.script else {
        return Vec::new();
    };
    let text = checkout.text(path).unwrap_or_default();
    let code: String = (text.lines())
        .filter(|line| {
            !line.trim_start().starts_with(['#', '*']) && !line.trim_start().starts_with("//")
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let literals = LITERAL
        .iter()
        .flat_map(|literal| literal.captures_iter(&code));
    let patterns = literals.filter_map(|found| {
        let of_script = found
            .get(1)
            .or(found.get(2))
            .map(|one| one.as_str().to_owned());
        of_script.or_else(|| Some(escaped(found.get(3).or(found.get(4))?.as_str())))
    });
    let mut all: Vec<Violation> = patterns
        .filter(|pattern| pattern.chars().filter(char::is_ascii_alphabetic).count() > 2)
        .filter_map(|pattern| of_pattern(&pattern, None))
        .collect();
    let known = KNOWN.iter().filter(|(word, _)| code.contains(word));
    all.extend(known.map(|(word, text)| {
        let mut found = Violation::known(format!("word {word}"), text, "", &[]);
        found.added = escaped(word);
        found.reason = Some(escaped(word));
        if text.contains(": ") && !text.contains('(') {
            found.form = Form::Comment;
        }
        if text.starts_with("def ") {
            found.ends = &["py"];
        } else if text.ends_with(';') {
            found.ends = &["js", "mjs", "cjs", "ts", "jsx", "tsx"];
        }
        found
    }));
    for one in &mut all {
        one.is_sure = false;
        one.id = format!("{path}: {}", one.id);
        // Such a script prints the word, or the file, or both.
        one.reason = one.reason.take().map(|reason| format!("{reason}|{FILE}"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The violation of a command of grep, and whether it is known.
    fn of(outcome: Outcome, args: &[&str]) -> Option<(String, bool)> {
        let check = Check {
            tool: "grep".to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            outcome,
            ..Check::default()
        };
        grep(&check).map(|found| (found.text, found.is_sure))
    }

    #[test]
    fn only_what_must_not_be_there_is_a_violation() {
        let args = &["-q", "Copyright", "f"][..];
        let text = "Copyright".to_owned();
        for (outcome, expected) in [
            (Outcome::Turned, Some((text.clone(), true))),
            (Outcome::PerhapsTurned, Some((text, false))),
            (Outcome::Same, None),
        ] {
            assert_eq!(of(outcome, args), expected, "{outcome:?}");
        }
        for option in ["-v", "-rL", "--files-without-match"] {
            let args = [option, "Copyright"];
            assert_eq!(of(Outcome::Turned, &args), None, "{option}");
        }
    }
}

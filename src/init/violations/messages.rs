//! Programs that look at the message of a commit.

use regex::Regex;

use super::super::check::Check;
use super::super::checkout::{Checkout, join};
use super::super::outcome::Outcome;
use super::super::pattern::escaped;
use super::super::pattern::{example, extended, posix};

/// Messages of which a check takes one and refuses the others.
#[derive(Debug, Clone)]
pub(in crate::init) struct Message {
    pub(in crate::init) good: String,
    pub(in crate::init) bad: String,
    /// Another one.
    pub(in crate::init) worse: String,
    /// The expression for what is printed about each.
    pub(in crate::init) reason: Option<String>,
    pub(in crate::init) worse_reason: Option<String>,
    /// False if it is a guess.
    pub(in crate::init) is_sure: bool,
}

impl Message {
    fn new(good: &str, bad: (&str, &str), worse: (&str, &str)) -> Self {
        Self {
            good: good.to_owned(),
            bad: bad.0.to_owned(),
            worse: worse.0.to_owned(),
            reason: Some(bad.1.to_owned()),
            worse_reason: Some(worse.1.to_owned()),
            is_sure: true,
        }
    }
}

/// Returns the messages for a check of a commit-msg hook; None if it is not known.
pub(in crate::init) fn message(check: &Check, checkout: &Checkout) -> Option<Message> {
    let mut found = match &*check.tool {
        "commitlint" => commitlint(check, checkout),
        "gitlint" => gitlint(checkout),
        "cz" | "commitizen" => {
            let failed = "commit validation: failed!";
            Message::new(
                "docs: try the gate",
                ("try the gate", failed),
                ("Docs try the gate", failed),
            )
        }
        "conventional-pre-commit" => Message::new(
            "docs: try the gate",
            ("try the gate", ""),
            ("docs try the gate", ""),
        ),
        "grep" | "egrep" | "rg" => pattern(check, checkout)?,
        "script" => script(check, checkout)?,
        _ => return None,
    };
    if let Some(id) = &check.hook_id {
        let reason = format!("hook id: {}$", escaped(id));
        (found.reason, found.worse_reason) = (Some(reason.clone()), Some(reason));
    }
    Some(found)
}

/// The text of its configuration, whichever file has it.
fn commitlint_config(check: &Check, checkout: &Checkout) -> String {
    let names = [
        "commitlint.config.js",
        "commitlint.config.cjs",
        "commitlint.config.mjs",
        "commitlint.config.ts",
        ".commitlintrc",
        ".commitlintrc.json",
        ".commitlintrc.yaml",
        ".commitlintrc.yml",
        ".commitlintrc.js",
        ".commitlintrc.cjs",
        ".commitlintrc.mjs",
    ];
    let folders = [check.folder.as_str(), ""];
    let found = folders.iter().find_map(|folder| {
        names
            .iter()
            .find_map(|name| checkout.text(&join(folder, name)))
    });
    found.unwrap_or_else(|| checkout.manifest(&check.folder)["commitlint"].to_string())
}

fn commitlint(check: &Check, checkout: &Checkout) -> Message {
    let config = commitlint_config(check, checkout);
    // The values of a rule: 'type-enum': [2, 'always', ['a', 'b']].
    let first_of = |rule: &str| {
        let pattern =
            format!(r#"["']?{rule}["']?\s*:\s*\[[^\[\]]*always[^\[\]]*\[\s*["'`]([^"'`]+)"#);
        let found = Regex::new(&pattern).ok()?.captures(&config)?;
        Some(found[1].to_owned())
    };
    let yaml_or_rule =
        |rule: &str| super::rules::state(&config, rule) == super::rules::State::Error;
    let kind = first_of("type-enum").unwrap_or_else(|| "docs".to_owned());
    let scope = match first_of("scope-enum") {
        Some(scope) => format!("({scope})"),
        None if yaml_or_rule("scope-empty") => "(gate)".to_owned(),
        None => String::new(),
    };
    let good = format!("{kind}{scope}: try the gate");
    let has_types =
        config.contains("conventional") || config.contains("type-e") || config.contains("angular");
    if has_types {
        let worse = format!("matrixtype{scope}: try the gate");
        let worse_reason = if config.contains("conventional") || config.contains("type-enum") {
            (worse.as_str(), r"\[type-enum\]")
        } else {
            ("try the gates", r"\[(?:type|subject)-empty\]")
        };
        Message::new(
            &good,
            ("try the gate", r"\[(?:type|subject)-empty\]"),
            worse_reason,
        )
    } else {
        // Rules of the consumer's own: an empty type breaks most of them.
        let mut guess = Message::new(
            &good,
            ("Try the gate.", r"✖|problems"),
            ("TRY THE GATE.", r"✖|problems"),
        );
        guess.is_sure = false;
        guess
    }
}

/// Its default rules ask for a body, and count what they find.
fn gitlint(checkout: &Checkout) -> Message {
    let config = checkout.text(".gitlint").unwrap_or_default();
    let body = "\n\nThe change is an example that shows what the gate does.";
    let is_conventional = config.contains("title-conventional-commits") || config.contains("CT1");
    let good = if is_conventional {
        "docs: try the gate"
    } else {
        "Try the gate"
    };
    let with = |title: &str| format!("{title}{body}");
    if is_conventional {
        let reason = "CT1 ";
        return Message::new(
            &with(good),
            (&with("Try the gate"), reason),
            (&with("Try the other gate"), reason),
        );
    }
    let ignored = |rule: &str, name: &str| {
        config.lines().any(|line| {
            line.trim_start().starts_with("ignore") && (line.contains(rule) || line.contains(name))
        })
    };
    if ignored("T5", "title-must-not-contain-word") {
        let reason = "T3 ";
        return Message::new(
            &with(good),
            (&with("Try the gate."), reason),
            (&with("Try it all."), reason),
        );
    }
    Message::new(
        &with(good),
        (&with("WIP try the gate"), "T5 "),
        (&with("Try the gate."), "T3 "),
    )
}

/// `grep -qE '^(feat|fix): ' "$1"`: what it looks for must be there.
fn pattern(check: &Check, checkout: &Checkout) -> Option<Message> {
    let is_option = |arg: &&String| arg.starts_with('-');
    let options: String = check.args.iter().filter(is_option).cloned().collect();
    if options.contains(['v', 'L']) || check.outcome == Outcome::Ignored {
        return None;
    }
    let written = check.args.iter().find(|arg| !is_option(arg))?;
    let pattern = if options.contains(['E', 'P']) || check.tool != "grep" {
        posix(written)
    } else {
        extended(written)
    };
    let is_required = check.outcome == Outcome::Same;
    let mut found = of_expression(&pattern, is_required, check, checkout)?;
    found.is_sure = check.outcome != Outcome::PerhapsTurned;
    Some(found)
}

/// The first expression of a script that looks like one for messages.
fn script(check: &Check, checkout: &Checkout) -> Option<Message> {
    let text = checkout.text(check.script.as_ref()?)?;
    let literal = Regex::new(r#"/(\^(?:\\.|[^/\\\n])+)/|["'](\^[^"'\n]+)["']"#).ok()?;
    let found = literal.captures(&text)?;
    let pattern = found.get(1).or(found.get(2))?.as_str().to_owned();
    of_expression(&pattern, pattern.starts_with('^'), check, checkout)
}

fn of_expression(
    pattern: &str,
    is_required: bool,
    check: &Check,
    checkout: &Checkout,
) -> Option<Message> {
    let regex = Regex::new(pattern).ok()?;
    let plain = ["Try the gate", "docs: try the gate", "feat: try the gate"];
    let found = example(pattern)?;
    let of_file = check.script.as_ref().and_then(|path| checkout.text(path));
    let text = of_file.unwrap_or_else(|| check.text.clone());
    let echo = Regex::new(
        r#"(?:echo|printf|console\.\w+\(|print\()\s*(?:-\w\s+)*["'`]([^"'`$%\\\n]{4,})"#,
    )
    .ok()?;
    let reason = echo.captures(&text).map(|said| escaped(said[1].trim()));
    let (good, bad, worse) = if is_required {
        let bad = plain.iter().find(|one| !regex.is_match(one))?;
        // An example that is cut short may lack the words after it.
        let longer = format!("{found} try the gate").replace("  ", " ");
        let good = plain
            .iter()
            .find(|one| regex.is_match(one))
            .map(|one| (*one).to_owned());
        let good = good.or_else(|| Some(longer).filter(|one| regex.is_match(one)));
        (
            good.unwrap_or(found),
            (*bad).to_owned(),
            format!("{bad} again"),
        )
    } else {
        let good = plain.iter().find(|one| !regex.is_match(one))?;
        (
            (*good).to_owned(),
            format!("{good} {found}"),
            format!("{good}, {found}"),
        )
    };
    Some(Message {
        good,
        bad,
        worse,
        reason: reason.clone(),
        worse_reason: reason,
        is_sure: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs::TemporaryFolder;

    #[test]
    fn an_expression_is_demanded_or_forbidden_by_the_exit_of_its_script() {
        let folder = TemporaryFolder::new().unwrap();
        let checkout = Checkout::with(folder.path(), &[]);
        for (outcome, args, expected) in [
            (
                Outcome::Same,
                ["-qE", "^feat: "],
                Some(("feat: try the gate", false)),
            ),
            (
                Outcome::Turned,
                ["-qE", "^feat: "],
                Some(("Try the gate", true)),
            ),
            (
                Outcome::PerhapsTurned,
                ["-qi", "wip"],
                Some(("Try the gate", true)),
            ),
            (Outcome::Ignored, ["-qE", "^feat: "], None),
            (Outcome::Same, ["-qv", "^feat: "], None),
        ] {
            let check = Check {
                tool: "grep".to_owned(),
                args: args.map(ToOwned::to_owned).to_vec(),
                outcome,
                ..Check::default()
            };
            let found = message(&check, &checkout);
            let has_it = |message: &Message| message.bad.contains(&example(args[1]).unwrap());
            if let Some(found) = &found {
                assert_eq!(found.is_sure, outcome != Outcome::PerhapsTurned);
            }
            let about = found.as_ref().map(|found| (&*found.good, has_it(found)));
            assert_eq!(about, expected, "{outcome:?} {args:?}");
        }
    }
}

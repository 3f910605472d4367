//! Commands of the table: templates, filled in for one failure or shown with
//! the variables of a shell.
//!
//! Placeholders: `{artifacts}`, `{run_id}`, `{lane}`, `{log}` (relative to
//! the run folder), `{repo}`, `{cause}`.

use crate::model::text::shell;

/// The command that prints the page of a cause.
pub(super) const EXPLAIN: &str = "matrix explain {cause}";

/// Values of the placeholders; a command with an unknown value is omitted.
pub(super) type Values<'a> = [(&'static str, Option<&'a str>)];

/// The variables by which placeholders are shown, and what they are.
pub(super) const VARIABLES: [(&str, &str); 5] = [
    ("ARTIFACTS", "the artifacts folder"),
    ("RUN", "the run's id"),
    ("LANE", "the lane"),
    ("LOG", "the log of the step, relative to the run folder"),
    ("REPO", "the consumer"),
];

/// Fills in a command for a shell, with words in quotes.
pub(super) fn filled(template: &str, values: &Values<'_>) -> Option<String> {
    let word = |word: &str| {
        let mut text = word.to_owned();
        for (name, value) in values {
            let placeholder = format!("{{{name}}}");
            if text.contains(&placeholder) {
                text = text.replace(&placeholder, (*value)?);
            }
        }
        // Ids of causes need no quotes.
        let is_ours = text == word || word == "{cause}";
        Some(if is_ours { text } else { shell(text) })
    };
    let words: Option<Vec<_>> = template.split(' ').map(word).collect();
    words.map(|words| words.join(" "))
}

/// Shows a template with `ARTIFACTS` and the other names, for a reader.
pub(super) fn named(template: &str, cause: &str) -> String {
    let text = template
        .replace("{cause}", cause)
        .replace("{run_id}", "{run}");
    VARIABLES.iter().fold(text, |text, (name, _)| {
        text.replace(&format!("{{{}}}", name.to_lowercase()), name)
    })
}

/// Shows a template with `"$ARTIFACTS"` and the other variables.
pub(super) fn shown(template: &str, cause: &str) -> String {
    let word = |word: &str| {
        let text = word.replace("{cause}", cause);
        let open = text.replace("{run_id}", "{run}");
        if !open.contains('{') {
            return text;
        }
        let parts = VARIABLES.iter().fold(open, |text, (name, _)| {
            text.replace(&format!("{{{}}}", name.to_lowercase()), &format!("${name}"))
        });
        format!("\"{parts}\"")
    };
    template.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_stands_in_quotes() {
        let values = [
            ("artifacts", Some("/a b/$c")),
            ("log", None),
            ("lane", Some("{log}")),
        ];
        assert_eq!(
            filled("tail -n 1 {artifacts}/runs", &values).unwrap(),
            r#"tail -n 1 "/a b/\$c/runs""#
        );
        assert_eq!(filled("cat {log}", &values), None);
        assert_eq!(
            shown("tail {artifacts}/runs/{run_id} {cause}", "x"),
            r#"tail "$ARTIFACTS/runs/$RUN" x"#
        );
        assert_eq!(
            named("tail {artifacts}/runs/{run_id} {cause}", "x"),
            "tail ARTIFACTS/runs/RUN x"
        );
    }
}

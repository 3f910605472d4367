//! Rules of linters, as their configurations switch them on: read as text, since many of
//! these configurations are programs.

use super::super::pattern::escaped;
use regex::Regex;

/// The state of a rule in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Error,
    Warning,
    Off,
    /// The configuration does not name it.
    Unnamed,
}

/// Returns the state of a rule; the last mention counts.
pub(super) fn state(config: &str, rule: &str) -> State {
    let name = escaped(rule);
    let pattern = format!(
        r#"(?:^|[^\w/-])["'`]?{name}["'`]?\s*[:=]\s*(?:\[|\{{\s*["']?level["']?\s*:)?\s*["'`]?(\w+)"#
    );
    let Ok(pattern) = Regex::new(&pattern) else {
        return State::Unnamed;
    };
    match pattern
        .captures_iter(config)
        .last()
        .map(|found| found[1].to_owned())
        .as_deref()
    {
        Some("error" | "2" | "deny" | "on" | "true") => State::Error,
        Some("warn" | "1" | "warning") => State::Warning,
        Some("off" | "0" | "allow" | "false" | "null") => State::Off,
        _ => State::Unnamed,
    }
}

/// Returns the plain texts of the lists that follow a key: `files: ["src/**"]`.
pub(super) fn lists(config: &str, key: &str) -> Vec<String> {
    let pattern = format!(r#"(?:^|[^\w])["']?{key}["']?\s*[:=]\s*\[([^\]]*)\]"#);
    let (Ok(list), Ok(text)) = (Regex::new(&pattern), Regex::new(r#"["'`]([^"'`\n]+)["'`]"#))
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for list in list.captures_iter(config) {
        all.extend(text.captures_iter(&list[1]).map(|text| text[1].to_owned()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_in_programs_and_documents() {
        for (config, expected) in [
            ("rules: { 'no-debugger': 'error' }", State::Error),
            (
                "\"rules\": { \"no-debugger\": [\"warn\", {}] }",
                State::Warning,
            ),
            ("rules: { \"no-debugger\": 2 }", State::Error),
            (
                "'no-debugger': 'error', 'x': 1, \"no-debugger\": 0",
                State::Off,
            ),
            ("\"no-debugger\": { \"level\": \"error\" }", State::Error),
            ("'my/no-debugger': 'error'", State::Unnamed),
            ("", State::Unnamed),
        ] {
            assert_eq!(state(config, "no-debugger"), expected, "{config}");
        }
        assert_eq!(
            lists("files: ['src/**/*.js', \"b\"],", "files"),
            ["src/**/*.js", "b"]
        );
    }
}

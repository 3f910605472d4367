//! Configurations of gates, read as plain values.

use std::path::Path;

use serde_json::Value as Json;

use super::document::{Document, Format, Node, SyntaxError, Value};
use super::shell::{self, Simple};

/// Returns the content of a JSON, YAML or TOML file as one value.
///
/// The format is that of the file's name; a name without extension (`.lintstagedrc`) is JSON
/// or YAML.
///
/// # Errors
/// The problem with the text.
pub fn configuration(file: &Path, text: &str) -> Result<Json, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let extension = file.extension().and_then(|end| end.to_str());
    let format = match extension {
        Some("toml") => Format::Toml,
        Some("json" | "jsonc" | "json5") => Format::Json,
        None if text.trim_start().starts_with(['{', '/']) => Format::Json,
        _ => Format::Yaml,
    };
    Ok(value(Document::read(format, text)?.root()))
}

/// Returns the commands of a shell script, with what joins them.
///
/// # Errors
/// The place of something that is opened and never closed.
pub fn commands(script: &str) -> Result<Vec<Simple>, String> {
    shell::simple(script)
}

fn value(node: &Node) -> Json {
    match &node.value {
        Value::Text(text) => text.as_str().into(),
        Value::Bare(text) => bare(text),
        Value::List(nodes) => nodes.iter().map(value).collect(),
        Value::Map(entries) => {
            let entry = |entry: &super::document::Entry| (entry.key.clone(), value(&entry.node));
            Json::Object(entries.iter().map(entry).collect())
        }
    }
}

fn bare(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_format_gives_the_same_values() {
        let expected = json!({"a": {"list": ["x", "y"], "on": true, "level": 2}});
        for (name, text) in [
            ("a.yml", "a:\n  list: [x, y]\n  on: true\n  level: 2\n"),
            (
                "a.toml",
                "[a]\nlist = [\"x\", \"y\"]\non = true\nlevel = 2\n",
            ),
            (
                "a.jsonc",
                "{\"a\": {\"list\": [\"x\", \"y\"], \"on\": true, \"level\": 2}} // end\n",
            ),
            (
                ".arc",
                "{\"a\": {\"list\": [\"x\", \"y\"], \"on\": true, \"level\": 2}}",
            ),
        ] {
            assert_eq!(
                configuration(Path::new(name), text),
                Ok(expected.clone()),
                "{name}"
            );
        }
        assert!(configuration(Path::new("a.json"), "{").is_err());
    }

    #[test]
    fn a_script_is_cut_at_its_operators_and_quotes_are_gone() {
        let script = "#!/bin/sh\n# lint\nif git diff --cached | grep -nE 'FIX|TODO' -- \"$1\"; then\n  exit 1\nfi\nnpx a && b 'c d'\ne \"f\ng\" h\n";
        let words: Vec<String> = commands(script)
            .unwrap()
            .iter()
            .map(|command| command.words.join("·"))
            .collect();
        assert_eq!(
            words,
            [
                "if·git·diff·--cached",
                "grep·-nE·FIX|TODO·--·$1",
                "then",
                "exit·1",
                "fi",
                "npx·a",
                "b·c d",
                "e·f\ng·h"
            ]
        );
    }
}

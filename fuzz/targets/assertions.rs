//! Words of a profile, assertions, and the documents that they are about.

use gate_matrix::assertion::{check, doors::judged};
use gate_matrix::model::{Template, Vars};

use super::{file, files, is_harmless};

/// Assertions that look at all of a document, and cannot run for long.
const ASSERTIONS: [&str; 5] = [
    ".a == 1",
    ".findings[] | .severity == \"high\"",
    "[.. | numbers] | add > 0",
    "tostring | length > 0",
    "(.. | strings | test(\"^a+$\")) // true",
];

pub fn assertions(data: &[u8]) {
    let files = files(data);
    if let Some(document) = file(&files, "document") {
        for assertion in ASSERTIONS {
            let Ok(result) = judged(assertion, document) else {
                assert!(serde_json::from_slice::<serde_json::Value>(document).is_err());
                continue;
            };
            assert!(result.holds != result.problem.is_some());
            is_harmless(&result.value.unwrap_or_default());
            is_harmless(&result.problem.unwrap_or_default());
        }
    }
    let text = |name| std::str::from_utf8(file(&files, name).unwrap_or_default());
    if let Ok(text) = text("assertion")
        && let Err(mistake) = check(text)
    {
        assert!(!mistake.message.is_empty());
        assert!(mistake.at.start <= text.len() && mistake.at.start <= mistake.at.end);
        assert!(text.is_char_boundary(mistake.at.start), "{mistake:?}");
    }
    if let Ok(word) = text("template")
        && let Ok(template) = Template::parse(word)
    {
        assert_eq!(template.source(), word);
        let literal = Template::literal(word);
        assert_eq!(literal.expand(&Vars::default()), word);
        assert_eq!(
            Template::parse(literal.source())
                .unwrap()
                .expand(&Vars::default()),
            word
        );
    }
}

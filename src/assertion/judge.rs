//! Evaluates an assertion.

use jaq_core::Exn;
use jaq_json::Val;
use serde::{Deserialize, Serialize};

use super::filter::{Filter, Values};
use super::observed;
use super::value::{cut, shown};

/// An assertion that yields more values than this does not hold.
pub const MAX_VALUES: usize = 100;

/// The result of one assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionResult {
    /// True if it holds.
    pub holds: bool,
    /// The values that it looked at, for messages.
    pub value: Option<String>,
    /// The reason for which it does not hold, as the end of a sentence about it.
    pub problem: Option<String>,
}

impl AssertionResult {
    /// Returns the result of an assertion that does not hold.
    #[must_use]
    pub fn problem(text: impl Into<String>) -> Self {
        Self {
            holds: false,
            value: None,
            problem: Some(text.into()),
        }
    }
}

pub(super) fn judge(assertion: &str, values: &Values, document: &Val) -> AssertionResult {
    let filter = match Filter::compile(assertion) {
        Ok(filter) => filter,
        Err(mistake) => return AssertionResult::problem(mistake.message),
    };
    // Every value must be true, so all are drawn, up to the limit, before any verdict.
    let mut count = 0;
    let mut untrue = None;
    for output in filter.run(values, document.clone()) {
        count += 1;
        if count > MAX_VALUES {
            return AssertionResult::problem(format!("yields more than {MAX_VALUES} values"));
        }
        match output {
            Ok(Val::Bool(true)) => {}
            Ok(value) => {
                untrue.get_or_insert(value);
            }
            Err(exception) => return AssertionResult::problem(ended_by(exception)),
        }
    }
    // Evaluated only once it is known what to report: it runs a filter for each path.
    let found = || observed::observed(assertion, values, document);
    match untrue {
        None if count == 0 => AssertionResult {
            value: found(),
            ..AssertionResult::problem("yields no value")
        },
        None => AssertionResult {
            holds: true,
            value: found(),
            problem: None,
        },
        Some(value) => {
            let found = found();
            let said = match &value {
                Val::Bool(_) => "is not true".to_owned(),
                other => format!("is not true, it yields {}", shown(other)),
            };
            AssertionResult {
                value: found,
                ..AssertionResult::problem(said)
            }
        }
    }
}

/// Describes an exception that ended an assertion.
///
/// `halt` would end this process, and control flow of jaq must not leave the filter.
fn ended_by(exception: Exn<'_, Val>) -> String {
    match exception.get_err().map_err(Exn::get_halt) {
        Ok(error) => format!("fails: {}", cut(&error.to_string())),
        Err(Ok(_)) => "calls halt, which proves nothing".to_owned(),
        Err(Err(_)) => "breaks off".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(assertion: &str) -> (bool, String, String) {
        let document = br#"{"n": 1, "o": {"k": "PASS\u001b[31m"}, "l": [{"x": 1}, {"x": 2}]}"#;
        let document = jaq_json::read::parse_single(document).unwrap();
        let values = Values {
            stage: "ci".to_owned(),
            scenario: "clean".to_owned(),
            exit: None,
            before: Val::Null,
        };
        let verdict = judge(assertion, &values, &document);
        (
            verdict.holds,
            verdict.value.unwrap_or_default(),
            verdict.problem.unwrap_or_default(),
        )
    }

    #[test]
    fn each_ending_has_its_own_words() {
        for (assertion, told) in [
            (".n == 2", "is not true"),
            (".n", "is not true, it yields 1"),
            ("null", "is not true, it yields null"),
            ("true, false", "is not true"),
            ("empty", "yields no value"),
            ("range(1000) | true", "yields more than 100 values"),
            (".n.x == 1", "fails: cannot index 1 with \"x\""),
            ("error(\"no\")", "fails: \"no\""),
            ("halt", "calls halt, which proves nothing"),
        ] {
            let (holds, _, problem) = of(assertion);
            assert_eq!((holds, problem.as_str()), (false, told), "{assertion}");
        }
        assert!(of(".l[] | .x > 0").0);
        assert!(of("$before == null and $exit == null and $stage == \"ci\"").0);
    }

    #[test]
    fn what_was_found_is_told_where_it_was_looked_for() {
        for (assertion, told) in [
            (".n == 2", ".n is 1"),
            (".o.k == \"BLOCK\"", ".o.k is \"PASS\\u001b[31m\""),
            (".n != $before.n", ".n is 1, $before.n is null"),
            (".l | length > 2", ".l | length is 2"),
            ("(.l | map(.x)) == [1]", ".l is [{\"x\":1},{\"x\":2}]"),
            (".l[].x == 3", ".l[].x is 1 and 2"),
            ("all(.l[]; .x == 1)", ".l[] is {\"x\":1} and {\"x\":2}"),
            (
                ".o | .k == \"x\" or .j",
                ".o | .k is \"PASS\\u001b[31m\", .o | .j is null",
            ),
            ("$exit == 1", "$exit is null"),
            (".n as $n | $n == 2", ".n is 1"),
            ("(.n | not) and false", ".n is 1"),
            ("false", ""),
        ] {
            assert_eq!(of(assertion).1, told, "{assertion}");
        }
    }
}

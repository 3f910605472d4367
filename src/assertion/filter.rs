//! A jq filter, compiled by jaq.

use std::ops::Range;

use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::Fun;
use jaq_core::{Compiler, Ctx, ValX, Vars, compile};
use jaq_json::Val;

/// The longest assertion, in bytes. The parser recurses, so its stack bounds the length.
pub const MAX_BYTES: usize = 2000;

/// The stack of the parser, in bytes: enough for [`MAX_BYTES`] nested brackets.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// The variables that an assertion may use.
const VARIABLES: [&str; 4] = ["$stage", "$scenario", "$exit", "$before"];

/// Filters whose result does not depend on the evidence alone.
const EXCLUDED: [&str; 4] = ["env", "now", "localtime", "strflocaltime"];

type Data = JustLut<Val>;

/// The reason for which a text is no assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The message.
    pub message: String,
    /// The part of the text that is wrong, in bytes.
    pub at: Range<usize>,
}

/// A filter that can be run.
pub(super) struct Filter(jaq_core::Filter<Data>);

/// The values of the variables of an assertion.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) stage: String,
    pub(super) scenario: String,
    pub(super) exit: Option<i32>,
    pub(super) before: Val,
}

/// Checks that a text is an assertion.
///
/// # Errors
/// If it is empty, too long, no jq, or names something that does not exist.
pub fn check(text: &str) -> Result<(), Mistake> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let checked = thread
            .spawn_scoped(scope, || Filter::compile(text).map(drop))
            .map(std::thread::ScopedJoinHandle::join);
        match checked {
            Ok(Ok(checked)) => checked,
            _ => Err(whole(text, "this cannot be checked")),
        }
    })
}

fn whole(text: &str, message: &str) -> Mistake {
    Mistake {
        message: message.to_owned(),
        at: 0..text.len(),
    }
}

impl Filter {
    pub(super) fn compile(text: &str) -> Result<Self, Mistake> {
        let whole = |message: &str| whole(text, message);
        if text.trim().is_empty() {
            return Err(whole("an assertion cannot be empty"));
        }
        if text.len() > MAX_BYTES {
            let message = format!("an assertion has at most {MAX_BYTES} bytes");
            return Err(whole(&message));
        }
        let definitions = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs());
        let arena = Arena::default();
        let file = File {
            code: text,
            path: (),
        };
        let modules = Loader::new(definitions)
            .load(&arena, file)
            .map_err(|errors| not_loaded(text, &errors))?;
        load::import(&modules, |_| Err(String::new()))
            .map_err(|_: load::Errors<_, _>| whole("an assertion cannot import"))?;
        let filter = Compiler::default()
            .with_funs(functions())
            .with_global_vars(VARIABLES)
            .compile(modules)
            .map_err(|errors| not_compiled(text, &errors))?;
        Ok(Self(filter))
    }

    /// Returns what the filter yields, lazily.
    pub(super) fn run<'a>(
        &'a self,
        values: &Values,
        input: Val,
    ) -> impl Iterator<Item = ValX<'a, Val>> + 'a {
        let exit = values
            .exit
            .map_or(Val::Null, |code| Val::from(code as isize));
        let variables = Vars::new([
            Val::from(values.stage.clone()),
            Val::from(values.scenario.clone()),
            exit,
            values.before.clone(),
        ]);
        let context = Ctx::<Data>::new(&self.0.lut, variables);
        self.0.id.run((context, input))
    }
}

fn functions() -> impl Iterator<Item = Fun<Data>> {
    let all = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    all.filter(|(name, ..)| !EXCLUDED.contains(name))
}

fn not_loaded(text: &str, errors: &load::Errors<&str, ()>) -> Mistake {
    let (part, message) = match errors.first().map(|(_, error)| error) {
        Some(load::Error::Lex(errors)) => match errors.first() {
            Some((wanted, found)) => (*found, format!("{} was expected here", wanted.as_str())),
            None => (text, "this is not jq".to_owned()),
        },
        Some(load::Error::Parse(errors)) => match errors.first() {
            Some((wanted, found)) => (*found, format!("{} was expected here", wanted.as_str())),
            None => (text, "this is not jq".to_owned()),
        },
        Some(load::Error::Io(_)) => (text, "an assertion cannot import".to_owned()),
        None => (text, "this is not jq".to_owned()),
    };
    Mistake {
        message: format!("not a jq filter: {message}"),
        at: place(text, part),
    }
}

fn not_compiled(text: &str, errors: &compile::Errors<&str, ()>) -> Mistake {
    let first = errors.first().and_then(|(_, errors)| errors.first());
    let Some((name, kind)) = first else {
        return Mistake {
            message: "not a jq filter".to_owned(),
            at: 0..text.len(),
        };
    };
    let message = match kind {
        _ if EXCLUDED.contains(name) => format!("`{name}` does not repeat, and is left out of jq"),
        compile::Undefined::Filter(count) => format!("jq has no filter `{name}/{count}` here"),
        compile::Undefined::Var => {
            let known = VARIABLES.join(", ");
            format!("there is no variable `{name}`; known are {known}")
        }
        _ => format!("there is no {} `{name}`", kind.as_str()),
    };
    Mistake {
        message,
        at: place(text, name),
    }
}

/// Returns the range of a slice in its text.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
    match start.filter(|start| start + part.len() <= text.len()) {
        Some(start) if part.is_empty() => start..start + 1,
        Some(start) => start..start + part.len(),
        None => 0..text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> (String, usize) {
        let mistake = check(text).unwrap_err();
        (mistake.message, mistake.at.start)
    }

    #[test]
    fn what_may_be_asserted() {
        for good in [
            ".timestamp != $before.timestamp",
            "[.findings[] | select(.blocking)] | length > 0",
            ".snapshot.stage as $s | [$stage, $scenario] | index($s) != null",
            "$exit == 1 and (halt | true)",
            ".at | fromdateiso8601 | todate | test(\"Z$\")",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_mistake_is_placed() {
        for (text, at, told) in [
            (".a == foo(1)", 6, "`foo/1`"),
            (".a == $who", 6, "known are $stage"),
            (".a ==", 5, "term was expected"),
            (".a == (1", 8, "closing parenthesis"),
            ("env.HOME == \"/\"", 0, "`env` does not repeat"),
            ("1 < now", 4, "`now` does not repeat"),
            ("input == 1", 0, "`input/0`"),
            ("import \"x\" as x; true", 0, "cannot import"),
            ("import \"x\" as $x; true", 0, "cannot import"),
            (" ", 0, "empty"),
        ] {
            let (message, place) = mistake(text);
            assert!(message.contains(told), "{text}: {message}");
            assert_eq!(place, at, "{text}: {message}");
        }
    }

    #[test]
    fn the_longest_assertion_does_not_end_the_program() {
        for open in ["(", "[", "-", "{a:", "if ", "def f: ", "\"\\("] {
            assert!(
                check(&open.repeat(MAX_BYTES / open.len())).is_err(),
                "{open}"
            );
        }
        assert!(check(&format!("{}.", ".|".repeat(MAX_BYTES / 2 - 1))).is_ok());
        assert!(check(&"1+".repeat(MAX_BYTES)).is_err());
    }
}

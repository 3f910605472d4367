//! The paths that an assertion looks at, and their values.

use jaq_core::load;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::path::{Opt, Part};
use jaq_json::Val;

use super::filter::{Filter, Values};
use super::value::shown;

/// The number of paths in a message, and the number of values of each.
const MAX_PATHS: usize = 4;
const MAX_VALUES: usize = 3;

/// Names that do not refer to the document.
const CONSTANTS: [&str; 8] = [
    "true", "false", "null", "empty", "not", "infinite", "nan", "halt",
];

/// Describes the values that an assertion looks at: `.a is 1, $before.a is null`.
///
/// None if the assertion refers to nothing.
pub(super) fn observed(assertion: &str, values: &Values, document: &Val) -> Option<String> {
    let term = load::parse(assertion, |parser| parser.term())?;
    let mut paths = Vec::new();
    collect_paths(&term, "", &mut paths);
    let mut observations: Vec<String> = Vec::new();
    for path in paths {
        let Some(value) = value_at(&path, values, document) else {
            continue;
        };
        let text = format!("{path} is {value}");
        if !observations.contains(&text) {
            observations.push(text);
        }
        if observations.len() == MAX_PATHS {
            break;
        }
    }
    (!observations.is_empty()).then(|| observations.join(", "))
}

fn value_at(path: &str, values: &Values, document: &Val) -> Option<String> {
    let filter = Filter::compile(path).ok()?;
    // One more than is shown, to know if there are others.
    let outputs: Vec<Val> = filter
        .run(values, document.clone())
        .take(MAX_VALUES + 1)
        .collect::<Result<_, _>>()
        .ok()?;
    let mut texts: Vec<String> = outputs.iter().take(MAX_VALUES).map(shown).collect();
    if outputs.len() > MAX_VALUES {
        texts.push("…".to_owned());
    }
    if texts.is_empty() {
        return Some("nothing".to_owned());
    }
    Some(texts.join(" and "))
}

/// Collects the paths of a term whose input is what `context` yields.
fn collect_paths(term: &Term<&str>, context: &str, paths: &mut Vec<String>) {
    if let Some(text) = written(term) {
        if !text.is_empty() {
            paths.push(after(context, &text));
        }
        return;
    }
    match term {
        Term::BinOp(left, BinaryOp::Pipe(None), right) => {
            collect_piped(left, right, context, paths);
        }
        Term::BinOp(left, BinaryOp::Pipe(Some(_)), _) => collect_paths(left, context, paths),
        Term::BinOp(left, _, right) => {
            collect_paths(left, context, paths);
            collect_paths(right, context, paths);
        }
        Term::Neg(inner) | Term::TryCatch(inner, _) | Term::Path(inner, _) => {
            collect_paths(inner, context, paths);
        }
        Term::Arr(Some(inner)) | Term::Fold(_, inner, ..) => collect_paths(inner, context, paths),
        Term::IfThenElse(cases, _) => {
            for (condition, _) in cases {
                collect_paths(condition, context, paths);
            }
        }
        // The first argument of `all(.l[]; f)` is what it looks at, that of `map(f)` is not.
        Term::Call(name, arguments) if arguments.len() > 1 || *name == "isempty" => {
            collect_paths(&arguments[0], context, paths);
        }
        _ => {}
    }
}

/// Collects the paths of `left | right`: those of the right side are below the left one.
fn collect_piped(left: &Term<&str>, right: &Term<&str>, context: &str, paths: &mut Vec<String>) {
    let Some(text) = written(left).filter(|text| !text.is_empty()) else {
        return collect_paths(left, context, paths);
    };
    let below = after(context, &text);
    let known = paths.len();
    collect_paths(right, &below, paths);
    if paths.len() == known {
        paths.push(below);
    }
}

fn after(context: &str, text: &str) -> String {
    match (context, text) {
        (_, text) if text.starts_with('$') => text.to_owned(),
        ("", text) => text.to_owned(),
        (context, ".") => context.to_owned(),
        (context, text) => format!("{context} | {text}"),
    }
}

/// Writes a term as jq, if it is a path, a variable or a name.
///
/// Empty for a constant, which says nothing new.
fn written(term: &Term<&str>) -> Option<String> {
    match term {
        Term::Id => Some(".".to_owned()),
        Term::Num(_) | Term::Arr(None) => Some(String::new()),
        Term::Str(None, parts) => text_of(parts).map(|_| String::new()),
        Term::Var(name) => Some((*name).to_owned()),
        Term::Call(name, arguments) if arguments.is_empty() => {
            let constant = CONSTANTS.contains(name);
            Some(if constant {
                String::new()
            } else {
                (*name).to_owned()
            })
        }
        Term::Path(head, path) => {
            let head = match &**head {
                Term::Call(..) => return None,
                head => written(head).filter(|text| !text.is_empty())?,
            };
            path.0.iter().try_fold(head, |text, (part, optional)| {
                let step = step(part)?;
                let text = match (text.as_str(), step.starts_with('.')) {
                    (".", true) => step,
                    (_, _) => text + &step,
                };
                let mark = if matches!(optional, Opt::Optional) {
                    "?"
                } else {
                    ""
                };
                Some(text + mark)
            })
        }
        _ => None,
    }
}

fn step(part: &Part<Term<&str>>) -> Option<String> {
    match part {
        Part::Range(None, None) => Some("[]".to_owned()),
        Part::Index(Term::Num(number)) => Some(format!("[{number}]")),
        Part::Index(Term::Str(None, parts)) => {
            let name = text_of(parts)?;
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let plain = name.chars().all(word) && !name.starts_with(|c: char| c.is_ascii_digit());
            let shown = if plain && !name.is_empty() {
                format!(".{name}")
            } else {
                format!("[{}]", serde_json::Value::from(name))
            };
            Some(shown)
        }
        _ => None,
    }
}

/// Returns the text of a string that interpolates nothing.
fn text_of(parts: &[StrPart<&str, Term<&str>>]) -> Option<String> {
    parts
        .iter()
        .map(|part| match part {
            StrPart::Str(text) => Some((*text).to_owned()),
            StrPart::Char(c) => Some(c.to_string()),
            StrPart::Term(_) => None,
        })
        .collect()
}

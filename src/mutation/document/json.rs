//! JSON, also with comments and trailing commas.

use jsonc_parser::ast::{ObjectPropName, Value as Ast};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::syntax::SyntaxError;
use super::tree::{Entry, Node, Value};

pub(super) fn read(text: &str) -> Result<Node, SyntaxError> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed =
        parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| SyntaxError {
            line: Some(error.line_display()),
            why: error.kind().to_string(),
        })?;
    parsed
        .value
        .as_ref()
        .map(node)
        .ok_or_else(|| "it is empty".into())
}

fn node(ast: &Ast) -> Node {
    let value = match ast {
        Ast::StringLit(text) => Value::Text(text.value.to_string()),
        Ast::NumberLit(number) => Value::Bare(number.value.to_owned()),
        Ast::BooleanLit(truth) => Value::Bare(truth.value.to_string()),
        Ast::NullKeyword(_) => Value::Bare("null".to_owned()),
        Ast::Array(array) => Value::List(array.elements.iter().map(node).collect()),
        Ast::Object(object) => {
            let entry = |prop: &jsonc_parser::ast::ObjectProp| Entry {
                key: match &prop.name {
                    ObjectPropName::String(text) => text.value.to_string(),
                    ObjectPropName::Word(word) => word.value.to_owned(),
                },
                key_span: prop.name.start()..prop.name.end(),
                node: node(&prop.value),
            };
            Value::Map(object.properties.iter().map(entry).collect())
        }
    };
    Node {
        span: ast.start()..ast.end(),
        value,
    }
}

//! TOML, through a library that keeps the layout.

use std::ops::Range;

use toml_edit::{Array, Document, DocumentMut, InlineTable, Item, TableLike};

use super::syntax::SyntaxError;
use super::tree::{Edit, Entry, Node, Value};

pub(super) fn read(text: &str) -> Result<Node, SyntaxError> {
    let document = Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        SyntaxError::at(text, at, error.message())
    })?;
    Ok(table(document.as_table(), 0..text.len()))
}

fn table(table: &dyn TableLike, span: Range<usize>) -> Node {
    let entries = table
        .iter()
        .map(|(key, value)| {
            let key_span = table
                .key(key)
                .and_then(toml_edit::Key::span)
                .unwrap_or_else(|| span.clone());
            Entry {
                key: key.to_owned(),
                node: item(value, &key_span),
                key_span,
            }
        })
        .collect();
    Node {
        span,
        value: Value::Map(entries),
    }
}

fn item(item: &Item, near: &Range<usize>) -> Node {
    let span = item.span().unwrap_or_else(|| near.clone());
    match item {
        Item::None => Node::bare(""),
        Item::Value(value) => self::value(value, near),
        Item::Table(inner) => table(inner, span),
        Item::ArrayOfTables(tables) => Node {
            value: Value::List(
                tables
                    .iter()
                    .map(|inner| table(inner, inner.span().unwrap_or_else(|| span.clone())))
                    .collect(),
            ),
            span,
        },
    }
}

fn value(given: &toml_edit::Value, near: &Range<usize>) -> Node {
    let span = given.span().unwrap_or_else(|| near.clone());
    let value = match given {
        toml_edit::Value::String(text) => Value::Text(text.value().clone()),
        toml_edit::Value::Array(array) => {
            Value::List(array.iter().map(|item| value(item, &span)).collect())
        }
        toml_edit::Value::InlineTable(inner) => return table(inner, span),
        bare => Value::Bare(bare.to_string().trim().to_owned()),
    };
    Node { span, value }
}

/// The text after an edit; TOML has one way of writing it.
pub(super) fn written(text: &str, root: &Node, edit: &Edit) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let (path, with) = match edit {
        Edit::Remove(path) => (path, None),
        Edit::Replace(path, with) => (path, Some(with)),
        // No gate that is configured in TOML has a pattern for a key.
        Edit::Rename(..) => return None,
    };
    change(document.as_item_mut(), root, path, with)?;
    Some(document.to_string())
}

fn change(at: &mut Item, tree: &Node, path: &[usize], with: Option<&Node>) -> Option<()> {
    let (index, rest) = path.split_first()?;
    if let Value::Map(entries) = &tree.value {
        let entry = entries.get(*index)?;
        let below = at.as_table_like_mut()?;
        match (rest, with) {
            ([], None) => drop(below.remove(&entry.key)?),
            ([], Some(with)) => match (below.get_mut(&entry.key)?, new(with)?) {
                (Item::Value(old), mut new) => {
                    *new.decor_mut() = old.decor().clone();
                    *old = new;
                }
                (old, new) => *old = Item::Value(new),
            },
            _ => change(below.get_mut(&entry.key)?, &entry.node, rest, with)?,
        }
        return Some(());
    }
    let below = tree.child(*index)?;
    match at {
        Item::ArrayOfTables(tables) if rest.is_empty() && with.is_none() => {
            drop(tables.remove(*index));
        }
        Item::ArrayOfTables(tables) => {
            let mut inner = Item::Table(std::mem::take(tables.get_mut(*index)?));
            change(&mut inner, below, rest, with)?;
            *tables.get_mut(*index)? = inner.into_table().ok()?;
        }
        Item::Value(toml_edit::Value::Array(array)) if rest.is_empty() => match with {
            None => drop(array.remove(*index)),
            Some(with) => drop(array.replace(*index, new(with)?)),
        },
        Item::Value(toml_edit::Value::Array(array)) => {
            let mut inner = Item::Value(array.get(*index)?.clone());
            change(&mut inner, below, rest, with)?;
            array.replace_formatted(*index, inner.into_value().ok()?);
        }
        _ => return None,
    }
    Some(())
}

fn new(node: &Node) -> Option<toml_edit::Value> {
    Some(match &node.value {
        Value::Text(text) => text.as_str().into(),
        Value::Bare(text) => text.parse().ok()?,
        Value::List(nodes) => nodes
            .iter()
            .map(new)
            .collect::<Option<Array>>()
            .map(toml_edit::Value::Array)?,
        Value::Map(entries) => {
            let mut table = InlineTable::new();
            for entry in entries {
                table.insert(&entry.key, new(&entry.node)?);
            }
            toml_edit::Value::InlineTable(table)
        }
    })
}

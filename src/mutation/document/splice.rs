//! Edits of JSON and YAML: the bytes of one value are replaced or cut out.

use std::ops::Range;

use super::tree::{Edit, Node, Value, quoted};

/// The ways of writing an edit that keep the rest of the text, best first.
pub(super) fn written(text: &str, root: &Node, edit: &Edit, yaml: bool) -> Vec<String> {
    let put = |span: Range<usize>, with: &str| {
        let mut out = text.to_owned();
        out.replace_range(span, with);
        out
    };
    match edit {
        Edit::Remove(path) => removed(root, path)
            .into_iter()
            .map(|(span, with)| put(span, with))
            .collect(),
        Edit::Rename(path, name) => match place(root, path) {
            Some((Some(key), _)) => scalars(text, &key, name, yaml)
                .iter()
                .map(|with| put(key.clone(), with))
                .collect(),
            _ => Vec::new(),
        },
        Edit::Replace(path, with) => {
            let Some((key, old)) = place(root, path) else {
                return Vec::new();
            };
            match (&with.value, key) {
                // A collection on lines of its own: its key has to be on the same line.
                (_, Some(key)) if yaml && is_block(text, old) => {
                    vec![put(
                        key.end..old.span.end,
                        &format!(": {}", with.flow(yaml)),
                    )]
                }
                (Value::Text(new), _) if !is_collection(old) => scalars(text, &old.span, new, yaml)
                    .iter()
                    .map(|with| put(old.span.clone(), with))
                    .collect(),
                _ => vec![put(old.span.clone(), &with.flow(yaml))],
            }
        }
    }
}

/// A text in the style of what stood there, then in quotes.
fn scalars(text: &str, old: &Range<usize>, new: &str, yaml: bool) -> Vec<String> {
    let mut ways = Vec::new();
    if yaml {
        match text.as_bytes().get(old.start) {
            Some(b'\'') => ways.push(format!("'{}'", new.replace('\'', "''"))),
            Some(b'"' | b'|' | b'>') => {}
            _ => ways.push(new.to_owned()),
        }
    }
    ways.push(quoted(new));
    ways
}

/// The key of an entry, if it is one of a map, and the node.
fn place<'a>(root: &'a Node, path: &[usize]) -> Option<(Option<Range<usize>>, &'a Node)> {
    let Some((last, above)) = path.split_last() else {
        return Some((None, root));
    };
    let parent = above
        .iter()
        .try_fold(root, |node, index| node.child(*index))?;
    match &parent.value {
        Value::List(nodes) => Some((None, nodes.get(*last)?)),
        Value::Map(entries) => {
            let entry = entries.get(*last)?;
            Some((Some(entry.key_span.clone()), &entry.node))
        }
        _ => None,
    }
}

/// The range to cut, and its replacement: up to the next entry, or from
/// the end of the one before; where it is the only one, an empty collection.
fn removed(root: &Node, path: &[usize]) -> Option<(Range<usize>, &'static str)> {
    let (last, above) = path.split_last()?;
    let parent = above
        .iter()
        .try_fold(root, |node, index| node.child(*index))?;
    let spans: Vec<Range<usize>> = match &parent.value {
        Value::List(nodes) => nodes.iter().map(|node| node.span.clone()).collect(),
        Value::Map(entries) => (entries.iter())
            .map(|entry| entry.key_span.start..entry.node.span.end.max(entry.key_span.end))
            .collect(),
        _ => return None,
    };
    let this = spans.get(*last)?;
    if spans.len() == 1 {
        let empty = if matches!(parent.value, Value::List(_)) {
            "[]"
        } else {
            "{}"
        };
        return Some((parent.span.clone(), empty));
    }
    match spans.get(last + 1) {
        Some(next) => Some((this.start..next.start, "")),
        None => Some((spans.get(last.checked_sub(1)?)?.end..this.end, "")),
    }
}

fn is_collection(node: &Node) -> bool {
    matches!(node.value, Value::List(_) | Value::Map(_))
}

fn is_block(text: &str, node: &Node) -> bool {
    is_collection(node) && !matches!(text.as_bytes().get(node.span.start), Some(b'{' | b'['))
}

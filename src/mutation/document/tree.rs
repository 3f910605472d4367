//! The tree, and edits of it.

use std::ops::Range;

/// A value and the bytes of the text that it takes up.
#[derive(Debug, Clone)]
pub(in crate::mutation) struct Node {
    pub(in crate::mutation) span: Range<usize>,
    pub(in crate::mutation) value: Value,
}

#[derive(Debug, Clone)]
pub(in crate::mutation) enum Value {
    Text(String),
    /// A number, a truth, a null, a date: as it is written.
    Bare(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(in crate::mutation) struct Entry {
    pub(in crate::mutation) key: String,
    pub(in crate::mutation) key_span: Range<usize>,
    pub(in crate::mutation) node: Node,
}

/// One change of a tree. A path is the position in each list or map on the way.
#[derive(Debug, Clone)]
pub(in crate::mutation) enum Edit {
    Remove(Vec<usize>),
    Rename(Vec<usize>, String),
    Replace(Vec<usize>, Node),
}

impl Node {
    pub(in crate::mutation) fn text(text: &str) -> Self {
        Self::without_place(Value::Text(text.to_owned()))
    }

    pub(in crate::mutation) fn bare(text: &str) -> Self {
        Self::without_place(Value::Bare(text.to_owned()))
    }

    pub(in crate::mutation) fn list(nodes: Vec<Node>) -> Self {
        Self::without_place(Value::List(nodes))
    }

    pub(in crate::mutation) fn map(entries: Vec<(&str, Node)>) -> Self {
        let entries = entries.into_iter().map(|(key, node)| Entry {
            key: key.to_owned(),
            key_span: 0..0,
            node,
        });
        Self::without_place(Value::Map(entries.collect()))
    }

    fn without_place(value: Value) -> Self {
        Self { span: 0..0, value }
    }

    fn child_mut(&mut self, index: usize) -> Option<&mut Node> {
        match &mut self.value {
            Value::List(nodes) => nodes.get_mut(index),
            Value::Map(entries) => entries.get_mut(index).map(|entry| &mut entry.node),
            _ => None,
        }
    }

    pub(super) fn child(&self, index: usize) -> Option<&Node> {
        match &self.value {
            Value::List(nodes) => nodes.get(index),
            Value::Map(entries) => entries.get(index).map(|entry| &entry.node),
            _ => None,
        }
    }

    /// True for equal values at any place; the order of a map does not count.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Text(a), Value::Text(b)) | (Value::Bare(a), Value::Bare(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|a| b.iter().any(|b| a.key == b.key && a.node.same(&b.node)))
            }
            _ => false,
        }
    }

    /// Without the collections that hold nothing: TOML does not always write them.
    pub(super) fn without_empty(mut self) -> Self {
        let empty = |node: &Node| match &node.value {
            Value::List(nodes) => nodes.is_empty(),
            Value::Map(entries) => entries.is_empty(),
            _ => false,
        };
        match &mut self.value {
            Value::List(nodes) => {
                *nodes = std::mem::take(nodes)
                    .into_iter()
                    .map(Node::without_empty)
                    .filter(|node| !empty(node))
                    .collect();
            }
            Value::Map(entries) => {
                for entry in &mut *entries {
                    entry.node = entry.node.clone().without_empty();
                }
                entries.retain(|entry| !empty(&entry.node));
            }
            _ => {}
        }
        self
    }

    /// A key that a map holds twice: which one counts differs between readers.
    pub(super) fn twice(&self) -> Option<(&str, &Range<usize>)> {
        match &self.value {
            Value::List(nodes) => nodes.iter().find_map(Node::twice),
            Value::Map(entries) => {
                let mut seen = std::collections::HashSet::new();
                entries.iter().find_map(|entry| {
                    if seen.insert(&entry.key) {
                        entry.node.twice()
                    } else {
                        Some((entry.key.as_str(), &entry.key_span))
                    }
                })
            }
            _ => None,
        }
    }

    /// On one line, as JSON; in YAML a merge key stays without quotes.
    pub(super) fn flow(&self, yaml: bool) -> String {
        match &self.value {
            Value::Text(text) => quoted(text),
            Value::Bare(text) if text.is_empty() => "null".to_owned(),
            Value::Bare(text) => text.clone(),
            Value::List(nodes) => {
                let parts: Vec<_> = nodes.iter().map(|node| node.flow(yaml)).collect();
                format!("[{}]", parts.join(", "))
            }
            Value::Map(entries) => {
                let parts: Vec<_> = entries
                    .iter()
                    .map(|entry| {
                        let key = match entry.key.as_str() {
                            "<<" if yaml => "<<".to_owned(),
                            key => quoted(key),
                        };
                        format!("{key}: {}", entry.node.flow(yaml))
                    })
                    .collect();
                format!("{{{}}}", parts.join(", "))
            }
        }
    }
}

/// A text in JSON's quotes, which YAML and TOML read alike.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Edit {
    /// None where the path leads nowhere, or to a name that is already there.
    pub(super) fn apply(&self, root: &mut Node) -> Option<()> {
        match self {
            Edit::Remove(path) => {
                let (last, above) = path.split_last()?;
                match &mut descend(root, above)?.value {
                    Value::List(nodes) if *last < nodes.len() => drop(nodes.remove(*last)),
                    Value::Map(entries) if *last < entries.len() => drop(entries.remove(*last)),
                    _ => return None,
                }
            }
            Edit::Rename(path, name) => {
                let (last, above) = path.split_last()?;
                let Value::Map(entries) = &mut descend(root, above)?.value else {
                    return None;
                };
                let mut others = entries
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| index != last);
                if others.any(|(_, entry)| entry.key == *name) {
                    return None;
                }
                entries.get_mut(*last)?.key.clone_from(name);
            }
            Edit::Replace(path, with) => *descend(root, path)? = with.clone(),
        }
        Some(())
    }
}

fn descend<'a>(root: &'a mut Node, path: &[usize]) -> Option<&'a mut Node> {
    path.iter()
        .try_fold(root, |node, index| node.child_mut(*index))
}

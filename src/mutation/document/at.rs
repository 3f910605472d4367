//! Places in a tree.

use super::tree::{Node, Value};

/// A node, the way to it, and what people call that way.
#[derive(Debug, Clone)]
pub(in crate::mutation) struct At<'a> {
    pub(in crate::mutation) node: &'a Node,
    pub(in crate::mutation) path: Vec<usize>,
    pub(in crate::mutation) names: Vec<String>,
    /// Byte at which the entry begins: its key, or the item.
    pub(in crate::mutation) start: usize,
}

impl<'a> At<'a> {
    pub(in crate::mutation) fn root(node: &'a Node) -> Self {
        Self {
            node,
            path: Vec::new(),
            names: Vec::new(),
            start: node.span.start,
        }
    }

    fn below(&self, index: usize, name: String, start: usize, node: &'a Node) -> Self {
        let mut below = Self {
            node,
            start,
            ..self.clone()
        };
        below.path.push(index);
        below.names.push(name);
        below
    }

    /// The entry of a map.
    pub(in crate::mutation) fn get(&self, key: &str) -> Option<Self> {
        self.children()
            .into_iter()
            .find(|child| child.name() == key && self.is_map())
    }

    /// The entry at the end of a way of keys.
    pub(in crate::mutation) fn walk(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self.clone(), |at, key| at.get(key))
    }

    /// The items of a list or a map. Items of a list are named by what they
    /// call themselves, else by their number.
    pub(in crate::mutation) fn children(&self) -> Vec<Self> {
        match &self.node.value {
            Value::Map(entries) => (entries.iter().enumerate())
                .map(|(index, entry)| {
                    self.below(index, entry.key.clone(), entry.key_span.start, &entry.node)
                })
                .collect(),
            Value::List(nodes) => (nodes.iter().enumerate())
                .map(|(index, node)| {
                    let name = own_name(node).unwrap_or_else(|| (index + 1).to_string());
                    self.below(index, name, node.span.start, node)
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The name of the last step of the way.
    pub(in crate::mutation) fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    pub(in crate::mutation) fn as_text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar of any type.
    pub(in crate::mutation) fn scalar(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) | Value::Bare(text) => Some(text),
            _ => None,
        }
    }

    pub(in crate::mutation) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    pub(in crate::mutation) fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }
}

fn own_name(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Map(entries) => ["id", "name", "script", "repo"].iter().find_map(|key| {
            let entry = entries.iter().find(|entry| entry.key == *key)?;
            match &entry.node.value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            }
        }),
        _ => None,
    }
}

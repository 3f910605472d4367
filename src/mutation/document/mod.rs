//! A configuration file as a tree that knows where everything stands, and
//! edits of the file's text that leave the rest of it as it is.
//!
//! An edit is never trusted: the edited text is read again and must be the
//! tree that was meant, else another way of writing it is tried.

mod at;
mod json;
mod splice;
mod syntax;
mod toml;
mod tree;
mod yaml;

pub(super) use at::At;
pub use syntax::SyntaxError;
pub(super) use tree::{Edit, Entry, Node, Value};

/// The language of a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Toml,
    Yaml,
}

/// A file that was read.
pub(super) struct Document<'a> {
    format: Format,
    text: &'a str,
    root: Node,
}

impl<'a> Document<'a> {
    /// # Errors
    /// The problem with the text.
    pub(super) fn read(format: Format, text: &'a str) -> Result<Self, SyntaxError> {
        let root = read(format, text)?;
        if let Some((key, span)) = root.twice() {
            let why = format!("it names {key:?} twice in one place");
            return Err(SyntaxError::at(text, span.start, why));
        }
        Ok(Self { format, text, root })
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    /// The text after an edit; none where the edit cannot be written.
    pub(super) fn edited(&self, edit: &Edit) -> Option<String> {
        let mut meant = self.root.clone();
        edit.apply(&mut meant)?;
        let ways = match self.format {
            Format::Toml => toml::written(self.text, &self.root, edit)
                .into_iter()
                .collect(),
            Format::Json => splice::written(self.text, &self.root, edit, false),
            Format::Yaml => {
                let mut ways = splice::written(self.text, &self.root, edit, true);
                // Aliases and odd layouts: the whole document on one line.
                ways.push(format!("{}\n", meant.flow(true)));
                ways
            }
        };
        let meant = self.compared(meant);
        ways.into_iter()
            .find(|text| read(self.format, text).is_ok_and(|got| self.compared(got).same(&meant)))
    }

    fn compared(&self, root: Node) -> Node {
        match self.format {
            Format::Toml => root.without_empty(),
            Format::Json | Format::Yaml => root,
        }
    }
}

fn read(format: Format, text: &str) -> Result<Node, SyntaxError> {
    match format {
        Format::Json => json::read(text),
        Format::Toml => toml::read(text),
        Format::Yaml => yaml::read(text),
    }
}

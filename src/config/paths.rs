//! Paths inside of the consumer or of a lane, and patterns of them.

use std::path::{Component, Path};

use super::error::Result;
use super::reader::Reader;
use super::spanned::Spanned;
use crate::model::Template;

impl Reader<'_> {
    pub(super) fn paths(&self, paths: &[Spanned<String>]) -> Result<Vec<String>> {
        paths.iter().map(|path| self.path(path)).collect()
    }

    /// Checks patterns of paths inside of the consumer.
    pub(super) fn patterns(&self, list: &[Spanned<String>]) -> Result<Vec<String>> {
        let pattern = |text: &Spanned<String>| {
            let path = self.path(text)?;
            self.pattern(text, &path)?;
            Ok(path)
        };
        list.iter().map(pattern).collect()
    }

    /// Checks patterns of paths below the clone or `{tool_dir}`.
    pub(super) fn programs(&self, list: &[Spanned<String>]) -> Result<Vec<Template>> {
        let program = |text: &Spanned<String>| {
            let written = text.get_ref();
            let path = written.strip_prefix("{tool_dir}/").unwrap_or(written);
            let inside = Path::new(path)
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if path.is_empty() || !inside {
                let hint = "name a path below the clone, or one that begins with {tool_dir}/";
                let error = self.error(text, "not a path inside of the lane");
                return Err(error.hint(hint));
            }
            self.pattern(text, path)?;
            self.template(text)
        };
        list.iter().map(program).collect()
    }

    fn pattern(&self, at: &Spanned<String>, text: &str) -> Result<()> {
        match glob::Pattern::new(text) {
            Ok(_) => Ok(()),
            Err(e) => Err(self.error(at, format!("not a pattern of paths: {}", e.msg))),
        }
    }

    /// Reads a folder of the clone; `.` is its root.
    pub(super) fn workdir(&self, text: &Spanned<String>) -> Result<String> {
        match text.get_ref().as_str() {
            "." => Ok(".".to_owned()),
            _ => self.path(text),
        }
    }

    pub(super) fn path(&self, text: &Spanned<String>) -> Result<String> {
        let path = Path::new(text.get_ref());
        let mut parts = path.components().filter(|part| *part != Component::CurDir);
        let inside = |part: Component<'_>| match part {
            Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
            _ => false,
        };
        if parts.clone().next().is_some() && parts.all(inside) {
            return Ok(text.get_ref().clone());
        }
        let hint = "name something below the folder of this file, without `..` and not in .git";
        Err(self
            .error(text, "not a path inside of the consumer")
            .hint(hint))
    }
}

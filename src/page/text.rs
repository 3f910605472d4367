//! Text of others, as a page shows it.

use std::fmt::Write as _;

use maud::{Escaper, Render};

use crate::model::text::{plain, plain_lines};

/// A text that is safe to show: without control characters, escape sequences and characters
/// that hide or turn text. It is escaped when it is rendered, so it is never markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// Makes a text harmless; it becomes one line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(plain(text))
    }

    /// Makes a text harmless and keeps its lines.
    #[must_use]
    pub fn lines(text: &str) -> Self {
        Self(plain_lines(text))
    }

    /// Returns the harmless text, not escaped.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: AsRef<str>> From<T> for Text {
    fn from(text: T) -> Self {
        Self::new(text.as_ref())
    }
}

impl Render for Text {
    fn render_to(&self, buffer: &mut String) {
        let _ = Escaper::new(buffer).write_str(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup_or_control() {
        let nasty = "<img src=x onerror=alert(1)>\u{1b}[31m\u{202e}\u{7}\"'&</script>\n##[error]";
        let shown = Text::new(nasty).render().into_string();
        assert!(!shown.contains(['<', '>', '"', '\u{1b}', '\u{202e}', '\u{7}', '\n']));
        assert!(!shown.contains("##["), "{shown}");
        assert_eq!(Text::lines("a\r\n\u{1b}[1mb").as_str(), "a\nb");
    }
}

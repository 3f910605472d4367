//! Small parts that all sections use.

use maud::{Markup, html};

use super::data::{Excerpt, Tone};
use super::text::Text;

impl Tone {
    /// Its class in the style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Part => "part",
            Self::Off => "off",
        }
    }

    /// Its shape: colour alone says nothing.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✗",
            Self::Part => "!",
            Self::Off => "·",
        }
    }
}

/// A command. The script adds a button to copy it.
pub(super) fn command(text: &Text) -> Markup {
    html! {
        div.command { code { (text) } }
    }
}

/// Lines of a file, the decisive one marked.
pub(super) fn excerpt(excerpt: &Excerpt) -> Markup {
    html! {
        figure.log {
            figcaption { (excerpt.file) }
            ol.lines tabindex="0" {
                @for line in &excerpt.lines {
                    @if line.decides {
                        li.decides value=[line.number] {
                            span.sr { "decisive line: " } (line.text)
                        }
                    } @else { li value=[line.number] { (line.text) } }
                }
            }
        }
    }
}

/// A duration in words.
pub(super) fn duration(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

/// A number with its noun.
pub(super) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration(999), "999 ms");
        assert_eq!(duration(1950), "1.9 s");
        assert_eq!(duration(61_000), "1 min 1 s");
    }
}

//! Amount of what the program says of what it does and why.
//!
//! Invariants: it is set once, before anything else happens; notes go where the binary sends them, and
//! never to stdout.

use std::str::FromStr;
use std::sync::OnceLock;

/// A level. Each includes those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors, warnings and failures alone.
    Quiet,
    /// Progress too.
    #[default]
    Info,
    /// Each step's command and outcome, and decisions.
    Verbose,
    /// Each command that the program runs for itself.
    Debug,
}

impl Verbosity {
    /// Every level with its word.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Quiet, "quiet"),
        (Self::Info, "info"),
        (Self::Verbose, "verbose"),
        (Self::Debug, "debug"),
    ];
}

impl FromStr for Verbosity {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(level, _)| *level).ok_or_else(|| {
            let known = Self::ALL.map(|(_, known)| known);
            format!("expected {}", known.join(", "))
        })
    }
}

/// The place that notes go to.
pub type Sink = fn(&str);

/// The level, and the place that notes go to.
static CHOSEN: OnceLock<(Verbosity, Sink)> = OnceLock::new();

/// Sets the level and the place that notes go to. Only the first call counts.
pub fn choose(level: Verbosity, sink: Sink) {
    let _ = CHOSEN.set((level, sink));
}

/// Returns the level.
#[must_use]
pub fn level() -> Verbosity {
    CHOSEN.get().map_or(Verbosity::Info, |(level, _)| *level)
}

/// Says something, if the level includes it. The text is a line without its end.
pub fn note(at: Verbosity, text: impl FnOnce() -> String) {
    if let Some((level, sink)) = CHOSEN.get()
        && *level >= at
    {
        sink(&text());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_words_and_an_order() {
        for (level, word) in Verbosity::ALL {
            assert_eq!(word.parse(), Ok(level));
        }
        assert!("loud".parse::<Verbosity>().is_err());
        assert!(Verbosity::Quiet < Verbosity::Info && Verbosity::Verbose < Verbosity::Debug);
    }
}

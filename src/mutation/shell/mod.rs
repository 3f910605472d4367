//! Shell: hooks, and commands that a gate runs in a shell.
//!
//! There is no parser of the language here. The text is cut into commands
//! (quotes, substitutions, here-documents and continued lines are followed),
//! and each command is looked at word by word.

mod scan;
mod simple;
mod words;

pub(super) use simple::simple;
pub use simple::{Link, Simple};

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use scan::Command;

/// One way to weaken a script.
pub(super) struct Weakened {
    /// The byte at which the weakened command begins.
    pub(super) start: usize,
    /// The first line of the command.
    pub(super) command: String,
    /// The effect in words: "it always succeeds".
    pub(super) what: String,
    /// The whole script.
    pub(super) text: String,
}

/// Every way to weaken a script.
///
/// # Errors
/// The reason why it cannot be read.
pub(super) fn weakened(text: &str) -> Result<Vec<Weakened>, String> {
    let mut all = Vec::new();
    let commands = scan::commands(text)?;
    for (index, command) in commands.iter().enumerate() {
        let next = commands.get(index + 1);
        let asked = next.is_some_and(|next| text[next.span.clone()].contains("$?"));
        let weakened = of_command(text, command, asked);
        // The code of an exit may be a substitution whose end belongs to more.
        all.extend(
            weakened
                .into_iter()
                .filter(|it| scan::commands(&it.text).is_ok()),
        );
    }
    Ok(all)
}

/// `asked`: the next command asks how this one ended, and may turn it round.
fn of_command(text: &str, command: &Command, asked: bool) -> Vec<Weakened> {
    let code = &text[command.span.clone()];
    let mut all = Vec::new();
    let mut put = |at: Range<usize>, with: &str, what: &str| {
        let at = command.span.start + at.start..command.span.start + at.end;
        let mut out = text.to_owned();
        out.replace_range(at.clone(), with);
        all.push(Weakened {
            // A command over several lines is told where it begins.
            start: if what == SUCCEEDS {
                command.span.start
            } else {
                at.start
            },
            command: short(code),
            what: what.to_owned(),
            text: out,
        });
    };
    let exits = words::exits(&command.mask);
    for exit in &exits {
        if code.get(exit.value.clone()).map(str::trim) != Some("0") {
            put(exit.value.clone(), " 0", "it ends with success");
        }
    }
    // Behind an exit nothing is decided, and before it the exit decides.
    if asked || !exits.is_empty() {
        return all;
    }
    if let Some(exec) = words::exec(&command.mask) {
        // What is executed takes the place of the shell: ` || true` were never reached.
        let run = code[exec.command.clone()].trim();
        let with = if exec.alone {
            format!("{run} || true; exit 0")
        } else {
            format!("{{ {run} || true; exit 0; }}")
        };
        put(exec.whole, &with, SUCCEEDS);
    } else if let Some(end) = words::decides_until(&command.mask) {
        put(end..end, " || true", SUCCEEDS);
    }
    all
}

const SUCCEEDS: &str = "it always succeeds";

/// The first line of a command, not too long for a message.
fn short(code: &str) -> String {
    const MOST: usize = 60;
    let line = code.trim().lines().next().unwrap_or("");
    if line.chars().count() <= MOST && line.len() == code.trim().len() {
        return line.to_owned();
    }
    let head: String = line.chars().take(MOST).collect();
    format!("{} …", head.trim_end())
}

/// A command of a configuration that always succeeds; none where it already
/// does, or holds nothing.
pub(super) fn always_succeeding(command: &str) -> Option<String> {
    static NEEDS_A_SHELL_OF_ITS_OWN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\n|#|<<|\b(?:exit|exec|return)\b|[;&]$").ok());
    let command = command.trim();
    if command.is_empty() || words::already_succeeds(command) {
        return None;
    }
    let alone = NEEDS_A_SHELL_OF_ITS_OWN
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(command));
    Some(if alone {
        format!("(\n{command}\n) || true")
    } else {
        format!("{command} || true")
    })
}

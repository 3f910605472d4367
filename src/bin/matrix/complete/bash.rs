//! Bash, which parts words at `=`: `--report junit=a.xml` reaches a completion as four.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::engine;
use clap_complete::env::{self, EnvCompleter};
use gate_matrix::sys::env::Snapshot;

/// The script. The word under the cursor ends at the cursor (`$2`), unless it is a `=`.
const SCRIPT: &str = r#"_matrix_complete() {
    local IFS=$'\013'
    local words=("${COMP_WORDS[@]}")
    [[ ${words[COMP_CWORD]} == "=" ]] || words[COMP_CWORD]="$2"
    COMPREPLY=($(_CLAP_COMPLETE_INDEX="$COMP_CWORD" VARIABLE=bash PROGRAM -- "${words[@]}" 2>/dev/null))
    [[ "${COMPREPLY-}" =~ [=/]$ ]] && compopt -o nospace 2>/dev/null
    return 0
}
if [[ "${BASH_VERSINFO[0]}" -gt 4 || "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 ]]; then
    complete -o bashdefault -o nosort -F _matrix_complete PROGRAM
else
    complete -o bashdefault -F _matrix_complete PROGRAM
fi
"#;

/// Separates two candidates: no name contains it.
const SEPARATOR: &str = "\u{b}";

pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        env::Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        env::Bash.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        _name: &str,
        program: &str,
        _completer: &str,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let script = SCRIPT.replace("VARIABLE", variable);
        to.write_all(script.replace("PROGRAM", program).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let index = Snapshot::capture()
            .text("_CLAP_COMPLETE_INDEX")
            .and_then(|index| index.parse().ok())
            .unwrap_or(words.len().saturating_sub(1));
        let words = joined(words, index);
        let last = words.len().saturating_sub(1);
        let word = words.last().cloned().unwrap_or_default();
        let typed = word.to_string_lossy();
        // Bash replaces what stands behind the `=`.
        let done = typed.rfind('=').map_or(0, |at| at + 1);
        for (at, candidate) in engine::complete(command, words, last, folder)?
            .iter()
            .enumerate()
        {
            let value = candidate.get_value().to_string_lossy();
            let separator = if at == 0 { "" } else { SEPARATOR };
            write!(to, "{separator}{}", value.get(done..).unwrap_or(&value))?;
        }
        Ok(())
    }
}

/// Puts words together again that bash parted at `=`, up to the one under the cursor.
fn joined(words: Vec<OsString>, index: usize) -> Vec<OsString> {
    let mut whole: Vec<OsString> = Vec::new();
    let mut is_open = false;
    for word in words.into_iter().take(index.saturating_add(1)) {
        let is_sign = word == OsStr::new("=");
        match whole.last_mut() {
            Some(last) if is_sign || is_open => last.push(&word),
            _ => whole.push(word),
        }
        is_open = is_sign;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_together_at_their_signs() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let parted = words("matrix run --report junit = a.xml --scenario = cl later");
        assert_eq!(
            joined(parted.clone(), 8),
            words("matrix run --report junit=a.xml --scenario=cl")
        );
        assert_eq!(joined(parted, 4), words("matrix run --report junit="));
    }
}

//! The exit of a script by that of one of its commands: `grep WORD && exit 1` fails if the
//! word is there, `grep WORD || exit 1` if it is not.

use crate::mutation::{Link, Simple};

/// The exit of a script, by that of one of its commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Outcome {
    /// The script fails if the command does.
    #[default]
    Same,
    /// The script fails if the command does not.
    Turned,
    /// As `Turned`, unless the rest of the script says otherwise.
    PerhapsTurned,
    /// The script does not fail by it.
    Ignored,
}

impl Outcome {
    /// The outcome for a command of a script whose own exit has this outcome.
    pub(super) fn of(self, inner: Self) -> Self {
        match (self, inner) {
            (Self::Ignored, _) | (_, Self::Ignored) => Self::Ignored,
            (Self::Same, other) | (other, Self::Same) => other,
            // Turned twice, or perhaps: nothing is known to be blocked.
            _ => Self::Same,
        }
    }

    /// The outcome with a `!` before the command.
    fn negated(self) -> Self {
        self.of(Self::Turned)
    }
}

/// Returns the outcome of one of the commands of a script.
pub(super) fn outcome(commands: &[Simple], index: usize) -> Outcome {
    let is_piped = |at: usize| commands[at].link == Link::Pipe;
    let before = (0..index).rev().take_while(|at| is_piped(*at)).last();
    let first = before.unwrap_or(index);
    let end = (index..commands.len()).find(|at| !is_piped(*at));
    let last = end.unwrap_or(commands.len() - 1);
    let keywords: Vec<&str> = keywords(&commands[first]).collect();
    let script = Script { commands };
    let found = if keywords
        .iter()
        .any(|word| ["while", "until"].contains(word))
    {
        Outcome::Ignored
    } else if keywords.iter().any(|word| ["if", "elif"].contains(word))
        || script.is_condition(first)
    {
        script.of_condition(last)
    } else {
        script.of_list(last)
    };
    // The exit of a pipe is that of its last command.
    let decides = index == last || passes_on(&commands[last]);
    match (decides, keywords.contains(&"!")) {
        (false, _) if found == Outcome::Ignored => found,
        (false, _) => Outcome::PerhapsTurned,
        (true, true) => found.negated(),
        (true, false) => found,
    }
}

/// True if a command at the end of a pipe finds nothing in what is empty.
fn passes_on(command: &Simple) -> bool {
    let program = command.words.first().map(String::as_str);
    matches!(
        program,
        Some("grep" | "egrep" | "fgrep" | "rg" | "ag" | "xargs")
    )
}

fn keywords(command: &Simple) -> impl Iterator<Item = &str> {
    const KEYWORDS: [&str; 10] = [
        "if", "then", "else", "elif", "while", "until", "do", "!", "{", "time",
    ];
    let words = command.words.iter().map(String::as_str);
    words.take_while(|word| KEYWORDS.contains(word))
}

/// The words of a command behind its keywords.
fn own_words(command: &Simple) -> &[String] {
    &command.words[keywords(command).count()..]
}

fn begins_with(command: &Simple, keyword: &str) -> bool {
    keywords(command).any(|word| word == keyword)
        || command.words.first().is_some_and(|first| first == keyword)
}

struct Script<'a> {
    commands: &'a [Simple],
}

impl Script<'_> {
    /// True if a pipe is a later part of a condition: `if a && b; then`.
    fn is_condition(&self, first: usize) -> bool {
        let is_joined = |at: &usize| self.commands[*at].link != Link::End;
        let begin = (0..first).rev().take_while(is_joined).last();
        begin.is_some_and(|at| {
            begins_with(&self.commands[at], "if") || begins_with(&self.commands[at], "elif")
        })
    }

    /// A pipe that ends here is a condition: its branches decide.
    fn of_condition(&self, last: usize) -> Outcome {
        let mut rest = last + 1..self.commands.len();
        let Some(then) = rest.find(|at| begins_with(&self.commands[*at], "then")) else {
            return Outcome::Ignored;
        };
        let otherwise = self.end_of_branch(then + 1);
        match self.exit_in(then, otherwise) {
            Some(true) => return Outcome::Turned,
            Some(false) => return Outcome::Same,
            None => {}
        }
        let is_else = (self.commands.get(otherwise)).is_some_and(|one| begins_with(one, "else"));
        let end = self.end_of_branch(otherwise + 1);
        match is_else.then(|| self.exit_in(otherwise, end)).flatten() {
            Some(true) => Outcome::Same,
            _ => Outcome::PerhapsTurned,
        }
    }

    /// The first command behind a branch: its `else`, `elif` or `fi`.
    fn end_of_branch(&self, from: usize) -> usize {
        // `then if …`
        let before = from.checked_sub(1).and_then(|at| self.commands.get(at));
        let mut inner = usize::from(before.is_some_and(|one| begins_with(one, "if")));
        for at in from..self.commands.len() {
            let command = &self.commands[at];
            let first = command.words.first().map_or("", String::as_str);
            if inner == 0 && ["else", "elif", "fi"].contains(&first) {
                return at;
            }
            if begins_with(command, "if") {
                inner += 1;
            } else if first == "fi" {
                inner -= 1;
            }
        }
        self.commands.len()
    }

    /// A pipe that ends here is a command, or part of a list of commands.
    fn of_list(&self, last: usize) -> Outcome {
        let next = last + 1;
        let end = self.end_of_part(next);
        match self.commands[last].link {
            Link::And => match self.exit_in(next, end) {
                Some(true) => Outcome::Turned,
                None if self.only_notes(next) => Outcome::PerhapsTurned,
                Some(false) | None => Outcome::Same,
            },
            Link::Or => match self.exit_in(next, end) {
                // The rest of the script is for what was found.
                Some(false) => Outcome::PerhapsTurned,
                None if self.only_prints(next) => Outcome::Ignored,
                Some(true) | None => Outcome::Same,
            },
            Link::Pipe | Link::End => self.asked_by(next),
        }
    }

    /// The end of what `&&` or `||` starts: a group, or a list of commands.
    fn end_of_part(&self, from: usize) -> usize {
        let Some(first) = self.commands.get(from) else {
            return from;
        };
        let outside = self.commands[from - 1].depth;
        let is_after = |at: &usize| {
            let command = &self.commands[*at];
            if first.depth > outside {
                command.depth <= outside
            } else if begins_with(first, "{") {
                begins_with(command, "}")
            } else {
                self.commands[at - 1].link != Link::And
            }
        };
        let end = (from + 1..self.commands.len()).find(is_after);
        end.unwrap_or(self.commands.len())
    }

    /// True if the first exit of these commands is a failure; None if they do not exit.
    fn exit_in(&self, from: usize, end: usize) -> Option<bool> {
        let all = self.commands.get(from..end.min(self.commands.len()))?;
        all.iter().enumerate().find_map(|(at, command)| {
            let words = own_words(command);
            let first = words.first()?;
            if first != "exit" && first != "return" {
                return None;
            }
            // Without a value it is that of the command before.
            let is_behind_failure = || at == 0 && self.commands[from - 1].link == Link::Or;
            Some(
                words
                    .get(1)
                    .map_or_else(is_behind_failure, |value| value != "0"),
            )
        })
    }

    /// True for a variable or function that notes a failure: `&& failed=1`.
    fn only_notes(&self, at: usize) -> bool {
        let first = self.commands.get(at).and_then(|one| own_words(one).first());
        let names = ["fail", "die", "error", "abort", "err"];
        first.is_some_and(|word| names.contains(&&**word) || word.contains('='))
    }

    /// True for what succeeds whatever was before: `|| true`.
    fn only_prints(&self, at: usize) -> bool {
        let first = self.commands.get(at).and_then(|one| own_words(one).first());
        first.is_some_and(|word| ["true", ":", "echo", "printf"].contains(&&**word))
    }

    /// `if [ $? -eq 0 ]` in the next command.
    fn asked_by(&self, next: usize) -> Outcome {
        let Some(asking) = self.commands.get(next).map(own_words) else {
            return Outcome::Same;
        };
        if !asking.iter().any(|word| word == "$?") || !asking[0].starts_with('[') {
            return Outcome::Same;
        }
        let is_success = ["-eq", "=", "=="]
            .iter()
            .any(|one| asking.iter().any(|word| word == one));
        let found = if begins_with(&self.commands[next], "if") {
            self.of_condition(next)
        } else {
            self.of_list(next)
        };
        if is_success { found } else { found.negated() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation;

    #[track_caller]
    fn of_grep(script: &str, expected: Outcome) {
        let commands = mutation::commands(script).unwrap();
        let is_grep = |one: &Simple| one.words.iter().any(|word| word == "grep");
        let index = commands.iter().position(is_grep).unwrap();
        assert_eq!(outcome(&commands, index), expected, "{script}");
    }

    #[test]
    fn what_is_found_is_forbidden() {
        for script in [
            "! grep A f",
            "! git diff | grep A",
            "git diff | grep A && exit 1",
            "grep A f && exit 1\nexit 0",
            "(grep A f) && { echo no; exit 1; }",
            "grep A f && echo no && exit 1 || exit 0",
            "if grep A f; then\n  echo no\n  exit 1\nfi",
            "if [ -f f ] && grep A f\nthen exit 1; fi",
            "if b; then :; elif grep A f; then return 1; fi",
            "if ! b; then exit 1; fi\nif grep A f; then if b; then x; fi; exit 2; fi",
            "! grep A f || exit 1",
            "grep A f\nif [ $? -eq 0 ]; then exit 1; fi",
            "git diff | grep A | grep -v B && exit 1",
            "! grep A f && ! grep B f",
            "if grep A f; then exit 1; else if b; then exit 0; fi; fi",
            "for f in a b; do if grep A $f; then exit 1; fi; done",
        ] {
            of_grep(script, Outcome::Turned);
        }
    }

    #[test]
    fn what_is_not_found_is_missing() {
        for script in [
            "grep A f",
            "if ! grep A f; then exit 1; fi",
            "if ! git diff | grep A; then echo no; exit 1; fi",
            "grep A f || exit 1",
            "grep A f || { echo no\n exit 1; }",
            "grep A f || (echo no; exit 1)",
            "grep A f || exit",
            "grep A f || fail no",
            "grep A f && exit 0\nexit 1",
            "if grep A f; then exit 0; fi\nexit 1",
            "if grep A f; then :; else exit 1; fi",
            "grep A f\n[ $? -ne 0 ] && exit 1",
            "grep A f && npm run lint",
        ] {
            of_grep(script, Outcome::Same);
        }
    }

    #[test]
    fn what_the_rest_decides_is_a_guess_or_nothing() {
        for (script, expected) in [
            (
                "if grep A f; then failed=1; fi\nexit $failed",
                Outcome::PerhapsTurned,
            ),
            ("grep A f && failed=1", Outcome::PerhapsTurned),
            ("grep A f | head -3 && exit 1", Outcome::PerhapsTurned),
            (
                "grep A f || exit 0\necho no; exit 1",
                Outcome::PerhapsTurned,
            ),
            ("if ! grep A f; then missing=1; fi", Outcome::Same),
            ("grep A f || true", Outcome::Ignored),
            ("grep A f || echo no", Outcome::Ignored),
            ("while grep A f; do sleep 1; done", Outcome::Ignored),
        ] {
            of_grep(script, expected);
        }
    }

    #[test]
    fn scripts_in_scripts_turn_each_other() {
        let (same, turned) = (Outcome::Same, Outcome::Turned);
        assert_eq!(turned.of(turned), same);
        assert_eq!(same.of(turned), turned);
        assert_eq!(turned.of(same), turned);
        assert_eq!(turned.of(Outcome::Ignored), Outcome::Ignored);
        assert_eq!(turned.of(Outcome::PerhapsTurned), same);
    }
}

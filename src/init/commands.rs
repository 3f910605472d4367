//! From what a hook runs to checks: launchers, scripts of packages and of the consumer are
//! followed to the programs that decide.

use std::cell::RefCell;
use std::collections::HashSet;

use regex::Regex;

use super::check::{CONFIGURING, Check, Covers, program};
use super::checkout::{Checkout, depth, is_below, join};
use super::language::extension;
use super::outcome::{Outcome, outcome};
use super::pattern::escaped;
use super::pattern::{Style, glob, is_glob};
use super::readers::{self, Entry, PreCommitHook, Run};
use crate::mutation::{self, Simple};

/// The number of scripts that are followed one into the other.
const DEEPEST: usize = 6;

/// Returns the checks of one thing that a hook runs.
pub(super) fn checks(checkout: &Checkout, entry: &Entry) -> Vec<Check> {
    let seen = RefCell::default();
    let follow = Follow {
        checkout,
        seen: &seen,
        folder: entry.folder.clone(),
        covers: entry.covers.clone(),
        text: String::new(),
        outcome: Outcome::Same,
        depth: 0,
    };
    match &entry.run {
        Run::Command(text) => follow.script(text),
        Run::Script(path) => follow.file(path, &[]),
        Run::Hook(hook) => of_hook(&follow, hook),
    }
}

/// A hook of pre-commit: its command, or what its id says.
fn of_hook(follow: &Follow<'_>, hook: &PreCommitHook) -> Vec<Check> {
    let is_command = !["pygrep", "fail", "docker_image", "docker"].contains(&&*hook.language);
    let mut checks = match &hook.entry {
        Some(entry) if is_command => {
            let words: Vec<String> = hook.args.iter().map(|arg| quoted(arg)).collect();
            follow.script(&format!("{entry} {}", words.join(" ")))
        }
        _ => Vec::new(),
    };
    if checks.is_empty() {
        let entry = hook.entry.iter().filter(|_| !is_command).cloned();
        let args: Vec<String> = entry.chain(hook.args.iter().cloned()).collect();
        let tool = if is_command {
            hook.id.clone()
        } else {
            hook.language.clone()
        };
        checks = vec![follow.check(&tool, &args, None)];
    }
    for check in &mut checks {
        check.hook_id = Some(hook.id.clone());
        if !["system", "script", "unsupported", "unsupported_script"].contains(&&*hook.language) {
            // It is installed for the hook alone, and not found by its name.
            check.called = format!("{}/{}", hook.language, check.called);
        }
    }
    checks
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

struct Follow<'a> {
    checkout: &'a Checkout,
    /// The scripts that were followed: some start each other, and one many times.
    seen: &'a RefCell<HashSet<String>>,
    folder: String,
    covers: Covers,
    /// The commands that are followed.
    text: String,
    /// The gate's exit by that of the command that is followed.
    outcome: Outcome,
    depth: usize,
}

impl Follow<'_> {
    fn deeper(&self, folder: &str, covers: Covers) -> Self {
        Follow {
            checkout: self.checkout,
            seen: self.seen,
            folder: folder.to_owned(),
            covers,
            text: self.text.clone(),
            outcome: self.outcome,
            depth: self.depth + 1,
        }
    }

    /// The checks of a shell script.
    fn script(&self, text: &str) -> Vec<Check> {
        let key = format!("{:?}", (&self.folder, &self.covers, self.outcome, text));
        if self.depth > DEEPEST || !self.seen.borrow_mut().insert(key) {
            return Vec::new();
        }
        let commands = mutation::commands(text).unwrap_or_default();
        let mut inner = self.deeper(&self.folder, self.covers.clone());
        // `git diff --cached --name-only -- '*.py'` chooses the files of the whole script.
        let (chosen, left_out) = chosen_by(&commands, &self.folder);
        text.clone_into(&mut inner.text);
        inner.covers = inner.covers.and_any(chosen).but(left_out);
        let mut all = Vec::new();
        for (at, command) in commands.iter().enumerate() {
            let words = without_keywords(&command.words);
            if words.first().is_some_and(|first| first == "cd") {
                if let Some(to) = words.get(1).filter(|to| !to.contains('$')) {
                    inner.folder = join(&inner.folder, to);
                }
                continue;
            }
            inner.outcome = self.outcome.of(outcome(&commands, at));
            all.extend(inner.command(words));
        }
        all
    }

    /// The checks of a file that is run, with its arguments.
    fn file(&self, path: &str, args: &[String]) -> Vec<Check> {
        let Some(text) = self.checkout.text(path) else {
            return Vec::new();
        };
        let first = text.lines().next().unwrap_or("");
        let is_shell = !first.starts_with("#!") || first.contains("sh");
        let is_other = ["js", "mjs", "cjs", "ts", "py", "rb", "pl"]
            .iter()
            .any(|end| path.ends_with(&format!(".{end}")));
        if is_shell && !is_other {
            let inner = self.deeper(&self.folder, self.covers.clone());
            let mut checks = inner.script(&text);
            for check in &mut checks {
                check.script.get_or_insert_with(|| path.to_owned());
            }
            checks
        } else {
            vec![self.check("script", args, Some(path))]
        }
    }

    fn check(&self, tool: &str, args: &[String], script: Option<&str>) -> Check {
        Check {
            tool: program(tool).to_owned(),
            called: tool.to_owned(),
            args: args.to_vec(),
            text: self.text.clone(),
            folder: self.folder.clone(),
            script: script.map(ToOwned::to_owned),
            covers: self.covers.clone().and_any(self.named_in(args)),
            outcome: self.outcome,
            hook_id: None,
        }
    }

    /// The files and folders that arguments name.
    fn named_in(&self, args: &[String]) -> Vec<Regex> {
        // The value of an option is no file to look at.
        let is_value = |at: usize| at > 0 && CONFIGURING.contains(&&*args[at - 1]);
        let named = (args.iter().enumerate())
            .filter(|(at, arg)| !arg.starts_with('-') && !is_value(*at))
            .map(|(_, arg)| arg);
        let paths: Vec<String> = named.map(|arg| join(&self.folder, arg)).collect();
        // The whole folder beside a part of it is the whole folder.
        if args.iter().any(|arg| arg == "." || arg == "./") {
            return Vec::new();
        }
        let of = |path: &String| {
            if is_glob(path) {
                return glob(path, Style::Paths);
            }
            let is_there = !path.is_empty() && self.checkout.has_folder(path);
            let is_file = self.checkout.has(path) && !is_config(path);
            let path = escaped(path.trim_end_matches('/'));
            (is_there || is_file).then(|| Regex::new(&format!("^{path}(?:/|$)")).ok())?
        };
        paths.iter().filter_map(of).collect()
    }

    /// The checks of one command.
    fn command(&self, words: &[String]) -> Vec<Check> {
        let words = self.launched(words);
        let Some((first, args)) = words.split_first() else {
            return Vec::new();
        };
        let name = program(first);
        match name {
            "lint-staged" => self.entries(readers::lint_staged(self.checkout, &self.folder)),
            "sh" | "bash" | "dash" | "zsh" if args.first().is_some_and(|arg| arg == "-c") => args
                .get(1)
                .map(|text| self.script(text))
                .unwrap_or_default(),
            "sh" | "bash" | "dash" | "zsh" | "." | "source" => match self.file_in(args) {
                Some((path, rest)) if !args.iter().any(|arg| arg == "-n") => self.file(&path, rest),
                _ if args.iter().any(|arg| arg == "-n") => vec![self.check("sh -n", args, None)],
                _ => Vec::new(),
            },
            "node" | "python" | "python3" | "ruby" | "perl" | "tsx" | "deno" | "bun"
                if !args
                    .iter()
                    .any(|arg| ["--test", "--check", "-c"].contains(&&**arg)) =>
            {
                match self.file_in(args) {
                    Some((path, rest)) => vec![self.check("script", rest, Some(&path))],
                    None => Vec::new(),
                }
            }
            "lefthook" if args.first().is_some_and(|arg| arg == "run") => {
                let config = readers::lefthook_file(self.checkout)
                    .and_then(|path| self.checkout.config(&path))
                    .unwrap_or_default();
                let mut entries = readers::lefthook(self.checkout, &config);
                entries.retain(|entry| Some(&entry.hook) == args.get(1));
                self.entries(entries)
            }
            "pre-commit" | "prek" if args.first().is_some_and(|arg| arg == "run") => {
                let config = readers::pre_commit_file(self.checkout)
                    .and_then(|path| self.checkout.config(&path))
                    .unwrap_or_default();
                let mut entries = readers::pre_commit(&config);
                entries.retain(|entry| entry.hook == "pre-commit");
                self.entries(entries)
            }
            _ if is_plumbing(name, args) => Vec::new(),
            _ => match self.path_of(first).filter(|path| self.checkout.has(path)) {
                Some(path) => self.file(&path, args),
                None => vec![self.check(first, args, None)],
            },
        }
    }

    fn entries(&self, entries: Vec<Entry>) -> Vec<Check> {
        let mut all = Vec::new();
        for entry in entries {
            let follow = self.deeper(&entry.folder, entry.covers.clone());
            if self.depth > DEEPEST {
                break;
            }
            all.extend(match &entry.run {
                Run::Command(text) => follow.script(text),
                Run::Script(path) => follow.file(path, &[]),
                Run::Hook(hook) => of_hook(&follow, hook),
            });
        }
        all
    }

    /// The first argument that is a file of the consumer, and what follows it.
    fn file_in<'b>(&self, args: &'b [String]) -> Option<(String, &'b [String])> {
        args.iter().enumerate().find_map(|(at, arg)| {
            let path = self.path_of(arg).filter(|path| self.checkout.has(path))?;
            Some((path, &args[at + 1..]))
        })
    }

    /// A path of a command, relative to the consumer.
    fn path_of(&self, word: &str) -> Option<String> {
        if word.starts_with(['-', '/']) || word.contains('$') {
            return None;
        }
        let mut folder = self.folder.as_str();
        let mut rest = word.trim_start_matches("./");
        while let Some(above) = rest.strip_prefix("../") {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            rest = above;
        }
        let here = join(folder, rest);
        // Hooks run in the root, wherever their files are.
        if self.checkout.has(&here) {
            Some(here)
        } else {
            Some(rest.to_owned())
        }
    }

    /// The words behind launchers such as `npx`, and the commands of package scripts.
    fn launched(&self, words: &[String]) -> Vec<String> {
        let mut words = words.to_vec();
        for _ in 0..DEEPEST {
            let name = words.first().map(|first| program(first).to_owned());
            let second = words.get(1).cloned().unwrap_or_default();
            let skip = match (name.as_deref().unwrap_or(""), &*second) {
                (
                    "npx" | "bunx" | "pnpx" | "uvx" | "xargs" | "exec" | "env" | "command" | "time"
                    | "nice" | "!",
                    _,
                ) => 1,
                ("npm" | "pnpm" | "yarn", "exec" | "dlx" | "x")
                | ("bun", "x")
                | (
                    "uv" | "poetry" | "pipenv" | "pdm" | "hatch" | "rye" | "bundle",
                    "run" | "exec",
                )
                | ("python" | "python3", "-m") => 2,
                ("npm" | "pnpm" | "yarn" | "bun", _) => match self.package_script(&words) {
                    Some(text) => return vec!["sh".to_owned(), "-c".to_owned(), text],
                    None if matches!(name.as_deref(), Some("pnpm" | "yarn"))
                        && !second.starts_with('-') =>
                    {
                        1
                    }
                    None => return words,
                },
                _ => return words,
            };
            words.drain(..skip.min(words.len()));
            let is_option = |word: &String| {
                word.starts_with('-') || (word.contains('=') && !word.contains(['/', '*', '.']))
            };
            while words.first().is_some_and(is_option) {
                let option = words.remove(0);
                // `xargs -n 1`, `npx --package NAME`, `uv run --group dev`.
                let takes_value = [
                    "-n",
                    "-P",
                    "-I",
                    "-p",
                    "--package",
                    "--group",
                    "--with",
                    "--extra",
                    "--from",
                ];
                if takes_value.contains(&&*option) && words.len() > 1 {
                    words.remove(0);
                }
            }
        }
        words
    }

    /// The text of the script that `npm run NAME` and its like run.
    fn package_script(&self, words: &[String]) -> Option<String> {
        if self.depth > DEEPEST {
            return None;
        }
        let mut names = (words.iter().skip(1))
            .filter(|word| !word.starts_with('-') && !["run", "run-script"].contains(&&***word));
        let name = match &**names.next()? {
            "t" | "tst" => "test",
            name => name,
        };
        let manifest = self.checkout.manifest(&self.folder);
        let text = manifest["scripts"][name].as_str()?;
        let rest: Vec<_> = (words.iter().skip_while(|word| *word != "--").skip(1))
            .map(|word| quoted(word))
            .collect();
        Some(format!("{text} {}", rest.join(" ")))
    }
}

/// The patterns with which git commands of a script choose files, and those that they leave out.
fn chosen_by(commands: &[Simple], folder: &str) -> (Vec<Regex>, Vec<Regex>) {
    let (mut chosen, mut left_out) = (Vec::new(), Vec::new());
    // `files=$(git diff --cached --name-only)` is a word of its own.
    let texts = commands
        .iter()
        .flat_map(|one| &one.words)
        .filter_map(|word| {
            let (_, inner) = word.split_once("$(")?;
            mutation::commands(inner.strip_suffix(')').unwrap_or(inner)).ok()
        });
    let inner: Vec<Simple> = texts.flatten().collect();
    for command in commands.iter().chain(&inner) {
        let words = without_keywords(&command.words);
        let lists = ["diff", "ls-files", "diff-index", "diff-tree"];
        let is_list = words.iter().any(|word| lists.contains(&&**word));
        if !is_list || words.first().is_none_or(|first| program(first) != "git") {
            continue;
        }
        for word in words {
            let excluded = [":!", ":^", ":(exclude)"];
            let (pattern, into) = match excluded.iter().find_map(|mark| word.strip_prefix(mark)) {
                Some(pattern) => (pattern, &mut left_out),
                None => (word.as_str(), &mut chosen),
            };
            if is_glob(pattern) && !pattern.starts_with([':', '-']) {
                into.extend(glob(&join(folder, pattern), Style::Flat));
            }
        }
    }
    (chosen, left_out)
}

/// A command without what precedes it: keywords and settings of variables.
fn without_keywords(words: &[String]) -> &[String] {
    const KEYWORDS: [&str; 11] = [
        "if", "then", "else", "elif", "while", "until", "do", "!", "{", "}", "time",
    ];
    let is_setting = |word: &String| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    let skipped = words
        .iter()
        .take_while(|word| KEYWORDS.contains(&&***word) || is_setting(word))
        .count();
    &words[skipped..]
}

fn is_config(path: &str) -> bool {
    depth(path) == 1 && (path.starts_with('.') || ["toml", "json"].contains(&&*extension(path)))
        || is_below(path, ".config")
}

/// True for commands that prepare, print or choose, and decide nothing known.
fn is_plumbing(name: &str, args: &[String]) -> bool {
    const NAMES: [&str; 34] = [
        "echo", "printf", "set", "export", "test", "[", "[[", "true", "false", ":", "exit",
        "return", "cat", "sort", "uniq", "tr", "head", "tail", "wc", "sed", "awk", "cut", "fi",
        "done", "esac", "for", "case", "in", "mkdir", "rm", "touch", "local", "shift", "unset",
    ];
    name.is_empty()
        || NAMES.contains(&name)
        || name.starts_with(['$', '>', '<', '#'])
        || (name == "git" && !args.iter().any(|arg| ["--check", "grep"].contains(&&**arg)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fs::TemporaryFolder;

    /// The tools of the checks of a command, and what becomes of their exits.
    fn of(command: &str, files: &[(&str, &str)]) -> Vec<(String, Outcome)> {
        let folder = TemporaryFolder::new().unwrap();
        let checkout = Checkout::with(folder.path(), files);
        let entry = readers::command("pre-commit", command, Vec::new());
        let checks = checks(&checkout, &entry).into_iter();
        checks.map(|check| (check.tool, check.outcome)).collect()
    }

    #[test]
    fn scripts_that_start_each_other_are_followed_once() {
        let scripts = r#"{"scripts": {
            "a": "npm run b && npm run b && npm run b",
            "b": "npm run c; npm run c; npm run a",
            "c": "eslint . && eslint ."
        }}"#;
        let found = of("npm run a", &[("package.json", scripts)]);
        assert_eq!(found, vec![("eslint".to_owned(), Outcome::Same); 2]);
    }

    #[test]
    fn a_script_is_followed_with_the_exit_that_it_is_given() {
        let script = ("find.sh", "grep -rn FIXME src\n");
        for (command, expected) in [
            ("sh find.sh", vec![Outcome::Same]),
            ("! sh find.sh", vec![Outcome::Turned]),
            ("if ./find.sh; then exit 1; fi", vec![Outcome::Turned]),
            ("sh find.sh || true", vec![Outcome::Ignored]),
            (
                "sh find.sh; ! sh find.sh",
                vec![Outcome::Same, Outcome::Turned],
            ),
        ] {
            let found = of(command, &[script]).into_iter();
            let outcomes: Vec<_> = found.map(|(_, outcome)| outcome).collect();
            assert_eq!(outcomes, expected, "{command}");
        }
    }
}

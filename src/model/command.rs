//! Commands as argument vectors with placeholders, and their rendering.
//!
//! A command is written once, in a profile, as a template. It is expanded into the
//! words that a process gets and, separately, rendered into text for messages and
//! artifacts, which can be pasted into a shell.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;

use super::template::{Placeholder, Template, Vars};

/// A command as a profile has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandTemplate {
    /// The program and its arguments; never empty.
    pub argv: Vec<Template>,
    /// Variables set for this command alone, in declared order.
    pub env: IndexMap<String, Template>,
    /// Its own time limit, if it sets one.
    pub timeout: Option<Duration>,
    /// Number of `--jobs` slots that it takes.
    pub weight: usize,
    /// The folder of the clone that it runs in, unless it is the clone's root.
    pub workdir: Option<String>,
}

impl CommandTemplate {
    /// Returns the command of these words, which may contain placeholders.
    ///
    /// # Panics
    /// If a word is no template. The words are constants of the program, and a test of
    /// each built-in profile runs them.
    #[must_use]
    pub fn from_words(words: &[&str]) -> Self {
        let parse = |word: &&str| Template::parse(word).expect("constant words are templates");
        Self {
            argv: words.iter().map(parse).collect(),
            env: IndexMap::new(),
            timeout: None,
            weight: 1,
            workdir: None,
        }
    }

    /// Returns the folder that it runs in.
    #[must_use]
    pub fn folder(&self, clone: &Path) -> PathBuf {
        match &self.workdir {
            Some(folder) => clone.join(folder),
            None => clone.to_owned(),
        }
    }

    /// True if a placeholder occurs in a word or a variable.
    #[must_use]
    pub fn uses(&self, placeholder: Placeholder) -> bool {
        let words = self.argv.iter().chain(self.env.values());
        words
            .flat_map(Template::placeholders)
            .any(|used| used == placeholder)
    }

    /// Returns the words that a process gets.
    #[must_use]
    pub fn expand(&self, vars: &Vars) -> Vec<String> {
        self.argv
            .iter()
            .flat_map(|word| word.expand_words(vars))
            .collect()
    }

    /// Returns the variables that a process gets beyond those of its lane.
    #[must_use]
    pub fn expand_env(&self, vars: &Vars) -> IndexMap<String, String> {
        let expand = |(key, value): (&String, &Template)| (key.clone(), value.expand(vars));
        self.env.iter().map(expand).collect()
    }

    /// Renders the command as text: its template, the filled-in command and the values
    /// of the placeholders.
    #[must_use]
    pub fn render(&self, vars: &Vars) -> Rendered {
        let mut command = Vec::new();
        let mut template = Vec::new();
        for word in &self.argv {
            let holds_placeholder = word.placeholders().next().is_some();
            template.push(quote(word.source(), holds_placeholder));
            for filled in word.expand_words(vars) {
                command.push(quote(&filled, holds_placeholder));
            }
        }
        Rendered {
            command: command.join(" "),
            template: template.join(" "),
            variables: self.variables(vars),
        }
    }

    /// Returns the five values that every file has, and any other that this command uses.
    fn variables(&self, vars: &Vars) -> IndexMap<String, String> {
        let words = self.argv.iter().chain(self.env.values());
        let used: Vec<Placeholder> = words.flat_map(Template::placeholders).collect();
        let listed = |(at, p): &(usize, Placeholder)| *at < 5 || used.contains(p);
        Placeholder::ALL
            .into_iter()
            .enumerate()
            .filter(listed)
            .map(|(_, p)| (p.name().to_owned(), vars.get(p)))
            .collect()
    }
}

/// A command as messages and artifacts show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Filled in; a shell can run it.
    pub command: String,
    /// As the profile has it.
    pub template: String,
    /// The values of the placeholders.
    pub variables: IndexMap<String, String>,
}

/// Renders one word, in double quotes if a shell needs them or it has a placeholder.
#[must_use]
pub fn quote(word: &str, always: bool) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&b);
    if !always && !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    let mut out = String::with_capacity(word.len() + 2);
    out.push('"');
    for c in word.chars() {
        if matches!(c, '\\' | '"' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars() -> Vars {
        Vars {
            package_spec: "pumuki@0.0.0-not-a-real-version".into(),
            companions: vec!["a@1".into(), "b@2".into()],
            ..Vars::default()
        }
    }

    #[test]
    fn renders_as_the_contract_shows() {
        let rendered =
            CommandTemplate::from_words(&["npm", "install", "--save-exact", "{package_spec}"])
                .render(&vars());
        assert_eq!(
            rendered.command,
            r#"npm install --save-exact "pumuki@0.0.0-not-a-real-version""#
        );
        assert_eq!(
            rendered.template,
            r#"npm install --save-exact "{package_spec}""#
        );
        let keys: Vec<_> = rendered.variables.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "repo_root",
                "clone_dir",
                "scenario",
                "package_spec",
                "base_ref"
            ]
        );
    }

    #[test]
    fn companions_are_words_of_their_own() {
        let command = CommandTemplate::from_words(&["npm", "i", "{companions}"]);
        assert_eq!(command.expand(&vars()), ["npm", "i", "a@1", "b@2"]);
        assert_eq!(command.render(&vars()).command, r#"npm i "a@1" "b@2""#);
        assert!(Template::parse("x{companions}").is_err());
    }

    #[test]
    fn quoting_survives_a_shell() {
        assert_eq!(quote("a b", false), r#""a b""#);
        assert_eq!(quote(r#"$`"\"#, false), r#""\$\`\"\\""#);
        assert_eq!(quote("", false), r#""""#);
        assert_eq!(quote("a-b_c@1.0,/x:%+=", false), "a-b_c@1.0,/x:%+=");
    }
}

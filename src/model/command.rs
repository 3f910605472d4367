//! Commands as argument vectors with placeholders, and how they are shown.
//!
//! A command is written once, in a profile, as a template. It is expanded
//! into the words that a process gets and, separately, rendered into text for
//! people and artifacts; the rendered text can be pasted into a shell.

use std::time::Duration;

use indexmap::IndexMap;

/// The placeholders that a profile may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// `{package_spec}`: the package spec, as its installer wants it.
    PackageSpec,
    /// `{companions}`: further packages, one word each.
    Companions,
    /// `{repo_root}`: the consumer.
    RepoRoot,
    /// `{clone_dir}`: the lane's clone.
    CloneDir,
    /// `{tool_dir}`: a folder of the lane beside its clone.
    ToolDir,
    /// `{scenario}`: the lane's scenario.
    Scenario,
    /// `{base_ref}`: the branch that the lane's change starts from.
    BaseRef,
    /// `{stage}`: the stage that runs.
    Stage,
}

impl Placeholder {
    /// Every placeholder, in the order in which files list them.
    pub const ALL: [Self; 8] = [
        Self::RepoRoot,
        Self::CloneDir,
        Self::Scenario,
        Self::PackageSpec,
        Self::BaseRef,
        Self::Companions,
        Self::ToolDir,
        Self::Stage,
    ];

    /// The word between the braces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PackageSpec => "package_spec",
            Self::Companions => "companions",
            Self::RepoRoot => "repo_root",
            Self::CloneDir => "clone_dir",
            Self::ToolDir => "tool_dir",
            Self::Scenario => "scenario",
            Self::BaseRef => "base_ref",
            Self::Stage => "stage",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Value(Placeholder),
}

/// One word of a command, with its placeholders found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

/// The reason for which a word is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A name between braces that is no placeholder.
    #[error("unknown placeholder `{{{0}}}`; known are {known}", known = known_placeholders())]
    Unknown(String),
    /// A brace that opens or closes nothing.
    #[error("a lone brace in `{0}`: write `{{{{` or `}}}}` for a literal one")]
    LoneBrace(String),
    /// `{companions}` is several words and cannot be part of one.
    #[error("`{{companions}}` is several words: it must stand alone in `{0}`")]
    CompanionsInside(String),
}

fn known_placeholders() -> String {
    Placeholder::ALL
        .map(|p| format!("{{{}}}", p.name()))
        .join(", ")
}

impl Template {
    /// Finds the placeholders of a word.
    ///
    /// # Errors
    /// If a brace is alone, a placeholder is unknown, or `{companions}` is
    /// only a part of the word.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        let lone = || TemplateError::LoneBrace(source.to_owned());
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..];
            if brace.starts_with("{{") || brace.starts_with("}}") {
                literal.push_str(&brace[..1]);
                rest = &brace[2..];
                continue;
            }
            let inner = brace.strip_prefix('{').ok_or_else(lone)?;
            let end = inner.find('}').ok_or_else(lone)?;
            let known = Placeholder::ALL
                .into_iter()
                .find(|p| p.name() == &inner[..end]);
            let value = known.ok_or_else(|| TemplateError::Unknown(inner[..end].to_owned()))?;
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Value(value));
            rest = &inner[end + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        if parts.len() > 1 && parts.contains(&Part::Value(Placeholder::Companions)) {
            return Err(TemplateError::CompanionsInside(source.to_owned()));
        }
        Ok(Self {
            source: source.to_owned(),
            parts,
        })
    }

    /// A word without placeholders, taken as it is.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self {
            source: text.replace('{', "{{").replace('}', "}}"),
            parts: vec![Part::Literal(text.to_owned())],
        }
    }

    /// The word as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the word itself; none if it has a placeholder.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(value) => Some(*value),
            Part::Literal(_) => None,
        })
    }

    /// The word with its placeholders filled in; `{companions}` joined by
    /// spaces.
    #[must_use]
    pub fn expand(&self, vars: &Vars) -> String {
        let text = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Value(value) => vars.get(*value),
        };
        self.parts.iter().map(text).collect()
    }

    fn expand_words(&self, vars: &Vars) -> Vec<String> {
        if self.parts == [Part::Value(Placeholder::Companions)] {
            return vars.companions.clone();
        }
        vec![self.expand(vars)]
    }
}

/// The values of the placeholders in one lane. Paths
#[derive(Debug, Clone, Default)]
pub struct Vars {
    /// `{package_spec}`.
    pub package_spec: String,
    /// `{companions}`.
    pub companions: Vec<String>,
    /// `{repo_root}`.
    pub repo_root: String,
    /// `{clone_dir}`.
    pub clone_dir: String,
    /// `{tool_dir}`.
    pub tool_dir: String,
    /// `{scenario}`.
    pub scenario: String,
    /// `{base_ref}`.
    pub base_ref: String,
    /// `{stage}`; empty outside of a stage.
    pub stage: String,
}

impl Vars {
    fn get(&self, placeholder: Placeholder) -> String {
        match placeholder {
            Placeholder::PackageSpec => self.package_spec.clone(),
            Placeholder::Companions => self.companions.join(" "),
            Placeholder::RepoRoot => self.repo_root.clone(),
            Placeholder::CloneDir => self.clone_dir.clone(),
            Placeholder::ToolDir => self.tool_dir.clone(),
            Placeholder::Scenario => self.scenario.clone(),
            Placeholder::BaseRef => self.base_ref.clone(),
            Placeholder::Stage => self.stage.clone(),
        }
    }
}

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
}

impl CommandTemplate {
    /// A command of our own making, from words that may hold placeholders.
    ///
    /// # Panics
    /// If a word is no template: our own words are, which a test of each
    /// built-in profile shows.
    #[must_use]
    pub fn own(words: &[&str]) -> Self {
        let parse = |word: &&str| Template::parse(word).expect("our own words are templates");
        Self {
            argv: words.iter().map(parse).collect(),
            env: IndexMap::new(),
            timeout: None,
            weight: 1,
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

    /// The words that a process gets.
    #[must_use]
    pub fn expand(&self, vars: &Vars) -> Vec<String> {
        self.argv
            .iter()
            .flat_map(|word| word.expand_words(vars))
            .collect()
    }

    /// The variables that a process gets beyond its lane's own.
    #[must_use]
    pub fn expand_env(&self, vars: &Vars) -> IndexMap<String, String> {
        let expand = |(key, value): (&String, &Template)| (key.clone(), value.expand(vars));
        self.env.iter().map(expand).collect()
    }

    /// The command as text: template, filled-in command and the values of
    /// the placeholders.
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

    /// The five values that every file carries, and any other that this
    /// command uses.
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

/// A command as people and artifacts see it.
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
        let rendered = CommandTemplate::own(&["npm", "install", "--save-exact", "{package_spec}"])
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
        let command = CommandTemplate::own(&["npm", "i", "{companions}"]);
        assert_eq!(command.expand(&vars()), ["npm", "i", "a@1", "b@2"]);
        assert_eq!(command.render(&vars()).command, r#"npm i "a@1" "b@2""#);
        assert!(Template::parse("x{companions}").is_err());
    }

    #[test]
    fn braces_are_doubled_or_refused() {
        assert_eq!(Template::parse("a{{b}}c").unwrap().expand(&vars()), "a{b}c");
        assert!(matches!(
            Template::parse("{nope}"),
            Err(TemplateError::Unknown(_))
        ));
        for lone in ["{", "}", "a}b", "{scenario"] {
            assert!(
                matches!(Template::parse(lone), Err(TemplateError::LoneBrace(_))),
                "{lone}"
            );
        }
        assert_eq!(Template::literal("{x}").expand(&vars()), "{x}");
    }

    #[test]
    fn quoting_survives_a_shell() {
        assert_eq!(quote("a b", false), r#""a b""#);
        assert_eq!(quote(r#"$`"\"#, false), r#""\$\`\"\\""#);
        assert_eq!(quote("", false), r#""""#);
        assert_eq!(quote("a-b_c@1.0,/x:%+=", false), "a-b_c@1.0,/x:%+=");
    }
}

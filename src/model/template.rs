//! Words with placeholders, and the values of the placeholders.

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

    /// Returns the word between the braces.
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
    /// Parses a word and its placeholders.
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

    /// Returns a template of a word that has no placeholders.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self {
            source: text.replace('{', "{{").replace('}', "}}"),
            parts: vec![Part::Literal(text.to_owned())],
        }
    }

    /// Returns the word as it was written.
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

    pub(super) fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(value) => Some(*value),
            Part::Literal(_) => None,
        })
    }

    /// Returns the word with its placeholders filled in.
    ///
    /// `{companions}` is joined by spaces.
    #[must_use]
    pub fn expand(&self, vars: &Vars) -> String {
        let text = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Value(value) => vars.get(*value),
        };
        self.parts.iter().map(text).collect()
    }

    pub(super) fn expand_words(&self, vars: &Vars) -> Vec<String> {
        if self.parts == [Part::Value(Placeholder::Companions)] {
            return vars.companions.clone();
        }
        vec![self.expand(vars)]
    }
}

/// The values of the placeholders in one lane.
///
/// Paths are those that processes of the lane see.
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
    pub(super) fn get(&self, placeholder: Placeholder) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_doubled_or_refused() {
        assert_eq!(
            Template::parse("a{{b}}c").unwrap().expand(&Vars::default()),
            "a{b}c"
        );
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
        assert_eq!(Template::literal("{x}").expand(&Vars::default()), "{x}");
    }
}

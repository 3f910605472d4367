//! `inherits`: a built-in profile, a file or folder, or a revision of a git repository.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::builtin::{self, Builtin};
use super::error::Result;
use super::reader::Reader;
use super::spanned::Spanned;
use super::text::Located;

/// The value of `inherits` as serde reads it.
#[derive(Debug)]
pub(super) enum RawInherits {
    Text(String),
    Git(RawGit),
}

/// Profile of a git repository.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Git")]
pub(super) struct RawGit {
    /// Address of the repository.
    git: Spanned<String>,
    /// Tag, commit or branch.
    rev: Spanned<String>,
    /// File, or folder with a matrix.toml; default: the root.
    path: Option<Spanned<String>>,
}

/// The profile that a file inherits.
#[derive(Debug, Clone)]
pub(super) enum Inherited {
    /// A built-in one.
    Builtin(&'static Builtin),
    /// A file, or a folder with a `matrix.toml`, relative to the file that names it.
    Path(PathBuf),
    /// A file or folder of a git repository at a tag, branch or commit.
    Git {
        address: String,
        revision: String,
        path: PathBuf,
    },
}

impl<'de> Deserialize<'de> for RawInherits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        // By hand, since an untagged enum would lose the place of each value.
        deserializer.deserialize_any(InheritsVisitor)
    }
}

impl JsonSchema for RawInherits {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Inherits".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, generator.subschema_for::<RawGit>()] })
    }
}

struct InheritsVisitor;

impl<'de> Visitor<'de> for InheritsVisitor {
    type Value = RawInherits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, a path, or { git = \"…\", rev = \"…\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<RawInherits, E> {
        Ok(RawInherits::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<RawInherits, A::Error> {
        RawGit::deserialize(MapAccessDeserializer::new(map)).map(RawInherits::Git)
    }
}

const GIT: &str =
    "write { git = \"ADDRESS\", rev = \"TAG\" }, or \"git+ADDRESS@TAG\"; a tag or a commit repeats";

impl Reader<'_> {
    pub(super) fn inherits(&self, raw: Spanned<RawInherits>) -> Result<Located<Inherited>> {
        let at = Spanned::new(raw.span(), ());
        let inherited = match raw.into_inner() {
            RawInherits::Git(raw) => {
                let path = raw.path.map(|path| self.path(&path)).transpose()?;
                self.git(&at, raw.git.get_ref(), raw.rev.get_ref(), path)?
            }
            RawInherits::Text(text) => match text.strip_prefix("git+") {
                Some(rest) => {
                    let (rest, path) = match rest.split_once('#') {
                        Some((rest, path)) => {
                            let path = Spanned::new(at.span(), path.to_owned());
                            (rest, Some(self.path(&path)?))
                        }
                        None => (rest, None),
                    };
                    // A user before the host has an @ too, and no slash after it.
                    let last = rest.rfind('/').map_or(0, |slash| slash + 1);
                    let split = rest[last..].rsplit_once('@');
                    let Some((name, revision)) = split else {
                        return Err(self
                            .error(&at, "no revision of the repository is named")
                            .hint(GIT));
                    };
                    self.git(&at, &rest[..last + name.len()], revision, path)?
                }
                None if is_path(&text) => Inherited::Path(text.into()),
                None => Inherited::Builtin(builtin::get(&text).ok_or_else(|| {
                    self.error(&at, format!("no built-in profile `{text}`"))
                        .suggest(
                            &text,
                            builtin::names(),
                            "a file is named by a path (./FILE.toml); built in are",
                        )
                })?),
            },
        };
        Ok(self.located(&at, inherited))
    }

    fn git(
        &self,
        at: &Spanned<()>,
        address: &str,
        revision: &str,
        path: Option<String>,
    ) -> Result<Inherited> {
        // Both become words of a command.
        let is_word = |text: &str| {
            !text.is_empty()
                && !text.starts_with('-')
                && !text.contains(|c: char| c.is_control() || c == ' ')
        };
        let is_revision =
            is_word(revision) && !revision.contains([':', '^', '~', '*', '?', '[', '\\']);
        if !is_word(address) {
            return Err(self
                .error(at, "not an address of a git repository")
                .hint(GIT));
        }
        if !is_revision {
            return Err(self.error(at, "not a tag, a branch or a commit").hint(GIT));
        }
        Ok(Inherited::Git {
            address: address.to_owned(),
            revision: revision.to_owned(),
            path: path.unwrap_or_default().into(),
        })
    }
}

/// True if an address of a git repository is a place on this machine.
pub(super) fn is_local(address: &str) -> bool {
    match address.split_once("://") {
        Some((scheme, _)) => scheme.eq_ignore_ascii_case("file"),
        // `HOST:PATH`, as git reads it: no slash before the colon.
        None => (address.split_once(':')).is_none_or(|(host, _)| host.contains('/')),
    }
}

fn is_path(text: &str) -> bool {
    text.contains('/')
        || Path::new(text).extension().is_some_and(|end| end == "toml")
        || Path::new(text)
            .components()
            .all(|part| !matches!(part, std::path::Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_on_this_machine_is_known() {
        for (address, expected) in [
            ("https://example.org/r.git", false),
            ("ssh://git@example.org/r.git", false),
            ("git@example.org:gates/r.git", false),
            ("/srv/r.git", true),
            ("../r.git", true),
            ("./a:b", true),
            ("r.git", true),
            ("file:///srv/r.git", true),
        ] {
            assert_eq!(is_local(address), expected, "{address}");
        }
    }
}

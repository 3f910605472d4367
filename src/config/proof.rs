//! `marker`, `files` and `evidence`: the proofs that a stage or scenario demands.

use std::path::{Component, Path};

use indexmap::IndexMap;
use toml::Value;

use super::error::Result;
use super::layer::ProofLayer;
use super::raw::{RawEvidence, RawFiles};
use super::reader::Reader;
use super::spanned::Spanned;
use super::text::Located;
use crate::assertion;
use crate::model::StageName;
use crate::model::template::Template;

type ByStage<T> = IndexMap<Spanned<String>, T>;

impl Reader<'_> {
    pub(super) fn proof(
        &self,
        marker: Option<&Spanned<Value>>,
        files: Option<RawFiles>,
        evidence: Option<&Spanned<RawEvidence>>,
    ) -> Result<ProofLayer> {
        let mut proof = ProofLayer {
            marker: marker.map(|marker| self.reason(marker)).transpose()?,
            ..ProofLayer::default()
        };
        self.files(files.unwrap_or_default(), &mut proof)?;
        if let Some(evidence) = evidence {
            self.evidence(evidence, &mut proof)?;
        }
        Ok(proof)
    }

    /// Reads the demands of a scenario on its stages.
    pub(super) fn proofs(
        &self,
        markers: ByStage<Spanned<Value>>,
        files: ByStage<RawFiles>,
        evidence: ByStage<Spanned<RawEvidence>>,
    ) -> Result<IndexMap<StageName, Located<ProofLayer>>> {
        let mut proofs = IndexMap::new();
        for (name, marker) in markers {
            self.of(&mut proofs, &name)?.marker = Some(self.reason(&marker)?);
        }
        for (name, files) in files {
            self.files(files, self.of(&mut proofs, &name)?)?;
        }
        for (name, evidence) in evidence {
            self.evidence(&evidence, self.of(&mut proofs, &name)?)?;
        }
        Ok(proofs)
    }

    fn of<'p>(
        &self,
        proofs: &'p mut IndexMap<StageName, Located<ProofLayer>>,
        name: &Spanned<String>,
    ) -> Result<&'p mut ProofLayer> {
        let empty = self.located(name, ProofLayer::default());
        let located = proofs.entry(self.parsed(name)?).or_insert(empty);
        Ok(&mut located.value)
    }

    fn files(&self, raw: RawFiles, proof: &mut ProofLayer) -> Result<()> {
        let paths = |list: Option<Vec<Spanned<String>>>| {
            list.map(|list| list.iter().map(|path| self.lane_path(path)).collect())
                .transpose()
        };
        proof.exist = paths(raw.exist)?;
        proof.new = paths(raw.new)?;
        proof.unchanged = paths(raw.unchanged)?;
        Ok(())
    }

    fn evidence(&self, raw: &Spanned<RawEvidence>, proof: &mut ProofLayer) -> Result<()> {
        let RawEvidence { file, assert } = raw.get_ref();
        if file.is_none() && assert.is_none() {
            return Err(self
                .error(raw, "this evidence has neither a file nor an assertion")
                .hint("add: file = \"FILE.json\" and assert = ['.KEY == \"VALUE\"']"));
        }
        proof.file = file.as_ref().map(|file| self.lane_path(file)).transpose()?;
        proof.asserts = assert
            .as_ref()
            .map(|list| self.assertions(list))
            .transpose()?;
        Ok(())
    }

    fn assertions(&self, list: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<String>> {
        if list.get_ref().is_empty() {
            return Err(self
                .error(list, "this list has no assertion")
                .hint("add one, like '.outcome == \"BLOCK\"', or remove `assert`"));
        }
        let assertion = |text: &Spanned<String>| {
            let filter = text.get_ref();
            assertion::check(filter)
                .map(|()| filter.clone())
                .map_err(|mistake| {
                    // A text that is in the file word by word gets an error inside of it.
                    let whole = text.span();
                    let written = self.text.content.get(whole.clone()).unwrap_or_default();
                    let wrong = match written.find(filter.as_str()) {
                        Some(at) if !filter.trim().is_empty() => {
                            let start = whole.start + at;
                            start + mistake.at.start..start + mistake.at.end
                        }
                        _ => whole,
                    };
                    self.text.error(&wrong, mistake.message)
                })
        };
        list.get_ref().iter().map(assertion).collect()
    }

    /// Reads a path below the clone, or one below `{tool_dir}`.
    fn lane_path(&self, text: &Spanned<String>) -> Result<Template> {
        let source = text.get_ref();
        let below = ["{tool_dir}/", "{clone_dir}/"]
            .iter()
            .find_map(|folder| source.strip_prefix(folder))
            .unwrap_or(source);
        let mut parts = Path::new(below)
            .components()
            .filter(|part| *part != Component::CurDir);
        let named = parts.clone().next().is_some();
        let inside = parts.all(|part| matches!(part, Component::Normal(_)));
        let elsewhere = ["{tool_dir}", "{clone_dir}", "{repo_root}", "{companions}"];
        if !named || !inside || elsewhere.iter().any(|word| below.contains(word)) {
            return Err(self
                .error(text, "not a path inside of the lane")
                .hint("name a path below the clone, or one that begins with {tool_dir}/"));
        }
        self.template(text)
    }
}

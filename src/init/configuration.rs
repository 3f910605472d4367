//! The files that `matrix mutate` is to weaken.

use std::path::Path;

use super::checkout::is_generated;
use super::gates::Manager;
use super::maker::Maker;
use crate::config::builtin::Builtin;
use crate::mutation;

impl Maker<'_> {
    /// The files that configure the gate: where its hooks are, and all that `matrix mutate`
    /// can weaken.
    pub(super) fn configuration(&self) -> Vec<String> {
        let seen_in = &self.gate.seen_in;
        let mut all = match &self.gate.manager {
            Manager::Husky if self.gate.has_hooks_folder() => vec![format!("{seen_in}/*")],
            Manager::Folder(folder) => vec![format!("{folder}/*")],
            // `--gate NAME` is no file.
            _ if !self.checkout.has(seen_in) => Vec::new(),
            _ => vec![seen_in.clone()],
        };
        let mut others = self.weakened();
        others.retain(|file| !is_matched(&all, file));
        all.extend(others.iter().map(|file| glob::Pattern::escape(file)));
        all.sort();
        all
    }

    /// The files that `matrix mutate` can weaken.
    fn weakened(&self) -> Vec<String> {
        let can_be = |file: &&String| {
            let path = Path::new(file);
            let text = || self.checkout.text(file).unwrap_or_default();
            !is_generated(file)
                && mutation::gate_of(path, text).is_some()
                && mutation::cannot_be_weakened(path, text().as_bytes()).is_none()
        };
        let files = self.checkout.files().iter();
        files.filter(can_be).cloned().collect()
    }

    /// The patterns of the built-in profile that match something, then the files beyond them;
    /// true if there are such files.
    pub(super) fn of_profile(&self, profile: &Builtin) -> (Vec<String>, bool) {
        let mut all = profile.weakened();
        let files = self.checkout.files();
        all.retain(|pattern| {
            files
                .iter()
                .any(|file| is_matched(std::slice::from_ref(pattern), file))
        });
        let mut others = self.weakened();
        others.retain(|file| !is_matched(&all, file));
        all.extend(others.iter().map(|file| glob::Pattern::escape(file)));
        (all, !others.is_empty())
    }
}

/// True if a pattern of `configuration` matches a file.
fn is_matched(patterns: &[String], file: &str) -> bool {
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    let mut patterns = patterns.iter().flat_map(|text| glob::Pattern::new(text));
    patterns.any(|pattern| pattern.matches_with(file, options))
}

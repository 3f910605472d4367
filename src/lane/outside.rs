//! Finds programs outside of the lane that its hooks call by their path.
//!
//! An installer writes its own place into the hooks that it makes. If that is the cache of
//! `npx` or the consumer, another program decides than the one that was installed.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::programs::is_in_lane;
use super::state::Lane;
use crate::model::witness::OutsideEvidence;
use crate::sys::env;
use crate::sys::fs;
use crate::sys::process::{HookSeen, SEES_PROGRAMS};

/// The longest hook that is read.
const MAX_BYTES: u64 = 64 * 1024;
/// Endings of scripts, which an interpreter runs without a permission to execute.
const SCRIPTS: [&str; 9] = ["js", "cjs", "mjs", "ts", "py", "rb", "pl", "sh", "php"];

static ABSOLUTE_PATH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s"'`=(;|&])(/[^\s"'`$;|&()<>*?]+/[^\s"'`$;|&()<>*?]+)"#).ok()
});

/// A program outside of the lane that a hook calls.
pub(super) struct Outside {
    /// The hook's name.
    hook: String,
    /// The program, with links resolved.
    pub(super) path: PathBuf,
    /// True if a stage can see it, and its supervisor can watch it.
    pub(super) is_visible: bool,
}

impl Lane<'_> {
    /// Returns the programs outside of the lane that the files in git's folder of hooks call.
    pub(super) fn outside_programs(&self) -> Vec<Outside> {
        if !SEES_PROGRAMS {
            return Vec::new();
        }
        let folder = self.workspace.hooks_folder().path;
        let entries = folder.read_dir().into_iter().flatten().flatten();
        let mut hooks: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        hooks.sort();
        let mut found = Vec::new();
        for hook in hooks {
            let name = hook.file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            let mut files = vec![hook];
            // husky's own hooks call those of the user, in the folder above.
            if folder.ends_with("_") {
                files.push(folder.with_file_name(&name));
            }
            let is_hook = env::is_executable(&files[0]) && !name.contains('.');
            let called = files.iter().filter(|_| is_hook);
            for path in called.flat_map(|file| self.called_by(file)) {
                let sandbox = self.cx.sandbox.as_ref();
                found.push(Outside {
                    is_visible: sandbox.is_none_or(|sandbox| sandbox.shows(&path)),
                    hook: name.clone(),
                    path,
                });
            }
        }
        found
    }

    /// Returns the programs outside of the lane that a hook file calls, and the file itself
    /// if it is a link that leads there.
    fn called_by(&self, hook: &Path) -> Vec<PathBuf> {
        let text = std::fs::metadata(hook)
            .ok()
            .filter(|meta| meta.is_file() && meta.len() <= MAX_BYTES)
            .and_then(|_| fs::read(hook).ok());
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        let mut named = vec![hook.to_owned()];
        named.extend(paths_in(&text).into_iter().map(PathBuf::from));
        named.retain(|path| !path.starts_with(self.workspace.host()));
        let real = named.iter().filter_map(|path| path.canonicalize().ok());
        let mut outside: Vec<PathBuf> = real
            .filter(|path| is_program(path) && self.is_outside(path))
            .collect();
        outside.sort();
        outside.dedup();
        outside
    }

    /// True for a program that is neither of the lane, nor of the machine or a tool of the
    /// user's.
    fn is_outside(&self, real: &Path) -> bool {
        let is_of_machine = self.cx.shown.shows(real) && !real.starts_with(&self.cx.repo_root);
        !is_in_lane(real, &self.workspace)
            && !real.starts_with(self.workspace.host())
            && !is_of_machine
    }
}

impl Outside {
    /// Returns the evidence, if the hook was launched; `at` is the position of the program
    /// among those that were watched.
    pub(super) fn evidence(&self, at: usize, hooks: &[HookSeen]) -> Option<OutsideEvidence> {
        let is_it = |hook: &&HookSeen| hook.name == self.hook && !hook.configured;
        let mut runs = hooks.iter().filter(is_it).peekable();
        runs.peek()?;
        Some(OutsideEvidence {
            hook: self.hook.clone(),
            path: self.path.to_string_lossy().into_owned(),
            ran: self
                .is_visible
                .then(|| runs.any(|hook| hook.opened.contains(&at))),
        })
    }
}

/// Returns the absolute paths in the text of a script, without those of its comments.
fn paths_in(text: &str) -> Vec<String> {
    let Some(pattern) = &*ABSOLUTE_PATH else {
        return Vec::new();
    };
    let shebang = text.lines().next().and_then(|line| line.strip_prefix("#!"));
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let words = shebang.into_iter().chain(lines);
    let found = words.flat_map(|line| pattern.captures_iter(line));
    found.map(|found| found[1].to_owned()).collect()
}

fn is_program(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    env::is_executable(path)
        || (path.is_file() && ending.is_some_and(|ending| SCRIPTS.contains(&ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_of_a_script_are_found_outside_of_its_comments() {
        let text = "#!/opt/own/bin/python -u\n# /not/this/one\n\
                    exec node \"/home/u/.npm/_npx/1/lefthook.js\" \"$@\"\n\
                    X=/srv/a/b; '/with/quotes/x' || ./rel/ative && $HOME/of/home\n";
        let found = [
            "/opt/own/bin/python",
            "/home/u/.npm/_npx/1/lefthook.js",
            "/srv/a/b",
            "/with/quotes/x",
        ];
        assert_eq!(paths_in(text), found);
    }
}

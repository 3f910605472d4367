//! Asks a hardened `git` for the status.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::consumer::Consumer;
use super::program::Program;
use super::reader::Dirt;
use super::settings::Settings;
use super::submodules::SUBMODULE;
use super::unsupported::{TRUST, Unsupported};
use crate::model::text::{plain, shell, shown};
use crate::sys::fs;

/// A request for the status of a consumer.
pub(super) struct Status<'a> {
    consumer: &'a Consumer,
    program: Program,
}

/// Paths that are not as in HEAD.
#[derive(Default)]
pub(super) struct ChangedPaths {
    pub(super) tracked: Vec<PathBuf>,
    pub(super) untracked: Vec<PathBuf>,
    /// Untracked folders that are repositories of their own.
    pub(super) repositories: Vec<PathBuf>,
    /// Submodules, among the tracked, that have changes of their own.
    pub(super) submodules: Vec<PathBuf>,
}

impl<'a> Status<'a> {
    /// Prepares the hardened program with the user's settings that decide what
    /// is dirty, without the repository's hooks, and with trusted filters.
    pub(super) fn new(consumer: &'a Consumer, program: &Program, settings: &Settings) -> Self {
        let mut program = program.clone();
        let env = &consumer.options.env;
        program.settings.extend(settings.handed_on(env));
        let mut own = settings.hooks_off();
        if consumer.trusts() {
            own.extend(settings.filters());
        }
        let count = own.len().to_string();
        program.env.insert("GIT_CONFIG_COUNT".into(), count.into());
        for (at, (name, value)) in own.into_iter().enumerate() {
            let variable = |what: &str| OsString::from(format!("GIT_CONFIG_{what}_{at}"));
            program.env.insert(variable("KEY"), name.into());
            program.env.insert(variable("VALUE"), value.into());
        }
        Self { consumer, program }
    }

    /// Returns what is dirty, including hidden entries.
    ///
    /// # Errors
    /// If git fails, or the answer depends on a filter.
    pub(super) fn dirt(mut self, hidden: &[Vec<u8>]) -> Result<Vec<Dirt>, Unsupported> {
        if !self.consumer.trusts() {
            self.refuse_filters_below(&self.consumer.folder)?;
        }
        let unveiled = match hidden {
            [] => None,
            hidden => Some(self.unveil(hidden)?),
        };
        let answer = self.program.ask(&[
            "status",
            "--porcelain=v2",
            "-z",
            "-uall",
            "--ignore-submodules=none",
        ]);
        drop(unveiled);
        let dirt = parse_porcelain(&answer.map_err(|text| self.no_status(&text))?);
        match self.filtered(&dirt)? {
            filtered if filtered.is_empty() || self.consumer.trusts() => Ok(dirt),
            filtered => Err(self.undecidable(&filtered)),
        }
    }

    /// Returns the paths whose content is not that of HEAD. None is left out because it
    /// is renamed.
    pub(super) fn changed_paths(&self) -> Result<ChangedPaths, String> {
        let answer = self.program.ask(&[
            "status",
            "--porcelain=v2",
            "-z",
            "-uall",
            "--no-renames",
            "--ignore-submodules=none",
        ])?;
        let mut changed = ChangedPaths::default();
        for record in answer
            .split(|&b| b == 0)
            .filter(|record| !record.is_empty())
        {
            let fields = match record[0] {
                b'1' => 8,
                b'u' => 10,
                b'?' => 1,
                _ => continue,
            };
            let fields: Vec<&[u8]> = record.splitn(fields + 1, |&b| b == b' ').collect();
            let Some(path) = fields.last() else { continue };
            // Git names all files of a folder, unless it is another repository.
            let is_repository = path.ends_with(b"/");
            let path = PathBuf::from(OsStr::from_bytes(path));
            if record[0] == b'?' {
                if is_repository {
                    changed.repositories.push(path);
                } else {
                    changed.untracked.push(path);
                }
                continue;
            }
            // `S`, then whether its commit, its files, and untracked ones differ.
            let submodule = fields[2];
            if submodule[0] == b'S' && submodule[2..] != *b".." {
                changed.submodules.push(path.clone());
            }
            changed.tracked.push(path);
        }
        Ok(changed)
    }

    /// Returns the program, hardened and with the settings of the user.
    pub(super) fn into_program(self) -> Program {
        self.program
    }

    fn root(&self) -> &Path {
        &self.consumer.root
    }

    fn no_status(&self, text: &str) -> Unsupported {
        let root = self.root();
        Unsupported::new(
            format!("git cannot tell the status of {}: {text}", shown(root)),
            format!("run: git -C {} fsck", shell(root)),
        )
        .at(root)
    }

    /// Fails if a checked-out submodule has filters of its own: git would run
    /// them.
    fn refuse_filters_below(&self, folder: &Path) -> Result<(), Unsupported> {
        let program = self.program.at(folder.to_owned());
        let entries = program.entries().map_err(|text| self.no_status(&text))?;
        let submodules = entries.into_iter().filter(|(mode, _)| *mode == SUBMODULE);
        for (_, path) in submodules {
            let inside = folder.join(OsStr::from_bytes(&path));
            let is_folder = inside.symlink_metadata().is_ok_and(|meta| meta.is_dir());
            if !is_folder || inside.join(".git").symlink_metadata().is_err() {
                continue;
            }
            let settings = Settings::read(&program.at(inside.clone()), &self.consumer.options.env)
                .map_err(|text| self.no_status(&text))?;
            if let Some(name) = settings.own_filters().next() {
                return Err(self.consumer.own_filter(&inside, name));
            }
            self.refuse_filters_below(&inside)?;
        }
        Ok(())
    }

    /// Makes git use a copy of the index in which nothing is hidden, as long as
    /// the returned file exists.
    fn unveil(&mut self, hidden: &[Vec<u8>]) -> Result<fs::TemporaryFolder, Unsupported> {
        let root = self.root().to_owned();
        let failed = |text: String| {
            Unsupported::new(
                format!("the hidden entries of the index cannot be looked at: {text}"),
                "run git update-index --really-refresh, or clear the flags that git ls-files -v shows",
            )
            .at(&root)
        };
        let copied = || -> std::io::Result<_> {
            let index = self.consumer.git_dir.join("index");
            let folder = fs::TemporaryFolder::new()?;
            let copy = folder.path().join("index");
            fs::copy(&index, &copy)?;
            // Git compares the content of files that are as young as the index,
            // since they may have been edited after it. A younger copy would
            // hide such edits.
            fs::open(&copy)?.set_modified(index.metadata()?.modified()?)?;
            Ok((folder, copy))
        };
        let (folder, copy) = copied().map_err(|e| failed(e.to_string()))?;
        let variable = "GIT_INDEX_FILE".into();
        self.program.env.insert(variable, copy.into());
        // Git would write the other half of a split index into the consumer.
        self.program.settings.push("core.splitIndex=false".into());
        let input = hidden.join(&0);
        for flag in ["--no-assume-unchanged", "--no-skip-worktree"] {
            let words = ["update-index", flag, "-z", "--stdin"];
            self.program.ask_with(&words, &input).map_err(failed)?;
        }
        Ok(folder)
    }

    /// Returns the paths of which only the content differs and goes through a
    /// filter, with its name. Without the filter they cannot be compared.
    fn filtered(&self, dirt: &[Dirt]) -> Result<Vec<(PathBuf, String)>, Unsupported> {
        let paths: Vec<&[u8]> = dirt
            .iter()
            .filter(|dirt| dirt.kinds == ["unstaged"])
            .map(|dirt| &dirt.path)
            .filter(|path| self.root().join(path).symlink_metadata().is_ok())
            .map(|path| path.as_os_str().as_bytes())
            .collect();
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let words = ["check-attr", "-z", "--stdin", "filter"];
        self.program
            .ask_with(&words, &paths.join(&0))
            .map(|answer| parse_attributes(&answer))
            .map_err(|text| self.no_status(&text))
    }

    fn undecidable(&self, filtered: &[(PathBuf, String)]) -> Unsupported {
        let mut listed: Vec<String> = filtered
            .iter()
            .take(5)
            .map(|(path, filter)| format!("{} ({})", shown(path), plain(filter)))
            .collect();
        if filtered.len() > 5 {
            listed.push(format!("{} more", filtered.len() - 5));
        }
        let named = listed.join(", ");
        Unsupported::new(
            format!(
                "whether these are clean only their filters can tell, and those are not run: {named}"
            ),
            format!("if you trust the filters of your git configuration: {TRUST}"),
        )
        .at(self.root())
    }
}

/// Parses paths with their filters: path, attribute and value in turn.
fn parse_attributes(answer: &[u8]) -> Vec<(PathBuf, String)> {
    let fields: Vec<&[u8]> = answer.split(|&b| b == 0).collect();
    let named = fields.chunks_exact(3).filter(|record| {
        let none: [&[u8]; 3] = [b"unspecified", b"unset", b"set"];
        !none.contains(&record[2])
    });
    named
        .map(|record| {
            let path = OsStr::from_bytes(record[0]).into();
            (path, String::from_utf8_lossy(record[2]).into_owned())
        })
        .collect()
}

fn parse_porcelain(output: &[u8]) -> Vec<Dirt> {
    let mut dirt = Vec::new();
    let mut records = output
        .split(|&b| b == 0)
        .filter(|record| !record.is_empty());
    while let Some(record) = records.next() {
        let (fields, kinds) = match record[0] {
            b'1' => (8, changed_kinds(record)),
            b'2' => {
                // The path it was renamed from follows as a record of its own.
                records.next();
                (9, changed_kinds(record))
            }
            b'u' => (10, vec!["conflicted"]),
            b'?' => (1, vec!["untracked"]),
            _ => continue,
        };
        let path = record
            .splitn(fields + 1, |&b| b == b' ')
            .nth(fields)
            .unwrap_or_default();
        dirt.push(Dirt {
            path: OsString::from_vec(path.to_vec()).into(),
            kinds,
        });
    }
    dirt
}

fn changed_kinds(record: &[u8]) -> Vec<&'static str> {
    let named = [(2, "staged"), (3, "unstaged")];
    let changed = named
        .iter()
        .filter(|(at, _)| record.get(*at) != Some(&b'.'));
    changed.map(|(_, kind)| *kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn porcelain_names_every_kind() {
        let output = b"1 M. N... 100644 100644 100644 a a staged file\0\
            1 .M N... 100644 100644 100644 a a un\nstaged\0\
            1 MM N... 100644 100644 100644 a a both\0\
            2 R. N... 100644 100644 100644 a a R100 new\0old\0\
            u UU N... 100644 100644 100644 100644 a b c torn\0? -new\0";
        let dirt = parse_porcelain(output);
        let shown: Vec<_> = dirt
            .iter()
            .map(|d| (d.path.to_str().unwrap(), d.kinds.join("+")))
            .collect();
        assert_eq!(
            shown,
            [
                ("staged file", "staged".to_owned()),
                ("un\nstaged", "unstaged".to_owned()),
                ("both", "staged+unstaged".to_owned()),
                ("new", "staged".to_owned()),
                ("torn", "conflicted".to_owned()),
                ("-new", "untracked".to_owned()),
            ]
        );
    }
}

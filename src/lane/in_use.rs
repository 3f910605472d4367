//! The places of a lane that its gate uses, as variables of a sabotage's command.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::programs::{file_or_files, files_of, is_in_lane};
use super::state::Lane;
use crate::model::file_patterns::FilePatterns;
use crate::model::on::is_hook;
use crate::sys::git;
use crate::sys::{env, fs};

impl Lane<'_> {
    /// Returns the variables by which a command finds what the gate uses in this lane at this
    /// moment. Lists have one entry on a line.
    pub(super) fn in_use(&self) -> Vec<(&'static str, OsString)> {
        let profile = &self.cx.profile;
        let gate = profile.inherits.clone();
        let gate = gate.unwrap_or_else(|| profile.gate.to_string());
        let package = self.evidence.package.as_ref();
        let package = package.map(|package| package.name.clone());
        let folder = self.workspace.hooks_folder().path;
        let stages = profile.hooks_of_clone();
        let hooks = stages.iter().map(|hook| folder.join(hook));
        let stands = |path: &PathBuf| path.symlink_metadata().is_ok();
        let programs = self.programs_in_use();
        let packages = self.packages_in_use(&programs);
        let commands = commands(&gate, package.as_deref(), &programs, &packages);
        vec![
            ("MATRIX_GATE", gate.into()),
            ("MATRIX_PACKAGE", package.unwrap_or_default().into()),
            ("MATRIX_STAGES", stages.join("\n").into()),
            ("MATRIX_HOOKS", lines(hooks.filter(stands))),
            ("MATRIX_HOOKS_FOLDER", folder.into()),
            ("MATRIX_CONFIGURED_HOOKS", self.configured_in_use(&stages)),
            ("MATRIX_PROGRAMS", lines(programs)),
            ("MATRIX_PACKAGES", lines(packages)),
            ("MATRIX_COMMANDS", lines(commands)),
            ("MATRIX_CONFIGURATION", lines(self.configuration_in_use())),
        ]
    }

    /// Returns the names of the hooks of git's configuration that it runs for these events.
    fn configured_in_use(&self, events: &[String]) -> OsString {
        let global = self.workspace.git_config();
        let own = self.workspace.clone_dir().join(".git/config");
        let of_event = |event: &String| git::configured_hooks(&global, &own, event);
        let all = events.iter().flat_map(of_event);
        let on = all.filter(|hook| hook.switched_off_by.is_none());
        let names: BTreeSet<PathBuf> = on.map(|hook| hook.name.into()).collect();
        lines(names)
    }

    /// Returns the files of the stages' `programs`, and those that commands of the profile
    /// start by path.
    fn programs_in_use(&self) -> BTreeSet<PathBuf> {
        let profile = &self.cx.profile;
        let stages = profile.stages.values();
        let workdir = profile.workdir.as_deref();
        let mut found = BTreeSet::new();
        for stage in stages.clone() {
            for program in &stage.programs {
                let files = files_of(program, &self.vars, &self.workspace, workdir);
                found.extend(files.into_iter().flat_map(|path| {
                    if path.is_dir() {
                        file_or_files(&path)
                    } else {
                        vec![path]
                    }
                }));
            }
        }
        let activate = profile.activate.iter().map(|step| &step.command);
        let own = stages.map(|stage| &stage.command).chain(activate);
        for command in own.chain(&profile.version) {
            let folder = command.folder(&self.workspace.clone_dir());
            let words = command.argv.iter().map(|word| word.expand(&self.vars));
            let paths = words.filter(|word| word.contains('/'));
            let files = paths.map(|word| folder.join(word));
            found.extend(files.filter(|file| {
                let real = file.canonicalize().ok().filter(|real| real.is_file());
                real.is_some_and(|real| is_in_lane(&real, &self.workspace))
            }));
        }
        found
    }

    /// Returns the folders into which package managers put these programs: `node_modules`,
    /// what yarn has in its place, and virtual environments.
    fn packages_in_use(&self, programs: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let clone = self.workspace.clone_dir();
        let tools = self.workspace.tool_dir();
        let mut found = BTreeSet::new();
        for program in programs {
            let real = program.canonicalize().ok();
            for path in [Some(program.clone()), real].into_iter().flatten() {
                let above: Vec<&Path> = path.ancestors().skip(1).collect();
                let inside =
                    |folder: &&&Path| folder.starts_with(&clone) || folder.starts_with(&tools);
                let of_manager = |folder: &&&Path| {
                    folder.ends_with("node_modules")
                        || folder.ends_with(".yarn/unplugged")
                        || folder.join("pyvenv.cfg").is_file()
                };
                let outermost = above.iter().rev().filter(inside).find(of_manager);
                found.extend(outermost.map(|folder| folder.to_path_buf()));
            }
        }
        let plug_and_play = [".pnp.cjs", ".pnp.loader.mjs", ".pnp.data.json"];
        let maps = plug_and_play.map(|name| clone.join(name));
        found.extend(maps.into_iter().filter(|map| map.is_file()));
        found
    }

    /// Returns the tracked files that configure the gate, without hooks.
    fn configuration_in_use(&self) -> Vec<PathBuf> {
        let clone = self.workspace.clone_dir();
        let tracked = self.tracked_files();
        let overlays = self.cx.configuration_paths();
        let configuration = FilePatterns::new(&self.cx.profile.configuration);
        let is_own = |file: &&PathBuf| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            configuration.names_in_any_folder(file)
                && !is_hook(&name)
                && !overlays.iter().any(|path| file.starts_with(path))
        };
        let files = tracked.iter().filter(is_own).map(|file| clone.join(file));
        files.filter(|file| file.is_file()).collect()
    }
}

/// Returns the names under which the gate may be called through PATH: its own, those of its
/// package and programs, and those that its package puts beside other commands.
fn commands(
    gate: &str,
    package: Option<&str>,
    programs: &BTreeSet<PathBuf>,
    packages: &BTreeSet<PathBuf>,
) -> BTreeSet<PathBuf> {
    let mut names: BTreeSet<PathBuf> = BTreeSet::from([gate.into()]);
    let package = package.and_then(|name| name.rsplit('/').next());
    names.extend(package.map(PathBuf::from));
    let executable = programs.iter().filter(|file| env::is_executable(file));
    names.extend(
        executable
            .filter_map(|file| file.file_stem())
            .map(PathBuf::from),
    );
    let homes: BTreeSet<PathBuf> = programs.iter().filter_map(|file| home(file)).collect();
    for folder in packages {
        let Ok(entries) = folder.join(".bin").read_dir() else {
            continue;
        };
        for entry in entries.flatten() {
            let real = entry.path().canonicalize().ok();
            if real
                .and_then(|real| home(&real))
                .is_some_and(|home| homes.contains(&home))
            {
                names.insert(entry.file_name().into());
            }
        }
    }
    names
}

/// Returns the folder of the package that a program in `node_modules` belongs to.
fn home(program: &Path) -> Option<PathBuf> {
    let real = program.canonicalize().ok()?;
    let mut above = real.ancestors();
    above
        .find(|folder| fs::parent(folder).ends_with("node_modules") || is_scoped(folder))
        .map(Path::to_owned)
}

fn is_scoped(folder: &Path) -> bool {
    let scope = fs::parent(folder);
    let is_scope = scope
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"@"));
    is_scope && fs::parent(scope).ends_with("node_modules")
}

fn lines(paths: impl IntoIterator<Item = PathBuf>) -> OsString {
    let mut out = Vec::new();
    for path in paths {
        if !out.is_empty() {
            out.push(b'\n');
        }
        out.extend(path.into_os_string().into_vec());
    }
    OsString::from_vec(out)
}

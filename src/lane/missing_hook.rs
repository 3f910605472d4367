//! Explains why git launched no hook.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::state::Lane;
use crate::model::StageName;
use crate::model::on::is_of_remote;
use crate::model::text::{plain, shown};
use crate::sys::fs;
use crate::sys::{env, git};

/// Maximum number of bytes read of a script's first line.
const MAX_FIRST_LINE: u64 = 512;

impl Lane<'_> {
    /// Inspects the hooks folder that git used; `words` are those of the commit
    /// or push.
    pub(super) fn why_no_hook(&self, hook: &StageName, words: &[String]) -> String {
        if words.iter().any(|word| word == "--no-verify") {
            return "git was told --no-verify".to_owned();
        }
        let told = words.windows(2).find_map(|pair| {
            let is_option = pair[0] == "-c";
            pair[1]
                .strip_prefix("core.hooksPath=")
                .filter(|_| is_option)
        });
        if let Some(folder) = told {
            return format!("git was told to look for hooks in {folder} (-c core.hooksPath)");
        }
        if is_of_remote(hook.as_str()) {
            let place = self.workspace.origin().join("hooks").join(hook.as_str());
            let shown = format!("{hook} among the hooks of the lane's remote (server_hooks)");
            let state = state(&place, &shown);
            return match self.why_not_configured(hook.as_str()) {
                Some(why) => format!("{state}, and {why}"),
                None => state,
            };
        }
        let hooks = self.workspace.hooks_folder();
        let place = hooks.path.join(hook.as_str());
        let file = self.shown_in_lane(&place);
        let state = state(&place, &file);
        if let Some(why) = self.why_not_configured(hook.as_str()) {
            return format!("{state}, and {why}");
        }
        let whose = match hooks.set_by_clone {
            None => return state,
            Some(true) => ".git/config",
            Some(false) => "git's global configuration",
        };
        let folder = self.shown_in_lane(&hooks.path);
        format!("{state} (core.hooksPath is {folder} in {whose})")
    }

    /// Explains why git runs no hook of its configuration, if that names one.
    pub(super) fn why_not_configured(&self, event: &str) -> Option<String> {
        let global = self.workspace.git_config();
        let own = if is_of_remote(event) {
            self.workspace.origin().join("config")
        } else {
            self.workspace.clone_dir().join(".git/config")
        };
        let hooks = git::configured_hooks(&global, &own, event);
        let on = hooks.iter().find(|hook| hook.switched_off_by.is_none());
        let hook = on.or(hooks.first())?;
        let name = plain(&hook.name);
        Some(match &hook.switched_off_by {
            Some(setting) => format!(
                "its configured hook {name} is switched off ({})",
                plain(setting)
            ),
            None => format!("git did not run its configured hook {name} (git 2.54 and later do)"),
        })
    }

    /// Returns a path relative to the clone or home, which differ between lanes.
    fn shown_in_lane(&self, path: &Path) -> String {
        let clone = self.workspace.clone_dir();
        let home = self.workspace.home();
        match (path.strip_prefix(clone), path.strip_prefix(home)) {
            (Ok(below), _) => shown(below),
            (_, Ok(below)) => format!("~/{}", shown(below)),
            _ => shown(path),
        }
    }
}

/// Describes a file that git would run as a hook.
fn state(place: &Path, file: &str) -> String {
    match place.symlink_metadata() {
        Err(_) => format!("there is no {file}"),
        Ok(_) if !place.exists() => format!("{file} is a link to nothing"),
        Ok(_) if !env::is_executable(place) => format!("{file} is not executable"),
        Ok(_) if begins_with_crlf(place) => format!("the first line of {file} ends in CRLF"),
        Ok(_) => format!("{file} stands there all the same"),
    }
}

/// True if the first line of a script ends in CRLF: the kernel takes the carriage return
/// for a part of the interpreter's name.
pub(super) fn begins_with_crlf(script: &Path) -> bool {
    // Nothing but a file is opened: a named pipe would wait for a writer.
    let file = script
        .metadata()
        .is_ok_and(|it| it.is_file())
        .then(|| fs::open(script));
    let mut line = Vec::new();
    let read = file
        .and_then(Result::ok)
        .map(|file| BufReader::new(file.take(MAX_FIRST_LINE)).read_until(b'\n', &mut line));
    read.is_some_and(|read| read.is_ok()) && line.starts_with(b"#!") && line.ends_with(b"\r\n")
}

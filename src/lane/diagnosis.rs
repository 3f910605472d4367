//! Why git launched no hook, for people.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Lane;
use crate::model::StageName;
use crate::model::text::shown;
use crate::sys::{env, process};

impl Lane<'_> {
    /// Looks where git looks. `words` are those of the commit or push.
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
        let Some(folder) = self.ask_git(&["rev-parse", "--git-path", "hooks"]) else {
            return "git does not tell where it looks for hooks".to_owned();
        };
        let place = self.workspace.clone_dir().join(folder).join(hook.as_str());
        let file = self.shown_in_lane(&place);
        let state = match place.symlink_metadata() {
            Err(_) => format!("there is no {file}"),
            Ok(_) if !place.exists() => format!("{file} is a link to nothing"),
            Ok(_) if !env::is_executable(&place) => format!("{file} is not executable"),
            Ok(_) => format!("{file} stands there all the same"),
        };
        match self.hooks_path_setting() {
            Some(setting) => format!("{state} ({setting})"),
            None => state,
        }
    }

    /// The setting that sends git elsewhere, and the file that it is in.
    fn hooks_path_setting(&self) -> Option<String> {
        let answer = self.ask_git(&["config", "--show-origin", "--get", "core.hooksPath"])?;
        let (origin, value) = answer.split_once('\t')?;
        let origin = origin.strip_prefix("file:").unwrap_or(origin);
        let origin = PathBuf::from(origin);
        let whose = if origin == self.workspace.git_config() {
            "git's global configuration".to_owned()
        } else {
            shown(origin)
        };
        let value = self.shown_in_lane(&self.workspace.clone_dir().join(value));
        Some(format!("core.hooksPath is {value} in {whose}"))
    }

    /// A path without what differs from lane to lane.
    fn shown_in_lane(&self, path: &Path) -> String {
        let clone = self.workspace.clone_dir();
        let home = self.workspace.home();
        match (path.strip_prefix(clone), path.strip_prefix(home)) {
            (Ok(below), _) => shown(below),
            (_, Ok(below)) => format!("~/{}", shown(below)),
            _ => shown(path),
        }
    }

    fn ask_git(&self, words: &[&str]) -> Option<String> {
        let git = env::find_program(self.env.get(std::ffi::OsStr::new("PATH"))?, "git")?;
        let words: Vec<OsString> = words.iter().map(Into::into).collect();
        let clone = self.workspace.clone_dir();
        let answer = process::query(&git, &words, &self.env, &clone, b"").ok()?;
        Some(String::from_utf8_lossy(&answer).trim_end().to_owned())
    }
}

//! The commit of a checkout or of a packaged crate, without git.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the commit of a source folder, and the files that say so.
///
/// It is that of `.cargo_vcs_info.json` in a packaged crate, else that of `HEAD`. None if the
/// folder is neither: a repository around it is another project.
pub(crate) fn commit_of(root: &Path) -> Option<(String, Vec<PathBuf>)> {
    let packaged = root.join(".cargo_vcs_info.json");
    if let Ok(text) = fs::read_to_string(&packaged) {
        let sha = text.split('"').skip_while(|word| *word != "sha1").nth(2)?;
        return Some((checked(sha)?, vec![packaged]));
    }
    let (own, common) = folders(root)?;
    let head = own.join("HEAD");
    let text = fs::read_to_string(&head).ok()?;
    let Some(name) = text.trim().strip_prefix("ref: ") else {
        return Some((checked(text.trim())?, vec![head]));
    };
    let loose = common.join(name);
    let packed = common.join("packed-refs");
    let of_packed = || {
        let text = fs::read_to_string(&packed).ok()?;
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find_map(|(sha, of)| (of == name).then(|| sha.to_owned()))
    };
    let sha = fs::read_to_string(&loose).ok().or_else(of_packed)?;
    let files = [head, loose, packed].into_iter();
    Some((
        checked(sha.trim())?,
        files.filter(|file| file.exists()).collect(),
    ))
}

/// The git folder of a work tree, and the one that it shares with others.
fn folders(root: &Path) -> Option<(PathBuf, PathBuf)> {
    let dot_git = root.join(".git");
    let own = match fs::read_to_string(&dot_git) {
        Ok(text) => root.join(text.trim().strip_prefix("gitdir: ")?),
        Err(_) => dot_git,
    };
    let common = match fs::read_to_string(own.join("commondir")) {
        Ok(text) => own.join(text.trim()),
        Err(_) => own.clone(),
    };
    Some((own, common))
}

fn checked(sha: &str) -> Option<String> {
    let is_sha = matches!(sha.len(), 40 | 64) && sha.bytes().all(|b| b.is_ascii_hexdigit());
    is_sha.then(|| sha.to_owned())
}

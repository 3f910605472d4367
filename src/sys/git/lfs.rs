//! Git LFS: what its filter puts into the files of the consumer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::alternates::alternates;
use super::consumer::Consumer;
use super::safe_directory::common_dir;
use crate::sys::fs;

/// The files of a commit whose content Git LFS keeps, and that content.
#[derive(Debug, Clone, Default)]
pub struct LfsFiles {
    /// Number of files that are pointers to their content.
    pub pointers: usize,
    /// Number of pointers for which there is no content in the lanes.
    pub without_content: usize,
    /// True if the filter may run in lanes.
    pub has_filter: bool,
    /// The consumer's files with the content, by their path below `lfs/objects`.
    objects: BTreeMap<String, PathBuf>,
}

impl LfsFiles {
    /// Copies the content into a new clone.
    ///
    /// # Errors
    /// If a file cannot be copied.
    pub fn copy(&self, clone: &Path) -> std::io::Result<()> {
        let folder = clone.join(".git/lfs/objects");
        for (name, from) in &self.objects {
            fs::copy_new(from, &folder.join(name))?;
        }
        Ok(())
    }

    /// Returns the warning for files that stay pointers; `None` if there are none.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let why = if self.has_filter {
            "the consumer does not have their content"
        } else {
            "its filter is not run; if you trust it: --trust-filters"
        };
        let files = match self.without_content {
            0 => return None,
            1 => "1 file of Git LFS stays a pointer".to_owned(),
            many => format!("{many} files of Git LFS stay pointers"),
        };
        Some(format!("{files} in lanes: {why}"))
    }
}

impl Consumer {
    /// Returns the files of the checked-out commit whose content Git LFS keeps.
    #[must_use]
    pub fn lfs_files(&self) -> LfsFiles {
        let pointers = self.pointers().unwrap_or_default();
        if pointers.is_empty() {
            return LfsFiles::default();
        }
        let settings = self.settings().ok().filter(|_| self.trusts());
        let filters = settings.map(super::settings::Settings::filters);
        let has_filter = filters.is_some_and(|filters| {
            let runs = |name: &str| filters.get(name).is_some_and(|program| !program.is_empty());
            runs("filter.lfs.process") || runs("filter.lfs.smudge")
        });
        let folders = self.lfs_folders();
        let mut objects = BTreeMap::new();
        let mut without_content = 0;
        for id in pointers.iter().filter(|_| has_filter) {
            let name = format!("{}/{}/{id}", &id[..2], &id[2..4]);
            let mut places = folders.iter().map(|folder| folder.join(&name));
            match places.find(|place| place.is_file()) {
                Some(place) => drop(objects.insert(name, place)),
                None => without_content += 1,
            }
        }
        LfsFiles {
            pointers: pointers.len(),
            without_content: if has_filter {
                without_content
            } else {
                pointers.len()
            },
            has_filter,
            objects,
        }
    }

    /// Returns the folders with content: its own, and those of the repositories
    /// from which it borrows objects.
    pub(super) fn lfs_folders(&self) -> Vec<PathBuf> {
        if let Some(lent) = &self.lent_lfs {
            return lent.clone();
        }
        let common = common_dir(&self.git_dir);
        let settings = self.settings().ok();
        let storage = settings.and_then(|settings| settings.get("lfs.storage"));
        let storage = storage.map(PathBuf::from);
        let own = common.join(storage.unwrap_or_else(|| "lfs".into()));
        let borrowed = alternates(&common.join("objects"));
        let lenders = borrowed
            .iter()
            .map(|objects| fs::parent(objects).join("lfs"));
        let all = std::iter::once(own).chain(lenders);
        all.map(|folder| folder.join("objects")).collect()
    }

    /// Returns the id of the content of each pointer.
    fn pointers(&self) -> Option<Vec<String>> {
        let program = self.program.as_ref()?;
        let filtered = ["ls-files", "--stage", "-z", "--", ":(top,attr:filter=lfs)"];
        let listed = program.ask(&filtered).ok()?;
        let listed = String::from_utf8_lossy(&listed);
        let blobs = listed
            .split('\0')
            .filter(|entry| entry.starts_with("100"))
            .filter_map(|entry| entry.split(' ').nth(1));
        let blobs: Vec<String> = blobs.map(|id| format!("{id}\n")).collect();
        if blobs.is_empty() {
            return None;
        }
        let input = blobs.concat();
        // Only the sizes first: what is committed as it is may be large.
        let check = program
            .ask_with(&["cat-file", "--batch-check"], input.as_bytes())
            .ok()?;
        let check = String::from_utf8_lossy(&check);
        let small = check.lines().filter_map(|line| {
            let mut words = line.split(' ');
            let (id, size) = (words.next()?, words.nth(1)?.parse::<u64>().ok()?);
            (size < MAX_POINTER).then(|| format!("{id}\n"))
        });
        let input: String = small.collect();
        let texts = program
            .ask_with(&["cat-file", "--batch"], input.as_bytes())
            .ok()?;
        Some(content_ids(&String::from_utf8_lossy(&texts)))
    }
}

/// Git LFS takes nothing larger for a pointer.
const MAX_POINTER: u64 = 1024;

/// Finds the ids in pointers, one after the other.
fn content_ids(texts: &str) -> Vec<String> {
    let ids = texts
        .lines()
        .filter_map(|line| line.strip_prefix("oid sha256:"));
    let is_id = |id: &&str| id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    ids.filter(is_id).map(str::to_owned).collect()
}

//! Opens the consumer: finds it, chooses its reader, and checks that it may be
//! used.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use git2::{ErrorClass, ErrorCode, Repository, RepositoryOpenFlags};

use super::consumer::{Consumer, OpenOptions};
use super::guard::check_git_folder;
use super::libgit2::is_beyond_libgit2;
use super::program::Program;
use super::reader::Reader;
use super::safe_directory::safe_folders;
use super::unsupported::{TRUST, Unsupported};
use super::work_tree::work_tree_above;
use crate::model::text::{plain, shell, shown};

impl Consumer {
    /// Opens the repository around a folder.
    ///
    /// # Errors
    /// If there is none, or it is bare, unborn, corrupt or owned by another
    /// user, or its work tree is elsewhere and that is not trusted.
    pub fn open(start: &Path, options: &OpenOptions) -> Result<Self, Unsupported> {
        // Not by way of the git folder: it may be elsewhere, behind a link, and its
        // parent is then no work tree.
        if let Ok(git_dir) = Repository::discover_path(start, NO_CEILING) {
            check_git_folder(&git_dir).map_err(|text| is_unreadable(start, &text))?;
        }
        let opened = Repository::open_ext(start, RepositoryOpenFlags::empty(), NO_CEILING);
        let found = match opened.and_then(with_readable_index) {
            Ok(repo) => Found::by_libgit2(repo)?,
            Err(e) if is_beyond_libgit2(&e) => Found::by_program(start, options, &e)?,
            Err(e) => return Err(cannot_open(start, &e)),
        };
        let Found {
            reader,
            root,
            git_dir,
        } = found;
        let root = root.canonicalize().unwrap_or(root);
        // A sandbox shows the folder itself, not the link that leads to it.
        let git_dir = git_dir.canonicalize().unwrap_or(git_dir);
        // A clone is made from the work tree, unless that does not lead back to
        // the repository: then from the place at which it was found.
        let mut folder = root.clone();
        if !leads_back(&root, &git_dir) {
            let above = work_tree_above(start);
            folder = above.clone().unwrap_or_else(|| git_dir.clone());
            if !options.trust_filters {
                return Err(Unsupported {
                    root: above,
                    ..elsewhere(&folder, &root)
                });
            }
        }
        // Commands are text: other paths cannot be an argument of one.
        if folder.to_str().is_none() {
            let reason = format!("the path of {} is not UTF-8", shown(&folder));
            return Err(Unsupported::new(reason, "move the repository elsewhere").at(&root));
        }
        let safe = safe_folders(&root, &git_dir);
        let consumer = Self {
            reader,
            program: Program::of_user(&options.env, &folder, &safe),
            options: options.clone(),
            lender: root.clone(),
            lent_lfs: None,
            settings: OnceLock::new(),
            worktree_on: None,
            root,
            folder,
            git_dir,
        };
        consumer.source()?;
        Ok(consumer)
    }
}

/// A repository, and its reader.
struct Found {
    reader: Box<dyn Reader>,
    root: PathBuf,
    git_dir: PathBuf,
}

impl Found {
    fn by_libgit2(repo: Repository) -> Result<Self, Unsupported> {
        let git_dir = repo.path().to_owned();
        let root = repo.workdir().map(Path::to_owned);
        Ok(Self {
            root: root.ok_or_else(|| is_bare(&git_dir))?,
            git_dir,
            reader: Box::new(repo),
        })
    }

    /// Opens a repository that libgit2 cannot read with the `git` program.
    fn by_program(
        start: &Path,
        options: &OpenOptions,
        beyond: &git2::Error,
    ) -> Result<Self, Unsupported> {
        let git_dir =
            Repository::discover_path(start, NO_CEILING).map_err(|e| cannot_open(start, &e))?;
        let folder = work_tree_above(start).unwrap_or_else(|| git_dir.clone());
        let safe = safe_folders(&folder, &git_dir);
        let Some(program) = Program::of_user(&options.env, &folder, &safe) else {
            return Err(Unsupported::new(
                format!(
                    "{} can only be read by git, which is not on PATH: {}",
                    shown(&folder),
                    plain(beyond.message())
                ),
                "install git, or see that PATH leads to it",
            )
            .at(&folder));
        };
        // Git has no exit codes for these; its locale is pinned.
        let root = program
            .line(&["rev-parse", "--show-toplevel"])
            .map_err(|text| match text {
                text if text.contains("dubious ownership") => is_foreign(&folder),
                text if text.contains("in a work tree") => is_bare(&git_dir),
                text => is_broken(&folder, &text),
            })?;
        Ok(Self {
            root: root.into(),
            git_dir,
            reader: Box::new(program),
        })
    }
}

const NO_CEILING: &[&Path] = &[];

/// Fails if libgit2 does not know the format of the index. Other problems of an
/// index are found later.
fn with_readable_index(repo: Repository) -> Result<Repository, git2::Error> {
    match repo.index() {
        Err(e) if is_beyond_libgit2(&e) => Err(e),
        _ => Ok(repo),
    }
}

/// True if a work tree belongs to the repository that names it.
///
/// Git writes `core.worktree` into every submodule. If it leads elsewhere, the
/// runner would read and write a place that the user never named.
fn leads_back(root: &Path, git_dir: &Path) -> bool {
    let same = |found: PathBuf| match (found.canonicalize(), git_dir.canonicalize()) {
        (Ok(found), Ok(opened)) => found == opened,
        _ => false,
    };
    root.join(".git").symlink_metadata().is_ok()
        && Repository::discover_path(root, NO_CEILING).is_ok_and(same)
}

fn elsewhere(folder: &Path, root: &Path) -> Unsupported {
    let (here, there) = (shown(folder), shown(root));
    Unsupported::new(
        format!("core.worktree of {here} leads to {there}, which does not lead back"),
        format!(
            "take it out: git -C {} config --unset core.worktree; if you trust it: {TRUST}",
            shell(folder)
        ),
    )
}

fn is_bare(git_dir: &Path) -> Unsupported {
    Unsupported::new(
        format!("{} is a bare repository", shown(git_dir)),
        "give --repo a work tree: git clone the bare repository and use the clone",
    )
}

fn is_foreign(top: &Path) -> Unsupported {
    Unsupported::new(
        format!("{} belongs to somebody else", shown(top)),
        format!(
            "run as its owner, or if you trust it: git config --global --add safe.directory {}",
            shell(top)
        ),
    )
}

fn is_broken(root: &Path, why: &str) -> Unsupported {
    Unsupported::new(
        format!("{} cannot be opened: {why}", shown(root)),
        format!("run: git -C {} fsck", shell(root)),
    )
    .at(root)
}

/// Something in the git folder is no file: git would wait for it as well.
fn is_unreadable(start: &Path, why: &str) -> Unsupported {
    let root = work_tree_above(start).unwrap_or_else(|| start.to_owned());
    let reason = format!("{} cannot be read: {why}", shown(&root));
    Unsupported::new(reason, "remove it, or use a fresh clone").at(&root)
}

fn cannot_open(start: &Path, error: &git2::Error) -> Unsupported {
    let above = work_tree_above(start);
    if error.code() == ErrorCode::Owner {
        return is_foreign(&above.unwrap_or_else(|| start.to_owned()));
    }
    let not_found = error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Repository;
    let why = plain(error.message());
    match above {
        Some(root) => is_broken(&root, &why),
        None if not_found => Unsupported::new(
            format!("{} is not in a git repository", shown(start)),
            "give --repo the consumer, or run matrix inside of it",
        ),
        None => Unsupported::new(
            format!("{} cannot be opened: {why}", shown(start)),
            "give --repo a readable work tree",
        ),
    }
}

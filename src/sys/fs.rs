//! Files and folders: written, replaced, locked, digested.
//!
//! All artifacts are written through this module, so that there is one order of
//! write, sync, rename and folder sync, and one place in which tests make the
//! disk fail.
#![expect(
    clippy::disallowed_methods,
    reason = "this module is the access to the disk"
)]

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The name of the lock of an artifacts folder.
pub const LOCK: &str = ".matrix.lock";

/// The prefix of the names of temporary files.
pub const TEMPORARY_PREFIX: &str = ".matrix-tmp-";

mod atomic;
mod replica;
mod tree;
pub use atomic::{Staged, copy_atomic, write_atomic};
pub use replica::replicate;
pub use tree::{copy_tree, digest_tree, list_tree};

#[cfg(feature = "faults")]
mod fault;
#[cfg(not(feature = "faults"))]
mod fault {
    use std::io;
    use std::path::Path;

    #[expect(clippy::unnecessary_wraps, reason = "the variant for tests can fail")]
    pub(super) fn check(_: &str, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// True if stages must not be observed, so that the benchmark can measure the
/// cost of observing. Never true in a release.
#[must_use]
pub fn is_witness_off() -> bool {
    fault::check("witness", Path::new("")).is_err()
}

/// The longest path of a socket: its address ends with a zero byte.
pub const SOCKET_PATH: usize = 107;

/// A folder with a short path, removed with this value.
pub struct TemporaryFolder(tempfile::TempDir);

impl TemporaryFolder {
    /// Creates a folder that only this user can access.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn new() -> io::Result<Self> {
        tempfile::Builder::new()
            .prefix("matrix-")
            .tempdir_in("/tmp")
            .map(Self)
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Returns the folder that contains a file.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Formats bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Returns the SHA-256 digest of bytes, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Creates a folder and its parents.
///
/// # Errors
/// If one cannot be created.
pub fn create_folder(path: &Path) -> io::Result<()> {
    fault::check("mkdir", path)?;
    fs::create_dir_all(path)
}

/// Creates an empty file, and its folder if there is none.
///
/// # Errors
/// If one of them cannot be created.
pub fn create_in_new_folder(path: &Path) -> io::Result<File> {
    fault::check("create", path)?;
    match File::create(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            create_folder(parent(path))?;
            File::create(path)
        }
        created => created,
    }
}

/// Appends to a log.
///
/// # Errors
/// If the write fails.
pub fn write_log(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fault::check("write", path)?;
    file.write_all(bytes)
}

/// Writes a file without syncing it.
///
/// For files that no reader waits for and that may be lost in a crash of the
/// machine.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_in_new_folder(path)?;
    write_log(&mut file, path, bytes)
}

/// Sets the modification time of a file to the year 2000.
///
/// # Errors
/// If it does not exist, or belongs to another user.
pub fn date_back(path: &Path) -> io::Result<()> {
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(946_684_800);
    File::open(path)?.set_modified(then)
}

/// Replaces the content of a file and keeps its permissions.
///
/// # Errors
/// If it does not exist, or cannot be written.
pub fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).truncate(true).open(path)?;
    file.write_all(bytes)
}

/// Writes a new file; it is executable if it begins with `#!`.
///
/// # Errors
/// If it exists already, or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create_folder(parent(path))?;
    let mode = if bytes.starts_with(b"#!") {
        0o777
    } else {
        0o666
    };
    let mut options = fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(bytes)
}

/// Links a finished file to a second path, or copies it if it cannot be linked.
/// Returns digest and size.
///
/// # Errors
/// If one cannot be read or the other cannot be written.
pub fn share_digested(from: &Path, to: &Path) -> io::Result<(String, u64)> {
    let mut source = File::open(from)?;
    fault::check("create", to)?;
    let linked = fs::hard_link(from, to).or_else(|_| {
        create_folder(parent(to))?;
        fs::hard_link(from, to)
    });
    if linked.is_ok() {
        return digest_each(&mut source, |_| Ok(()));
    }
    let mut target = create_in_new_folder(to)?;
    digest_each(&mut source, |bytes| write_log(&mut target, to, bytes))
}

/// Returns digest and size of a file, after passing each piece to `take`.
fn digest_each(
    source: &mut File,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(String, u64)> {
    let mut digest = Sha256::new();
    let mut total = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n = source.read(&mut buffer)?;
        if n == 0 {
            return Ok((hex(&digest.finalize()), total));
        }
        take(&buffer[..n])?;
        digest.update(&buffer[..n]);
        total += n as u64;
    }
}

/// Syncs a folder, so that renames and removals in it survive a crash.
///
/// # Errors
/// If the folder cannot be synced.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    fault::check("sync_folder", path)?;
    File::open(path)?.sync_all()
}

/// Removes a file; true if there was one.
///
/// # Errors
/// If it exists and cannot be removed.
pub fn remove_file(path: &Path) -> io::Result<bool> {
    fault::check("unlink", path)?;
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Removes a folder with its content, read-only folders too; true if there was
/// one.
///
/// # Errors
/// If it exists and cannot be removed.
pub fn remove_folder(path: &Path) -> io::Result<bool> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path);
            fs::remove_dir_all(path).map(|()| true)
        }
        Err(e) => Err(e),
    }
}

/// Makes folders writable: some tools leave read-only ones.
fn make_writable(folder: &Path) {
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// Removes a file, a link, or a folder with its content; true if there was one.
///
/// # Errors
/// If it exists and cannot be removed.
pub fn remove_any(path: &Path) -> io::Result<bool> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => remove_folder(path),
        Ok(_) => remove_file(path),
        Err(_) => Ok(false),
    }
}

/// Opens a lock file and locks it; `None` if another process holds the lock.
///
/// # Errors
/// If the file cannot be opened or the system has no locks for it.
pub fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = open_lock(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(e)) => Err(e),
    }
}

/// Opens a lock file and waits for its lock.
///
/// # Errors
/// If the file cannot be opened or the system has no locks for it.
pub fn wait_for_lock(path: &Path) -> io::Result<File> {
    let file = open_lock(path)?;
    file.lock()?;
    Ok(file)
}

fn open_lock(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fault::check("lock", path)?;
    let mut options = fs::OpenOptions::new();
    // A link could lead to a file of another user.
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Returns the digest of a file.
///
/// # Errors
/// If it cannot be read.
pub fn digest_file(path: &Path) -> io::Result<String> {
    digest_each(&mut File::open(path)?, |_| Ok(())).map(|(sha256, _)| sha256)
}

/// Returns size and modification time (seconds since 1970 and nanoseconds) of a
/// file, to recognise a replaced one; `None` if there is no file.
#[must_use]
pub fn stamp(path: &Path) -> Option<(u64, i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    let meta = path.metadata().ok()?;
    Some((meta.len(), meta.mtime(), meta.mtime_nsec()))
}

/// Returns the last bytes of a file; none if it cannot be read.
#[must_use]
pub fn tail(path: &Path, bytes: u64) -> Vec<u8> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(bytes)))?;
        let mut tail = Vec::new();
        file.take(bytes).read_to_end(&mut tail)?;
        Ok(tail)
    };
    read().unwrap_or_default()
}

/// True if the file system of a path has no room left.
#[must_use]
pub fn is_full(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|fs| fs.f_bavail * fs.f_frsize < 64 * 1024)
}

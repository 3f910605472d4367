//! Namespaces of Linux; see `namespaces(7)`, `mount_namespaces(7)`,
//! `user_namespaces(7)` and the kernel's `filesystems/overlayfs.rst`.

use std::ffi::CString;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive,
    mount_change, mount_remount, unmount,
};
use rustix::process::{chdir, getegid, geteuid, pivot_root};
use rustix::thread::UnshareFlags;

use super::view::{LANE, Layers, View};
use crate::model::text::shown;
use crate::sys::fs;

/// Options of an overlay, the best first.
///
/// Renaming a folder of a lower layer needs `redirect_dir`, which only root may
/// use; other users may write only user attributes. Nothing in a lane has to
/// survive a crash of the machine, so nothing is synced (`volatile`).
const OVERLAY: [&str; 4] = [
    "redirect_dir=on,index=off,volatile",
    "redirect_dir=on,index=off",
    "userxattr,index=off,volatile",
    "userxattr,index=off",
];

/// The time that a process may take from its creation to its program on a busy
/// machine.
const STARTING: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(1);

#[expect(
    deprecated,
    reason = "the sound part of it: no table of open files is unshared, which \
              is what the newer function is unsafe for"
)]
fn unshare(flags: UnshareFlags) -> io::Result<()> {
    Ok(rustix::thread::unshare(flags)?)
}

/// Moves this process into a user namespace, in which it keeps its user id and
/// may create namespaces of other kinds. Does nothing for root.
///
/// The process must not have a second thread.
///
/// # Errors
/// If the system refuses; the process may be of no use then.
pub fn own_user_namespace() -> Result<(), String> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    if user == 0 {
        return Ok(());
    }
    let refused = |what: &str, e: io::Error| format!("{what}: {e}");
    unshare(UnshareFlags::NEWUSER).map_err(|e| refused("user namespaces are not allowed", e))?;
    let maps = [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("{user} {user} 1")),
        ("gid_map", format!("{group} {group} 1")),
    ];
    for (file, text) in maps {
        let path = Path::new("/proc/self").join(file);
        fs::overwrite(&path, text.as_bytes())
            .map_err(|e| refused("a user namespace cannot be set up", e))?;
    }
    Ok(())
}

/// Checks that this process can have lanes at [`LANE`] with layers below
/// `scratch`.
///
/// # Errors
/// If it cannot, in a sentence.
pub fn probe(scratch: &Path) -> Result<(), String> {
    if Path::new(LANE).exists() {
        return Err(format!("{LANE} stands on this machine"));
    }
    // A thread that entered a namespace cannot return: it ends with it.
    let own = scratch.to_owned();
    let trial = thread::Builder::new().spawn(move || try_layers(&own));
    match trial
        .map_err(|e| format!("no thread can be had: {e}"))?
        .join()
    {
        Ok(result) => result.map_err(|e| e.to_string()),
        Err(_) => Err("trying it failed".to_owned()),
    }
}

/// Writes and removes through an overlay and checks the lower layer.
fn try_layers(scratch: &Path) -> io::Result<()> {
    let root = scratch.join("probe");
    let below = root.join("below");
    fs::write(&below.join("folder/file"), b"below")?;
    let layers = Layers {
        root: root.clone(),
        lower: vec!["below".to_owned()],
        upper: "above".to_owned(),
    };
    enter(&View::Layers(layers), scratch)?;
    let file = Path::new(LANE).join("folder/file");
    fs::overwrite(&file, b"above")?;
    fs::remove_file(&file)?;
    let holds = |path: &Path| fs::read(path).is_ok_and(|bytes| bytes == b"below");
    if file.exists() || !holds(&below.join("folder/file")) {
        return Err(io::Error::other("overlayfs does not keep its layers apart"));
    }
    leave()
}

/// Unmounts the lane of this thread, so that other threads can use its layers
/// at once. No process of the thread may be left.
///
/// # Errors
/// If something still uses the lane.
pub fn leave() -> io::Result<()> {
    chdir("/")?;
    let begun = Instant::now();
    loop {
        match unmount(LANE, UnmountFlags::empty()) {
            // A process that another thread starts holds, until it runs its program,
            // what this thread had open; the kernel tells no one when that ends.
            Err(Errno::BUSY) if begun.elapsed() < STARTING => thread::park_timeout(POLL),
            ended => return Ok(ended?),
        }
    }
}

/// Moves this thread into a mount namespace of its own, in which it sees `view`
/// at [`LANE`]. Its working directory becomes `/`.
///
/// An empty folder is left in `scratch`.
///
/// # Errors
/// If the system refuses; the thread must not be used then.
pub fn enter(view: &View, scratch: &Path) -> io::Result<()> {
    let base = scratch.join("root");
    fs::create_folder(&base)?;
    match view {
        View::Folder(folder) => fs::create_folder(folder)?,
        View::Layers(layers) => {
            let upper = &layers.upper;
            for folder in [Layers::written(upper), Layers::work(upper)] {
                fs::create_folder(&layers.root.join(folder))?;
            }
        }
    }
    let refused =
        |e: io::Error| io::Error::new(e.kind(), format!("mount namespaces are not allowed: {e}"));
    unshare(UnshareFlags::NEWNS | UnshareFlags::FS).map_err(refused)?;
    let downstream = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    mount_change("/", downstream)?;
    new_root(&base)?;
    fs::create_folder(Path::new(LANE))?;
    match view {
        View::Folder(folder) => mount_bind(old(folder), LANE)?,
        View::Layers(layers) => overlay(layers)?,
    }
    // Lane folders are reached through the old root until here.
    chdir("/")?;
    unmount(OLD, UnmountFlags::DETACH)?;
    std::fs::remove_dir(OLD)?;
    let flags = MountFlags::BIND | MountFlags::RDONLY;
    Ok(mount_remount("/", flags, c"")?)
}

/// The mount point of the machine's root until the new one is complete.
const OLD: &str = "/.old";

/// Returns a path of the machine while its root is mounted at [`OLD`].
fn old(path: &Path) -> PathBuf {
    Path::new(OLD).join(path.strip_prefix("/").unwrap_or(path))
}

/// Replaces the root by an own one that shows all entries of the machine's:
/// only in an own root can the folder of the lane be created.
fn new_root(base: &Path) -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("matrix", base, "tmpfs", flags, c"mode=0755,size=1m")?;
    let old_root = base.join(OLD.trim_start_matches('/'));
    fs::create_folder(&old_root)?;
    pivot_root(base, &old_root)?;
    chdir("/")?;
    for entry in std::fs::read_dir(OLD)? {
        let entry = entry?;
        let place = Path::new("/").join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, place)?;
        } else if kind.is_dir() {
            fs::create_folder(&place)?;
            mount_bind_recursive(entry.path(), &place)?;
        } else if kind.is_file() {
            // Never opened: a process that another thread starts meanwhile would have
            // it open for writing, and the root could not be made read-only.
            mknodat(CWD, &place, FileType::RegularFile, Mode::RUSR, 0)?;
            mount_bind(entry.path(), &place)?;
        }
    }
    Ok(())
}

fn overlay(layers: &Layers) -> io::Result<()> {
    chdir(old(&layers.root))?;
    let dirs = format!(
        "lowerdir={},upperdir={},workdir={}",
        layers.lower.join(":"),
        Layers::written(&layers.upper),
        Layers::work(&layers.upper)
    );
    let mut refused = io::Error::other("no options of overlayfs");
    for options in OVERLAY {
        let data = CString::new(format!("{dirs},{options}")).map_err(io::Error::other)?;
        match mount("matrix", LANE, "overlay", MountFlags::empty(), &*data) {
            Ok(()) => return Ok(()),
            Err(e) => refused = e.into(),
        }
    }
    Err(io::Error::other(format!(
        "overlayfs cannot be used in {}: {refused}",
        shown(&layers.root)
    )))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a gate may rename files")]
mod tests {
    use super::*;

    /// If a machine does not allow namespaces, lanes are copied: the tests of
    /// whole runs cover that.
    #[test]
    fn files_of_one_thread_are_invisible_to_others() {
        let scratch = tempfile::tempdir().unwrap();
        if probe(scratch.path()).is_err() && geteuid().as_raw() != 0 {
            return;
        }
        fs::write(&scratch.path().join("lower/a/file"), b"lower").unwrap();
        let lanes = ["one", "two"].map(|name| {
            let root = scratch.path().to_owned();
            std::thread::spawn(move || {
                let layers = Layers {
                    root: root.clone(),
                    lower: vec!["lower".into()],
                    upper: name.into(),
                };
                enter(&View::Layers(layers), &root).unwrap();
                let file = Path::new(LANE).join("a/file");
                assert_eq!(fs::read(&file).unwrap(), b"lower");
                fs::overwrite(&file, name.as_bytes()).unwrap();
                fs::write(&Path::new(LANE).join("a").join(name), b"").unwrap();
                std::fs::rename(Path::new(LANE).join("a"), Path::new(LANE).join("b")).unwrap();
                let seen = fs::list_tree(Path::new(LANE)).unwrap();
                assert_eq!(seen.len(), 2, "{seen:?}");
                assert_eq!(
                    fs::read(Path::new(LANE).join("b/file")).unwrap(),
                    name.as_bytes()
                );
                assert!(Path::new("/usr/bin").is_dir());
                assert!(fs::write(Path::new("/somewhere"), b"").is_err());
                leave().unwrap();
            })
        });
        for lane in lanes {
            lane.join().unwrap();
        }
        let lower = fs::list_tree(&scratch.path().join("lower")).unwrap();
        assert_eq!(lower, [Path::new("a/file")]);
        assert!(!Path::new(LANE).exists());
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a process that has nothing to do with a lane"
    )]
    fn a_process_that_another_thread_starts_keeps_no_lane_busy() {
        let scratch = tempfile::tempdir().unwrap();
        if probe(scratch.path()).is_err() && geteuid().as_raw() != 0 {
            return;
        }
        let lane = scratch.path().join("lane");
        fs::write(&lane.join("file"), b"").unwrap();
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let relaxed = std::sync::atomic::Ordering::Relaxed;
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(relaxed) {
                    std::process::Command::new("true").status().unwrap();
                }
            });
            let enter_and_leave = || -> io::Result<()> {
                enter(&View::Folder(lane.clone()), scratch.path())?;
                fs::read(Path::new(LANE).join("file"))?;
                leave()
            };
            let results: Vec<_> = (0..100)
                .map(|_| scope.spawn(enter_and_leave).join().unwrap())
                .collect();
            is_over.store(true, relaxed);
            let refused: Vec<_> = results.into_iter().filter_map(Result::err).collect();
            assert!(refused.is_empty(), "{refused:?}");
        });
    }
}

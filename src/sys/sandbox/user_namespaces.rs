//! The settings of the kernel that keep processes from creating user namespaces, which
//! bubblewrap needs.

use crate::sys::fs;
use std::path::Path;

/// The bit of `CAP_SYS_ADMIN` among the capabilities of a process.
const SYS_ADMIN: u64 = 1 << 21;

/// A setting of the kernel that forbids user namespaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// The setting, in a sentence.
    pub what: &'static str,
    /// The change that lifts it.
    pub remedy: &'static str,
}

/// The settings, by file below `/proc/sys`: the value that forbids, and true if processes
/// with privileges are not affected.
const SETTINGS: [(&str, &str, bool, Restriction); 3] = [
    (
        "user/max_user_namespaces",
        "0",
        false,
        Restriction {
            what: "user namespaces are switched off (user.max_user_namespaces = 0)",
            remedy: "sudo sysctl -w user.max_user_namespaces=15000",
        },
    ),
    (
        "kernel/unprivileged_userns_clone",
        "0",
        true,
        Restriction {
            what: "only root may create user namespaces (kernel.unprivileged_userns_clone = 0)",
            remedy: "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        },
    ),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        true,
        Restriction {
            what: "AppArmor restricts unprivileged user namespaces, as Ubuntu does since 23.10 \
                   (kernel.apparmor_restrict_unprivileged_userns = 1)",
            remedy: "give bubblewrap a profile that allows them: sudo apt-get install apparmor-profiles && \
                     sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && \
                     sudo apparmor_parser --replace /etc/apparmor.d/bwrap-userns-restrict; or lift the \
                     restriction for all programs: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        },
    ),
];

/// Finds the setting that keeps this process from creating user namespaces.
#[must_use]
pub fn restriction() -> Option<Restriction> {
    of_proc(Path::new("/proc"))
}

/// Finds the setting in the files of a `/proc`.
fn of_proc(proc: &Path) -> Option<Restriction> {
    let is_privileged = is_privileged(proc);
    let applies = |(file, forbids, spares, _): &&(&str, &str, bool, Restriction)| {
        let value = fs::read_text(proc.join("sys").join(file));
        let is_forbidden = value.is_ok_and(|value| value.trim() == *forbids);
        is_forbidden && !(*spares && is_privileged)
    };
    let found = SETTINGS.iter().find(applies)?;
    Some(found.3.clone())
}

/// True if this process may administer the machine. In a user namespace of its own a process
/// has the capability too, but not over the machine.
fn is_privileged(proc: &Path) -> bool {
    let read = |file: &str| fs::read_text(proc.join(file)).unwrap_or_default();
    let status = read("self/status");
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default();
    let map = read("self/uid_map");
    let is_outermost = map.split_whitespace().eq(["0", "0", "4294967295"]);
    effective & SYS_ADMIN != 0 && is_outermost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(status: &str, uid_map: &str, settings: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let own = [("self/status", status), ("self/uid_map", uid_map)];
        let settings = settings
            .iter()
            .map(|(file, text)| (format!("sys/{file}"), *text));
        let own = own.map(|(file, text)| (file.to_owned(), text));
        for (file, text) in own.into_iter().chain(settings) {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            crate::sys::fs::write(&path, text.as_bytes()).unwrap();
        }
        root
    }

    const USER: &str = "Name:\tmatrix\nCapEff:\t0000000000000000\n";
    const ROOT: &str = "Name:\tmatrix\nCapEff:\t000001ffffffffff\n";
    const OUTERMOST: &str = "         0          0 4294967295\n";
    const OWN: &str = "      1000       1000          1\n";
    const UBUNTU: &[(&str, &str)] = &[
        ("kernel/apparmor_restrict_unprivileged_userns", "1\n"),
        ("kernel/unprivileged_userns_clone", "1\n"),
        ("user/max_user_namespaces", "127305\n"),
    ];

    #[test]
    fn the_restriction_of_ubuntu_is_named_with_its_remedy() {
        let found = of_proc(machine(USER, OUTERMOST, UBUNTU).path()).unwrap();
        assert!(found.what.contains("AppArmor"), "{found:?}");
        for way in [
            "bwrap-userns-restrict",
            "apparmor_restrict_unprivileged_userns=0",
        ] {
            assert!(found.remedy.contains(way), "{found:?}");
        }
        // Capabilities in a namespace of its own do not count.
        assert!(of_proc(machine(ROOT, OWN, UBUNTU).path()).is_some());
        assert_eq!(of_proc(machine(ROOT, OUTERMOST, UBUNTU).path()), None);
    }

    #[test]
    fn other_settings_are_named_and_a_free_machine_has_none() {
        let debian = machine(
            USER,
            OUTERMOST,
            &[("kernel/unprivileged_userns_clone", "0\n")],
        );
        let found = of_proc(debian.path()).unwrap();
        assert!(found.remedy.ends_with("unprivileged_userns_clone=1"));
        // Root cannot create more than none either.
        let none = machine(ROOT, OUTERMOST, &[("user/max_user_namespaces", "0\n")]);
        assert!(of_proc(none.path()).is_some());
        let off = [("kernel/apparmor_restrict_unprivileged_userns", "0\n")];
        assert_eq!(of_proc(machine(USER, OUTERMOST, &off).path()), None);
        assert_eq!(of_proc(machine(USER, OUTERMOST, &[]).path()), None);
    }
}

//! Files that hold credentials, and are empty inside of a sandbox.
//!
//! A sandbox hides homes whole; these are what else a machine, or a folder of tools that is
//! shown, may hold. Sources: the manuals of the programs that write them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::sys::secrets::OF_ALL_USERS;

/// Files and folders of the machine.
const OF_MACHINE: [&str; 11] = [
    // shadow(5), gshadow(5), and their backups.
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    // kerberos(7), sshd(8): keys of the host.
    "/etc/krb5.keytab",
    "/etc/ssh/ssh_host_ecdsa_key",
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/ssh/ssh_host_rsa_key",
    // Private keys of certificates: Debian's ssl-cert, certbot.
    "/etc/ssl/private",
    "/etc/letsencrypt",
    // NetworkManager(8): passwords of networks.
    "/etc/NetworkManager/system-connections",
];

/// Names in a folder of tools.
const BESIDE_TOOLS: [&str; 26] = [
    // dotenv.
    ".env",
    ".env.local",
    ".env.production",
    // curl(1), git-credential-store(1), hub, gh.
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".gitconfig",
    ".config",
    // npm, yarn, pip, twine, poetry.
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pypirc",
    ".pip",
    "etc/npmrc",
    // cargo: `$CARGO_HOME/credentials.toml`.
    "credentials",
    "credentials.toml",
    // docker: `~/.docker/config.json`; podman: `auth.json`.
    ".docker",
    "config.json",
    "auth.json",
    // ssh, gpg, aws, gcloud, azure, kubectl, vault.
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".vault-token",
    "id_rsa",
];

/// Returns the files and folders that hold credentials, of the machine and in folders
/// that are shown, without links in their paths.
pub(super) fn found(shown: &[PathBuf]) -> Vec<PathBuf> {
    let of_machine = OF_MACHINE.iter().chain(&OF_ALL_USERS).map(PathBuf::from);
    let beside = shown
        .iter()
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| BESIDE_TOOLS.iter().map(move |name| folder.join(name)));
    let mut found: Vec<PathBuf> = of_machine
        .chain(beside)
        .filter(|path| path.exists())
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// True for settings of package managers for all users, which installers read.
pub(super) fn is_of_installers(path: &Path) -> bool {
    ["npmrc", ".npmrc", "pip.conf", "uv.toml"]
        .iter()
        .any(|name| path.ends_with(name))
}

/// Adds the options that make credentials empty.
pub(super) fn mask<'a>(words: &mut Vec<OsString>, found: impl Iterator<Item = &'a PathBuf>) {
    for path in found {
        if path.is_dir() {
            words.extend(["--tmpfs".into(), path.into()]);
        } else {
            words.push("--ro-bind".into());
            words.extend([Path::new("/dev/null").into(), path.into()]);
        }
    }
}

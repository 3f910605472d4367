//! The secrets in the files that settings of installers name: a step that installs can read
//! them, and so can print them.

use std::path::Path;

use super::base64;
use super::named::{
    LONGEST, add, add_password, is_credential, is_existing_path, is_secret_name, password_in,
};
use crate::sys::env::Snapshot;
use crate::sys::fs;

/// The settings of npm, pip and uv for all users: npm-config(7), pip's and uv's manuals.
pub(in crate::sys) const OF_ALL_USERS: [&str; 6] = [
    "/etc/npmrc",
    "/usr/etc/npmrc",
    "/usr/local/etc/npmrc",
    "/etc/pip.conf",
    "/etc/xdg/pip/pip.conf",
    "/etc/uv/uv.toml",
];

/// The size up to which a file is read: settings are smaller, and lists of certificates
/// are larger.
const LARGEST: u64 = 128 * 1024;

/// Returns the secrets of the settings of npm, pip and uv, each with the name of its file.
pub(super) fn values(env: &Snapshot) -> Vec<(String, Vec<u8>)> {
    let mut values = Vec::new();
    let mut files = env.named_files(Path::new("/"));
    files.extend(OF_ALL_USERS.map(Into::into));
    files.sort();
    files.dedup();
    for file in files {
        let is_small = |file: &Path| {
            let metadata = file.metadata();
            metadata.is_ok_and(|it| it.is_file() && it.len() <= LARGEST)
        };
        if is_small(&file)
            && let Ok(text) = fs::read_text(&file)
        {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            in_settings(&mut values, &name, &text);
        }
    }
    values
}

/// Adds what lines such as `key = value` hold: the values of telling keys, and passwords in
/// addresses.
pub(super) fn in_settings(values: &mut Vec<(String, Vec<u8>)>, name: &str, text: &str) {
    for line in text.lines().filter(|line| line.len() <= LONGEST) {
        let is_end = |c: char| c.is_whitespace() || "\"',;".contains(c);
        for word in line.split(is_end).filter(|word| !word.contains("${")) {
            let word = word.as_bytes();
            if let Some(password) = password_in(word).filter(|it| is_credential(word, it)) {
                add_password(values, name, password);
            }
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'']));
        let is_secret = key.rsplit(':').next().is_some_and(is_secret_name);
        if !is_secret || value.contains("${") || is_existing_path(value.as_bytes()) {
            continue;
        }
        add(values, name, value.as_bytes());
        // npm keeps `_auth` and `_password` in base64, and sends what they mean.
        for plain in base64::credentials_in(value.as_bytes()) {
            add(values, name, &plain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut values = Vec::new();
        in_settings(&mut values, "pip.conf", text);
        let text = |value| String::from_utf8_lossy(value).into_owned();
        values.iter().map(|(_, value)| text(value)).collect()
    }

    #[test]
    fn addresses_and_telling_keys_hold_secrets() {
        for (text, secret) in [
            (
                "index-url = https://me:pass-word-1@a.invalid/",
                "pass-word-1",
            ),
            (
                "find-links =\n    https://me:p%40ss-word@b.invalid/",
                "p@ss-word",
            ),
            (
                "[[index]]\nurl = \"https://token-of-uv-0123456789@c.invalid/\"",
                "token-of-uv-0123456789",
            ),
            ("//r.invalid/:_authToken=just-a-token", "just-a-token"),
            ("//r.invalid/:_password=b3Blbi1zZXNhbWU=", "open-sesame"),
            ("_auth = \"bWU6b3Blbi1zZXNhbWU=\"", "open-sesame"),
        ] {
            assert!(found(text).iter().any(|it| it == secret), "{text}");
        }
    }

    #[test]
    fn what_is_public_or_named_elsewhere_is_none() {
        for text in [
            "index-url = https://builduser@pypi.invalid/simple",
            "//r/:_authToken=${TOKEN_OF_CI}",
            "registry=https://me:${PASS_OF_CI}@r.invalid/npm/",
            "registry=https://r.invalid/npm/",
            "cafile=/etc/hosts",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}

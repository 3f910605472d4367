//! Values that are secret because of the name of their variable.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::base64;
use crate::sys::env::Snapshot;
use crate::sys::fs;
use crate::sys::npmrc;

/// The minimum length of a secret: a shorter value may be a common word.
pub(super) const SHORTEST: usize = 8;

/// Parts of names of secrets.
const SECRET_PARTS: &[&str] = &[
    "ACCESSKEY",
    "ACCESS_KEY",
    "APIKEY",
    "API_KEY",
    "AUTHORIZATION",
    "CREDENTIAL",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PRIVATE_KEY",
    "SECRET",
    "TOKEN",
];

/// Whole words in names of secrets.
const SECRET_WORDS: &[&str] = &["AUTH", "CREDS", "KEY", "PASS", "PAT"];

/// Returns all secrets, each with the name of its variable.
pub(super) fn values(env: &Snapshot) -> Vec<(String, Vec<u8>)> {
    let npmrc = env
        .npmrc()
        .and_then(|path| fs::read_text(path).ok())
        .unwrap_or_default();
    let of_npmrc: Vec<&str> = npmrc::variables_in(&npmrc).collect();
    let mut values = Vec::new();
    for (name, value) in env.iter() {
        let (name, bytes) = (name.to_string_lossy(), value.as_bytes());
        let is_named = is_secret_name(&name) && !is_existing_path(bytes);
        let is_of_npmrc =
            of_npmrc.contains(&&*name) && !is_existing_path(bytes) && !is_public_address(bytes);
        if is_named || is_of_npmrc {
            add(&mut values, &name, bytes);
        }
        if let Some(password) = password_in(bytes) {
            add(&mut values, &name, password);
        }
    }
    let entries = npmrc.lines().filter_map(|line| line.split_once('='));
    for (key, value) in entries.map(|(key, value)| (key.trim(), value.trim().trim_matches('"'))) {
        let is_secret = key.rsplit(':').next().is_some_and(is_secret_name);
        if is_secret && !value.contains("${") && !is_existing_path(value.as_bytes()) {
            add(&mut values, ".npmrc", value.as_bytes());
        }
    }
    values
}

pub(crate) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let mut words = upper.split(|c: char| !c.is_ascii_alphanumeric());
    SECRET_PARTS.iter().any(|part| upper.contains(part))
        || words.any(|word| SECRET_WORDS.contains(&word))
}

/// True if a value is an existing path, such as a socket or a key file. It is
/// no secret, and may be a part of many other paths.
fn is_existing_path(value: &[u8]) -> bool {
    value.starts_with(b"/") && Path::new(std::ffi::OsStr::from_bytes(value)).exists()
}

fn is_public_address(value: &[u8]) -> bool {
    value.starts_with(b"http") && password_in(value).is_none()
}

/// Returns the password of `scheme://user:password@host`; a user without a
/// password counts as a token.
pub(crate) fn password_in(value: &[u8]) -> Option<&[u8]> {
    let text = std::str::from_utf8(value).ok()?;
    let (_, rest) = text.split_once("://")?;
    let place = rest.split(['/', '?', '#']).next()?;
    let (user, _) = place.rsplit_once('@')?;
    let password = user.split_once(':').map_or(user, |(_, password)| password);
    Some(password.as_bytes())
}

/// Adds a value line by line, since it may be printed so, also as JSON, URLs and base64
/// encode it.
pub(super) fn add(values: &mut Vec<(String, Vec<u8>)>, name: &str, value: &[u8]) {
    for line in value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
        if line.len() < SHORTEST {
            continue;
        }
        let mut forms = vec![line.to_owned()];
        if let Ok(text) = std::str::from_utf8(line) {
            let json = serde_json::Value::from(text).to_string();
            forms.push(json.as_bytes()[1..json.len() - 1].to_owned());
            forms.push(percent_encoded(text));
        }
        forms.extend(base64::within(line));
        forms.dedup();
        values.extend(forms.into_iter().map(|form| (name.to_owned(), form)));
    }
}

fn percent_encoded(text: &str) -> Vec<u8> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| {
        if is_plain(byte) {
            vec![byte]
        } else {
            format!("%{byte:02X}").into_bytes()
        }
    };
    text.bytes().flat_map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_secret() {
        for name in [
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "npm_config__auth",
            "npm_config_//registry.example/:_authToken",
            "MYSQL_PASSWD",
            "STRIPE_KEY",
            "DOCKER_AUTH_CONFIG",
            "DB_PASS",
            "X_API_KEY",
            "DEPLOY_CREDENTIALS",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PATH",
            "GIT_AUTHOR_NAME",
            "XAUTHORITY",
            "KEYBOARD",
            "PWD",
            "COMPASS",
            "MONKEY",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn an_address_may_hold_a_password() {
        let password = |text: &'static str| password_in(text.as_bytes());
        assert_eq!(
            password("http://u:p%40ss@proxy:80/x@y"),
            Some(&b"p%40ss"[..])
        );
        assert_eq!(password("https://token@host/"), Some(&b"token"[..]));
        assert_eq!(password("https://host/a@b"), None);
        assert_eq!(password("a@b"), None);
    }
}

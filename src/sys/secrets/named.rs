//! Values that are secret because of the name of their variable.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::forms;
use crate::sys::env::Snapshot;
use crate::sys::fs;
use crate::sys::npmrc;

/// The minimum length of a secret: a shorter value may be a common word.
pub(super) const SHORTEST: usize = 8;

/// The maximum length of a secret in a setting: tokens and headers are shorter, and a
/// setting may be of any size.
pub(super) const LONGEST: usize = 8 * 1024;
/// The maximum length of all secrets in settings together.
const MOST: usize = 256 * 1024;

/// The length from which a user without a password is taken for a token: names of people
/// are shorter, and stand in paths.
const TOKEN_LENGTH: usize = 20;

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

/// Returns the secrets of variables and of the command line, each with its name.
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
            add_password(&mut values, &name, password);
        }
    }
    for word in env.words() {
        let bytes = word.as_bytes();
        if let Some(password) = password_in(bytes).filter(|it| is_credential(bytes, it)) {
            add_password(&mut values, "argument", password);
        }
    }
    values
}

/// Returns the values of settings that are searched for, those past the bounds left out.
pub(super) fn bounded(settings: &[(String, Vec<u8>)]) -> impl Iterator<Item = (&String, &Vec<u8>)> {
    let mut left = MOST;
    settings.iter().filter_map(move |(name, value)| {
        if !(SHORTEST..=LONGEST).contains(&value.len()) {
            return None;
        }
        left = left.checked_sub(value.len())?;
        Some((name, value))
    })
}

pub(crate) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let mut words = upper.split(|c: char| !c.is_ascii_alphanumeric());
    SECRET_PARTS.iter().any(|part| upper.contains(part))
        || words.any(|word| SECRET_WORDS.contains(&word))
}

/// True if a value is an existing path, such as a socket or a key file. It is
/// no secret, and may be a part of many other paths.
pub(super) fn is_existing_path(value: &[u8]) -> bool {
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

/// True if the user part of an address is a password or a token, and not only a user's name,
/// which stands in paths too.
pub(crate) fn is_credential(address: &[u8], password: &[u8]) -> bool {
    let with_colon = [b":", password, b"@"].concat();
    let has_user = address
        .windows(with_colon.len())
        .any(|part| part == with_colon);
    has_user || password.len() >= TOKEN_LENGTH
}

/// Adds a password as an address writes it, and as it is.
pub(super) fn add_password(values: &mut Vec<(String, Vec<u8>)>, name: &str, password: &[u8]) {
    add(values, name, password);
    let plain = forms::percent_decoded(password);
    if plain != password {
        add(values, name, &plain);
    }
}

/// Adds a value line by line, since it may be printed so, also as JSON, URLs and base64
/// encode it.
pub(super) fn add(values: &mut Vec<(String, Vec<u8>)>, name: &str, value: &[u8]) {
    for line in value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
        if line.len() >= SHORTEST {
            let forms = forms::of(line).into_iter();
            values.extend(forms.map(|form| (name.to_owned(), form)));
        }
    }
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

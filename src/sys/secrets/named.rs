//! Values that are secret because of the name that they go by.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::sys::env::Snapshot;

/// A shorter value may be a common word.
pub(super) const SHORTEST: usize = 8;

/// A name that holds one of these is that of a secret.
const TELLING: &[&str] = &[
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

/// So is one of which one of these is a whole word.
const TELLING_WORDS: &[&str] = &["AUTH", "CREDS", "KEY", "PASS", "PAT"];

/// Everything that is secret, with the name of its variable.
pub(super) fn values(env: &Snapshot) -> Vec<(String, Vec<u8>)> {
    let npmrc = env.npmrc();
    let npmrc = npmrc.and_then(|path| std::fs::read_to_string(path).ok());
    let npmrc = npmrc.unwrap_or_default();
    let of_npmrc: Vec<&str> = variables_named_in(&npmrc).collect();
    let mut values = Vec::new();
    for (name, value) in env.iter() {
        let (name, bytes) = (name.to_string_lossy(), value.as_bytes());
        let is_named = is_telling(&name) && !is_there(bytes);
        let is_of_npmrc =
            of_npmrc.contains(&&*name) && !is_there(bytes) && !is_public_address(bytes);
        if is_named || is_of_npmrc {
            add(&mut values, &name, bytes);
        }
        if let Some(password) = password_in(bytes) {
            add(&mut values, &name, password);
        }
    }
    for (key, value) in npmrc.lines().filter_map(|line| line.split_once('=')) {
        let (key, value) = (key.trim(), value.trim().trim_matches('"'));
        let is_secret = key.rsplit(':').next().is_some_and(is_telling);
        if is_secret && !value.contains("${") && !is_there(value.as_bytes()) {
            add(&mut values, ".npmrc", value.as_bytes());
        }
    }
    values
}

/// The `${NAME}` of an `.npmrc`.
pub(in crate::sys) fn variables_named_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        Some(name.trim_end_matches('?'))
    })
}

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    TELLING.iter().any(|telling| name.contains(telling))
        || words.any(|word| TELLING_WORDS.contains(&word))
}

/// Whether a value is the path of something: a socket, a key file. It is no
/// secret, and many paths may lead through it.
fn is_there(value: &[u8]) -> bool {
    value.starts_with(b"/") && Path::new(std::ffi::OsStr::from_bytes(value)).exists()
}

fn is_public_address(value: &[u8]) -> bool {
    value.starts_with(b"http") && password_in(value).is_none()
}

/// The password of `scheme://user:password@host`; a user alone is taken for
/// a token.
fn password_in(value: &[u8]) -> Option<&[u8]> {
    let text = std::str::from_utf8(value).ok()?;
    let (_, rest) = text.split_once("://")?;
    let place = rest.split(['/', '?', '#']).next()?;
    let (user, _) = place.rsplit_once('@')?;
    let password = user.split_once(':').map_or(user, |(_, password)| password);
    Some(password.as_bytes())
}

/// Adds a value line by line, since it may be printed so, and as other
/// formats would write it.
fn add(values: &mut Vec<(String, Vec<u8>)>, name: &str, value: &[u8]) {
    for line in value.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii();
        if line.len() < SHORTEST {
            continue;
        }
        let mut forms = vec![line.to_owned()];
        if let Ok(text) = std::str::from_utf8(line) {
            let json = serde_json::Value::from(text).to_string();
            forms.push(json.as_bytes()[1..json.len() - 1].to_owned());
            forms.push(percent_encoded(text));
        }
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
            "npm_config_//registry.npmjs.org/:_authToken",
            "MYSQL_PASSWD",
            "STRIPE_KEY",
            "DOCKER_AUTH_CONFIG",
            "DB_PASS",
            "X_API_KEY",
            "DEPLOY_CREDENTIALS",
        ] {
            assert!(is_telling(name), "{name}");
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
            assert!(!is_telling(name), "{name}");
        }
    }

    #[test]
    fn an_npmrc_names_variables() {
        let names: Vec<_> =
            variables_named_in("//r/:_authToken=${NPM_TOKEN}\nx=${OTHER?}").collect();
        assert_eq!(names, ["NPM_TOKEN", "OTHER"]);
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

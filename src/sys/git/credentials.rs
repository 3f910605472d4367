//! The secrets that git's settings hold for a repository.

use git2::Config;

use super::consumer::Consumer;
use super::entry::value_of;
use super::guard::open_repository;
use crate::sys::secrets::{credentials_in, is_credential, is_secret_name, password_in};

impl Consumer {
    /// Returns the secrets of git's settings, those of the user and the machine too, each
    /// with its name: headers (`http.<url>.extraheader`, in which actions/checkout leaves
    /// the token of a job), passwords in addresses, and settings with telling names.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, Vec<u8>)> {
        let config = open_repository(&self.folder).and_then(|repository| repository.config());
        config.map_or_else(|_| Vec::new(), |config| secrets_in(&config))
    }
}

pub(super) fn secrets_in(config: &Config) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = config.entries(None) else {
        return found;
    };
    let _ = entries.for_each(|entry| {
        let Ok(name) = entry.name() else {
            return;
        };
        let value = value_of(entry).unwrap_or_default();
        let key = name.rsplit('.').next().unwrap_or(name);
        // `url.<base>.insteadOf` has its address in the name.
        for text in [value, name.as_bytes()] {
            if let Some(password) = password_in(text).filter(|it| is_credential(text, it)) {
                found.push((key.to_owned(), password.to_owned()));
            }
        }
        if key == "extraheader" {
            // `AUTHORIZATION: basic …`
            let word = value.rsplit(|byte| *byte == b' ').next().unwrap_or(value);
            found.push((key.to_owned(), word.to_owned()));
            let plain = credentials_in(word).into_iter();
            found.extend(plain.map(|plain| (key.to_owned(), plain)));
        } else if is_secret_name(key) || key.ends_with("pass") {
            found.push((key.to_owned(), value.to_owned()));
        }
    });
    found
}

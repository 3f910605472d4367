//! Whole consumers, as `matrix init` reads them.

use std::path::Component;

use gate_matrix::config::{self, ConfigSource};
use gate_matrix::init::{Options, doors};

use super::{files, folder, is_harmless};

/// The configuration that is written can be read, unless it asks for something.
pub fn init(data: &[u8]) {
    let (folder, written) = folder(&files(data));
    let path = folder.path();
    for (gate, eject) in [(None, false), (Some("lint-staged".to_owned()), true)] {
        let options = Options {
            gate,
            eject,
            template: None,
        };
        let start = match doors::start(path, written.clone(), &options) {
            Err(broken) => {
                is_harmless(&broken.to_string());
                continue;
            }
            Ok(None) => continue,
            Ok(Some(start)) => start,
        };
        let texts = [&start.gate, &start.seen_in].into_iter();
        let lists = [
            &start.scenarios,
            &start.to_fill_in,
            &start.unknown,
            &start.without_hook,
        ];
        texts
            .chain(lists.into_iter().flatten())
            .for_each(|text| is_harmless(text));
        for (name, content) in &start.files {
            let mut parts = name.components();
            assert!(
                parts.all(|part| matches!(part, Component::Normal(_))),
                "{name:?}"
            );
            let file = path.join(name);
            // A file of the consumer can be where a folder should be.
            let made = std::fs::create_dir_all(file.parent().unwrap());
            if made.and_then(|()| std::fs::write(file, content)).is_err() {
                return;
            }
        }
        let toml = std::fs::read_to_string(path.join("matrix.toml")).unwrap();
        toml::from_str::<toml::Table>(&toml).unwrap_or_else(|e| panic!("{e}\n{toml}"));
        let source = ConfigSource {
            repo_root: path,
            file: None,
            package: None,
            package_base: path,
            remote: None,
        };
        if start.to_fill_in.is_empty() {
            config::load(&source).unwrap_or_else(|e| panic!("{e}\n{toml}"));
        }
    }
}

//! Gates from their registries.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Ran, World};

impl World {
    /// A world whose lanes share the package caches of all tests, below the
    /// target folder: what was fetched once is not fetched again.
    pub fn with_package_caches() -> Self {
        let world = Self::new();
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package-caches");
        fs::create_dir_all(&cache).unwrap();
        fs::create_dir_all(world.work()).unwrap();
        symlink(cache, world.work().join("cache")).unwrap();
        world
    }

    /// The program, with what this machine needs to reach a registry.
    pub fn online(&self, args: &[&str]) -> Command {
        let mut command = self.command(args);
        command.envs(std::env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy().to_ascii_lowercase();
            let prefixes = ["pip_", "npm_config_registry", "ssl_cert_", "node_extra_ca"];
            name.ends_with("_proxy") || prefixes.iter().any(|prefix| name.starts_with(prefix))
        }));
        command
    }

    /// The stand-in for pumuki, packed as its release would be.
    pub fn pumuki_standin(&self) -> PathBuf {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/pumuki-standin");
        self.npm_pack(&source)
    }

    /// `npm pack` of a folder; the tarball.
    pub fn npm_pack(&self, folder: &Path) -> PathBuf {
        let output = Command::new("npm")
            .args(["pack", "--silent", "--pack-destination"])
            .arg(self.path())
            .arg(folder)
            .env("HOME", self.home())
            .current_dir(self.path())
            .output()
            .expect("npm is needed: https://nodejs.org");
        let ran = Ran::of(output);
        assert_eq!(ran.code, 0, "npm pack: {}", ran.stderr);
        self.path().join(ran.stdout.trim())
    }
}

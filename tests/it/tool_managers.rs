//! Programs of the user's home that need more of it than the folder they are in.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{Consumer, Ran, World};

/// The programs, each with the folder that is on PATH.
const PROGRAMS: [(&str, &str); 7] = [
    ("cargo", ".cargo/bin"),
    ("python9", ".pyenv/shims"),
    ("tsc", ".volta/bin"),
    ("java", "opt/jdk/current/bin"),
    ("ruff", ".local/bin"),
    ("eslint", "npm/bin"),
    ("pnpm", ".local/share/pnpm"),
];

/// Files that no lane sees in a sandbox.
const PRIVATE: [&str; 4] = [
    ".cargo/credentials.toml",
    ".local/share/keyring",
    ".ssh/id",
    "opt/notes",
];

/// A home as the managers of tools lay it out, in the words of their own proxies and shims.
fn home_of_managers(world: &World) -> Consumer {
    let home = Consumer { root: world.home() };
    for private in PRIVATE {
        home.write(private, "private\n");
    }
    let answer = |name: &str| format!("#!/bin/sh\necho {name} is here\n");
    home.write(
        ".cargo/bin/rustup",
        "#!/bin/sh\nexec \"${RUSTUP_HOME:-$HOME/.rustup}/toolchains/stable/bin/${0##*/}\" \"$@\"\n",
    );
    home.write(".rustup/toolchains/stable/bin/cargo", &answer("cargo"));
    let root = world.home().join(".pyenv");
    let shim = format!(
        "#!/bin/sh\nexport PYENV_ROOT={0}\nexec \"{0}/libexec/pyenv\" exec \"${{0##*/}}\" \"$@\"\n",
        root.display()
    );
    home.write(".pyenv/shims/python9", &shim);
    home.write(
        ".pyenv/libexec/pyenv",
        "#!/bin/sh\nexec \"$PYENV_ROOT/versions/$(cat \"$PYENV_ROOT/version\")/bin/$2\"\n",
    );
    home.write(".pyenv/version", "9.1\n");
    home.write(".pyenv/versions/9.1/bin/python9", &answer("python9"));
    home.write(
        ".volta/bin/volta-shim",
        "#!/bin/sh\nexec \"${VOLTA_HOME:-$HOME/.volta}/tools/image/${0##*/}\" \"$@\"\n",
    );
    home.write(".volta/tools/image/tsc", &answer("tsc"));
    home.write(
        ".local/share/pnpm/pnpm",
        "#!/bin/sh\nstore=${PNPM_HOME:-$XDG_DATA_HOME/pnpm}/store\n\
         test ! -e \"$store\" && mkdir -p \"$store\" && echo pnpm is here\n",
    );
    // Each of these reads a file beside the folder that it is in.
    let reads =
        |file: &str| format!("#!/bin/sh\ncat \"$(dirname \"$(readlink -f \"$0\")\")/../{file}\"\n");
    home.write("opt/jdk/17/bin/java", &reads("lib/modules"));
    home.write("opt/jdk/17/lib/modules", "java is here\n");
    home.write(".local/share/pipx/venvs/ruff/bin/ruff", &reads("lib/ruff"));
    home.write(".local/share/pipx/venvs/ruff/lib/ruff", "ruff is here\n");
    home.write(
        "npm/lib/node_modules/eslint/cli/eslint.js",
        &reads("lib/api.js"),
    );
    home.write("npm/lib/node_modules/eslint/lib/api.js", "eslint is here\n");
    for (link, target) in [
        (".cargo/bin/cargo", "rustup"),
        (".volta/bin/tsc", "volta-shim"),
        ("opt/jdk/current", "17"),
        (".local/bin/ruff", "../share/pipx/venvs/ruff/bin/ruff"),
        ("npm/bin/eslint", "../lib/node_modules/eslint/cli/eslint.js"),
    ] {
        let link = world.home().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }
    home
}

/// A PATH with the folders of the programs first.
fn search_path(home: &Path) -> String {
    let folders = PROGRAMS.map(|(_, folder)| home.join(folder).display().to_string());
    let own = std::env::var("PATH").unwrap();
    format!("{}:{own}", folders.join(":"))
}

#[test]
fn tools_of_version_managers_work_and_private_files_beside_them_stay_hidden() {
    let world = World::new();
    let home = home_of_managers(&world);
    let names = PROGRAMS.map(|(name, _)| name).join(" ");
    let private = PRIVATE.map(|file| home.root.join(file).display().to_string());
    let script = format!(
        "for p in {names}; do $p || echo $p failed; done; cat {} 2>/dev/null; exit 0",
        private.join(" ")
    );
    let consumer = world.script_consumer(&script);
    for sandbox in ["require", "off"] {
        let mut command = world.run_command(&consumer, &["--sandbox", sandbox]);
        command.env("PATH", search_path(&home.root));
        Ran::of(command.output().unwrap()).expect(0);
        let log = consumer.log("clean", "stage_ci");
        for (name, _) in PROGRAMS {
            assert!(log.contains(&format!("{name} is here")), "{sandbox}: {log}");
        }
        let is_hidden = !log.contains("private");
        assert_eq!(is_hidden, sandbox == "require", "{sandbox}: {log}");
        let store = home.root.join(".local/share/pnpm/store");
        assert!(!store.exists(), "{sandbox}: pnpm wrote outside of its lane");
        fs::remove_dir_all(consumer.artifacts()).unwrap();
    }
}

#[test]
fn a_script_finds_the_managers_of_the_lane() {
    let world = World::new();
    let home = home_of_managers(&world);
    let consumer = world.script_consumer("cargo && exit 7");
    let mut command = world.run_command(&consumer, &["--run-id", "one"]);
    let path = search_path(&home.root);
    Ran::of(command.env("PATH", &path).output().unwrap()).expect(1);
    let script = consumer.artifacts().join("runs/one/replay/clean.sh");
    let mut sh = std::process::Command::new("sh");
    sh.arg(script).env_clear().env("PATH", &path);
    sh.env("TMPDIR", world.path());
    Ran::of(sh.output().unwrap()).expect(7);
}

//! A consumer with every hook, and stages of every command of git.

use std::fmt::Write as _;

use super::{Consumer, World};

/// Hooks of the clone, with git's exit if one of them exits 3.
pub const OWN: [(&str, i32); 14] = [
    ("pre-commit", 1),
    ("prepare-commit-msg", 1),
    ("commit-msg", 1),
    ("post-commit", 0),
    ("post-rewrite", 0),
    ("pre-merge-commit", 1),
    ("post-merge", 0),
    ("pre-rebase", 1),
    ("applypatch-msg", 1),
    ("pre-applypatch", 1),
    ("post-applypatch", 0),
    ("pre-push", 1),
    ("reference-transaction", 128),
    ("post-checkout", 0),
];

/// Hooks of the remote.
pub const REMOTE: [(&str, i32); 4] = [
    ("pre-receive", 1),
    ("update", 1),
    ("post-receive", 0),
    ("post-update", 0),
];

pub const COMMANDS: [&str; 9] = [
    "commit",
    "amend",
    "merge",
    "rebase",
    "cherry-pick",
    "am",
    "push",
    "tag",
    "delete",
];

/// A hook that exits 3 in the stage that says so.
const REFUSES: &str = "#!/bin/sh\ncase $0 in *reference-transaction) test \"$1\" = prepared || exit 0 ;; esac\n\
    test \"${0##*/}\" != \"$REFUSE\" || exit 3\n";

/// A consumer with all hooks, these stages, and what a scenario expects of them.
pub fn every_hook(world: &World, stages: &str, scenario: &str) -> Consumer {
    let toml = format!(
        "schema = 1\ngate = \"fake\"\nserver_hooks = \"hooks/server\"\n\
         [[activate]]\nstep = \"hook_up\"\nrun = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n\
         {stages}\n[scenario.bad]\noverlay = \"scenarios/bad\"\nremove = [\"old\"]\n{scenario}\n"
    );
    let own = OWN.map(|(hook, _)| format!("hooks/{hook}"));
    let remote = REMOTE.map(|(hook, _)| format!("hooks/server/{hook}"));
    let mut files = vec![
        ("matrix.toml", &*toml),
        ("file", "one\n"),
        ("old", "old\n"),
        ("scenarios/bad/file", "bad\r\n"),
        ("scenarios/bad/folder/new", "new\n"),
    ];
    files.extend(own.iter().chain(&remote).map(|path| (&**path, REFUSES)));
    world.consumer("consumer", &files)
}

/// A stage for every hook, which refuses in it.
pub fn refusing_stages() -> String {
    let mut stages = String::new();
    for (hook, _) in OWN.iter().chain(&REMOTE) {
        let on = if *hook == "post-checkout" {
            "on = \"rebase\"\n"
        } else {
            ""
        };
        let _ = write!(
            stages,
            "[stage.{hook}]\ndrive = \"git\"\n{on}env = {{ REFUSE = \"{hook}\" }}\n"
        );
    }
    stages
}

/// A stage for every command, in which no hook refuses.
pub fn passing_stages() -> String {
    let stage = |on: &&str| format!("[stage.on-{on}]\ndrive = \"git\"\non = \"{on}\"\n");
    COMMANDS.iter().map(stage).collect()
}

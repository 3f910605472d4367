//! What the consumer's own clone and its lock file say otherwise than a run tries: `check`
//! and `run` name it in a line.

use crate::support::{Consumer, Ran, World, git};

/// A gate whose hook is a file in git's own folder.
const CONFIG: &str = r#"
    schema = 1
    gate = "lefthook"
    hooks = ["pre-commit"]
    [[activate]]
    step = "gate_install"
    run = ["cp", "own/pre-commit", ".git/hooks/pre-commit"]
    [stage.pre-commit]
    drive = "git"
    [scenario.clean]
    overlay = "scenarios/clean"
    expect = { pre-commit = 0 }
    "#;

fn consumer(world: &World) -> Consumer {
    world.consumer(
        "consumer",
        &[
            ("matrix.toml", CONFIG),
            ("own/pre-commit", "#!/bin/sh\n# lefthook\n"),
            (".gitignore", ".husky/_\n"),
            ("scenarios/clean/file", "two\n"),
        ],
    )
}

fn both(world: &World, consumer: &Consumer) -> [Vec<String>; 2] {
    let repo = consumer.root.to_str().unwrap();
    ["check", "run"].map(|verb| {
        let ran = Ran::of(world.command(&[verb, "--repo", repo]).output().unwrap());
        ran.expect(0);
        let lines = ran.stderr.lines();
        let warnings = lines.filter(|line| line.starts_with("warning: "));
        warnings.map(ToOwned::to_owned).collect()
    })
}

#[track_caller]
fn warn(world: &World, consumer: &Consumer, value: &str, scope: &str, remedy: &str) {
    for lines in both(world, consumer) {
        assert_eq!(lines.len(), 1, "{lines:?}");
        let setting = format!("core.hooksPath is {value} in ");
        for part in [setting.as_str(), scope, remedy] {
            assert!(lines[0].contains(part), "{part}: {lines:?}");
        }
    }
}

#[track_caller]
fn silent(world: &World, consumer: &Consumer) {
    assert_eq!(both(world, consumer), [Vec::<String>::new(), Vec::new()]);
}

/// husky leaves the setting behind when a project moves on, and its shims with it.
#[test]
fn a_setting_of_another_gate_is_named_with_the_command_that_removes_it() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.write(".husky/_/pre-commit", "#!/bin/sh\n. \"${0%/*}/h\"\n");
    consumer.git(&["config", "core.hooksPath", ".husky/_"]);
    let remedy = "config --local --unset-all core.hooksPath";
    warn(&world, &consumer, ".husky/_", "(local)", remedy);
    consumer.git(&["config", "core.hooksPath", "/dev/null"]);
    warn(&world, &consumer, "/dev/null", "(local)", remedy);
}

#[test]
fn a_global_setting_is_named_too() {
    let world = World::new();
    let consumer = consumer(&world);
    let global = world.home().join(".gitconfig");
    std::fs::write(&global, "[core]\n\thooksPath = ~/hooks\n").unwrap();
    let remedy = "config --global --unset-all core.hooksPath";
    warn(
        &world,
        &consumer,
        "~/hooks",
        "git's global configuration",
        remedy,
    );
    // The clone's own setting comes first.
    consumer.git(&["config", "core.hooksPath", ".git/hooks"]);
    consumer.write(".git/hooks/pre-commit", "#!/bin/sh\n# lefthook\n");
    silent(&world, &consumer);
}

/// git 2.54 and later run hooks of the configuration; a switch of the user's turns them off.
#[test]
fn a_configured_hook_that_is_switched_off_is_named() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.git(&["config", "hook.lint.event", "pre-commit"]);
    consumer.git(&["config", "hook.lint.command", "true"]);
    silent(&world, &consumer);
    let global = world.home().join(".gitconfig");
    std::fs::write(&global, "[hook \"lint\"]\n\tenabled = off\n").unwrap();
    for lines in both(&world, &consumer) {
        assert_eq!(lines.len(), 1, "{lines:?}");
        let remedy = "config --global --unset-all \"hook.lint.enabled\"";
        assert!(
            lines[0].contains("pre-commit hook lint is disabled"),
            "{lines:?}"
        );
        assert!(lines[0].ends_with(remedy), "{lines:?}");
    }
    // A hook of the user's own is none of the gate's.
    consumer.git(&["config", "--remove-section", "hook.lint"]);
    std::fs::write(
        &global,
        "[hook \"lint\"]\n\tevent = pre-commit\n\tenabled = off\n",
    )
    .unwrap();
    silent(&world, &consumer);
}

/// A clone that was never set up, as CI has it, is no fault of the configuration.
#[test]
fn a_clone_without_a_setting_is_not_named() {
    let world = World::new();
    let consumer = consumer(&world);
    silent(&world, &consumer);
    let own = consumer.root.join(".git/hooks");
    consumer.git(&["config", "core.hooksPath", own.to_str().unwrap()]);
    silent(&world, &consumer);
    // In a linked work tree, git's own folder is that of the repository.
    let linked = world.path().join("linked");
    let words = [
        "worktree",
        "add",
        "--quiet",
        "-b",
        "other",
        linked.to_str().unwrap(),
    ];
    git(&consumer.root, &words);
    silent(&world, &Consumer { root: linked });
}

#[test]
fn hooks_that_are_checked_in_are_the_consumers() {
    let world = World::new();
    let consumer = consumer(&world);
    let config = CONFIG.replace(
        r#""cp", "own/pre-commit", ".git/hooks/pre-commit""#,
        r#""git", "config", "core.hooksPath", "own""#,
    );
    consumer.write("matrix.toml", &config);
    consumer.write("own/pre-commit", "#!/bin/sh\n");
    consumer.commit("check the hooks in");
    consumer.git(&["config", "core.hooksPath", "own"]);
    silent(&world, &consumer);
    consumer.git(&["config", "core.hooksPath", "elsewhere"]);
    let [check, run] = both(&world, &consumer);
    assert!(
        check[0].contains("there is no pre-commit hook"),
        "{check:?}"
    );
    let remedy = "config --local core.hooksPath \"own\"";
    assert!(run[0].contains(remedy), "{run:?}");
    // A setting of the work tree takes precedence: there alone it can be corrected.
    consumer.git(&["config", "extensions.worktreeConfig", "true"]);
    consumer.git(&["config", "--worktree", "core.hooksPath", "elsewhere"]);
    let [_, run] = both(&world, &consumer);
    let remedy = "config --worktree core.hooksPath \"own\"";
    assert!(run[0].contains(remedy), "{run:?}");
    consumer.git(&["config", "--worktree", "core.hooksPath", "own"]);
    silent(&world, &consumer);
}

/// The gate's hooks in a folder that all clones of the user share.
#[test]
fn hooks_of_the_remote_are_not_looked_for_in_the_clone() {
    let world = World::new();
    let consumer = consumer(&world);
    let config = CONFIG
        .replace("hooks = [", "server_hooks = \"own\"\nhooks = [")
        .replace(
            "[scenario",
            "[stage.pre-receive]\ndrive = \"git\"\n[scenario",
        )
        .replace("pre-commit = 0", "pre-commit = 0, pre-receive = 0");
    consumer.write("matrix.toml", &config);
    consumer.commit("a hook of the remote");
    let hook = Consumer { root: world.path() };
    hook.write("shared/pre-commit", "#!/bin/sh\n# lefthook\n");
    let folder = world.path().join("shared");
    consumer.git(&["config", "core.hooksPath", folder.to_str().unwrap()]);
    let check = || {
        let ran = world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()]);
        ran.expect(0);
        assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    };
    check();
    // Of a hook without an end its beginning is read.
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).open(folder.join("pre-commit"));
    file.unwrap().set_len(1 << 40).unwrap();
    check();
}

/// A consumer whose lock file pins another version than the profile's default.
fn pinned(world: &World, package: &str) -> Ran {
    let config = format!("schema = 1\ngate = \"lefthook\"\ninherits = \"lefthook\"\n{package}\n");
    let lock =
        r#"{"lockfileVersion": 3, "packages": {"node_modules/lefthook": {"version": "1.13.6"}}}"#;
    let overlays = ["clean", "violations", "mixed"].map(|name| format!("scenarios/{name}/file"));
    let mut files = vec![
        ("matrix.toml", &*config),
        ("package.json", "{}"),
        ("package-lock.json", lock),
    ];
    files.extend(overlays.iter().map(|path| (&**path, "two\n")));
    let consumer = world.consumer("consumer", &files);
    world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()])
}

#[test]
fn the_default_package_is_what_the_lock_file_pins() {
    let ran = pinned(&World::new(), "");
    ran.expect(0);
    let line = "gate: lefthook · package: lefthook@1.13.6, from package-lock.json\n";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
}

#[test]
fn a_package_of_the_configuration_that_differs_is_named() {
    let ran = pinned(&World::new(), "package = \"lefthook@2.2.2\"");
    ran.expect(0);
    assert!(
        ran.stdout.contains("package: lefthook@2.2.2\n"),
        "{}",
        ran.stdout
    );
    let line = "warning: matrix.toml tries lefthook@2.2.2, and package-lock.json pins 1.13.6; \
                to try what is pinned, remove `package`\n";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
    let same = pinned(&World::new(), "package = \"lefthook@1.13.6\"");
    assert!(!same.stderr.contains("warning"), "{}", same.stderr);
}

/// The setting is right, and leads to the consumer's own folder: the hook is what is wrong.
#[test]
fn a_hook_of_the_consumers_own_folder_is_mended_and_not_the_setting() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.write("own/other", "#!/bin/sh\n");
    consumer.write("own/pre-commit", "#!/bin/sh\n");
    consumer.commit("check the hooks in");
    consumer.git(&["config", "core.hooksPath", "own"]);
    consumer.git(&["update-index", "--chmod=-x", "own/pre-commit"]);
    consumer.git(&["commit", "-qm", "not executable", "--no-verify"]);
    consumer.git(&["checkout", "-q", "--", "."]);
    let hook = consumer.root.join("own/pre-commit");
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let check = || world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()]);
    let ran = check();
    assert!(
        ran.stderr.contains("own/pre-commit is not executable"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("update-index --chmod=+x \"own/pre-commit\""),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("unset"), "{}", ran.stderr);
    consumer.git(&["rm", "-q", "own/pre-commit"]);
    consumer.git(&["commit", "-qm", "gone", "--no-verify"]);
    let ran = check();
    assert!(
        ran.stderr
            .contains("own has no pre-commit hook, which matrix.toml expects"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("unset"), "{}", ran.stderr);
}

//! Repositories of every shape: what can be used is used, what cannot is
//! refused with a reason and a remedy.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};

use crate::support::{Consumer, World, git, json, script_gate};

/// What the program is given in `tests`: a change that is committed, pushed
/// and looked at.
const GATE: &str = r#"
    schema = 1
    gate = "fake"
    [[activate]]
    step = "hook_up"
    run = ["sh", "-c", "cd .git/hooks && printf '#!/bin/sh\\n' >pre-commit && chmod +x pre-commit && cp pre-commit pre-push"]
    [stage.pre-commit]
    drive = "git"
    [stage.pre-push]
    drive = "git"
    [stage.ci]
    drive = "command"
    run = ["sh", "-c", "git show HEAD:file | grep two"]
    [scenario.clean]
    overlay = "scenarios/clean"
    expect = { pre-commit = 0, pre-push = 0, ci = 0 }
"#;

fn consumer(world: &World) -> Consumer {
    let files = [
        ("matrix.toml", GATE),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    world.consumer("consumer", &files)
}

fn clone_of(world: &World, consumer: &Consumer, options: &[&str]) -> Consumer {
    let root = world.path().join("another");
    let from = format!("file://{}", consumer.root.display());
    let mut args = vec!["clone", "--quiet"];
    args.extend(options);
    args.extend([from.as_str(), root.to_str().unwrap()]);
    git(&world.path(), &args);
    Consumer { root }
}

#[test]
fn a_detached_head_is_played_on_a_branch_of_the_lanes_own() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.git(&["checkout", "--quiet", "--detach"]);
    world.run(&consumer, &["--keep"]).expect(0);
    let summary = consumer.passed("fake");
    assert!(summary["source"]["branch"].is_null(), "{summary:#}");
    let clone = world.kept_lane("clean").join("clone");
    assert_eq!(git(&clone, &["branch", "--show-current"]), "matrix\n");
}

#[test]
fn a_linked_worktree_is_a_consumer() {
    let world = World::new();
    let main = consumer(&world);
    let root = world.path().join("linked");
    main.git(&["worktree", "add", "--quiet", root.to_str().unwrap()]);
    let linked = Consumer { root };
    linked.write("file", "another one\n");
    linked.commit("only here");
    world.run(&linked, &[]).expect(0);
    let head = linked.git(&["rev-parse", "HEAD"]);
    assert_eq!(linked.passed("fake")["source"]["head"], head.trim_end());
    assert!(!main.artifacts().exists());
}

#[test]
fn a_shallow_clone_is_a_consumer() {
    let world = World::new();
    let deep = consumer(&world);
    deep.commit("a second commit");
    let shallow = clone_of(&world, &deep, &["--depth", "1"]);
    world.run(&shallow, &[]).expect(0);
    shallow.passed("fake");
}

#[test]
fn a_submodule_that_was_not_initialised_stays_so() {
    let world = World::new();
    let library = world.consumer("library", &[("code", "x\n")]);
    let with = consumer(&world);
    let from = library.root.to_str().unwrap();
    with.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        from,
        "lib",
    ]);
    with.commit("a submodule");
    let fresh = clone_of(&world, &with, &[]);
    world.run(&fresh, &["--keep"]).expect(0);
    let inside = world.kept_lane("clean").join("clone/lib");
    assert_eq!(fs::read_dir(inside).unwrap().count(), 0);
}

#[test]
fn an_initialised_submodule_is_a_consumer_and_is_not_initialised_in_the_lane() {
    let world = World::new();
    let library = consumer(&world);
    let with = world.consumer("with", &[("file", "x\n")]);
    let from = library.root.to_str().unwrap();
    with.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        from,
        "lib",
    ]);
    with.commit("a submodule");
    let inside = Consumer {
        root: with.root.join("lib"),
    };
    world.run(&inside, &[]).expect(0);
    inside.passed("fake");
}

#[test]
fn symlinks_are_carried_as_they_are() {
    let world = World::new();
    let consumer = consumer(&world);
    let outside = world.path().join("outside");
    fs::write(&outside, "outside\n").unwrap();
    symlink(&outside, consumer.root.join("to-a-file")).unwrap();
    symlink("nowhere", consumer.root.join("dangling")).unwrap();
    symlink("scenarios", consumer.root.join("to-a-folder")).unwrap();
    // A link of the overlay, and a file in place of a link.
    symlink("file", consumer.root.join("scenarios/clean/dangling")).unwrap();
    consumer.write("scenarios/clean/to-a-file", "inside\n");
    consumer.commit("links");
    world.run(&consumer, &["--keep"]).expect(0);
    let clone = world.kept_lane("clean").join("clone");
    assert_eq!(
        fs::read_link(clone.join("dangling")).unwrap(),
        Path::new("file")
    );
    assert_eq!(
        fs::read_link(clone.join("to-a-folder")).unwrap(),
        Path::new("scenarios")
    );
    assert_eq!(
        fs::read_to_string(clone.join("to-a-file")).unwrap(),
        "inside\n"
    );
    assert_eq!(fs::read_to_string(outside).unwrap(), "outside\n");
}

#[test]
fn odd_file_names_are_names() {
    let world = World::new();
    let consumer = consumer(&world);
    let odd: [&[u8]; 6] = [
        b"a\nb",
        b"\xff\xfe",
        b"-n",
        b"--all",
        b":(top)x",
        b"$(id) `id` \"'\\ *",
    ];
    for folder in ["", "scenarios/clean"] {
        for name in odd {
            let path = consumer.root.join(folder).join(OsStr::from_bytes(name));
            fs::write(path, format!("in {folder}")).unwrap();
        }
    }
    consumer.commit("odd names");
    world.run(&consumer, &["--keep"]).expect(0);
    let clone = world.kept_lane("clean").join("clone");
    let changed = git(
        &clone,
        &["diff", "-z", "--name-only", "upstream-clean", "HEAD"],
    );
    assert_eq!(changed.matches('\0').count(), odd.len() + 1, "{changed:?}");
}

#[test]
fn a_path_with_spaces_quotes_and_other_scripts_is_a_path() {
    let world = World::new();
    let files = [
        ("matrix.toml", GATE),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
    ];
    let consumer = world.consumer("it's a \"$HOME\" {x} %41 Ünïcode 日本", &files);
    world.run(&consumer, &[]).expect(0);
    consumer.passed("fake");
}

/// Exit 69 with a reason and a remedy; a last failure only where the
/// artifacts folder is ours.
#[track_caller]
fn refused(world: &World, root: &Path, reason: &str, is_own_work_tree: bool) {
    let before = names_below(root);
    let consumer = Consumer {
        root: root.to_owned(),
    };
    let ran = world.run(&consumer, &[]);
    ran.expect(69);
    assert!(ran.stderr.contains(reason), "{ran:?}");
    assert!(ran.stderr.contains("\n  next: "), "{ran:?}");
    assert_eq!(ran.stdout, "");
    if is_own_work_tree {
        assert_unsupported(&consumer);
    } else {
        assert_eq!(names_below(root), before, "nothing may be touched");
    }

    let named = world.path().join("named/artifacts");
    let ran = world.run(&consumer, &["--artifacts", named.to_str().unwrap()]);
    ran.expect(69);
    assert!(ran.stderr.contains(reason), "{ran:?}");
    assert_unsupported(&Consumer {
        root: world.path().join("named"),
    });
}

#[track_caller]
fn assert_unsupported(consumer: &Consumer) {
    let artifacts = fs::read_dir(consumer.artifacts()).unwrap();
    let verdicts: Vec<_> = artifacts
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| {
            name.strip_suffix("-matrix-last-failure.json")
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(verdicts.len(), 1, "{verdicts:?}");
    let failure = consumer.failed(&verdicts[0], "repo_unsupported");
    assert_eq!(failure["exit_code"], 69);
    assert_eq!(failure["failure_phase"], "preflight");
    assert_eq!(failure["failure_class"], "unsupported");
    assert!(failure["failure_log_artifact"].is_null());
}

fn names_below(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    names
}

#[test]
fn no_repository_is_refused() {
    let world = World::new();
    let folder = world.path().join("folder");
    fs::create_dir(&folder).unwrap();
    refused(&world, &folder, "is not in a git repository", false);
}

#[test]
fn a_folder_that_does_not_exist_is_refused() {
    let world = World::new();
    let ran = world.matrix(&["run", "--repo", "nowhere"]);
    ran.expect(69);
    assert!(ran.stderr.contains("nowhere"), "{ran:?}");
    assert!(ran.stderr.contains("\n  next: "), "{ran:?}");
    assert!(!world.path().join("nowhere").exists());
}

#[test]
fn a_bare_repository_is_refused() {
    let world = World::new();
    let bare = world.path().join("bare");
    git(&world.path(), &["init", "--quiet", "--bare", "bare"]);
    refused(&world, &bare, "is a bare repository", false);
}

#[test]
fn a_repository_without_a_commit_is_refused() {
    let world = World::new();
    let root = world.path().join("unborn");
    git(&world.path(), &["init", "--quiet", "unborn"]);
    refused(&world, &root, "has no commit yet", true);
}

#[test]
fn a_repository_whose_commit_is_lost_is_refused() {
    let world = World::new();
    let consumer = consumer(&world);
    let head = consumer.git(&["rev-parse", "HEAD"]);
    let (folder, rest) = head.trim_end().split_at(2);
    fs::remove_file(consumer.root.join(".git/objects").join(folder).join(rest)).unwrap();
    refused(&world, &consumer.root, "cannot be read", true);
}

#[test]
fn a_repository_whose_head_is_garbage_is_refused() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.write(".git/HEAD", "garbage\n");
    refused(&world, &consumer.root, "cannot be", true);
}

#[test]
fn a_repository_whose_index_is_garbage_is_refused() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.write(".git/index", "garbage\n");
    refused(&world, &consumer.root, "index", true);
}

#[test]
fn a_repository_of_somebody_else_is_refused_until_its_folder_is_called_safe() {
    let world = World::new();
    let theirs = world.script_consumer("exit 0");
    let stranger = 65534;
    for path in [&theirs.root, &theirs.root.join(".git")] {
        chown(path, Some(stranger), None).unwrap_or_else(|e| {
            panic!("only root can give a folder away, so only root can try this: {e}")
        });
    }
    refused(&world, &theirs.root, "belongs to somebody else", false);
    let trust = format!("[safe]\n\tdirectory = {}\n", theirs.root.display());
    fs::write(world.home().join(".gitconfig"), trust).unwrap();
    world.run(&theirs, &[]).expect(0);
    theirs.passed("fake");
}

#[test]
fn a_consumer_inside_of_another_repository_is_its_own() {
    let world = World::new();
    let outer = world.consumer("outer", &[("matrix.toml", "this is of the outer one")]);
    let inner = world.consumer(
        "outer/inner",
        &[
            ("matrix.toml", &script_gate("exit 0")),
            ("scenarios/clean/file", "two\n"),
        ],
    );
    world.run(&inner, &[]).expect(0);
    inner.passed("fake");
    assert!(!outer.artifacts().exists());
}

/// A consumer that libgit2 cannot read.
fn in_format(world: &World, options: &[&str]) -> Consumer {
    let consumer = world.consumer("consumer", &[("matrix.toml", GATE), ("file", "one\n")]);
    fs::remove_dir_all(consumer.root.join(".git")).unwrap();
    let init = ["init", "--quiet", "--initial-branch=main"];
    consumer.git(&[&init[..], options].concat());
    consumer.write("left-out/file", "x\n");
    consumer.write("scenarios/clean/file", "two\n");
    consumer.commit("a consumer");
    consumer
}

/// Every cell green, its evidence whole.
#[track_caller]
fn passes(world: &World, consumer: &Consumer) {
    world.run(consumer, &["--strict", "--keep"]).expect(0);
    let summary = consumer.passed("fake");
    let head = consumer.git(&["rev-parse", "HEAD"]);
    assert_eq!(summary["source"]["head"], head.trim_end());
    assert_eq!(summary["source"]["branch"], "main");
    let clone = world.kept_lane("clean").join("clone");
    let times = git(&clone, &["log", "--format=%ct"]);
    assert!(times.lines().count() > 2, "{times}");
    assert!(times.lines().all(|time| time == "1767225600"), "{times}");
    let moved = &consumer.cell("clean", "pre-push")["witness"]["moved"];
    assert_ne!(moved["after"], moved["before"], "{moved:#}");
    consumer.write("file", "edited\n");
    let ran = world.run(consumer, &[]);
    assert!(ran.expect(17).stderr.contains("unstaged: file"), "{ran:?}");
}

#[test]
fn a_consumer_whose_refs_are_a_table_is_one() {
    let world = World::new();
    passes(&world, &in_format(&world, &["--ref-format=reftable"]));
}

#[test]
fn a_consumer_of_sha256_objects_is_one() {
    let world = World::new();
    passes(&world, &in_format(&world, &["--object-format=sha256"]));
}

#[test]
fn a_consumer_with_a_split_index_is_one() {
    let world = World::new();
    let consumer = in_format(&world, &[]);
    consumer.git(&["update-index", "--split-index"]);
    passes(&world, &consumer);
}

#[test]
fn a_consumer_with_a_sparse_index_is_one() {
    let world = World::new();
    let consumer = in_format(&world, &[]);
    let set = ["sparse-checkout", "set", "--cone", "--sparse-index"];
    consumer.git(&[&set[..], &["scenarios"]].concat());
    assert!(!consumer.root.join("left-out").exists());
    passes(&world, &consumer);
}

#[test]
fn what_git_ignores_is_found_in_every_format() {
    for format in ["--ref-format=reftable", "--object-format=sha256"] {
        let world = World::new();
        let consumer = in_format(&world, &[format]);
        consumer.write(".gitignore", "ignored\nfile\n");
        consumer.commit("ignore");
        world.run(&consumer, &[]).expect(0);
        consumer.write("scenarios/clean/ignored", "x\n");
        let ran = world.run(&consumer, &[]);
        assert!(ran.expect(2).stderr.contains("git ignores"), "{ran:?}");
    }
}

#[test]
fn a_format_that_git_reads_is_refused_for_the_same_reasons() {
    let world = World::new();
    let format = "--object-format=sha256";
    let root = world.path().join("unborn");
    git(&world.path(), &["init", "--quiet", format, "unborn"]);
    refused(&world, &root, "has no commit yet", true);

    let world = World::new();
    git(
        &world.path(),
        &["init", "--quiet", "--bare", format, "bare"],
    );
    let bare = world.path().join("bare");
    refused(&world, &bare, "is a bare repository", false);

    let world = World::new();
    let consumer = in_format(&world, &[format]);
    for path in [&consumer.root, &consumer.root.join(".git")] {
        chown(path, Some(65534), None)
            .unwrap_or_else(|e| panic!("only root can give a folder away: {e}"));
    }
    refused(&world, &consumer.root, "belongs to somebody else", false);
    let trust = format!("[safe]\n\tdirectory = {}\n", consumer.root.display());
    fs::write(world.home().join(".gitconfig"), trust).unwrap();
    world.run(&consumer, &[]).expect(0);

    let world = World::new();
    let consumer = in_format(&world, &["--ref-format=reftable"]);
    consumer.git(&["config", "extensions.fromTheFuture", "1"]);
    refused(&world, &consumer.root, "cannot be opened", true);
}

#[test]
fn violations_of_sha256_changes_are_not_taken_out() {
    let world = World::new();
    let consumer = in_format(&world, &["--object-format=sha256"]);
    let repo = consumer.root.to_str().unwrap();
    let ran = world.matrix(&["check", "--vacuity", "--repo", repo]);
    assert!(ran.expect(69).stderr.contains("SHA-256"), "{ran:?}");
    assert!(ran.stderr.contains("\n  next: "), "{ran:?}");
    let file = consumer.artifacts().join("fake-vacuity-last-failure.json");
    let failure = json(&file).expect("there is no last failure");
    assert_eq!(failure["failure_step"], "repo_unsupported");
}

#[test]
fn what_is_weakened_is_found_behind_a_split_index() {
    let world = World::new();
    let consumer = world.gated_consumer();
    consumer.git(&["update-index", "--split-index"]);
    let ran = world.try_out("mutate", &consumer, &[]);
    assert!(ran.expect(0).stdout.contains("1 noticed"), "{ran:?}");
}

/// A push hook that blocks, once it has pushed by another name.
const SNEAK: &str =
    "#!/bin/sh\ngit push --quiet --no-verify origin HEAD:refs/heads/sneaked\nexit 1\n";

#[test]
fn a_sha256_commit_that_got_in_by_another_name_is_seen() {
    for (format, hook, code) in [
        ("sha256", SNEAK, 1),
        ("sha256", "#!/bin/sh\nexit 1\n", 0),
        ("sha1", SNEAK, 1),
    ] {
        let world = World::new();
        let format = format!("--object-format={format}");
        let consumer = in_format(&world, &[&format]);
        consumer.write("hooks/pre-push", hook);
        let config = "schema = 1\ngate = \"fake\"\n[[activate]]\nstep = \"hook_up\"\n\
            run = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n\
            [stage.pre-push]\ndrive = \"git\"\n\
            [scenario.clean]\noverlay = \"scenarios/clean\"\nexpect = { pre-push = 1 }\n";
        consumer.write("matrix.toml", config);
        consumer.commit("a gate that blocks a push");
        let ran = world.run(&consumer, &[]);
        ran.expect(code);
        assert_eq!(ran.stderr.contains("sneaked"), code == 1, "{ran:?}");
    }
}

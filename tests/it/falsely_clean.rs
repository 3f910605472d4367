//! A consumer that is dirty is never called clean: repositories of many kinds,
//! each looked at by the program and by a git that trusts all of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::{Consumer, World, git, script_gate};

/// What git is to say of a kind, and what matrix must.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    Clean,
    Dirty,
    /// Git is told to look away, and something is dirty there.
    Hidden,
}
use Says::{Clean, Dirty, Hidden};

type Kind = (&'static str, Says, fn(&World, &Consumer));

/// Files of one content and another one of the same size.
const ONE: &str = "one\n";
const TWO: &str = "two\n";

fn consumer(world: &World, options: &[&str]) -> Consumer {
    let root = world.path().join("consumer");
    let mut args = vec!["init", "--quiet", "--initial-branch=main"];
    args.extend(options);
    args.push(root.to_str().unwrap());
    git(&world.path(), &args);
    let consumer = Consumer { root };
    consumer.write("matrix.toml", &script_gate("exit 0"));
    consumer.write("scenarios/clean/file", TWO);
    for file in ["file", "other", "dir/deep/file", "left-out/file"] {
        consumer.write(file, ONE);
    }
    symlink("file", consumer.root.join("link")).unwrap();
    consumer.commit("a consumer");
    consumer
}

fn plain(_: &World, _: &Consumer) {}

fn edit(_: &World, consumer: &Consumer) {
    consumer.write("file", TWO);
}

fn untracked(_: &World, consumer: &Consumer) {
    consumer.write("new", ONE);
}

fn stage(_: &World, consumer: &Consumer) {
    consumer.write("new", ONE);
    consumer.git(&["add", "new"]);
}

fn delete(_: &World, consumer: &Consumer) {
    fs::remove_file(consumer.root.join("file")).unwrap();
}

/// Makes every file look changed without changing one.
fn touch(_: &World, consumer: &Consumer) {
    let touched = Command::new("find")
        .args([".", "-path", "./.git", "-prune", "-o", "-type", "f"])
        .args(["-exec", "touch", "-d", "2001-02-03", "{}", "+"])
        .current_dir(&consumer.root)
        .status();
    assert!(touched.unwrap().success());
}

/// Commits attributes and a file, and checks that file out anew.
fn with_attributes(consumer: &Consumer, attributes: &str, file: &str, content: &[u8]) {
    consumer.write(".gitattributes", attributes);
    fs::write(consumer.root.join(file), content).unwrap();
    consumer.commit("a file with attributes");
    fs::remove_file(consumer.root.join(file)).unwrap();
    consumer.git(&["checkout", "--quiet", "--", file]);
}

/// Line ends as git writes them where it is told to convert all, in a
/// repository whose index libgit2 cannot read.
fn with_crlf(world: &World, consumer: &Consumer) {
    consumer.git(&["rm", "-r", "--quiet", "--cached", "."]);
    consumer.git(&["-c", "core.autocrlf=true", "reset", "--quiet", "--hard"]);
    let written = fs::read_to_string(consumer.root.join("file")).unwrap();
    assert_eq!(written, "one\r\n");
    split(consumer);
    touch(world, consumer);
}

fn of_user(world: &World, file: &str, text: &str) {
    let path = world.home().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A submodule at `lib`, checked out.
fn submodule(world: &World, consumer: &Consumer) -> Consumer {
    let library = world.consumer("library", &[("code", ONE)]);
    let from = library.root.to_str().unwrap();
    let allow = "protocol.file.allow=always";
    consumer.git(&["-c", allow, "submodule", "--quiet", "add", from, "lib"]);
    consumer.commit("a submodule");
    Consumer {
        root: consumer.root.join("lib"),
    }
}

fn sparse(consumer: &Consumer, index: &str) {
    let set = [
        "sparse-checkout",
        "set",
        "--cone",
        index,
        "dir",
        "scenarios",
    ];
    consumer.git(&set);
    assert!(!consumer.root.join("left-out").exists());
}

fn split(consumer: &Consumer) {
    consumer.git(&["update-index", "--split-index"]);
    assert!(
        consumer
            .git(&["rev-parse", "--shared-index-path"])
            .contains("sharedindex")
    );
}

/// A monitor that has never seen a change.
fn blind_monitor(consumer: &Consumer) {
    let monitor = consumer.root.join(".git/blind");
    consumer.write(".git/blind", "#!/bin/sh\nprintf 'token\\0'\n");
    consumer.git(&["config", "core.fsmonitor", monitor.to_str().unwrap()]);
    consumer.git(&["update-index", "--fsmonitor"]);
    consumer.git(&["status"]);
}

const KINDS: &[Kind] = &[
    ("nothing happened", Clean, plain),
    ("every file touched", Clean, touch),
    ("ignored by the repository", Clean, |_, c| {
        c.write(".gitignore", "new\n");
        c.commit("ignore");
        c.write("new", ONE);
    }),
    ("ignored by info/exclude", Clean, |_, c| {
        c.write(".git/info/exclude", "new\n");
        c.write("new", ONE);
    }),
    ("ignored by a file that the user names", Clean, |w, c| {
        of_user(w, ".gitconfig", "[core]\n\texcludesFile = ~/mine\n");
        of_user(w, "mine", "new\n");
        c.write("new", ONE);
        split(c);
    }),
    ("ignored by the user's own file", Clean, |w, c| {
        of_user(w, ".config/git/ignore", "new\n");
        c.write("new", ONE);
        split(c);
    }),
    (
        "an ignored folder with a repository in it",
        Clean,
        |_, c| {
            c.write(".gitignore", "/vendor/\n");
            c.commit("ignore");
            git(&c.root, &["init", "--quiet", "vendor/nested"]);
            c.write("vendor/nested/file", ONE);
        },
    ),
    ("an empty folder", Clean, |_, c| {
        fs::create_dir(c.root.join("empty")).unwrap();
    }),
    ("a mode that does not count", Clean, |_, c| {
        c.git(&["config", "core.fileMode", "false"]);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(c.root.join("file"), executable).unwrap();
    }),
    ("line ends of the user's liking", Clean, |w, c| {
        of_user(w, ".gitconfig", "[core]\n\tautocrlf = true\n");
        with_crlf(w, c);
    }),
    ("line ends of the repository's liking", Clean, |w, c| {
        of_user(w, ".gitconfig", "[core]\n\tautocrlf = false\n");
        c.git(&["config", "core.autocrlf", "true"]);
        with_crlf(w, c);
    }),
    ("line ends by the user's attributes", Clean, |w, c| {
        of_user(w, ".config/git/attributes", "* text eol=crlf\n");
        with_crlf(w, c);
    }),
    ("line ends by attribute", Clean, |w, c| {
        with_attributes(c, "crlf eol=crlf\n", "crlf", b"one\r\n");
        touch(w, c);
    }),
    ("an encoding by attribute", Clean, |w, c| {
        let text = b"\xff\xfeo\0n\0e\0\n\0";
        with_attributes(c, "wide working-tree-encoding=UTF-16\n", "wide", text);
        touch(w, c);
    }),
    ("an expanded id", Clean, |w, c| {
        with_attributes(c, "ident ident\n", "ident", b"$Id$\n");
        touch(w, c);
    }),
    ("a filter that nobody has", Clean, |w, c| {
        with_attributes(c, "big filter=lfs\n", "big", b"big\n");
        touch(w, c);
    }),
    ("a sparse checkout", Clean, |_, c| {
        sparse(c, "--no-sparse-index")
    }),
    ("a sparse index", Clean, |_, c| sparse(c, "--sparse-index")),
    ("a split index", Clean, |_, c| split(c)),
    ("an index of version 4", Clean, |_, c| {
        c.git(&["update-index", "--index-version", "4"]);
    }),
    ("an index with an untracked cache", Clean, |_, c| {
        c.git(&["update-index", "--force-untracked-cache"]);
        c.git(&["status"]);
    }),
    ("a monitor", Clean, |_, c| blind_monitor(c)),
    ("assumed unchanged, and so it is", Clean, |_, c| {
        c.git(&["update-index", "--assume-unchanged", "file"]);
    }),
    ("left out, and not there", Clean, |w, c| {
        c.git(&["update-index", "--skip-worktree", "file"]);
        delete(w, c);
    }),
    ("a submodule", Clean, |w, c| drop(submodule(w, c))),
    ("a submodule that is not checked out", Clean, |w, c| {
        submodule(w, c);
        c.git(&["submodule", "--quiet", "deinit", "--force", "lib"]);
    }),
    ("edited", Dirty, edit),
    ("edited, of the same size and date", Dirty, |_, c| {
        let file = fs::File::open(c.root.join("file")).unwrap();
        let date = file.metadata().unwrap().modified().unwrap();
        c.write("file", TWO);
        let file = fs::File::options().write(true).open(c.root.join("file"));
        file.unwrap().set_modified(date).unwrap();
    }),
    ("edited although ignored", Dirty, |w, c| {
        c.write(".gitignore", "file\n");
        c.commit("ignore");
        edit(w, c);
    }),
    ("staged", Dirty, stage),
    ("meant to be added", Dirty, |_, c| {
        c.write("new", ONE);
        c.git(&["add", "--intent-to-add", "new"]);
    }),
    ("staged and taken back in the work tree", Dirty, |w, c| {
        edit(w, c);
        c.git(&["add", "file"]);
        c.write("file", ONE);
    }),
    ("renamed", Dirty, |_, c| {
        drop(c.git(&["mv", "file", "moved"]))
    }),
    ("no longer tracked", Dirty, |_, c| {
        c.git(&["rm", "--quiet", "--cached", "file"]);
    }),
    ("a mode that is staged", Dirty, |_, c| {
        c.git(&["update-index", "--chmod=+x", "file"]);
    }),
    ("deleted", Dirty, delete),
    ("a link in place of a file", Dirty, |w, c| {
        delete(w, c);
        symlink("other", c.root.join("file")).unwrap();
    }),
    ("a folder in place of a file", Dirty, |w, c| {
        delete(w, c);
        c.write("file/file", ONE);
    }),
    ("a link that leads elsewhere", Dirty, |_, c| {
        fs::remove_file(c.root.join("link")).unwrap();
        symlink("other", c.root.join("link")).unwrap();
    }),
    ("untracked", Dirty, untracked),
    ("untracked, and git is not to show it", Dirty, |w, c| {
        c.git(&["config", "status.showUntrackedFiles", "no"]);
        untracked(w, c);
    }),
    ("untracked, deep down", Dirty, |_, c| {
        c.write("dir/deep/new", ONE)
    }),
    (
        "untracked, and excepted from what is ignored",
        Dirty,
        |_, c| {
            c.write(".gitignore", "*.log\n!kept.log\n");
            c.commit("ignore");
            c.write("kept.log", ONE);
        },
    ),
    (
        "untracked, where only a folder is ignored",
        Dirty,
        |_, c| {
            c.write(".gitignore", "new/\n");
            c.commit("ignore");
            c.write("new", ONE);
        },
    ),
    ("untracked, and ignored at the top alone", Dirty, |_, c| {
        c.write(".gitignore", "/new\n");
        c.commit("ignore");
        c.write("dir/new", ONE);
    }),
    ("untracked, and excepted in a folder", Dirty, |_, c| {
        c.write(".gitignore", "dir/**\n!dir/*/\n!dir/**/kept\n");
        c.commit("ignore");
        c.write("dir/deep/kept", ONE);
    }),
    ("a repository inside", Dirty, |_, c| {
        git(&c.root, &["init", "--quiet", "nested"]);
        c.write("nested/file", ONE);
    }),
    ("edited behind a split index", Dirty, |w, c| {
        split(c);
        edit(w, c);
    }),
    ("untracked behind an untracked cache", Dirty, |w, c| {
        c.git(&["update-index", "--force-untracked-cache"]);
        c.git(&["status"]);
        untracked(w, c);
    }),
    ("edited behind an encoding", Dirty, |_, c| {
        let text = b"\xff\xfeo\0n\0e\0\n\0";
        with_attributes(c, "wide working-tree-encoding=UTF-16\n", "wide", text);
        fs::write(c.root.join("wide"), b"\xff\xfet\0w\0o\0\n\0").unwrap();
    }),
    ("a submodule at another commit", Dirty, |w, c| {
        submodule(w, c).commit("moved on");
    }),
    ("a submodule with an edit", Dirty, |w, c| {
        submodule(w, c).write("code", TWO);
    }),
    ("a submodule with an untracked file", Dirty, |w, c| {
        submodule(w, c).write("new", ONE);
    }),
    ("a submodule that is not to be looked at", Dirty, |w, c| {
        let inside = submodule(w, c);
        c.git(&["config", "submodule.lib.ignore", "all"]);
        inside.commit("moved on");
        inside.write("code", TWO);
    }),
    ("an edit that is assumed away", Hidden, |w, c| {
        c.git(&["update-index", "--assume-unchanged", "file"]);
        edit(w, c);
    }),
    ("an edit within the second of the index", Hidden, |w, c| {
        // By size and second alone nothing has changed; ctime cannot be set.
        c.git(&["config", "core.trustctime", "false"]);
        let date_back = |path: &str| {
            let file = fs::File::options().write(true).open(c.root.join(path));
            let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
            file.unwrap().set_modified(then).unwrap();
        };
        date_back("file");
        c.git(&["add", "file"]);
        c.git(&["update-index", "--assume-unchanged", "file"]);
        edit(w, c);
        date_back("file");
        date_back(".git/index");
    }),
    ("an edit of what is left out", Hidden, |w, c| {
        c.git(&["update-index", "--skip-worktree", "file"]);
        edit(w, c);
    }),
    ("hidden edits behind a split index", Hidden, |w, c| {
        let hide = ["update-index", "--assume-unchanged"];
        c.git(&[&hide[..], &["file", "other", "link", "dir/deep/file"]].concat());
        edit(w, c);
        split(c);
    }),
    ("staged behind a split index that is due", Dirty, |w, c| {
        c.git(&["update-index", "--assume-unchanged", "file"]);
        split(c);
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            c.write(name, ONE);
        }
        let put_off = ["-c", "splitIndex.maxPercentChange=100"];
        c.git(&[&put_off[..], &["add", "--all"]].concat());
        edit(w, c);
    }),
    ("an edit that a monitor does not tell", Hidden, |w, c| {
        blind_monitor(c);
        edit(w, c);
    }),
    ("a file that a sparse checkout leaves out", Dirty, |_, c| {
        sparse(c, "--no-sparse-index");
        c.write("left-out/file", TWO);
    }),
    ("a file that a sparse index leaves out", Dirty, |_, c| {
        sparse(c, "--sparse-index");
        c.write("left-out/file", TWO);
    }),
];

/// Kinds of the formats that libgit2 cannot open.
const FORMATS: [&str; 2] = ["--ref-format=reftable", "--object-format=sha256"];
const IN_EVERY_FORMAT: [Kind; 8] = [
    ("nothing happened", Clean, plain),
    ("every file touched", Clean, touch),
    ("edited", Dirty, edit),
    ("staged", Dirty, stage),
    ("untracked", Dirty, untracked),
    ("deleted", Dirty, delete),
    ("an edit that is assumed away", Hidden, |w, c| {
        c.git(&["update-index", "--assume-unchanged", "file"]);
        edit(w, c);
    }),
    ("an edit of what is left out", Hidden, |w, c| {
        c.git(&["update-index", "--skip-worktree", "file"]);
        edit(w, c);
    }),
];

/// What a git of the user's says, who trusts the repository.
fn git_says(world: &World, root: &Path) -> Says {
    let status = ["status", "--porcelain", "-uall", "--ignore-submodules=none"];
    let output = Command::new("git")
        .args(status)
        .current_dir(root)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", world.home())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    if output.stdout.is_empty() {
        Clean
    } else {
        Dirty
    }
}

/// Every file below `.git` that says what the repository holds.
fn index_files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(root.join(".git")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains("index")).collect();
    names.sort();
    let read = |name: String| {
        let bytes = fs::read(root.join(".git").join(&name)).unwrap();
        (name, bytes)
    };
    names.into_iter().map(read).collect()
}

/// What is wrong with the answer to one kind.
fn judged((name, says, make): Kind, format: &[&str]) -> Option<String> {
    let world = World::new();
    let consumer = consumer(&world, format);
    make(&world, &consumer);
    let before = index_files(&consumer.root);
    let ran = world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()]);
    let by_git = git_says(&world, &consumer.root);
    let wanted = if says == Clean { 0 } else { 17 };
    let expected_of_git = if says == Dirty { Dirty } else { Clean };
    let untouched = index_files(&consumer.root) == before;
    let right = ran.code == wanted && by_git == expected_of_git && untouched;
    (!right).then(|| {
        format!("{name} {format:?}: git says {by_git:?}, index untouched: {untouched}, {ran:?}")
    })
}

/// Each kind in each format is answered rightly.
#[track_caller]
fn are_judged_rightly(kinds: &[Kind], formats: &[&str]) {
    let judge = |kind: &Kind| {
        let none = formats.is_empty().then(|| judged(*kind, &[]));
        let of_formats = formats.iter().map(|format| judged(*kind, &[format]));
        let wrong: Vec<_> = none.into_iter().chain(of_formats).flatten().collect();
        wrong
    };
    let wrong: Vec<_> = kinds.iter().flat_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_is_clean_is_what_git_calls_clean() {
    assert!(KINDS.len() >= 40);
    are_judged_rightly(KINDS, &[]);
}

#[test]
fn what_libgit2_cannot_open_is_judged_as_git_does() {
    are_judged_rightly(&IN_EVERY_FORMAT, &FORMATS);
}

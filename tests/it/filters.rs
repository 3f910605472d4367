//! What a repository could have git run is not run: filters, monitors, hooks
//! and their kin. Filters can be trusted; the rest never is.

use std::fs;
use std::path::PathBuf;

use crate::support::{Consumer, Ran, World, git, json, script_gate};

/// A program that leaves a trace, and is a filter besides.
struct Payload {
    program: PathBuf,
    trace: PathBuf,
}

impl Payload {
    fn new(world: &World) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let (program, trace) = (world.path().join("payload"), world.path().join("trace"));
        let script = format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\ncat\n", trace.display());
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { program, trace }
    }

    fn command(&self) -> &str {
        self.program.to_str().unwrap()
    }

    fn has_run(&self) -> bool {
        self.trace.exists()
    }
}

/// Of a gate that shows what its lane has.
fn consumer(world: &World) -> Consumer {
    world.script_consumer("cat filtered || true")
}

/// A file that goes through the filter `mine` and looks changed.
fn filtered(consumer: &Consumer) {
    consumer.write(".gitattributes", "filtered filter=mine\n");
    consumer.write("filtered", "text\n");
    consumer.commit("a filtered file");
    let file = fs::File::options()
        .write(true)
        .open(consumer.root.join("filtered"));
    file.unwrap()
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
}

#[track_caller]
fn refused(consumer: &Consumer, ran: &Ran, words: &[&str]) {
    ran.expect(69);
    for word in words {
        assert!(ran.stderr.contains(word), "{word}: {ran:?}");
    }
    assert!(ran.stderr.contains("  next: "), "{ran:?}");
    assert!(ran.stderr.contains("--trust-filters"), "{ran:?}");
    let failure = consumer.failed("fake", "repo_unsupported");
    assert_eq!(failure["failure_class"], "unsupported");
    assert_eq!(failure["failure_phase"], "preflight");
    assert!(failure["failure_log_path"].is_null());
}

/// A consumer with this setting is refused until it is trusted.
fn refuses(set: impl Fn(&World, &Consumer, &str)) {
    let world = World::new();
    let payload = Payload::new(&world);
    let consumer = consumer(&world);
    filtered(&consumer);
    set(&world, &consumer, payload.command());
    let ran = world.run(&consumer, &[]);
    refused(&consumer, &ran, &["filter.mine."]);
    assert!(!payload.has_run());
    world.run(&consumer, &["--trust-filters"]).expect(0);
    consumer.passed("fake");
}

#[test]
fn a_clean_filter_of_the_repository_is_refused() {
    refuses(|_, consumer, payload| {
        consumer.git(&["config", "filter.mine.clean", payload]);
    });
}

#[test]
fn a_smudge_filter_of_the_repository_is_refused() {
    refuses(|_, consumer, payload| {
        consumer.git(&["config", "filter.mine.smudge", payload]);
    });
}

#[test]
fn a_filter_process_of_the_repository_is_refused() {
    refuses(|_, consumer, payload| {
        consumer.git(&["config", "filter.mine.process", payload]);
        // One that git could not talk to, were it asked.
        consumer.git(&["config", "filter.mine.required", "false"]);
    });
}

#[test]
fn a_filter_in_an_included_file_is_refused() {
    refuses(|_, consumer, payload| {
        consumer.write(
            ".git/more",
            &format!("[filter \"mine\"]\nclean = {payload}\n"),
        );
        consumer.git(&["config", "include.path", "more"]);
    });
}

#[test]
fn a_filter_in_a_file_that_is_included_on_a_condition_is_refused() {
    refuses(|_, consumer, payload| {
        consumer.write(
            ".git/more",
            &format!("[filter \"mine\"]\nclean = {payload}\n"),
        );
        consumer.git(&["remote", "add", "origin", "https://example.invalid/x"]);
        let condition = "includeIf.hasconfig:remote.*.url:https://**.path";
        consumer.git(&["config", condition, "more"]);
    });
}

#[test]
fn a_filter_of_one_worktree_is_refused() {
    refuses(|_, consumer, payload| {
        consumer.git(&["config", "extensions.worktreeConfig", "true"]);
        consumer.git(&["config", "--worktree", "filter.mine.clean", payload]);
    });
}

#[test]
fn a_filter_of_a_repository_that_libgit2_cannot_read_is_refused() {
    refuses(|_, consumer, payload| {
        consumer.git(&["config", "filter.mine.clean", payload]);
        consumer.git(&["update-index", "--split-index"]);
    });
}

#[test]
fn a_filter_that_names_no_program_is_none() {
    let world = World::new();
    let consumer = consumer(&world);
    consumer.git(&["config", "filter.lfs.smudge", ""]);
    consumer.git(&["config", "filter.lfs.required", "true"]);
    world.run(&consumer, &[]).expect(0);
}

#[test]
fn a_filter_of_a_submodule_is_refused_before_git_looks_into_it() {
    let world = World::new();
    let payload = Payload::new(&world);
    let library = world.consumer(
        "library",
        &[("code", "x\n"), (".gitattributes", "* filter=mine\n")],
    );
    let with = consumer(&world);
    let from = library.root.to_str().unwrap();
    let allow = "protocol.file.allow=always";
    with.git(&["-c", allow, "submodule", "--quiet", "add", from, "lib"]);
    with.commit("a submodule");
    let inside = Consumer {
        root: with.root.join("lib"),
    };
    inside.git(&["config", "filter.mine.clean", payload.command()]);
    inside.write("code", "y\n");
    let ran = world.run(&with, &[]);
    refused(&with, &ran, &["consumer/lib", "filter.mine.clean"]);
    assert!(!payload.has_run());
    world.run(&with, &["--trust-filters"]).expect(17);
}

/// A filter of the user's: capitals in the work tree, small letters in git.
fn users_filter(world: &World, consumer: &Consumer) {
    let filter =
        "[filter \"mine\"]\n\tclean = tr A-Z a-z\n\tsmudge = tr a-z A-Z\n\trequired = true\n";
    fs::write(world.home().join(".gitconfig"), filter).unwrap();
    filtered(consumer);
    consumer.write("filtered", "TEXT\n");
}

#[test]
fn a_path_whose_filter_is_not_run_is_never_called_dirty() {
    let world = World::new();
    let consumer = consumer(&world);
    users_filter(&world, &consumer);
    let ran = world.run(&consumer, &[]);
    refused(&consumer, &ran, &["filtered (mine)"]);
}

#[test]
fn a_filter_of_the_users_is_kept_in_preflight_and_lanes_where_it_is_trusted() {
    let world = World::new();
    let consumer = consumer(&world);
    users_filter(&world, &consumer);
    world.run(&consumer, &["--trust-filters"]).expect(0);
    consumer.passed("fake");
    assert!(consumer.log("clean", "stage_ci").contains("TEXT"));
    let plan = json(&consumer.run_folder().join("plan.json")).unwrap();
    assert_eq!(plan["filters"]["filter.mine.smudge"], "tr a-z A-Z");
    consumer.write("filtered", "OTHER\n");
    let ran = world.run(&consumer, &["--trust-filters"]);
    assert!(
        ran.expect(17).stderr.contains("unstaged: filtered"),
        "{ran:?}"
    );
}

#[test]
fn a_variable_trusts_as_the_flag_does() {
    let world = World::new();
    let consumer = consumer(&world);
    users_filter(&world, &consumer);
    let mut command = world.run_command(&consumer, &[]);
    Ran::of(command.env("MATRIX_TRUST_FILTERS", "1").output().unwrap()).expect(0);
    let check = ["check", "--repo", consumer.root.to_str().unwrap()];
    world.matrix(&check).expect(69);
    world
        .matrix(&[&check[..], &["--trust-filters"]].concat())
        .expect(0);
}

#[test]
fn a_filtered_path_that_is_gone_or_staged_is_dirty() {
    let world = World::new();
    let consumer = consumer(&world);
    filtered(&consumer);
    fs::remove_file(consumer.root.join("filtered")).unwrap();
    let ran = world.run(&consumer, &[]);
    assert!(
        ran.expect(17).stderr.contains("unstaged: filtered"),
        "{ran:?}"
    );
    consumer.write("filtered", "other\n");
    consumer.git(&["add", "filtered"]);
    let ran = world.run(&consumer, &[]);
    assert!(
        ran.expect(17).stderr.contains("staged: filtered"),
        "{ran:?}"
    );
}

#[test]
fn a_work_tree_elsewhere_is_refused_until_it_is_trusted() {
    let world = World::new();
    let consumer = consumer(&world);
    let elsewhere = Consumer {
        root: world.path().join("elsewhere"),
    };
    elsewhere.write("matrix.toml", &script_gate("exit 0"));
    elsewhere.write("file", "one\n");
    elsewhere.write("scenarios/clean/file", "two\n");
    consumer.git(&["config", "core.worktree", elsewhere.root.to_str().unwrap()]);
    let ran = world.run(&consumer, &[]);
    refused(&consumer, &ran, &["core.worktree", "elsewhere"]);
    assert!(!elsewhere.artifacts().exists());
    let below = consumer.root.join("scenarios");
    world
        .matrix(&["run", "--repo", below.to_str().unwrap()])
        .expect(69);

    fs::write(
        elsewhere.root.join("matrix.toml"),
        fs::read(consumer.root.join("matrix.toml")).unwrap(),
    )
    .unwrap();
    world.run(&consumer, &["--trust-filters"]).expect(0);
    elsewhere.passed("fake");
}

/// Settings and files of a repository that name the payload, in whatever
/// form it is read.
fn arm(consumer: &Consumer, payload: &str) {
    for setting in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.alternateRefsCommand",
        "core.askPass",
        "core.gitProxy",
        "uploadpack.packObjectsHook",
        "diff.external",
        "gpg.program",
        "credential.helper",
        "interactive.diffFilter",
        "remote.origin.uploadpack",
    ] {
        consumer.git(&["config", setting, payload]);
    }
    consumer.git(&["config", "log.showSignature", "true"]);
    consumer.git(&["config", "alias.status", &format!("!{payload}")]);
    for hook in [
        "post-index-change",
        "post-checkout",
        "reference-transaction",
    ] {
        let link = consumer.root.join(".git/hooks").join(hook);
        std::os::unix::fs::symlink(payload, link).unwrap();
    }
}

/// A clean consumer of this make passes, and nothing of it runs.
fn disarmed(make: impl Fn(&World, &Consumer)) {
    for hooks in ["", "elsewhere"] {
        let world = World::new();
        let payload = Payload::new(&world);
        let consumer = consumer(&world);
        make(&world, &consumer);
        arm(&consumer, payload.command());
        if !hooks.is_empty() {
            let folder = consumer.root.join(".git").join(hooks);
            fs::rename(consumer.root.join(".git/hooks"), &folder).unwrap();
            let set = ["config", "core.hooksPath", folder.to_str().unwrap()];
            consumer.git(&set);
        }
        // Only what the program has git run counts.
        let _ = fs::remove_file(&payload.trace);
        world.run(&consumer, &[]).expect(0);
        consumer.passed("fake");
        let trace = fs::read_to_string(&payload.trace).unwrap_or_default();
        assert!(trace.is_empty(), "{trace}");
    }
}

#[test]
fn nothing_of_a_hostile_repository_runs() {
    disarmed(|_, _| {});
}

#[test]
fn nothing_runs_where_git_is_asked_for_the_status() {
    disarmed(|_, consumer| {
        let set = ["sparse-checkout", "set", "--cone", "scenarios"];
        consumer.git(&set);
        consumer.git(&["update-index", "--assume-unchanged", "file"]);
    });
}

#[test]
fn nothing_runs_where_git_reads_everything() {
    disarmed(|_, consumer| {
        consumer.git(&["update-index", "--split-index"]);
        consumer.git(&["update-index", "--assume-unchanged", "file"]);
    });
}

#[test]
fn nothing_runs_for_objects_that_are_borrowed() {
    disarmed(|world, consumer| {
        let lender = world.consumer("lender", &[("lent", "x\n")]);
        let objects = lender.root.join(".git/objects");
        let alternates = format!("{}\n", objects.display());
        consumer.write(".git/objects/info/alternates", &alternates);
        consumer.git(&["update-index", "--split-index"]);
    });
}

#[test]
fn an_object_that_is_missing_is_not_fetched() {
    let world = World::new();
    let payload = Payload::new(&world);
    let consumer = consumer(&world);
    let from = world.consumer("promisor", &[("file", "x\n")]);
    consumer.write(".gitattributes", "wide text=auto\n");
    consumer.write("wide", "a\r\nb\r\n");
    consumer.commit("a file whose line ends git looks up");
    let blob = consumer.git(&["rev-parse", "HEAD:wide"]);
    for (name, value) in [
        ("remote.origin.url", from.root.to_str().unwrap()),
        ("remote.origin.promisor", "true"),
        ("remote.origin.uploadpack", payload.command()),
        ("protocol.file.allow", "always"),
        ("extensions.partialClone", "origin"),
    ] {
        consumer.git(&["config", name, value]);
    }
    consumer.git(&["update-index", "--split-index"]);
    let (folder, rest) = blob.trim_end().split_at(2);
    let object = consumer.root.join(".git/objects").join(folder).join(rest);
    fs::remove_file(object).unwrap();
    consumer.write("wide", "a\r\nc\r\n");
    let ran = world.matrix(&["check", "--repo", consumer.root.to_str().unwrap()]);
    assert!([17, 69].contains(&ran.code), "{ran:?}");
    assert!(!payload.has_run());
}

#[test]
fn what_stands_in_for_a_commit_is_not_looked_at() {
    let world = World::new();
    let consumer = consumer(&world);
    let head = consumer.git(&["rev-parse", "HEAD"]);
    let empty = git(
        &consumer.root,
        &[
            "commit-tree",
            "-m",
            "x",
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        ],
    );
    consumer.git(&["replace", head.trim_end(), empty.trim_end()]);
    consumer.git(&["update-index", "--split-index"]);
    world.run(&consumer, &[]).expect(0);
    consumer.passed("fake");
}

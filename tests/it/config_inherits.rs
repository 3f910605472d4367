//! `inherits`: files, folders and revisions of git repositories.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Consumer, Ran, World};

/// A profile whose gate finds FIXME in `file`.
const BASE: &str = r#"schema = 1
gate = "fake"

[stage.ci]
drive = "command"
run = ["sh", "-c", "! find . -name .git -prune -o -type f -print | xargs grep -n FIXME"]

[scenario.clean]
overlay = "scenarios/clean"
expect = { ci = 0 }

[scenario.violations]
overlay = "scenarios/violations"
expect = { ci = 1 }
reason = "FIXME"
"#;

const CLEAN: (&str, &str) = ("scenarios/clean/file", "two\n");
const VIOLATIONS: (&str, &str) = ("scenarios/violations/file", "FIXME\n");

fn own(inherits: &str) -> String {
    format!("schema = 1\ninherits = {inherits}\n")
}

fn consumer(world: &World, inherits: &str, more: &[(&str, &str)]) -> Consumer {
    let toml = own(inherits);
    let files = [&[("matrix.toml", &*toml), ("file", "one\n")], more].concat();
    world.consumer("consumer", &files)
}

fn plan(consumer: &Consumer) -> Value {
    let text = fs::read(consumer.run_folder().join("plan.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[track_caller]
fn refuses(ran: &Ran, told: &[&str]) {
    let said = &ran.expect(2).stderr;
    for text in told {
        assert!(said.contains(text), "`{text}` is not in\n{said}");
    }
}

#[test]
fn a_file_and_a_folder_are_inherited() {
    for (inherits, base) in [
        ("base.toml", "base.toml"),
        ("./base.toml", "base.toml"),
        ("shared", "shared/matrix.toml"),
    ] {
        let world = World::new();
        let inherits = if inherits == "shared" {
            "\"./shared\"".to_owned()
        } else {
            format!("\"{inherits}\"")
        };
        let consumer = consumer(&world, &inherits, &[(base, BASE), CLEAN, VIOLATIONS]);
        let ran = world.run(&consumer, &[]);
        assert!(
            ran.expect(0).stdout.contains("results: ci=1"),
            "{}",
            ran.stdout
        );
        assert_eq!(plan(&consumer)["inherited"], json!([{"from": base}]));
        // It is pinned like the file that inherits it.
        consumer.write(base, "nonsense = 1\n");
        let artifacts = consumer.artifacts();
        let artifacts = artifacts.to_str().unwrap();
        let repo = consumer.root.to_str().unwrap();
        world
            .matrix(&[
                "replay",
                "--execute",
                "--all",
                "--artifacts",
                artifacts,
                "--repo",
                repo,
            ])
            .expect(0);
        refuses(
            &world.run(&consumer, &["--worktree"]),
            &[
                &format!("{base}:1:1: unknown key `nonsense`"),
                "inherited at matrix.toml:2:12",
            ],
        );
    }
}

#[test]
fn overlays_of_an_inherited_folder_stand_beside_it_unless_the_consumer_has_its_own() {
    let world = World::new();
    let files = [
        ("shared/matrix.toml", BASE),
        ("shared/scenarios/clean/file", "FIXME\n"),
        ("shared/scenarios/violations/file", "FIXME\n"),
        CLEAN,
    ];
    let consumer = consumer(&world, "\"./shared\"", &files);
    // Neither file nor overlays of the base are in a lane, where the gate would find them.
    world.run(&consumer, &[]).expect(0);
}

#[test]
fn a_chain_is_merged_and_a_loop_is_told_with_both_places() {
    let world = World::new();
    let middle = "schema = 1\ninherits = \"./base.toml\"\nscenario.violations = false\n";
    let consumer = consumer(
        &world,
        "\"./middle.toml\"",
        &[
            ("base.toml", BASE),
            ("middle.toml", middle),
            CLEAN,
            VIOLATIONS,
        ],
    );
    let ran = world.run(&consumer, &[]);
    assert!(
        !ran.expect(0).stdout.contains("violations"),
        "{}",
        ran.stdout
    );
    let from = json!([{"from": "middle.toml"}, {"from": "base.toml"}]);
    assert_eq!(plan(&consumer)["inherited"], from);

    consumer.write(
        "base.toml",
        "schema = 1\n# again\ninherits = \"./middle.toml\"\n",
    );
    consumer.commit("a loop");
    refuses(
        &world.run(&consumer, &[]),
        &[
            "base.toml:3:12: middle.toml inherits itself",
            "it inherits at middle.toml:2:12",
        ],
    );
    consumer.write("base.toml", "inherits = \"./nowhere.toml\"\n");
    consumer.commit("a broken chain");
    refuses(
        &world.run(&consumer, &[]),
        &[
            "base.toml:1:12: nowhere.toml cannot be read",
            "inherited at middle.toml:2:12",
            "inherited at matrix.toml:2:12",
        ],
    );
}

#[test]
fn what_is_no_profile_is_told() {
    for (inherits, told) in [
        ("\"lefthok\"", "did you mean `lefthook`?"),
        (
            "\"git+https://example.invalid/r\"",
            "no revision of the repository is named",
        ),
        (
            "\"git+https://u@example.invalid/r\"",
            "no revision of the repository is named",
        ),
        (
            "{ git = \"https://example.invalid/r\" }",
            "missing field `rev`",
        ),
        ("{ git = \"-x\", rev = \"v1\" }", "not an address"),
        (
            "{ git = \"https://example.invalid/r\", rev = \"--x\" }",
            "not a tag, a branch or a commit",
        ),
        (
            "{ git = \"https://example.invalid/r\", rev = \"v1\", path = \"../x\" }",
            "not a path inside",
        ),
        ("3", "a name, a path, or { git"),
    ] {
        let world = World::new();
        let consumer = consumer(&world, inherits, &[CLEAN, VIOLATIONS]);
        refuses(&world.run(&consumer, &[]), &["matrix.toml:2:", told]);
    }
}

/// A repository with the profile in `profiles/`, tagged `v1`.
fn shared(world: &World) -> Consumer {
    let shared = world.consumer(
        "shared",
        &[
            ("profiles/matrix.toml", BASE),
            ("profiles/other.toml", "inherits = \".\"\n"),
        ],
    );
    shared.git(&["tag", "v1"]);
    shared
}

#[test]
fn a_revision_is_fetched_once_and_its_commit_recorded() {
    let world = World::new();
    let shared = shared(&world);
    let commit = shared.git(&["rev-parse", "v1"]);
    let address = format!("file://{}", shared.root.display());
    let inherits = format!("{{ git = \"{address}\", rev = \"v1\", path = \"profiles\" }}");
    let consumer = consumer(&world, &inherits, &[CLEAN, VIOLATIONS]);
    world.run(&consumer, &[]).expect(0);
    let recorded = json!([{"from": address, "rev": "v1", "commit": commit.trim(), "path": "profiles/matrix.toml"}]);
    assert_eq!(plan(&consumer)["inherited"], recorded);

    // The tag moves, and the repository goes: what was fetched stays.
    shared.write("profiles/matrix.toml", &BASE.replace("ci = 1", "ci = 0"));
    shared.commit("another contract");
    shared.git(&["tag", "--force", "v1"]);
    let away = world.path().join("away");
    fs::rename(&shared.root, &away).unwrap();
    world.run(&consumer, &[]).expect(0);
    fs::rename(&away, &shared.root).unwrap();

    // Without the cache a replay still has the commit of the run.
    fs::remove_dir_all(world.work().join("inherited")).unwrap();
    let artifacts = consumer.artifacts();
    let words = [
        "replay",
        "--execute",
        "--all",
        "--artifacts",
        artifacts.to_str().unwrap(),
        "--repo",
        consumer.root.to_str().unwrap(),
    ];
    world.matrix(&words).expect(0);
    world.run(&consumer, &[]).expect(1);
}

#[test]
fn a_revision_is_a_branch_a_commit_or_the_beginning_of_one() {
    let world = World::new();
    let shared = shared(&world);
    let commit = shared.git(&["rev-parse", "v1"]).trim().to_owned();
    let address = format!("git+file://{}", shared.root.display());
    let consumer = consumer(&world, "\"none\"", &[CLEAN, VIOLATIONS]);
    for revision in ["main", &commit, &commit[..9]] {
        // A relative path stays within the repository.
        for path in ["profiles", "profiles/other.toml"] {
            consumer.write(
                "matrix.toml",
                &own(&format!("\"{address}@{revision}#{path}\"")),
            );
            consumer.commit("a revision");
            world.run(&consumer, &["--retain-runs", "1"]).expect(0);
            let inherited = &plan(&consumer)["inherited"][0];
            assert_eq!(inherited["commit"], commit);
        }
    }
    for (rest, told) in [
        ("@v2#profiles", "it has no tag, branch or commit `v2`"),
        ("@v1", "matrix.toml cannot be read"),
    ] {
        consumer.write("matrix.toml", &own(&format!("\"{address}{rest}\"")));
        consumer.commit("a revision");
        refuses(&world.run(&consumer, &[]), &["matrix.toml:2:12", told]);
    }
    shared.write("profiles/other.toml", "inherits = \"../../commit\"\n");
    shared.commit("out of it");
    consumer.write(
        "matrix.toml",
        &own(&format!("\"{address}@main#profiles/other.toml\"")),
    );
    consumer.commit("out of it");
    fs::remove_dir_all(world.work().join("inherited")).unwrap();
    refuses(
        &world.run(&consumer, &[]),
        &[
            "leads out of its repository",
            "inherited at matrix.toml:2:12",
        ],
    );
}

/// What is fetched was written by others: it has no say in what else the machine holds.
#[test]
fn a_fetched_profile_lays_no_file_of_this_machine_into_a_lane() {
    let escapes: [(&str, &str, &str); 3] = [
        (
            "scenarios/violations",
            "secret",
            "scenarios/violations leads out of its repository",
        ),
        ("scenarios", "outside", "scenarios/violations leads out"),
        (
            "scenarios/violations/file",
            "secret/file",
            "file is a link out of it",
        ),
    ];
    for (link, target, told) in escapes {
        let world = World::new();
        let machine = world.path().join("machine");
        fs::create_dir_all(machine.join("secret")).unwrap();
        fs::write(machine.join("secret/file"), "s3cr3t FIXME\n").unwrap();
        fs::create_dir_all(machine.join("outside/violations")).unwrap();
        let shared = world.consumer("shared", &[("matrix.toml", BASE)]);
        let at = shared.root.join(link);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(machine.join(target), at).unwrap();
        shared.commit("a link");
        let address = format!("git+file://{}", shared.root.display());
        let consumer = consumer(&world, &format!("\"{address}@main\""), &[CLEAN]);
        refuses(
            &world.run(&consumer, &[]),
            &[
                "matrix.toml:13:11: the overlay of scenario `violations`: ",
                told,
                "inherited at matrix.toml:2:12",
            ],
        );
    }
}

#[test]
fn links_that_stay_in_a_fetched_repository_are_used() {
    let world = World::new();
    let shared = world.consumer("shared", &[("matrix.toml", BASE), ("common/a", "FIXME\n")]);
    fs::create_dir_all(shared.root.join("scenarios")).unwrap();
    for (link, target) in [("scenarios/violations", "../common"), ("common/file", "a")] {
        std::os::unix::fs::symlink(target, shared.root.join(link)).unwrap();
    }
    shared.commit("links");
    let address = format!("git+file://{}", shared.root.display());
    let consumer = consumer(&world, &format!("\"{address}@main\""), &[CLEAN]);
    world.run(&consumer, &[]).expect(0);
}

#[test]
fn a_fetched_profile_names_no_repository_of_this_machine() {
    let world = World::new();
    let other = world.consumer("other", &[("matrix.toml", BASE)]);
    let own = other.root.display().to_string();
    for address in [own.clone(), format!("file://{own}"), "../other".to_owned()] {
        let inherits = format!("inherits = {{ git = \"{address}\", rev = \"main\" }}\n");
        let shared = world.consumer("shared", &[("matrix.toml", &inherits)]);
        let commit = shared.git(&["rev-parse", "HEAD"]);
        let from = format!("git+file://{}@{}", shared.root.display(), commit.trim());
        let consumer = consumer(&world, &format!("\"{from}\""), &[CLEAN, VIOLATIONS]);
        let told = format!("matrix.toml:1:12: {address} is an address on this machine");
        let places = [&*told, "name a host", "inherited at matrix.toml:2:12"];
        refuses(&world.run(&consumer, &[]), &places);
        fs::remove_dir_all(&shared.root).unwrap();
        fs::remove_dir_all(&consumer.root).unwrap();
    }
}

#[test]
fn a_stage_that_git_drives_keeps_no_folder_of_the_command_before() {
    let world = World::new();
    let base = BASE.replace("run = [", "workdir = \"sub\"\nrun = [");
    let consumer = consumer(
        &world,
        "\"./base.toml\"\n[stage.ci]\ndrive = \"git\"\non = \"commit\"",
        &[("base.toml", &base), ("sub/b", "b\n"), CLEAN, VIOLATIONS],
    );
    let repo = consumer.root.to_str().unwrap();
    world.matrix(&["check", "--repo", repo]).expect(0);
}

#[test]
fn credentials_of_an_address_are_written_nowhere() {
    let world = World::new();
    // Nothing listens there.
    let address = "http://user:s3cr3t-pass@127.0.0.1:1/r.git";
    let consumer = consumer(
        &world,
        &format!("{{ git = \"{address}\", rev = \"v1\" }}"),
        &[CLEAN, VIOLATIONS],
    );
    let ran = world.run(&consumer, &[]);
    refuses(
        &ran,
        &[
            "http://127.0.0.1:1/r.git cannot be fetched at v1",
            "used offline",
        ],
    );
    assert!(!ran.stderr.contains("s3cr3t-pass"), "{}", ran.stderr);
    let failure = consumer.last_failure("matrix").unwrap().to_string();
    assert!(!failure.contains("s3cr3t-pass"), "{failure}");
    let left = std::process::Command::new("grep")
        .args(["-rl", "s3cr3t-pass"])
        .args([world.work(), consumer.artifacts()])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&left.stdout), "");
}

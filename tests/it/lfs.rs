//! Files whose content Git LFS keeps: with their filter the content is there in
//! lanes, without it one warning says that it is not.

use std::fs;

use crate::support::gate::Setup;
use crate::support::{Consumer, Ran, World};

const FILTER: [(&str, &str); 3] = [
    ("filter.lfs.clean", "git-lfs clean -- %f"),
    ("filter.lfs.process", "git-lfs filter-process"),
    ("filter.lfs.required", "true"),
];

/// A consumer with two pictures in a subfolder, which the gate looks at. One is
/// committed as it is.
fn consumer(look: &str) -> Setup {
    let setup = World::gate("fake")
        .hook("pre-commit", look)
        .stage("ci", look)
        .file("pictures/.gitattributes", "*.png filter=lfs -text\n")
        .scenario("good", &[("new", "1\n")])
        .scenario("other", &[("new", "2\n")])
        .consumer();
    let settings = FILTER.map(|(name, value)| {
        let key = name.rsplit('.').next().unwrap();
        format!("[filter \"lfs\"]\n\t{key} = {value}\n")
    });
    fs::write(setup.world.home().join(".gitconfig"), settings.concat()).unwrap();
    let consumer = &setup.consumer;
    for name in ["logo", "photo"] {
        let path = format!("pictures/{name}.png");
        consumer.write(&path, &format!("PNG {name}\n"));
        let file = fs::File::options()
            .write(true)
            .open(consumer.root.join(path));
        file.unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    let with_filter = FILTER.map(|(name, value)| format!("{name}={value}"));
    let words = with_filter.iter().flat_map(|setting| ["-c", setting]);
    let add: Vec<&str> = words.chain(["add", "--all"]).collect();
    consumer.git(&add);
    consumer.git(&["commit", "--quiet", "-m", "pictures"]);
    setup
}

const BOTH: &str = "\
    grep -q '^PNG logo' pictures/logo.png || exit 11; \
    grep -q '^PNG photo' pictures/photo.png || exit 12; git diff --quiet || exit 13";

fn warnings(ran: &Ran) -> Vec<&str> {
    let lines = ran.stderr.lines();
    lines.filter(|line| line.contains("Git LFS")).collect()
}

#[test]
fn with_the_filter_the_content_is_there() {
    let setup = consumer(BOTH);
    for sandbox in ["require", "off"] {
        let ran = setup.matrix(&["run", "--trust-filters", "--sandbox", sandbox]);
        assert!(warnings(ran.expect(0)).is_empty(), "{ran:?}");
    }
}

#[test]
fn without_it_one_warning_counts_the_pointers() {
    let setup = consumer("head -n 1 pictures/*.png | grep -c git-lfs.github.com | grep -q 2");
    for more in [&[][..], &["--fresh"]] {
        let ran = setup.matrix(&[&["run"], more].concat());
        let said = "warning: 2 files of Git LFS stay pointers in lanes: its filter is not run; \
            if you trust it: --trust-filters";
        assert_eq!(warnings(ran.expect(0)), [said]);
    }
}

#[test]
fn content_is_found_where_the_consumer_keeps_it() {
    let setup = consumer(BOTH);
    let consumer: &Consumer = &setup.consumer;
    let elsewhere = setup.world.path().join("elsewhere");
    let own = consumer.root.join(".git/lfs");
    for (place, setting) in [
        (elsewhere.clone(), elsewhere.to_str().unwrap()),
        (consumer.root.join(".git/more/lfs"), "more/lfs"),
    ] {
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::rename(&own, &place).unwrap();
        consumer.git(&["config", "lfs.storage", setting]);
        setup.matrix(&["run", "--trust-filters"]).expect(0);
        fs::rename(&place, &own).unwrap();
    }
    consumer.git(&["config", "--unset", "lfs.storage"]);
    let root = setup.world.path().join("linked");
    let skip = ["-c", "filter.lfs.process=", "-c", "filter.lfs.smudge="];
    let add = ["worktree", "add", "--quiet", root.to_str().unwrap()];
    consumer.git(&[&skip[..], &add].concat());
    setup
        .world
        .run(&Consumer { root }, &["--trust-filters"])
        .expect(0);
}

#[test]
fn content_that_the_consumer_does_not_have_is_not_fetched() {
    let setup = consumer("grep -q git-lfs.github.com pictures/logo.png && git diff --quiet");
    let config = "[lfs]\n\turl = https://lfs.example.invalid\n";
    setup.consumer.write(".lfsconfig", config);
    setup.consumer.git(&["add", ".lfsconfig"]);
    setup.consumer.git(&["commit", "--quiet", "-m", "a server"]);
    fs::remove_dir_all(setup.consumer.root.join(".git/lfs/objects")).unwrap();
    let ran = setup.matrix(&["run", "--trust-filters"]);
    let said = "warning: 2 files of Git LFS stay pointers in lanes: \
        the consumer does not have their content";
    assert_eq!(warnings(ran.expect(0)), [said]);
}

#[test]
fn a_replay_finds_the_content_too() {
    let setup = consumer(&format!("{BOTH}; exit 7"));
    let run = ["run", "--trust-filters", "--run-id", "one"];
    setup.matrix(&run).expect(1);
    let ran = setup.matrix(&["replay", "one", "--execute"]);
    assert!(ran.expect(1).stderr.contains("exited 7"), "{ran:?}");
}

//! What an installation changes in tracked files is part of the baseline.

use serde_json::Value;

use crate::support::World;
use crate::support::again::is_right_in_lane_and_script;
use crate::support::gate::{Gate, Setup};

/// Changes a file, removes one, makes one executable, replaces a folder by a
/// link, and leaves what git does not track and does not ignore.
const INSTALL: &str = "\
    echo '{ \"gate\": 1 }' >package.json; rm gone; chmod +x script; \
    rm -r vendored; ln -s node_modules vendored; \
    mkdir node_modules; echo x >node_modules/x; echo x >package-lock.json";

fn gate(install: &str, more: &str, look: &str) -> Setup {
    let step = format!(
        "{more}\n[[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", {}]",
        Value::from(install.replace('{', "{{").replace('}', "}}"))
    );
    let gate: Gate = World::gate("fake")
        .hook(
            "pre-commit",
            "git diff --quiet || { echo unstaged; exit 1; }",
        )
        .hook(
            "pre-push",
            "git diff-index --quiet HEAD || { echo changed; exit 1; }",
        )
        .stage("ci", look)
        .file("package.json", "{}\n")
        .file("gone", "x\n")
        .file("script", "echo\n")
        .file("vendored/file", "x\n")
        .scenario("good", &[("new", "1\n")]);
    gate.toml(&step).consumer()
}

#[test]
fn a_gate_that_demands_a_clean_work_tree_finds_one() {
    let look = "\
        test -z \"$(git status --porcelain --untracked-files=no)\" || exit 11; \
        test \"$(git diff --name-only origin/main HEAD)\" = new || exit 12; \
        test \"$(git diff --name-only HEAD~2 HEAD~1 | grep -v ^scenarios/ | tr '\\n' ' ')\" = \
            'gone matrix.toml package.json script vendored/file ' || exit 13; \
        test -z \"$(git ls-files node_modules package-lock.json vendored)\" || exit 14; \
        test \"$(git ls-tree HEAD script | cut -c1-6)\" = 100755 || exit 15; exit 7";
    let setup = gate(INSTALL, "", look);
    is_right_in_lane_and_script(&setup.world, &setup.consumer, &[]);
    for stage in ["pre-commit", "pre-push"] {
        assert_eq!(setup.consumer.cell("good", stage)["exit"], 0, "{stage}");
    }
}

#[test]
fn a_configuration_can_leave_the_changes_in_the_work_tree() {
    let look = "\
        git diff --quiet -- package.json && exit 11; \
        test \"$(git show HEAD:package.json)\" = '{}' || exit 12; \
        test \"$(git diff --name-only origin/main HEAD)\" = new || exit 13; exit 7";
    let leave = "baseline.installed_changes = \"leave\"";
    let setup = gate(INSTALL, leave, look);
    is_right_in_lane_and_script(&setup.world, &setup.consumer, &[]);
    assert_eq!(setup.consumer.cell("good", "pre-commit")["exit"], 1);
}

#[test]
fn another_word_is_an_error_that_names_both() {
    let setup = gate("true", "baseline.installed_changes = \"keep\"", "exit 0");
    let ran = setup.matrix(&["run"]);
    let text = "matrix.toml:3:30: invalid value `keep`: expected `commit` or `leave`";
    assert!(ran.expect(2).stderr.contains(text), "{ran:?}");
}

/// Git finds such a file changed as long as it is as young as the index: an
/// accident, by which the ids of commits must not differ.
#[test]
fn files_that_git_would_store_in_another_form_are_not_changed() {
    let look = "\
        test \"$(git rev-parse HEAD:as-it-was)\" = \"$(git rev-parse HEAD~2:as-it-was)\" || exit 11; \
        test \"$(git cat-file -p HEAD:installed | tr -d '\\r')\" = 'two' || exit 12; exit 7";
    let install = "printf 'two\\r\\n' >installed; touch as-it-was";
    let setup = gate(install, "", look);
    let consumer = &setup.consumer;
    for name in ["as-it-was", "installed"] {
        consumer.write(name, "one\r\n");
        let file = std::fs::File::options()
            .write(true)
            .open(consumer.root.join(name));
        file.unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    consumer.commit("files with carriage returns");
    consumer.write(".gitattributes", "as-it-was text\ninstalled text\n");
    consumer.git(&["add", ".gitattributes"]);
    consumer.git(&["commit", "--quiet", "-m", "which git would take out"]);
    let (ran, head) = (
        || is_right_in_lane_and_script(&setup.world, consumer, &[]),
        || consumer.cell("good", "ci")["head"].clone(),
    );
    ran();
    let first = head();
    ran();
    assert_eq!(head(), first);
}

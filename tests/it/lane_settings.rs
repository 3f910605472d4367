//! The settings and hooks that an installer leaves in a lane: the runner's own
//! git commands pass them by.

use std::fs;

use crate::support::gate::{Gate, Setup};
use crate::support::{World, git, json};

/// A gate whose installer leaves settings, and whose stage sees what the runner
/// committed.
fn gate(settings: &str, stage: &str) -> Gate {
    World::gate("fake")
        .toml("[[activate]]\nstep = \"set_up\"\nrun = [\"sh\", \"setup.sh\"]")
        .file("setup.sh", settings)
        .stage("ci", stage)
}

const FIXME: &str = "! git show HEAD:file | grep FIXME";

fn both(gate: Gate) -> Setup {
    gate.scenario("good", &[("file", "two\n")])
        .message("#12: count more")
        .scenario("bad", &[("file", "FIXME\n")])
        .message("#13: count too much")
        .blocked("FIXME")
        .consumer()
}

#[test]
fn an_installer_that_asks_for_signatures_is_passed_by() {
    for scope in ["--local", "--global"] {
        let settings = format!(
            "for key in commit.gpgSign tag.gpgSign push.gpgSign; do git config {scope} $key true; done\n\
             git config {scope} gpg.program false\n"
        );
        let setup = both(gate(&settings, FIXME));
        setup.matrix(&["run"]).expect(0);
    }
}

/// A name without a value means true: git allows it for every setting.
#[test]
fn settings_without_a_value_are_read() {
    let alone =
        "[http]\n\textraheader\n\tpassword\n[hook \"x\"]\n\tenabled\n[filter \"x\"]\n\trequired\n";
    let names = "printf '[filter \"y\"]\\n\\trequired\\n[http]\\n\\tpassword\\n' >>.git/config";
    let setup = both(gate(names, FIXME));
    let config = setup.consumer.root.join(".git/config");
    let before = fs::read_to_string(&config).unwrap();
    fs::write(&config, before + alone).unwrap();
    setup.matrix(&["run"]).expect(0);
}

/// An installer can leave it where git refuses it: that is the gate's doing, and no defect.
#[test]
fn a_folder_of_hooks_without_a_value_fails_the_lane() {
    let alone = "printf '[core]\\n\\thooksPath\\n' >>.git/config";
    let setup = both(gate(alone, FIXME));
    setup.matrix(&["run"]).expect(1);
}

/// Settings that would change, or fail, the runner's commits.
const ODD: &str = r#"
printf '#!/bin/sh\necho "$0" >>"$HOME/../ran"\nexit 1\n' >../payload
printf '* text eol=crlf\n' >../attributes
printf '*\n' >../ignored
chmod +x ../payload
payload=$(cd .. && pwd)/payload
for setting in commit.cleanup=strip commit.template=/nowhere/template commit.verbose=true core.editor="$payload" \
  core.fsmonitor="$payload" core.attributesFile=../attributes core.excludesFile="$(cd .. && pwd)/ignored" \
  core.fileMode=false i18n.commitEncoding=ISO-8859-1 core.autocrlf=true core.safecrlf=true \
  remote.origin.pushurl=/nowhere url./nowhere/.insteadOf=/ push.pushOption=no push.default=nothing \
  gc.auto=1 alias.commit='!false' user.useConfigOnly=true core.splitIndex=true core.logAllRefUpdates=false; do
  git config "${setting%%=*}" "${setting#*=}"
done
"#;

#[test]
fn settings_that_would_change_a_commit_are_passed_by() {
    let look = "set -ex; test ! -e ../ran; test -x run.sh; \
        git ls-files --stage run.sh | grep -q ^100755; \
        git cat-file commit HEAD | grep -q '^#1[23]: count .*Ünïcode$'; \
        ! git cat-file commit HEAD | grep ^encoding; \
        test \"$(git rev-parse HEAD~1)\" = \"$(git -C ../origin.git rev-parse upstream-$1)\"; \
        git show HEAD:file | grep -q ';$'; \
        if git show HEAD:file | grep FIXME; then exit 1; fi";
    let stage = |name: &str| look.replace("$1", name);
    for (name, text, code) in [("good", "two;\n", 0), ("bad", "FIXME;\n", 1)] {
        let setup = gate(ODD, &stage(name))
            .scenario(name, &[("file", text), ("run.sh", "#!/bin/sh\n")])
            .message("#12: count Ünïcode")
            .consumer();
        let ran = setup.matrix(&["run", "--run-id", "one"]);
        ran.expect(code);
        assert!(setup.consumer.cell(name, "ci")["exit"] == code, "{ran:?}");
    }
}

#[test]
fn no_hook_of_an_installer_runs_before_the_stages() {
    let events = "pre-commit prepare-commit-msg commit-msg post-commit post-checkout \
        post-index-change reference-transaction pre-push post-rewrite update";
    let settings = format!(
        "for event in {events}; do printf '#!/bin/sh\\necho \"$0\" >>\"$HOME/ran\"\\nexit 1\\n' \
         >.git/hooks/$event; chmod +x .git/hooks/$event; done\n"
    );
    let setup = both(gate(&settings, &format!("cat ~/ran && exit 9; {FIXME}")));
    setup.matrix(&["run"]).expect(0);
}

#[test]
fn a_filter_of_the_installer_is_part_of_the_content() {
    let settings = "git config filter.shout.clean 'tr a-z A-Z'\n\
        echo 'file filter=shout' >.git/info/attributes\n";
    let setup = both(gate(settings, "git show HEAD:file | grep -q TWO || exit 1"));
    // What is not "two" has no such word.
    let ran = setup.matrix(&["run", "--scenario", "good"]);
    ran.expect(0);
}

#[test]
fn a_script_passes_settings_by_as_the_lane_does() {
    let setup = gate("git config commit.gpgSign true\n", "exit 7")
        .scenario("good", &[("file", "two\n")])
        .consumer();
    setup.matrix(&["run", "--run-id", "one"]).expect(1);
    let run = setup.consumer.artifacts().join("runs/one");
    let failure = &json(&run.join("run.json")).unwrap()["lanes"]["good"]["failure"];
    assert_eq!(failure["step"], "stage_ci", "{failure:#}");
    let mut sh = std::process::Command::new("sh");
    sh.arg(run.join("replay/good.sh")).env_clear();
    sh.env("PATH", std::env::var_os("PATH").unwrap());
    let tmp = setup.world.path().join("by-hand");
    fs::create_dir_all(&tmp).unwrap();
    let output = sh.env("TMPDIR", tmp).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
}

#[test]
fn the_lane_keeps_the_settings_of_its_installer() {
    let setup = both(gate(
        "git config commit.gpgSign true\n",
        &format!("git config commit.gpgSign || exit 9; {FIXME}"),
    ));
    setup.matrix(&["run", "--keep"]).expect(0);
    let clone = setup.world.kept_lane("good").join("clone");
    assert_eq!(git(&clone, &["config", "commit.gpgSign"]), "true\n");
}

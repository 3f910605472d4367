//! Package managers of this year do not run every install script, and the hooks are then
//! missing. The lines here are those of the real ones; `real_managers` has those run.

use serde_json::Value;

use crate::support::bundles::{bundle, digests};
use crate::support::{Consumer, World};

const NPM_12: &str = "npm warn install-scripts 2 packages had install scripts blocked because they are not covered by allowScripts:
npm warn install-scripts   esbuild@0.25.0 (postinstall: node install.js)
npm warn install-scripts   gate@1.2.3 (postinstall: node install.js)
npm warn install-scripts";
const PNPM_10: &str =
    "│   Ignored build scripts: esbuild@0.25.0,                                     │
│   gate@file:../gate-1.2.3.tgz.                                               │";
const PNPM_11: &str = "Ignored build scripts: gate@1.2.3.
Run \"pnpm approve-builds\" to pick which dependencies should be allowed to run scripts.";
const YARN: &str =
    "➤ YN0004: │ gate@npm:1.2.3 lists build scripts, but all build scripts have been disabled.";
const YARN_OFF: &str = "➤ YN0005: │ gate@npm:1.2.3 lists build scripts, but its build has been explicitly disabled through configuration.";
const BUN: &str = "Blocked 1 postinstall. Run `bun pm untrusted` for details.";

/// A consumer without hooks, whose installer prints this.
fn consumer(world: &World, printed: &str, code: i32, checks: &str) -> Consumer {
    let config = format!(
        r#"
        schema = 1
        gate = "fake"
        package = "gate@1.2.3"
        tools = ["sh"]
        {checks}
        [[install]]
        step = "install_package"
        run = ["sh", "install.sh", "{{package_spec}}"]
        [stage.pre-commit]
        drive = "git"
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = {{ pre-commit = 0 }}
        [scenario.violations]
        overlay = "scenarios/violations"
        expect = {{ pre-commit = 1 }}
        "#
    );
    let script = format!(
        "mkdir -p node_modules/gate\nprintf '{{\"version\": \"1.2.3\"}}' > node_modules/gate/package.json\n\
         cat <<'END'\n{printed}\nEND\nexit {code}\n"
    );
    let files = [
        ("matrix.toml", config.as_str()),
        (".gitignore", "node_modules\n"),
        ("install.sh", &script),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
        ("scenarios/violations/file", "FIXME\n"),
    ];
    world.consumer("consumer", &files)
}

/// The diagnoses of all lanes of a red run.
fn told(printed: &str, code: i32, checks: &str) -> Vec<Value> {
    let world = World::new();
    let consumer = consumer(&world, printed, code, checks);
    world.run(&consumer, &[]).expect(1);
    digests(&bundle(&consumer)).to_vec()
}

#[track_caller]
fn is_held_back(digest: &Value, line: &str, remedy: &str) {
    assert_eq!(digest["cause"], "scripts-held-back", "{digest:#}");
    let text = digest["line"]["text"].as_str().unwrap();
    assert!(text.contains(line), "{digest:#}");
    let file = digest["line"]["file"].as_str().unwrap();
    assert!(file.ends_with("install_package.log"), "{digest:#}");
    let remediation = digest["remediation"].as_str().unwrap();
    assert!(remediation.contains(remedy), "{digest:#}");
    let commands = digest["commands"].to_string();
    assert!(commands.contains("install_package.log"), "{digest:#}");
}

#[test]
fn a_missing_hook_whose_script_was_held_back_has_the_remedy_of_each_manager() {
    for (printed, line, remedy) in [
        (
            NPM_12,
            "  gate@1.2.3 (postinstall",
            "npm install-scripts approve",
        ),
        (PNPM_10, "gate@file:", "`onlyBuiltDependencies` of"),
        (
            PNPM_11,
            "Ignored build scripts: gate@1.2.3.",
            "`allowBuilds` of",
        ),
        (YARN, "YN0004", "`dependenciesMeta`"),
        (YARN_OFF, "YN0005", "`dependenciesMeta`"),
        (BUN, "Blocked 1 postinstall.", "`trustedDependencies`"),
        (
            "warning Ignored scripts due to flag.",
            "Ignored",
            "without --ignore-scripts",
        ),
    ] {
        let all = told(printed, 0, "hooks = [\"pre-commit\"]");
        is_held_back(&all[0], line, remedy);
        assert_eq!(all[0]["step"], "gate_hooks");
    }
}

/// A profile that names no hooks learns it from the stage.
#[test]
fn a_stage_without_its_hook_has_the_same_cause() {
    let all = told(NPM_12, 0, "");
    assert_eq!(all.len(), 2, "{all:#?}");
    // One lane installed for both.
    for digest in all {
        is_held_back(&digest, "gate@1.2.3 (", "npm install-scripts approve");
        assert_eq!(digest["step"], "stage_pre_commit");
    }
}

#[test]
fn scripts_of_others_are_no_reason_for_a_missing_hook() {
    for printed in [
        "npm warn install-scripts 1 package had install scripts blocked because they are not covered by allowScripts:\nnpm warn install-scripts   gate-helper@1.2.3 (install: x)",
        "Ignored build scripts: esbuild@0.25.0.",
        // npm 11 warns and runs them.
        "npm warn install-scripts 1 package has install scripts not yet covered by allowScripts:\nnpm warn install-scripts   gate@1.2.3 (postinstall: node install.js)",
        // Not the package manager's own words.
        "note: Blocked 1 postinstall. Run `bun pm untrusted` for details.",
    ] {
        let all = told(printed, 0, "hooks = [\"pre-commit\"]");
        assert_eq!(all[0]["cause"], "hook-not-installed", "{:#}", all[0]);
    }
}

/// pnpm 11 and later fail, as others do if they are told to be strict.
#[test]
fn an_installation_that_fails_for_it_has_the_same_cause() {
    for (printed, line, remedy) in [
        (
            "[ERR_PNPM_IGNORED_BUILDS] Ignored build scripts: gate@1.2.3",
            "gate@1.2.3",
            "`allowBuilds` of",
        ),
        (
            " ERR_PNPM_IGNORED_BUILDS  Ignored build scripts: gate@1.2.3",
            "gate@1.2.3",
            "`allowBuilds` of",
        ),
        (
            "Error: ERR_PNPM_IGNORED_BUILDS\n\n  × adding a new package\n  ╰─▶ Ignored build scripts: gate@1.2.3",
            "gate@1.2.3",
            "`allowBuilds` of",
        ),
        (
            "npm error code ESTRICTALLOWSCRIPTS\nnpm error --strict-allow-scripts: 1 package(s) have install scripts not covered by allowScripts:\nnpm error   gate@1.2.3 (postinstall: node install.js)",
            "gate@1.2.3 (",
            "npm install-scripts approve",
        ),
    ] {
        let all = told(printed, 1, "hooks = [\"pre-commit\"]");
        is_held_back(&all[0], line, remedy);
        assert_eq!(all[0]["failure_class"], "install");
    }
}

//! One repository for each real package manager: the verdict, and what was installed.
//! `cargo xtask soak-managers` has all layouts, and lefthook too.

use serde_json::Value;

use crate::support::bundles::{bundle, digests};
use crate::support::managers::path_with;
use crate::support::{Consumer, Ran, World};

#[path = "../../xtask/src/managed.rs"]
#[allow(dead_code, reason = "the soak uses the rest")]
mod managed;

use managed::{Gate, Layout, MANAGERS, Managed};

fn run(world: &World, consumer: &Consumer, manager: &str) -> Ran {
    let mut run = world.online(&["run", "--repo", consumer.root.to_str().unwrap()]);
    Ran::of(run.env("PATH", path_with(manager)).output().unwrap())
}

#[track_caller]
fn is_green_with(manager: &str, layout: Layout) {
    let manager = MANAGERS.iter().find(|one| one.name == manager).unwrap();
    let managed = Managed {
        manager: *manager,
        layout,
        gate: Gate::Husky,
    };
    let files = managed.files();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    let world = World::with_package_caches();
    let consumer = world.consumer("consumer", &files);
    run(&world, &consumer, manager.package).expect(0);
    let resolved = &consumer.passed("husky")["package_resolved"];
    let (name, version) = managed.package();
    assert_eq!(resolved["name"], name, "{resolved}");
    assert_eq!(resolved["version"], version, "{resolved}");
    assert_eq!(resolved["read_from"], managed.record(), "{resolved}");
    assert!(resolved["integrity"].is_string(), "{resolved}");
}

#[test]
fn npm_11() {
    is_green_with("npm 11", Layout::Root);
}

#[test]
fn npm_12() {
    is_green_with("npm 12", Layout::Workspace);
}

#[test]
fn pnpm_12() {
    is_green_with("pnpm 12", Layout::Workspace);
}

#[test]
fn yarn_1() {
    is_green_with("yarn 1", Layout::Subfolder);
}

#[test]
fn yarn_4_with_node_modules() {
    is_green_with("yarn 4, node_modules", Layout::Workspace);
}

#[test]
fn yarn_4_without_node_modules() {
    is_green_with("yarn 4, PnP", Layout::Root);
}

#[test]
fn bun() {
    is_green_with("bun", Layout::Subfolder);
}

/// A package whose install script sets the hook up.
const SCRIPT: &str = "const fs = require('fs'), path = require('path');
let at = process.env.INIT_CWD || process.cwd();
while (!fs.existsSync(path.join(at, '.git'))) at = path.dirname(at);
fs.writeFileSync(path.join(at, '.git/hooks/pre-commit'), '#!/bin/sh\\nexec sh lint.sh\\n', { mode: 0o755 });
";

/// A consumer that leaves its hook to the install script of its gate.
fn trusting(world: &World, add: &str, more: &[(&str, &str)]) -> Consumer {
    let package = world.consumer(
        "package",
        &[
            (
                "package.json",
                r#"{"name": "acme-gate", "version": "1.2.3", "scripts": {"postinstall": "node install.js"}}"#,
            ),
            ("install.js", SCRIPT),
        ],
    );
    let tarball = world.npm_pack(&package.root);
    let config = format!(
        r#"
        schema = 1
        gate = "acme"
        package = "acme-gate@{}"
        hooks = ["pre-commit"]
        fresh_clone = false
        [[install]]
        step = "install_package"
        run = ["sh", "-c", "{add} \"$1\"", "sh", "{{package_spec}}"]
        [stage.pre-commit]
        drive = "git"
        [scenario.violations]
        overlay = "scenarios/violations"
        expect = {{ pre-commit = 1 }}
        "#,
        tarball.display()
    );
    let files = [
        ("matrix.toml", &*config),
        (".gitignore", "node_modules\n.yarn\n.pnp.*\n"),
        ("package.json", r#"{"name": "shop", "version": "0.0.1"}"#),
        ("lint.sh", "! grep FIXME file\n"),
        ("file", "one\n"),
        ("scenarios/violations/file", "FIXME\n"),
    ];
    world.consumer("consumer", &[&files[..], more].concat())
}

#[track_caller]
fn holds_back(manager: &str, add: &str, step: &str, remedy: &str) {
    let world = World::with_package_caches();
    let consumer = trusting(&world, add, &[]);
    run(&world, &consumer, manager).expect(1);
    let digest: Value = digests(&bundle(&consumer)).remove(0);
    assert_eq!(digest["cause"], "scripts-held-back", "{digest:#}");
    assert_eq!(digest["step"], step, "{digest:#}");
    let remediation = digest["remediation"].as_str().unwrap();
    assert!(remediation.contains(remedy), "{digest:#}");
}

#[test]
fn npm_12_runs_no_script_that_is_not_allowed() {
    holds_back(
        "npm@12.2.2",
        "npm install",
        "gate_hooks",
        "npm install-scripts approve",
    );
}

#[test]
fn pnpm_10_runs_no_script_that_is_not_listed() {
    holds_back(
        "pnpm@10.34.8",
        "pnpm add",
        "gate_hooks",
        "`onlyBuiltDependencies`",
    );
}

#[test]
fn pnpm_12_fails_for_a_script_that_is_not_allowed() {
    holds_back(
        "pnpm@12.21.0",
        "pnpm add",
        "install_package",
        "`allowBuilds`",
    );
}

#[test]
fn yarn_4_runs_no_script_that_is_not_enabled() {
    let add = "touch yarn.lock && yarn add";
    holds_back("yarn@4.18.1", add, "gate_hooks", "`dependenciesMeta`");
}

#[test]
fn bun_runs_no_script_that_is_not_trusted() {
    holds_back(
        "bun@1.4.5",
        "bun add",
        "gate_hooks",
        "`trustedDependencies`",
    );
}

/// What the remedy for yarn says is enough.
#[test]
fn yarn_4_runs_a_script_that_is_enabled() {
    let manifest = r#"{"name": "shop", "dependenciesMeta": {"acme-gate": {"built": true}}}"#;
    let world = World::with_package_caches();
    let add = "touch yarn.lock && yarn add";
    let consumer = trusting(&world, add, &[("package.json", manifest)]);
    run(&world, &consumer, "yarn@4.18.1").expect(0);
    let resolved = &consumer.passed("acme")["package_resolved"];
    assert_eq!(resolved["version"], "1.2.3", "{resolved}");
}

/// A wheel of a gate that finds FIXME, without a registry.
fn wheel(world: &World) -> String {
    let script = r#"
import sys, zipfile
info = "acme_gate-1.2.3.dist-info/"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, text in {
        "acme_gate.py": "import sys\ndef main():\n    if sys.argv[1:] == ['--version']: sys.exit(print('acme 1.2.3'))\n    sys.exit(int('FIXME' in open('file').read()))\n",
        info + "METADATA": "Metadata-Version: 2.1\nName: acme-gate\nVersion: 1.2.3\n",
        info + "WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        info + "entry_points.txt": "[console_scripts]\nacme-gate = acme_gate:main\n",
        info + "RECORD": "",
    }.items():
        wheel.writestr(name, text)
"#;
    let path = world.path().join("acme_gate-1.2.3-py3-none-any.whl");
    let mut python = std::process::Command::new("python3");
    let made = python.args(["-c", script]).arg(&path).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    path.display().to_string()
}

/// `program` is the gate's, and the record is below `environment`; both in the tools.
#[track_caller]
fn is_green_with_python(manager: &str, install: &str, program: &str, environment: &str) {
    let world = World::with_package_caches();
    let config = format!(
        r#"
        schema = 1
        gate = "acme"
        package = "{wheel}"
        registry = "pypi"
        version = ["{{tool_dir}}/{program}", "--version"]
        hooks = ["pre-commit"]
        [[install]]
        step = "install_package"
        run = ["sh", "-ec", "{install}", "sh", "{{package_spec}}", "{{tool_dir}}"]
        [[activate]]
        step = "gate_install"
        run = ["sh", "-ec", "printf '#!/bin/sh\nexec \"%s\"\n' \"$1\" >.git/hooks/pre-commit; chmod +x .git/hooks/pre-commit", "sh", "{{tool_dir}}/{program}"]
        [stage.pre-commit]
        drive = "git"
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = {{ pre-commit = 0 }}
        [scenario.violations]
        overlay = "scenarios/violations"
        expect = {{ pre-commit = 1 }}
        "#,
        wheel = wheel(&world)
    );
    let files = [
        ("matrix.toml", &*config),
        ("file", "one\n"),
        ("scenarios/clean/file", "two\n"),
        ("scenarios/violations/file", "FIXME\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    run(&world, &consumer, manager).expect(0);
    let resolved = &consumer.passed("acme")["package_resolved"];
    assert_eq!(resolved["name"], "acme-gate", "{resolved}");
    assert_eq!(resolved["version"], "1.2.3", "{resolved}");
    let from = resolved["read_from"].as_str().unwrap();
    assert!(
        from.starts_with(&format!("tools/{environment}/lib/python")),
        "{from}"
    );
    assert!(
        from.ends_with("/site-packages/acme_gate-1.2.3.dist-info"),
        "{from}"
    );
}

#[test]
fn pip() {
    let install =
        r#"python3 -m venv \"$2/venv\"; \"$2/venv/bin/python\" -m pip install --no-index \"$1\""#;
    is_green_with_python("uv@0.9.7", install, "venv/bin/acme-gate", "venv");
}

#[test]
fn uv() {
    let install = r#"uv venv \"$2/venv\"; uv pip install --python \"$2/venv/bin/python\" \"$1\""#;
    is_green_with_python("uv@0.9.7", install, "venv/bin/acme-gate", "venv");
    let install = r#"UV_TOOL_DIR=\"$2/uv\" UV_TOOL_BIN_DIR=\"$2/bin\" uv tool install \"$1\""#;
    is_green_with_python("uv@0.9.7", install, "bin/acme-gate", "uv/acme-gate");
}

#[test]
fn pipx() {
    let install = r#"PIPX_HOME=\"$2/pipx\" PIPX_BIN_DIR=\"$2/bin\" pipx install \"$1\""#;
    is_green_with_python(
        "pipx@1.8.0",
        install,
        "bin/acme-gate",
        "pipx/venvs/acme-gate",
    );
}

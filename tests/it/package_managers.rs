//! Every package manager keeps another record of what it installed, in the folder that
//! it was told to use. Most installers here are scripts that leave what the real ones
//! do, so that no test needs them or their registry.

use serde_json::Value;

use crate::support::{Consumer, World, json, script_gate};

/// Functions for scripts that leave what a package manager leaves.
const MANAGERS: &str = r#"
manifest() { mkdir -p "$1" && printf '{"name": "gate", "version": "%s"}' "$2" > "$1/package.json"; }
dist() { mkdir -p "$1/gate-$2.dist-info" && : > "$1/gate-$2.dist-info/RECORD"; }
pnpm() { # FOLDER VERSION
  manifest "node_modules/.pnpm/gate@$2/node_modules/gate" "$2"
  mkdir -p "$1/node_modules"
  ln -s "$PWD/node_modules/.pnpm/gate@$2/node_modules/gate" "$1/node_modules/gate"
  printf "lockfileVersion: '9.0'\n\npackages:\n\n  gate@$2:\n    resolution: {integrity: sha512-pnpm==}\n" > pnpm-lock.yaml
}
yarn_lock() { printf '# yarn lockfile v1\n\n\ngate@%s:\n  version "%s"\n  integrity sha512-yarn==\n' "$1" "$1" > yarn.lock; }
plug_and_play() {
  printf '__metadata:\n  version: 9\n\n"gate@npm:%s":\n  version: %s\n  checksum: 10c0/pnp\n' "$1" "$1" > yarn.lock
  printf '{"packageRegistryData": [[null, [[null, {"packageLocation": "./", "linkType": "SOFT", "packageDependencies": [["gate", "npm:%s"]]}]]]]}' "$1" > .pnp.data.json
}
"#;

/// A consumer whose gate is installed by a script.
struct Installed {
    world: World,
    consumer: Consumer,
}

impl Installed {
    fn by(script: &str) -> Self {
        Self::of("gate@1.2.3", "version = [\"echo\", \"gate 1.2.3\"]", script)
    }

    /// `more` stands among the keys of the configuration.
    fn of(package: &str, more: &str, script: &str) -> Self {
        let config = format!(
            r#"
            schema = 1
            gate = "fake"
            package = "{package}"
            tools = ["sh"]
            {more}
            [[install]]
            step = "install_package"
            run = ["sh", "install.sh", "{{package_spec}}", "{{tool_dir}}"]
            env = {{ TOOLS = "{{tool_dir}}" }}
            [stage.ci]
            drive = "command"
            run = ["sh", "-c", ":"]
            [scenario.clean]
            overlay = "scenarios/clean"
            expect = {{ ci = 0 }}
            "#
        );
        let script = format!("set -eu\n{MANAGERS}\n{script}\n");
        let world = World::new();
        let consumer = world.consumer(
            "consumer",
            &[
                ("matrix.toml", &config),
                ("install.sh", &script),
                ("frontend/main.js", "one\n"),
                ("scenarios/clean/file", "two\n"),
            ],
        );
        Self { world, consumer }
    }

    fn run(&self, code: i32) {
        self.world.run(&self.consumer, &[]).expect(code);
    }

    #[track_caller]
    fn resolves(&self, integrity: Option<&str>, read_from: &str) {
        self.run(0);
        let resolved = &self.consumer.passed("fake")["package_resolved"];
        assert_eq!(resolved["version"], "1.2.3", "{resolved}");
        assert_eq!(resolved["integrity"].as_str(), integrity, "{resolved}");
        assert_eq!(resolved["read_from"], read_from, "{resolved}");
    }

    /// Fails in `gate_version`, of this cause.
    #[track_caller]
    fn fails_of(&self, cause: &str) {
        self.run(1);
        let failure = self.consumer.failed("fake", "gate_version");
        assert_eq!(failure["failure_class"], "infra", "{failure:#}");
        let bundle = json(&self.consumer.run_folder().join("replay_bundle.json")).unwrap();
        let digest = &bundle["failures"][0]["failure_digest"];
        assert_eq!(digest["cause"], cause, "{digest:#}");
    }
}

#[test]
fn pnpm_links_a_package_and_keeps_its_digest_in_a_lock_file() {
    Installed::by("pnpm . 1.2.3").resolves(
        Some("sha512-pnpm=="),
        "clone/node_modules/gate/package.json",
    );
}

#[test]
fn a_package_of_a_workspace_is_found_with_the_lock_file_of_the_whole() {
    Installed::by("pnpm packages/web 1.2.3").resolves(
        Some("sha512-pnpm=="),
        "clone/packages/web/node_modules/gate/package.json",
    );
}

#[test]
fn a_subfolder_has_its_own_lock_file() {
    Installed::by("cd frontend; manifest node_modules/gate 1.2.3; yarn_lock 1.2.3").resolves(
        Some("sha512-yarn=="),
        "clone/frontend/node_modules/gate/package.json",
    );
}

#[test]
fn bun_keeps_its_digests_in_a_lock_file_of_its_own() {
    let lock = r#"printf '{\n  "packages": {\n    "gate": ["gate@1.2.3", "", {}, "sha512-bun=="],\n  }\n}\n' > bun.lock"#;
    Installed::by(&format!("manifest node_modules/gate 1.2.3; {lock}"))
        .resolves(Some("sha512-bun=="), "clone/node_modules/gate/package.json");
}

#[test]
fn without_node_modules_yarns_map_says_what_was_installed() {
    for place in ["", "cd frontend; "] {
        let gate = Installed::by(&format!("{place}plug_and_play 1.2.3"));
        let folder = if place.is_empty() { "" } else { "frontend/" };
        gate.resolves(Some("10c0/pnp"), &format!("clone/{folder}.pnp.data.json"));
    }
}

#[test]
fn a_global_installation_is_below_lib() {
    Installed::by(r#"manifest "$TOOLS/lib/node_modules/gate" 1.2.3"#)
        .resolves(None, "tools/lib/node_modules/gate/package.json");
}

#[test]
fn every_python_installer_leaves_the_same_record() {
    for (place, record) in [
        // pip and uv, in an environment of the project or of the lane.
        (".venv/lib/python3.11", "clone/.venv/lib/python3.11"),
        ("$TOOLS/venv/lib/python3.11", "tools/venv/lib/python3.11"),
        // pipx and `uv tool install`.
        (
            "$TOOLS/pipx/venvs/gate/lib/python3.11",
            "tools/pipx/venvs/gate/lib/python3.11",
        ),
        (
            "$HOME/.local/share/uv/tools/gate/lib/python3.11",
            "home/.local/share/uv/tools/gate/lib/python3.11",
        ),
    ] {
        Installed::by(&format!("dist \"{place}/site-packages\" 1.2.3")).resolves(
            None,
            &format!("{record}/site-packages/gate-1.2.3.dist-info"),
        );
    }
}

/// Of two versions in two folders, the one that was asked for was installed.
#[test]
fn an_exact_version_decides_between_two_folders() {
    let two = "manifest node_modules/gate 9.9.9; manifest frontend/node_modules/gate 1.2.3";
    Installed::by(two).resolves(None, "clone/frontend/node_modules/gate/package.json");
}

#[test]
fn a_tag_does_not_decide_between_two_folders() {
    let version = "version = [\"echo\", \"gate 1.2.3\"]";
    let two = "manifest a/node_modules/gate 9.9.9; manifest b/node_modules/gate 1.2.3";
    Installed::of("gate@latest", version, two).fails_of("no-install-record");
    let agreed = "manifest a/node_modules/gate 1.2.3; manifest b/node_modules/gate 1.2.3";
    Installed::of("gate@latest", version, agreed)
        .resolves(None, "clone/a/node_modules/gate/package.json");
}

#[test]
fn no_record_is_not_another_version() {
    Installed::by(":").fails_of("no-install-record");
    Installed::by("manifest node_modules/gate 4.5.6").fails_of("version-differs");
}

/// A lock file of the consumer proves no installation.
#[test]
fn a_lock_file_alone_is_no_record() {
    Installed::by("yarn_lock 1.2.3").fails_of("no-install-record");
}

/// Records are files of a lane: whatever runs in it may have put something else there.
#[test]
fn what_is_no_record_is_not_waited_for() {
    let script = "mkdir -p node_modules/gate; mkfifo node_modules/gate/package.json; \
                  printf '{\"packages\": 1}' > node_modules/.package-lock.json; mkfifo node_modules/yarn.lock";
    Installed::by(script).fails_of("no-install-record");
    // A version that is empty would be found in every output.
    Installed::by("manifest node_modules/gate ''").fails_of("no-install-record");
}

/// npm itself, told of a folder in two ways.
#[test]
fn npm_installs_into_a_subfolder() {
    let world = World::with_package_caches();
    let manifest = r#"{"name": "@scope/gate", "version": "1.2.3"}"#;
    let package = world.consumer("package", &[("package.json", manifest)]);
    let tarball = world.npm_pack(&package.root);
    for (at, words) in [
        r#""npm", "install", "--prefix", "frontend", "{package_spec}""#,
        r#""sh", "-c", "cd frontend && npm install \"$1\"", "sh", "{package_spec}""#,
    ]
    .iter()
    .enumerate()
    {
        let config = format!(
            r#"
            schema = 1
            gate = "fake"
            package = "{}"
            tools = ["sh"]
            version = ["node", "-p", "require('./frontend/node_modules/@scope/gate/package.json').version"]
            [[install]]
            step = "install_package"
            run = [{words}]
            [stage.ci]
            drive = "command"
            run = ["sh", "-c", ":"]
            [scenario.clean]
            overlay = "scenarios/clean"
            expect = {{ ci = 0 }}
            "#,
            tarball.display()
        );
        let consumer = world.consumer(
            &format!("consumer-{at}"),
            &[
                ("matrix.toml", &config),
                (".gitignore", "node_modules\n"),
                ("frontend/package.json", r#"{"name": "shop"}"#),
                ("scenarios/clean/file", "two\n"),
            ],
        );
        world.run(&consumer, &[]).expect(0);
        let resolved: Value = consumer.passed("fake")["package_resolved"].clone();
        assert_eq!(resolved["name"], "@scope/gate", "{resolved}");
        assert_eq!(resolved["version"], "1.2.3", "{resolved}");
        assert!(resolved["integrity"].is_string(), "{resolved}");
        let record = "clone/frontend/node_modules/.package-lock.json";
        assert_eq!(resolved["read_from"], record, "{resolved}");
    }
}

/// A gate without a package whose folder is `frontend/`.
fn in_frontend(world: &World, more: &str) -> Consumer {
    let config = format!(
        r#"
        schema = 1
        gate = "fake"
        workdir = "frontend"
        tools = ["sh"]
        {more}
        [[install]]
        step = "install_package"
        run = ["sh", "-c", "test -f main.js && test -n \"$FOLDER\" || pwd > installed.txt"]
        [[activate]]
        step = "gate_install"
        run = ["sh", "-c", "test -d frontend && pwd > activated.txt"]
        workdir = "."
        [baseline]
        seed = ["sh", "-c", "test -f main.js && echo base > baseline.txt"]
        [stage.ci]
        drive = "command"
        run = ["sh", "-c", "test -f main.js && test -f seeded.txt && test -f baseline.txt"]
        [stage.root]
        drive = "command"
        workdir = "."
        run = ["sh", "-c", "test -d frontend && test -f activated.txt && test -f frontend/installed.txt"]
        [stage.red]
        drive = "command"
        run = ["sh", "-c", "exit $(cat code)"]
        [scenario.clean]
        seed = ["sh", "-c", "test -f main.js && echo seed > seeded.txt"]
        expect = {{ ci = 0, root = 0, red = 7 }}
        "#
    );
    let files = [
        ("matrix.toml", &*config),
        ("frontend/main.js", "one\n"),
        ("frontend/code", "7\n"),
    ];
    world.consumer("consumer", &files)
}

#[test]
fn commands_run_in_the_folder_of_the_configuration_or_their_own() {
    let world = World::new();
    let consumer = in_frontend(&world, "");
    world.run(&consumer, &["--run-id", "one"]).expect(0);
    let plan = json(&consumer.artifacts().join("runs/one/plan.json")).unwrap();
    let steps = plan["lanes"]["clean"]["steps"].as_array().unwrap();
    let folder_of = |step: &str| {
        let found = steps.iter().find(|planned| planned["step"] == step);
        found.unwrap()["workdir"].clone()
    };
    assert_eq!(folder_of("install_package"), "frontend");
    assert_eq!(folder_of("stage_ci"), "frontend");
    assert!(folder_of("stage_root").is_null());
}

#[test]
fn the_script_of_a_lane_runs_its_commands_in_their_folders() {
    let world = World::new();
    let consumer = in_frontend(&world, "");
    let config = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &config.replace("red = 7", "red = 0"));
    consumer.commit("expect something else");
    world.run(&consumer, &["--run-id", "one"]).expect(1);
    let script = consumer.artifacts().join("runs/one/replay/clean.sh");
    let mut sh = std::process::Command::new("sh");
    let ran = sh.arg(script).env("TMPDIR", world.path()).output().unwrap();
    assert_eq!(ran.status.code(), Some(7), "{ran:?}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let world = World::new();
    let consumer = in_frontend(&world, "");
    let config = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let moved = config.replace("workdir = \"frontend\"", "workdir = \"web\"");
    consumer.write("matrix.toml", &moved);
    consumer.commit("name another folder");
    let ran = world.run(&consumer, &[]);
    let said = "there is no folder `web` in the consumer";
    assert!(ran.expect(2).stderr.contains(said), "{}", ran.stderr);
    assert!(ran.stderr.contains("matrix.toml:4:"), "{}", ran.stderr);
    consumer.failed("fake", "config_load");
    // A step's own folder may be made by an earlier step.
    let own = config.replace("workdir = \".\"", "workdir = \"made\"");
    for (made, code) in [(":", 2), ("mkdir ../made", 0)] {
        let own = own.replace("test -d frontend && pwd", "pwd");
        let own = own.replace(
            "|| pwd > installed.txt",
            &format!("|| {{{{ pwd > installed.txt; {made}; }}}}"),
        );
        let own = own.replace("test -f activated.txt", "test -f made/activated.txt");
        let own = own.replace(
            "[stage.root]\n        drive = \"command\"\n        workdir = \"made\"",
            "[stage.root]\n        drive = \"command\"\n        workdir = \".\"",
        );
        consumer.write("matrix.toml", &own);
        consumer.commit("name a folder of a step");
        let ran = world.run(&consumer, &[]);
        ran.expect(code);
        if code == 2 {
            let failure = consumer.failed("fake", "gate_install");
            assert_eq!(failure["failure_class"], "config", "{failure:#}");
            assert!(
                ran.stderr.contains("that an earlier step makes"),
                "{}",
                ran.stderr
            );
        }
    }
}

/// What was installed is looked for where the installer ran.
#[test]
fn a_record_is_found_in_the_workdir_before_the_root() {
    let more = "version = [\"echo\", \"gate 1.2.3\"]\nworkdir = \"frontend\"";
    let script = "manifest ../node_modules/gate 9.9.9; manifest node_modules/gate 1.2.3";
    let gate = Installed::of("gate@latest", more, script);
    let config = std::fs::read_to_string(gate.consumer.root.join("matrix.toml")).unwrap();
    let moved = config.replace("\"install.sh\"", "\"../install.sh\"");
    gate.consumer.write("matrix.toml", &moved);
    gate.consumer.commit("run the script of the root");
    gate.resolves(None, "clone/frontend/node_modules/gate/package.json");
}

/// A profile's check is dropped, and only then is a missing record no failure.
#[test]
fn version_false_drops_an_inherited_check() {
    let world = World::new();
    for (version, checks) in [("", true), ("version = false", false)] {
        let config = format!("schema = 1\ninherits = \"lefthook\"\n{version}\n");
        let consumer = world.consumer(
            if checks { "checked" } else { "unchecked" },
            &[
                ("matrix.toml", &config),
                ("scenarios/clean/file", "two\n"),
                ("scenarios/violations/file", "FIXME\n"),
                ("scenarios/mixed/file", "FIXME\n"),
            ],
        );
        let repo = consumer.root.to_str().unwrap();
        let list = world.matrix(&["list", "--format", "json", "--repo", repo]);
        let list = &list.expect(0).stdout;
        assert_eq!(list.contains("gate_version"), checks, "{list}");
    }
    Installed::of("gate@1.2.3", "version = false", ":").run(0);
}

/// npm warns of a variable that it does not know in every log.
#[test]
fn only_pnpm_is_told_to_copy_out_of_its_store() {
    let told = |lock: &str| {
        let world = World::new();
        let toml = script_gate("exit 0").replace(
            "[stage.ci]",
            "[[install]]\nstep = \"fetch\"\nrun = [\"sh\", \"-c\", \"env | sort\"]\n[stage.ci]",
        );
        let files = [
            ("matrix.toml", &*toml),
            ("package.json", "{\"name\": \"a\", \"private\": true}\n"),
            (lock, "{}\n"),
            ("file", "one\n"),
            ("scenarios/clean/file", "two\n"),
        ];
        let consumer = world.consumer("consumer", &files);
        world.run(&consumer, &[]);
        let log = consumer.log("clean", "fetch");
        assert!(log.contains("npm_config_audit=false\n"), "{log}");
        log.contains("\nnpm_config_package_import_method=copy\n")
    };
    assert!(told("pnpm-lock.yaml"));
    assert!(!told("package-lock.json") && !told("yarn.lock"));
}

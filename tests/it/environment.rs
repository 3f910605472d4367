//! What a lane's commands see of the user's environment: nothing but what
//! the contract lets through.

use std::path::Path;

use crate::support::{Consumer, Ran, Running, World};

/// A gate each of whose commands prints its environment.
const GATE: &str = r#"
    schema = 1
    gate = "nosy"
    version = ["env"]
    [[install]]
    step = "gate_fetch"
    run = ["env"]
    [[activate]]
    step = "gate_install"
    run = ["sh", "-c", "env; git config core.hooksPath hooks"]
    [baseline]
    seed = ["env"]
    [stage.pre-commit]
    drive = "git"
    [stage.pre-push]
    drive = "git"
    [stage.ci]
    drive = "command"
    run = ["env"]
    env = { CI = "profile", GITHUB_BASE_REF = "{base_ref}" }
    [scenario.clean]
    seed = ["sh", "-c", "env; echo two > file"]
    expect = { pre-commit = 0, pre-push = 0, ci = 0 }
"#;

const INSTALLS: [&str; 2] = ["gate_fetch", "gate_install"];
const OTHERS: [&str; 6] = [
    "gate_version",
    "seed_baseline",
    "seed_scenario",
    "stage_pre_commit",
    "stage_pre_push",
    "stage_ci",
];

fn consumer(world: &World) -> Consumer {
    let files = [
        ("matrix.toml", GATE),
        ("file", "one\n"),
        ("hooks/pre-commit", "#!/bin/sh\nenv\n"),
        ("hooks/pre-push", "#!/bin/sh\nenv\n"),
    ];
    world.consumer("consumer", &files)
}

/// Runs the matrix with these variables; what each step saw.
fn seen(world: &World, planted: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let consumer = consumer(world);
    let mut command = world.run_command(&consumer, &[]);
    command.envs(planted.iter().copied());
    Ran::of(command.output().unwrap()).expect(0);
    let steps = INSTALLS.into_iter().chain(OTHERS);
    let logs = steps.map(|step| (step, consumer.log("clean", step)));
    let logs: Vec<_> = logs.collect();
    for (step, log) in &logs {
        assert!(
            value(log, "PATH").is_some(),
            "{step} showed nothing:\n{log}"
        );
    }
    logs
}

fn value<'a>(env: &'a str, name: &str) -> Option<&'a str> {
    let line = |line: &'a str| line.strip_prefix(name)?.strip_prefix('=');
    env.lines().find_map(line)
}

#[test]
fn what_was_planted_is_visible_in_no_step() {
    let world = World::new();
    let names = [
        "ACTIONS_CACHE_URL",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_RUNTIME_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "BASH_ENV",
        "CI",
        "CI_JOB_TOKEN",
        "DBUS_SESSION_BUS_ADDRESS",
        "DOCKER_AUTH_CONFIG",
        "ENV",
        "GH_TOKEN",
        "GITHUB_ACTIONS",
        "GITHUB_BASE_REF",
        "GITHUB_ENV",
        "GITHUB_TOKEN",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ASKPASS",
        "GIT_AUTHOR_NAME",
        "GIT_COMMON_DIR",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_EXEC_PATH",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_SSH_COMMAND",
        "GIT_TEMPLATE_DIR",
        "GIT_WORK_TREE",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GPG_AGENT_INFO",
        "HUSKY",
        "KUBECONFIG",
        "LANG",
        "LC_ALL",
        "LEFTHOOK",
        "LEFTHOOK_EXCLUDE",
        "MATRIX_ANYTHING",
        "NODE_AUTH_TOKEN",
        "NODE_OPTIONS",
        "NODE_PATH",
        "NPM_TOKEN",
        "PREK_SKIP",
        "PRE_COMMIT_HOME",
        "PYTHONPATH",
        "SKIP",
        "SSH_AGENT_PID",
        "SSH_AUTH_SOCK",
        "SYSTEM_ACCESSTOKEN",
        "TERM",
        "TMPDIR",
        "TZ",
        "VIRTUAL_ENV",
        "XDG_RUNTIME_DIR",
        "npm_config__authToken",
        "npm_config_//registry.example/:_authToken",
        "npm_config_node_options",
        "npm_config_script_shell",
    ];
    // Too short to be a secret of which logs are cleaned.
    let planted = names.map(|name| (name, "planted"));
    for (step, log) in seen(&world, &planted) {
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains("planted"))
            .collect();
        assert!(lines.is_empty(), "{step}: {lines:?}");
    }
}

/// Goes up from itself and tells which processes have in their environment
/// what was planted there.
const ANCESTORS: &str = r#"pid=$$
while [ "$pid" -gt 1 ]; do
    if (tr '\0' '\n' <"/proc/$pid/environ") 2>/dev/null | grep -q '=planted$'; then
        echo "planted in $pid"
    else
        echo "clean $pid"
    fi
    pid=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status")
done"#;

/// Without a sandbox a gate may be able to read the environment of the runner
/// itself: the hostile package's `read_environment`. Nothing between the two
/// has it.
#[test]
#[cfg(target_os = "linux")]
fn no_process_between_gate_and_runner_has_what_was_planted() {
    let world = World::new();
    let gate = GATE.replace("[\"env\"]", "[\"sh\", \"ancestors\"]");
    let files = [
        ("matrix.toml", &*gate),
        ("file", "one\n"),
        ("ancestors", ANCESTORS),
        ("hooks/pre-commit", "#!/bin/sh\nsh ancestors\n"),
        ("hooks/pre-push", "#!/bin/sh\nsh ancestors\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    let mut command = world.run_command(&consumer, &[]);
    command.env("GITHUB_TOKEN", "planted");
    let running = Running::start(command);
    let runner = running.pid.as_raw_nonzero();
    running.end().expect(0);
    for step in [
        "gate_fetch",
        "stage_pre_commit",
        "stage_pre_push",
        "stage_ci",
    ] {
        let log = consumer.log("clean", step);
        let lines: Vec<_> = log.lines().collect();
        let told = format!("planted in {runner}");
        let mut holders = lines.iter().filter(|line| line.starts_with("planted"));
        assert!(holders.all(|line| *line == told), "{step}:\n{log}");
        // The gate and its supervisor at the least; what cannot be read counts.
        let below = lines.iter().take_while(|line| line.starts_with("clean"));
        assert!(below.count() >= 2, "{step}:\n{log}");
    }
}

#[test]
fn switches_that_turn_gates_off_do_not_reach_them() {
    let world = World::new();
    let switches = [
        ("CI", "true"),
        ("HUSKY", "0"),
        ("LEFTHOOK", "0"),
        ("SKIP", "all"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.hooksPath"),
        ("GIT_CONFIG_VALUE_0", "/nonexistent"),
    ];
    for (step, log) in seen(&world, &switches) {
        // Only the profile says where CI is.
        let ci = (step == "stage_ci").then_some("profile");
        assert_eq!(value(&log, "CI"), ci, "{step}");
        for (name, _) in &switches[1..] {
            assert_eq!(value(&log, name), None, "{step}");
        }
    }
}

#[test]
fn folders_identity_and_time_are_the_lanes_own() {
    let world = World::new();
    for (step, log) in seen(&world, &[]) {
        let lane = value(&log, "HOME").and_then(|home| home.strip_suffix("/home"));
        let lane = lane.unwrap_or_else(|| panic!("{step} has a home elsewhere"));
        assert!(lane == "/lane" || lane.ends_with("/lanes/clean"), "{lane}");
        for name in [
            "HOME",
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_STATE_HOME",
            "TMPDIR",
            "GIT_CONFIG_GLOBAL",
        ] {
            let folder = value(&log, name).unwrap_or_else(|| panic!("{step}: no {name}"));
            assert!(folder.starts_with(lane), "{step}: {name}={folder}");
        }
        for (name, expected) in [
            ("GIT_AUTHOR_NAME", "matrix"),
            ("GIT_COMMITTER_EMAIL", "matrix@example.invalid"),
            // Of the consumer's commit.
            ("GIT_AUTHOR_DATE", "@1767225600 +0000"),
            ("GIT_COMMITTER_DATE", "@1767225600 +0000"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
        ] {
            let told = value(&log, name).unwrap_or_default();
            assert_eq!(told, expected, "{step}: {name}");
        }
    }
}

#[test]
fn only_steps_that_install_are_told_how_to_reach_a_registry() {
    let world = World::new();
    let npmrc = world.home().join(".npmrc");
    std::fs::write(&npmrc, "//r.invalid/:_authToken=${REGISTRY_TOKEN}\n").unwrap();
    let for_installs = [
        ("HTTPS_PROXY", "http://proxy.invalid"),
        ("no_proxy", "localhost"),
        ("NODE_EXTRA_CA_CERTS", "/ca.pem"),
        ("SSL_CERT_FILE", "/ca.pem"),
        ("PIP_INDEX_URL", "https://pip.invalid"),
        ("UV_INDEX_URL", "https://uv.invalid"),
        ("npm_config_registry", "https://npm.invalid"),
        ("npm_config_cafile", "/ca.pem"),
        ("REGISTRY_TOKEN", "named-by-the-npmrc"),
    ];
    let ours = [
        ("npm_config_userconfig", npmrc),
        ("npm_config_cache", world.work().join("cache/npm")),
        ("PIP_CACHE_DIR", world.work().join("cache/pip")),
        ("UV_CACHE_DIR", world.work().join("cache/uv")),
    ];
    // A shell would drop this one, so only the step without a shell shows it.
    let scope = ("npm_config_@scope:registry", "https://scope.invalid");
    for (step, log) in seen(&world, &[&for_installs[..], &[scope]].concat()) {
        let told = value(&log, scope.0);
        assert_eq!(told, (step == "gate_fetch").then_some(scope.1), "{step}");
        let installs = INSTALLS.contains(&step);
        for (name, planted) in for_installs {
            // Of this one the log has the name alone.
            let planted = match name {
                "REGISTRY_TOKEN" => "[secret REGISTRY_TOKEN]",
                _ => planted,
            };
            assert_eq!(
                value(&log, name),
                installs.then_some(planted),
                "{step}: {name}"
            );
        }
        for (name, path) in &ours {
            let told = value(&log, name).map(Path::new);
            assert_eq!(told, installs.then_some(path.as_path()), "{step}: {name}");
        }
    }
}

/// As a version manager has it: a script in HOME that looks around in HOME,
/// and the real program elsewhere in HOME.
fn shims(world: &World) -> String {
    let home = Consumer { root: world.home() };
    let home_dir = world.home().display().to_string();
    for tool in ["python3", "node", "npm"] {
        let shim = format!(
            "#!/bin/sh\ntest \"$HOME\" = '{home_dir}' || {{ echo no such version; exit 9; }}\n\
             exec \"$HOME/.versions/bin/{tool}\" \"$@\"\n"
        );
        home.write(&format!(".shims/{tool}"), &shim);
        // It tells where it is when it is asked as python and node are.
        let real =
            "#!/bin/sh\ncase \"$1\" in\n-c | -p) echo \"$0\" ;;\n*) echo the real one ;;\nesac\n";
        home.write(&format!(".versions/bin/{tool}"), real);
    }
    let path = std::env::var("PATH").unwrap();
    format!("{home_dir}/.shims:{path}")
}

#[test]
fn tools_of_a_version_manager_work_in_another_home() {
    let world = World::new();
    let path = shims(&world);
    let config = r#"
        schema = 1
        gate = "fake"
        tools = ["python3", "node", "npm"]
        [[install]]
        step = "gate_fetch"
        run = ["sh", "-c", "python3 x && node x && npm x"]
        [stage.ci]
        drive = "command"
        run = ["python3", "--version"]
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = { ci = 0 }
    "#;
    let files = [("matrix.toml", config), ("scenarios/clean/file", "two\n")];
    let consumer = world.consumer("consumer", &files);
    let mut command = world.run_command(&consumer, &[]);
    Ran::of(command.env("PATH", path).output().unwrap()).expect(0);
    let log = consumer.log("clean", "gate_fetch");
    assert_eq!(log, "the real one\n".repeat(3));
    assert_eq!(consumer.log("clean", "stage_ci"), "the real one\n");
}

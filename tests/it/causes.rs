//! Each cause of the table, seeded: the word, the line that a person would
//! point at, and what to do.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use gate_matrix::diagnosis;
use serde_json::Value;

use crate::support::again::{comes_again, comes_again_with};
use crate::support::bundles::{bundle, digests, lanes};
use crate::support::hooks::hooked;
use crate::support::hooks::{BLOCKS, COMMIT, PASSES};
use crate::support::schema::schema_holds;
use crate::support::{Consumer, Ran, World};

/// A lane: its name, what it runs, the cause, the decisive line.
type Seed<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Holds a digest against what is wanted, and its line against the log.
#[track_caller]
fn told(consumer: &Consumer, digest: &Value, cause: &str, line: &str) {
    assert_eq!(digest["cause"], cause, "{digest:#}");
    assert_eq!(
        digest["line"]["text"].as_str().unwrap_or_default(),
        line,
        "{digest:#}"
    );
    let of_table = diagnosis::cause(cause).unwrap();
    assert_eq!(digest["remediation"], of_table.remedy);
    let commands = digest["commands"].as_array().unwrap();
    assert_eq!(commands.last().unwrap(), &format!("matrix explain {cause}"));
    if line.is_empty() {
        return;
    }
    let log = consumer
        .run_folder()
        .join(digest["line"]["file"].as_str().unwrap());
    let log = String::from_utf8_lossy(&fs::read(log).unwrap()).into_owned();
    let number = digest["line"]["line"].as_u64().unwrap();
    let there = log
        .split('\n')
        .nth(usize::try_from(number).unwrap() - 1)
        .unwrap();
    let readable = line.trim_end_matches(" …");
    assert!(there.contains(readable), "line {number} is {there}");
    for side in ["before", "after"] {
        assert!(
            digest["line"][side].as_array().unwrap().len() <= 5,
            "{digest:#}"
        );
    }
}

#[track_caller]
fn told_of_each(consumer: &Consumer, seeds: &[Seed<'_>]) {
    let bundle = bundle(consumer);
    schema_holds("bundle", &bundle);
    let failures = digests(&bundle);
    assert_eq!(failures.len(), seeds.len());
    for (digest, (name, _, cause, line)) in failures.iter().zip(seeds) {
        assert_eq!(digest["lane"], *name);
        told(consumer, digest, cause, line);
    }
}

/// `case $1 in …`: what each lane runs.
fn cases(seeds: &[Seed<'_>]) -> String {
    let mut script = String::from("case $1 in\n");
    for (name, does, ..) in seeds {
        let _ = writeln!(script, "{name})\n{does}\n;;");
    }
    script + "esac"
}

const IN_STAGES: &[Seed<'_>] = &[
    (
        "tool",
        "echo hi; sh -c no-such-tool; exit",
        "tool-missing",
        "sh: 1: no-such-tool: not found",
    ),
    (
        "lefthook-tool",
        "printf '┃  a ❯ \\nsh: 1: no-such-tool: not found\\n\\nexit status 127\\nsummary: (done in 0.00 seconds)\\n🥊 a (0.00 seconds)\\n'; exit 1",
        "tool-missing",
        "sh: 1: no-such-tool: not found",
    ),
    (
        "pre-commit-tool",
        "printf -- 'a....Failed\\n- hook id: a\\n- exit code: 1\\n\\nExecutable `no-such-tool` not found\\n\\n'; exit 1",
        "tool-missing",
        "Executable `no-such-tool` not found",
    ),
    (
        "prek-tool",
        "printf 'error: Failed to run hook `a`\\n  caused by: Failed to run `no-such-tool`\\n  caused by: No such file or directory (os error 2)\\n'; exit 2",
        "tool-missing",
        "  caused by: Failed to run `no-such-tool`",
    ),
    (
        "rights",
        "echo > program; sh -c ./program; exit",
        "permission",
        "sh: 1: ./program: Permission denied",
    ),
    (
        "module",
        "node -e \"require('left-out')\"; exit",
        "module-missing",
        "Error: Cannot find module 'left-out'",
    ),
    (
        "python-module",
        "python3 -c 'import left_out'; exit",
        "module-missing",
        "ModuleNotFoundError: No module named 'left_out'",
    ),
    (
        "python-crash",
        "python3 -c 'raise ValueError(\"it is bad\")'; exit",
        "crash",
        "ValueError: it is bad",
    ),
    (
        "node-crash",
        "node -e 'null.x'; exit",
        "crash",
        "TypeError: Cannot read properties of null (reading 'x')",
    ),
    ("signal", "echo before; kill -SEGV $$", "crash", "before"),
    (
        "memory",
        "python3 -c 'raise MemoryError'; exit",
        "out-of-memory",
        "MemoryError",
    ),
    (
        "heap",
        "printf '<--- Last few GCs --->\\n\\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\\n 1: 0xb76dc0 node::OOMErrorHandler\\n'; kill -ABRT $$",
        "out-of-memory",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    ),
    (
        "disk",
        "echo 'fatal: cannot create file: No space left on device'; exit 128",
        "disk-full",
        "fatal: cannot create file: No space left on device",
    ),
    (
        "lefthook-config",
        "echo 'Error: yaml: line 2: did not find expected node content'; exit 1",
        "configuration-error",
        "Error: yaml: line 2: did not find expected node content",
    ),
    (
        "pre-commit-config",
        "printf 'An error has occurred: InvalidConfigError: \\n==> File .pre-commit-config.yaml\\n==> At key: repos\\n=====> Expected array but got int\\nCheck the log at /h/pre-commit.log\\n'; exit 1",
        "configuration-error",
        "=====> Expected array but got int",
    ),
    (
        "prek-config",
        "printf 'error: Failed to parse `.pre-commit-config.yaml`\\n  caused by: error: line 1 column 8: expected sequence start\\n --> <input>:1:8\\n'; exit 2",
        "configuration-error",
        "  caused by: error: line 1 column 8: expected sequence start",
    ),
    (
        "eslint-config",
        "printf 'Oops! Something went wrong! :(\\n\\nESLint: 9.39.5\\n\\nESLint could'; echo \"n't find an eslint.config.(js|mjs|cjs) file.\"; exit 2",
        "configuration-error",
        "ESLint couldn't find an eslint.config.(js|mjs|cjs) file.",
    ),
    (
        "husky-git",
        "echo \".git can't be found\"; exit 1",
        "configuration-error",
        ".git can't be found",
    ),
    (
        "blocked",
        "printf 'a.js\\n  3:1  error  Unexpected var  no-var\\n\\n✖ 1 problem (1 error)\\n'; exit 1",
        "contract-broken",
        "  3:1  error  Unexpected var  no-var",
    ),
    ("silent", "exit 3", "contract-broken", ""),
    (
        "unittest",
        "printf 'FAIL: test_login (tests.Login)\\nTraceback (most recent call last):\\n  File \"/x\", line 1\\nAssertionError: 1 != 2\\n\\nRan 4 tests in 0.001s\\n\\nFAILED (failures=1)\\n'; exit 1",
        "contract-broken",
        "FAIL: test_login (tests.Login)",
    ),
    (
        "pytest-native",
        "printf 'F     [100%%]\\nTraceback (most recent call last):\\n  File \"/x/test_a.py\", line 2, in test_a\\n    assert 1 == 2\\nAssertionError: assert 1 == 2\\n=== short test summary info ===\\nFAILED test_a.py::test_a - assert 1 == 2\\n1 failed in 0.01s\\n'; exit 1",
        "contract-broken",
        "AssertionError: assert 1 == 2",
    ),
    (
        "pytest-log",
        "printf 'F     [100%%]\\n--- Captured log call ---\\nTraceback (most recent call last):\\n  File \"/x\", line 2\\nValueError: it is tried\\nFAILED test_a.py::test_a - it is not told\\n1 failed, 2 passed in 0.01s\\n'; exit 1",
        "contract-broken",
        "ValueError: it is tried",
    ),
    (
        "python-assertion",
        "python3 -c 'assert 1 == 2, \"the sum is wrong\"'; exit",
        "contract-broken",
        "AssertionError: the sum is wrong",
    ),
    (
        "node-assertion",
        "node -e 'require(\"assert\").equal(1, 2)'; exit",
        "contract-broken",
        "AssertionError [ERR_ASSERTION]: 1 == 2",
    ),
    (
        "runner-assertion",
        "printf 'An unexpected error has occurred: AssertionError: BUG: expected environment\\nCheck the log at /h/pre-commit.log\\n'; exit 3",
        "crash",
        "An unexpected error has occurred: AssertionError: BUG: expected environment",
    ),
    // Words of what passed, or of what is looked at.
    (
        "passing-words",
        "printf 'test handles_timeout_gracefully ... ok\\nok 2 - ENOSPC is told\\n✓ a timeout is an error (5003 ms)\\nok: Permission denied\\nFAIL: test_login\\n1 failed, 4 passed\\n'; exit 1",
        "contract-broken",
        "FAIL: test_login",
    ),
    (
        "quoted",
        "printf 'src/a.sh:1: + echo ENOSPC\\n12 | throw new Error(\"ENOSPC: no space left on device\")\\n> Cannot find module x\\n# sh: 1: x: not found\\nblocked: FIXME in src/a.sh\\n'; exit 1",
        "contract-broken",
        "blocked: FIXME in src/a.sh",
    ),
    (
        "long-ago",
        "echo 'sh: 1: x: not found'; seq 100; echo 'error: rule 7'; exit 1",
        "contract-broken",
        "error: rule 7",
    ),
];

#[test]
fn what_a_stage_says_is_told_by_its_cause() {
    let world = World::new();
    let names: Vec<_> = IN_STAGES
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    let consumer = lanes(&world, "consumer", &names, &cases(IN_STAGES));
    world.run(&consumer, &[]).expect(1);
    told_of_each(&consumer, IN_STAGES);
    comes_again(&world, &consumer);
}

/// A consumer whose lanes install in ways of their own.
fn installing(world: &World, seeds: &[Seed<'_>], files: &[(&str, &str)]) -> Consumer {
    let script = Value::from(cases(seeds).replace('{', "{{").replace('}', "}}"));
    let mut toml = format!(
        "schema = 1\ngate = \"fake\"\n[[install]]\nstep = \"fetch\"\n\
         run = [\"sh\", \"-c\", {script}, \"sh\", \"{{scenario}}\"]\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n"
    );
    for (name, ..) in seeds {
        let _ = write!(
            toml,
            "[scenario.{name}]\noverlay = \"scenarios/all\"\nexpect = {{ ci = 0 }}\n"
        );
    }
    let mut all = vec![
        ("matrix.toml", &*toml),
        ("file", "1"),
        ("scenarios/all/file", "2"),
    ];
    all.extend(files);
    world.consumer("consumer", &all)
}

const WHILE_INSTALLING: &[Seed<'_>] = &[
    (
        "pip-version",
        "printf 'ERROR: Could not find a version that satisfies the requirement iniconfig==99.0 (from versions: 0.1, 1.0.0)\\nERROR: No matching distribution found for iniconfig==99.0\\n'; exit 1",
        "version-not-found",
        "ERROR: No matching distribution found for iniconfig==99.0",
    ),
    (
        "pip-unreachable",
        "printf \"WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(<at 0x7fd2>: [Errno 111] Connection refused)': /foo/\\nERROR: Could not find a version that satisfies the requirement foo (from versions: none)\\nERROR: No matching distribution found for foo\\n\"; exit 1",
        "registry-unreachable",
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(<at 0x7fd2>: [Errno 111] Connection refused)': /foo/",
    ),
    (
        "pip-retried",
        "printf \"WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError()': /foo/\\nERROR: Could not find a version that satisfies the requirement foo==9 (from versions: 1.0)\\nERROR: No matching distribution found for foo==9\\n\"; exit 1",
        "version-not-found",
        "ERROR: No matching distribution found for foo==9",
    ),
    (
        "pip-python",
        "echo \"ERROR: Package 'x' requires a different Python: 3.8.1 not in '>=3.12'\"; exit 1",
        "engine-version",
        "ERROR: Package 'x' requires a different Python: 3.8.1 not in '>=3.12'",
    ),
    (
        "npm-dns",
        "printf 'npm error code ENOTFOUND\\nnpm error syscall getaddrinfo\\nnpm error network request to https://r.example/x failed, reason: getaddrinfo ENOTFOUND r.example\\nnpm error network This is a problem related to network connectivity.\\nnpm error A complete log of this run can be found in: /c/_logs/0.log\\n'; exit 1",
        "registry-unreachable",
        "npm error network request to https://r.example/x failed, reason: getaddrinfo ENOTFOUND r.example",
    ),
    (
        "hook-environment",
        "printf \"An unexpected error has occurred: CalledProcessError: command: ('/r/bin/python', '-mpip', 'install', '.', 'iniconfig==99.0')\\nreturn code: 1\\nstdout:\\n    Processing ./.\\nstderr:\\n    ERROR: Could not find a version that satisfies the requirement iniconfig==99.0 (from versions: 0.1, 1.0.0)\\n    ERROR: No matching distribution found for iniconfig==99.0\\nCheck the log at /h/pre-commit.log\\n\"; exit 3",
        "version-not-found",
        "    ERROR: No matching distribution found for iniconfig==99.0",
    ),
    (
        "node-environment",
        "printf \"An unexpected error has occurred: CalledProcessError: command: ('/r/bin/node', '/usr/bin/npm', 'install', '-g', 'is-odd@99.0.0')\\nreturn code: 1\\nstdout: (none)\\nstderr:\\n    npm error code ETARGET\\n    npm error notarget No matching version found for is-odd@99.0.0.\\n\"; exit 3",
        "version-not-found",
        "    npm error notarget No matching version found for is-odd@99.0.0.",
    ),
    (
        "prek-environment",
        "printf 'error: Failed to install hook `a`\\n  caused by: Command `uv pip install iniconfig==99.0` exited with an error:\\n\\n[stderr]\\nerror: No solution found when resolving dependencies\\ncause: Because there is no version of iniconfig==99.0 and you require iniconfig==99.0, we can conclude that your requirements are unsatisfiable.\\n'; exit 1",
        "version-not-found",
        "cause: Because there is no version of iniconfig==99.0 and you require iniconfig==99.0, we can conclude that your requirements are unsatisfiable.",
    ),
    (
        "uv-package",
        "printf '  × No solution found when resolving dependencies:\\n  ╰─▶ Because nothing-here was not found in the package registry and you require nothing-here, we can conclude that your requirements are unsatisfiable.\\n'; exit 1",
        "version-not-found",
        "  ╰─▶ Because nothing-here was not found in the package registry and you require nothing-here, we can conclude that your requirements are unsatisfiable.",
    ),
    (
        "yarn-classic",
        "echo 'error Couldn'\"'\"'t find any versions for \"lefthook\" that matches \"99.0.0\"'; exit 1",
        "version-not-found",
        "error Couldn't find any versions for \"lefthook\" that matches \"99.0.0\"",
    ),
    (
        "bun",
        "printf 'error: No version matching \"99.0.0\" found for specifier \"lefthook\" (but package exists)\\nerror: lefthook@99.0.0 failed to resolve\\n'; exit 1",
        "version-not-found",
        "error: No version matching \"99.0.0\" found for specifier \"lefthook\" (but package exists)",
    ),
    (
        "pnpm",
        "printf 'Error: ERR_PNPM_NO_MATCHING_VERSION\\n\\n  × adding a new package\\n  ├─▶ Failed to resolve dependency tree: No matching version found for\\n  │   lefthook@99.0.0 while fetching it from https://r.example/\\n'; exit 1",
        "version-not-found",
        "  ├─▶ Failed to resolve dependency tree: No matching version found for",
    ),
    (
        "npm-etimedout",
        "printf 'npm ERR! code ETIMEDOUT\\nnpm ERR! errno ETIMEDOUT\\n'; exit 1",
        "registry-unreachable",
        "npm ERR! code ETIMEDOUT",
    ),
    (
        "npm-rights",
        "printf 'npm error code EACCES\\nnpm error syscall mkdir\\nnpm error path /usr/lib/x\\nnpm error errno -13\\nnpm error Error: EACCES: permission denied, mkdir /usr/lib/x\\n'; exit 243",
        "permission",
        "npm error Error: EACCES: permission denied, mkdir /usr/lib/x",
    ),
    (
        "npm-disk",
        "printf 'npm error code ENOSPC\\nnpm error syscall write\\nnpm error nospc ENOSPC: no space left on device, write\\nnpm error nospc There appears to be insufficient space on your system to finish.\\n'; exit 228",
        "disk-full",
        "npm error nospc ENOSPC: no space left on device, write",
    ),
    (
        "git-host",
        "echo \"fatal: unable to access 'https://h.example/x.git/': Could not resolve host: h.example\"; exit 128",
        "registry-unreachable",
        "fatal: unable to access 'https://h.example/x.git/': Could not resolve host: h.example",
    ),
    (
        "missing",
        "sh -c no-such-installer; exit",
        "tool-missing",
        "sh: 1: no-such-installer: not found",
    ),
    (
        "rights",
        "echo > program; sh -c ./program; exit",
        "permission",
        "sh: 1: ./program: Permission denied",
    ),
    (
        "failing",
        "echo first; echo 'it went wrong'; exit 9",
        "install-failed",
        "it went wrong",
    ),
    (
        "escapes",
        "printf '10%%\\r50%%\\r\\033[31mERROR: No matching distribution found for x\\033[0m\\r\\n\\377\\376\\n'; exit 1",
        "version-not-found",
        "ERROR: No matching distribution found for x",
    ),
];

#[test]
fn a_revision_that_the_repository_of_a_hook_lacks_is_a_version_that_is_not_there() {
    let world = World::new();
    let pathspec = "error: pathspec 'v99' did not match any file(s) known to git";
    let by_pre_commit = format!(
        "printf \"An unexpected error has occurred: CalledProcessError: command: ('/bin/git', 'checkout', 'v99')\\nreturn code: 1\\nstderr:\\n    {pathspec}\\n\"; exit 3"
    );
    let by_prek = format!(
        "echo 'error: Failed to init hooks'; echo '  caused by: Command `/bin/git checkout v99` exited with an error:'; echo \"{pathspec}\"; exit 1"
    );
    let by_itself = format!("echo \"{pathspec}\"; exit 1");
    let seeds: Vec<Seed<'_>> = vec![
        ("pre-commit", &by_pre_commit, "version-not-found", pathspec),
        ("prek", &by_prek, "version-not-found", pathspec),
        ("git", &by_itself, "base-missing", pathspec),
    ];
    let consumer = installing(&world, &seeds, &[]);
    world.run(&consumer, &[]).expect(1);
    for (digest, (.., cause, line)) in digests(&bundle(&consumer)).iter().zip(&seeds) {
        assert_eq!(digest["cause"], *cause, "{digest:#}");
        let said = digest["line"]["text"].as_str().unwrap();
        assert_eq!(said.trim(), *line);
        let names_rev = digest["remediation"].as_str().unwrap().contains("`rev`");
        assert_eq!(names_rev, *cause == "version-not-found", "{digest:#}");
    }
}

#[test]
fn a_test_that_fails_in_a_blocked_change_is_no_broken_exit_code() {
    let says = "printf 'Traceback (most recent call last):\\n  File \"/x\", line 1\\nAssertionError: 1 != 2\\n'; exit 1";
    let reason = format!("{BLOCKS}\nreason = \"FIXME\"");
    let (_world, consumer, digest) = committed(":", says, &reason, "");
    told(&consumer, &digest, "wrong-reason", "AssertionError: 1 != 2");
}

#[test]
fn what_an_installer_says_is_told_by_its_cause() {
    let world = World::new();
    let consumer = installing(&world, WHILE_INSTALLING, &[]);
    world.run(&consumer, &[]).expect(1);
    told_of_each(&consumer, WHILE_INSTALLING);
    comes_again(&world, &consumer);
}

/// A registry that answers everything so.
fn registry(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let head = "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close";
            let _ = write!(stream, "HTTP/1.1 {answer}\r\n{head}\r\n\r\n{{}}");
        }
    });
    port
}

#[test]
fn what_npm_itself_says_is_told_by_its_cause() {
    let world = World::with_package_caches();
    let pack = |name: &str, more: &str| {
        let manifest = format!(r#"{{"name": "{name}", "version": "1.0.0"{more}}}"#);
        let package = world.consumer(&format!("pack-{name}"), &[("package.json", &manifest)]);
        world.npm_pack(&package.root).display().to_string()
    };
    let plain = pack("plain", "");
    let peer = pack("peer", r#", "peerDependencies": {"plain": "^2.0.0"}"#);
    let engine = pack("engine", r#", "engines": {"node": ">=99"}"#);
    let (gone, closed) = (registry("404 Not Found"), registry("401 Unauthorized"));
    let install = "npm install --no-audit --no-fund --fetch-retries=0";
    let gone_url = format!("http://127.0.0.1:{gone}/");
    let does = [
        format!("{install} '{plain}' '{peer}'"),
        format!("{install} '{engine}' --engine-strict"),
        format!("{install} nothing-here --registry {gone_url}"),
        format!("{install} nothing-here --registry http://127.0.0.1:{closed}/"),
        format!("{install} x --registry http://127.0.0.1:9/"),
        format!("{install} /no/such/gate.tgz"),
        "npm ci".to_owned(),
        format!(
            "{install} '{engine}'; echo '{{\"name\":\"a\",\"dependencies\":{{\"plain\":\"file:{plain}\"}}}}' > package.json; npm ci"
        ),
        "npm run no-such-script".to_owned(),
        format!("echo '{{' > package.json; {install} '{plain}'"),
    ];
    let does: Vec<_> = does
        .iter()
        .map(|script| format!("{script}; exit"))
        .collect();
    let not_found = format!("npm error 404 Not Found - GET {gone_url}nothing-here");
    let wanted = [
        (
            "peer",
            "peer-conflict",
            "npm error peer plain@\"^2.0.0\" from peer@1.0.0",
        ),
        (
            "engine",
            "engine-version",
            "npm error engine Not compatible with your version of node/npm: engine@1.0.0",
        ),
        ("gone", "version-not-found", &not_found),
        ("closed", "registry-refused", ""),
        (
            "unreachable",
            "registry-unreachable",
            "npm error FetchError: request to http://127.0.0.1:9/x failed, reason: connect ECONNREFUSED 127.0.0.1:9",
        ),
        (
            "tarball",
            "version-not-found",
            "npm error enoent ENOENT: no such file or directory, open '/no/such/gate.tgz'",
        ),
        (
            "no-lock",
            "lock-file",
            "npm error The `npm ci` command can only install with an existing package-lock.json or",
        ),
        ("lock", "lock-file", "npm error Missing: plain@"),
        (
            "script",
            "configuration-error",
            "npm error Missing script: \"no-such-script\"",
        ),
        ("manifest", "configuration-error", ""),
    ];
    let seeds: Vec<Seed<'_>> = wanted
        .iter()
        .zip(&does)
        .map(|((name, cause, line), does)| (*name, &**does, *cause, *line))
        .collect();
    let consumer = installing(&world, &seeds, &[("package.json", "{\"name\": \"a\"}")]);
    world.run(&consumer, &[]).expect(1);
    let bundle = bundle(&consumer);
    for (digest, (name, _, cause, line)) in digests(&bundle).iter().zip(&seeds) {
        assert_eq!(digest["lane"], *name);
        let said = digest["line"]["text"].as_str().unwrap_or_default();
        // What npm adds to its own words is npm's.
        assert!(
            said.starts_with(line) && !said.contains("A complete log"),
            "{digest:#}"
        );
        told(&consumer, digest, cause, said);
    }
    comes_again(&world, &consumer);
}

/// The only digest of a lane's commit with this hook.
fn committed(activate: &str, hook: &str, expect: &str, more: &str) -> (World, Consumer, Value) {
    let world = World::new();
    let script = Value::from(activate.replace('{', "{{").replace('}', "}}"));
    let step = format!("[[activate]]\nstep = \"alter\"\nrun = [\"sh\", \"-c\", {script}]\n");
    let stages = format!("{step}{COMMIT}{more}");
    let consumer = hooked(&world, &[("pre-commit", hook)], &stages, expect);
    world.run(&consumer, &[]).expect(1);
    let failures = digests(&bundle(&consumer));
    assert_eq!(failures.len(), 1, "{failures:#?}");
    let digest = failures[0].clone();
    assert_eq!(
        digest["impacted_cells"],
        serde_json::json!(["bad/pre-commit"])
    );
    (world, consumer, digest)
}

#[test]
fn what_the_witness_saw_is_told_by_its_cause() {
    let programs = "programs = [\"tools/gate\"]\n";
    let reason = format!("{BLOCKS}\nreason = \"FIXME\"");
    let text = "echo 'error: no FIXM'; exit 1";
    let timeouts = "echo a timeout of the disk ENOSPC; exit 0";
    for (activate, hook, expect, more, cause, line) in [
        (
            "chmod -x hooks/pre-commit",
            "exit 0",
            PASSES,
            "",
            "hook-not-launched",
            "",
        ),
        (
            "rm hooks/pre-commit",
            "exit 1",
            BLOCKS,
            "",
            "hook-not-launched",
            "",
        ),
        (
            ":",
            "no-such-tool",
            BLOCKS,
            "",
            "tool-missing",
            "hooks/pre-commit: 2: no-such-tool: not found",
        ),
        (
            ":",
            "no-such-tool",
            PASSES,
            "",
            "tool-missing",
            "hooks/pre-commit: 2: no-such-tool: not found",
        ),
        (
            ":",
            "./matrix.txt",
            BLOCKS,
            "",
            "tool-missing",
            "hooks/pre-commit: 2: ./matrix.txt: not found",
        ),
        (
            ":",
            "echo > x; ./x",
            BLOCKS,
            "",
            "permission",
            "hooks/pre-commit: 2: ./x: Permission denied",
        ),
        (
            ":",
            "echo last; kill -SEGV $$",
            BLOCKS,
            "",
            "crash",
            "error: hooks/pre-commit died of signal 11",
        ),
        (":", "exit 255", BLOCKS, "", "crash", ""),
        (":", timeouts, BLOCKS, "", "contract-broken", ""),
        (":", "exit 0", BLOCKS, programs, "gate-absent", ""),
        (":", text, &reason, "", "wrong-reason", "error: no FIXM"),
        (
            ":",
            "echo no; exit 1",
            BLOCKS,
            "marker = \"gate v\"\n",
            "gate-absent",
            "no",
        ),
        (
            ":",
            "exit 1",
            BLOCKS,
            "[stage.pre-commit.files]\nnew = [\"report.txt\"]\n",
            "evidence-absent",
            "",
        ),
        (
            ":",
            "git commit --quiet --no-verify -m own; exit 1",
            BLOCKS,
            "",
            "not-enforced",
            "",
        ),
    ] {
        let (world, consumer, digest) = committed(activate, hook, expect, more);
        told(&consumer, &digest, cause, line);
        comes_again(&world, &consumer);
    }
}

#[test]
fn evidence_is_told_by_its_cause() {
    for (write, cause) in [
        ("true", "evidence-absent"),
        ("echo '{\"n\": 1}' > e.json", "evidence-refuted"),
    ] {
        let world = World::new();
        let names = ["one".to_owned()];
        let consumer = lanes(&world, "consumer", &names, write);
        let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
        let more = "[scenario.one.evidence.ci]\nfile = \"e.json\"\nassert = [\".n == 7\"]\n";
        consumer.write("matrix.toml", &format!("{toml}{more}"));
        consumer.commit("evidence");
        world.run(&consumer, &[]).expect(1);
        told(
            &consumer,
            &bundle(&consumer)["failures"][0]["failure_digest"],
            cause,
            "",
        );
        comes_again(&world, &consumer);
    }
}

#[test]
fn a_step_past_its_limit_is_a_timeout_and_nothing_else_is() {
    let world = World::new();
    let names = ["slow".to_owned()];
    let script = "echo 'npm error code ENOSPC'; echo waiting; sleep 100";
    let consumer = lanes(&world, "consumer", &names, script);
    world.run(&consumer, &["--timeout", "1s"]).expect(124);
    told(
        &consumer,
        &bundle(&consumer)["failures"][0]["failure_digest"],
        "timeout",
        "waiting",
    );
    comes_again(&world, &consumer);
}

#[test]
fn a_stage_that_cannot_be_seeded_hooked_or_tried_is_told_by_its_cause() {
    let seed = "seed = [\"sh\", \"-c\", \"echo no such file; exit 3\"]";
    for (top, scenario, more, cause, line) in [
        ("", seed, &[][..], "seed-failed", "no such file"),
        (
            "hooks = [\"pre-push\"]\n",
            "overlay = \"scenarios/all\"",
            &[],
            "hook-not-installed",
            "",
        ),
        ("", "message = \"only that\"", &["--strict"], "vacuous", ""),
    ] {
        let world = World::new();
        let toml = format!(
            "schema = 1\ngate = \"fake\"\n{top}[stage.ci]\ndrive = \"command\"\nrun = [\"true\"]\n\
             [scenario.one]\n{scenario}\nexpect = {{ ci = 0 }}\n"
        );
        let files = [
            ("matrix.toml", &*toml),
            ("file", "1"),
            ("scenarios/all/file", "2"),
        ];
        let consumer = world.consumer("consumer", &files);
        world.run(&consumer, more).expect(1);
        let digest = &bundle(&consumer)["failures"][0]["failure_digest"];
        told(&consumer, digest, cause, line);
        assert_eq!(digest["impacted_cells"], serde_json::json!(["one/ci"]));
        comes_again(&world, &consumer);
    }
}

/// A run that never got to a lane has one digest.
#[track_caller]
fn refused(consumer: &Consumer, ran: &Ran, code: i32, cause: &str) {
    ran.expect(code);
    let bundle = bundle(consumer);
    schema_holds("bundle", &bundle);
    let failures = digests(&bundle);
    assert_eq!(failures.len(), 1, "{bundle:#}");
    assert!(failures[0]["lane"].is_null() && failures[0]["stage"].is_null());
    told(consumer, &failures[0], cause, "");
    assert_eq!(bundle["clusters"][0]["cause"], cause);
    assert!(bundle["clusters"][0]["smallest"].is_null());
}

#[test]
fn what_keeps_a_run_from_its_lanes_has_one_digest() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let again = |more: &[&str]| {
        let mut args = vec!["--run-id", "only"];
        args.extend(more);
        world.run(&consumer, &args)
    };
    consumer.write("dirt", "");
    refused(&consumer, &again(&[]), 17, "dirty-consumer");
    let status = bundle(&consumer)["failures"][0]["failure_digest"]["commands"][0].clone();
    let root = consumer.root.display();
    assert_eq!(status, format!("git -C \"{root}\" status --short --branch"));
    fs::remove_file(consumer.root.join("dirt")).unwrap();
    let toml = fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &format!("gait = \"fake\"\n{toml}"));
    consumer.commit("a key that is not known");
    refused(&consumer, &again(&[]), 2, "configuration-error");
    consumer.write("matrix.toml", &toml);
    consumer.commit("the key is gone");
    refused(
        &consumer,
        &again(&["--work-dir", "/dev/null/work"]),
        69,
        "work-folder",
    );
    consumer.write(
        "matrix.toml",
        &toml.replace(
            "gate = \"fake\"\n",
            "gate = \"fake\"\ntools = [\"no-such-tool\"]\n",
        ),
    );
    consumer.commit("a tool");
    refused(&consumer, &again(&[]), 69, "tool-missing");
    consumer.git(&["config", "filter.x.clean", "cat"]);
    refused(&consumer, &again(&[]), 69, "unsupported-repository");
}

#[test]
fn an_error_of_no_file_is_not_said_to_be_in_one() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("file", "one\n")]);
    let ran = world.run(&consumer, &[]);
    let said = &ran.expect(2).stderr;
    assert!(said.contains("there is no matrix.toml"), "{said}");
    assert!(said.contains("  remedy: Do what the error says;"), "{said}");
    consumer.write("matrix.toml", "schema = 1\ngate = \"fake\"\nstagee = 1\n");
    consumer.commit("a mistake");
    let ran = world.run(&consumer, &[]);
    let said = &ran.expect(2).stderr;
    assert!(
        said.contains("  remedy: Correct the file and place"),
        "{said}"
    );
}

#[test]
fn a_green_run_has_a_bundle_with_nothing_in_it() {
    let world = World::new();
    let consumer = world.script_consumer("echo 'npm error code ENOSPC'; echo timeout; exit 0");
    world.run(&consumer, &[]).expect(0);
    let bundle = bundle(&consumer);
    schema_holds("bundle", &bundle);
    assert_eq!(bundle["failures"], serde_json::json!([]));
    assert_eq!(bundle["clusters"], serde_json::json!([]));
    let files = fs::read_to_string(consumer.run_folder().join("files.json")).unwrap();
    assert!(files.contains("\"replay_bundle.json\""), "{files}");
}

#[test]
fn a_log_of_any_size_and_shape_is_looked_into() {
    let world = World::new();
    let seeds: &[Seed<'_>] = &[
        (
            "long",
            "yes 'a line that says nothing' | head -c 12000000; echo 'ERROR: No matching distribution found for x'; exit 1",
            "version-not-found",
            "ERROR: No matching distribution found for x",
        ),
        (
            "one-line",
            "head -c 3000000 /dev/zero | tr '\\0' x; exit 1",
            "install-failed",
            &format!("{} …", "x".repeat(400)),
        ),
        ("empty", "exit 1", "install-failed", ""),
    ];
    let consumer = installing(&world, seeds, &[]);
    world.run(&consumer, &[]).expect(1);
    told_of_each(&consumer, seeds);
}

/// A consumer of a package, whose lanes install it with this script.
fn packaged(world: &World, version: &str, script: &str) -> Consumer {
    let script = Value::from(script.replace('{', "{{").replace('}', "}}"));
    let mut toml = format!(
        "schema = 1\ngate = \"fake\"\npackage = \"gate@1\"\n{version}[[install]]\nstep = \"fetch\"\n\
         run = [\"sh\", \"-c\", {script}, \"{{package_spec}}\", \"{{scenario}}\"]\n\
         [stage.ci]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", \"exit 0\"]\n"
    );
    for name in ["one", "two"] {
        let _ = write!(
            toml,
            "[scenario.{name}]\noverlay = \"scenarios/all\"\nexpect = {{ ci = 0 }}\n"
        );
    }
    let files = [
        ("matrix.toml", &*toml),
        (".gitignore", "node_modules\n"),
        ("file", "1"),
        ("scenarios/all/file", "2"),
    ];
    world.consumer("consumer", &files)
}

/// Leaves the record that npm would.
const RECORD: &str = r#"mkdir -p node_modules
    printf '{"packages": {"node_modules/gate": {"version": "%s"}}}' "$V" > node_modules/.package-lock.json"#;

#[test]
fn another_gate_than_the_installed_one_is_told_by_its_cause() {
    let world = World::new();
    let version = "version = [\"echo\", \"gate 2.0.0\"]\n";
    let consumer = packaged(&world, version, &format!("V=1.0.0; {RECORD}"));
    world.run(&consumer, &[]).expect(1);
    let digest = &bundle(&consumer)["failures"][0]["failure_digest"];
    told(&consumer, digest, "version-differs", "gate 2.0.0");
    comes_again(&world, &consumer);
}

#[test]
fn lanes_with_different_packages_are_told_by_their_cause() {
    let world = World::new();
    let script = format!("case $1 in one) V=1.0.0;; *) V=1.0.1;; esac; {RECORD}");
    let consumer = packaged(&world, "version = [\"echo\", \"1.0.0 1.0.1\"]\n", &script);
    world.run(&consumer, &[]).expect(1);
    let failures = digests(&bundle(&consumer));
    assert_eq!(failures.len(), 1, "{failures:#?}");
    told(&consumer, &failures[0], "packages-differ", "");
    assert_eq!(failures[0]["impacted_cells"], serde_json::json!(["two/ci"]));
}

#[test]
fn a_clone_that_fails_is_told_by_its_cause() {
    let world = World::new();
    let consumer = world.script_consumer("exit 0");
    let bin = Consumer {
        root: world.path().join("bin"),
    };
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|folder| folder.join("git"));
    let real = real.into_iter().find(|git| git.is_file()).unwrap();
    let git = format!(
        "#!/bin/sh\ncase \" $* \" in *' clone --quiet --bare '*) echo 'fatal: it cannot be read' >&2; exit 128;; esac\nexec '{}' \"$@\"\n",
        real.display()
    );
    bin.write("git", &git);
    let mut command = world.run_command(&consumer, &[]);
    let path = format!("{}:{path}", bin.root.display());
    command.env("PATH", &path);
    Ran::of(command.output().unwrap()).expect(1);
    let digest = &bundle(&consumer)["failures"][0]["failure_digest"];
    told(
        &consumer,
        digest,
        "clone-failed",
        "fatal: it cannot be read",
    );
    comes_again_with(&world, &consumer, &[("PATH", &path)]);
}

#[test]
fn every_cause_has_a_page() {
    let world = World::new();
    let list = world.matrix(&["explain"]);
    let mut ids = BTreeSet::new();
    for cause in diagnosis::causes() {
        let page = world.matrix(&["explain", cause.id]);
        let page = &page.expect(0).stdout;
        for text in [cause.id, cause.title, cause.signature, cause.remedy] {
            assert!(page.contains(text), "{page}");
        }
        assert!(
            cause.likely.iter().all(|likely| page.contains(likely)),
            "{page}"
        );
        // All commands but the one that prints the page.
        let commands = page.matches("\n    ").count();
        assert_eq!(commands, cause.commands.len() - 1, "{page}");
        let row = format!("{} ", cause.id);
        let told = list
            .expect(0)
            .stdout
            .lines()
            .find(|line| line.starts_with(&row));
        assert!(told.unwrap().ends_with(cause.title), "{}", list.stdout);
        ids.insert(cause.id);
    }
    assert_eq!(list.stdout.lines().count(), ids.len());
    let ran = world.matrix(&["explain", "time-out"]);
    assert!(
        ran.expect(2).stderr.contains("did you mean `timeout`?"),
        "{ran:?}"
    );
    assert_eq!(ran.stdout, "");
}

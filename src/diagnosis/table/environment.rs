//! Causes in machines, registries and packages.

use super::super::cause::{Cause, Fact, Line, Text};
use super::super::commands::EXPLAIN;
use super::defaults::{BLANK, DELETED, LANE_WITHOUT_LOG, LOG, NOT_REPLAYED};
use crate::model::{BuiltinStep, FailureClass};

const HOOK_REV: &str = "Name a `rev` that the repository of the hook has (`pre-commit autoupdate`, `prek auto-update`), and commit that.";
const HELD_BY_NPM: &str = "Approve the script (`npm install-scripts approve NAME`, which approves this version alone), run it (`npm rebuild NAME`) and commit package.json; or set the hooks up by a command of `[[activate]]`.";
const HELD_BY_PNPM_10: &str = "Name the package in `onlyBuiltDependencies` of pnpm-workspace.yaml (`pnpm approve-builds`) and commit that; or set the hooks up by a command of `[[activate]]`.";
const HELD_BY_PNPM: &str = "Set the package to true in `allowBuilds` of pnpm-workspace.yaml (`pnpm approve-builds`; `onlyBuiltDependencies` is not read from pnpm 11 on) and commit that; or set the hooks up by a command of `[[activate]]`.";
const HELD_BY_YARN: &str = "Set `built` of the package to true in `dependenciesMeta` of package.json, or `enableScripts: true` in .yarnrc.yml, and commit that; or set the hooks up by a command of `[[activate]]`.";
const HELD_BY_BUN: &str = "Name the package in `trustedDependencies` of package.json (`bun pm trust NAME`; the list replaces bun's own) and commit that; or set the hooks up by a command of `[[activate]]`.";

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "timeout",
        title: "A step ran past its time limit.",
        signature: "Class `timeout`, exit 124. Never told by words in a log.",
        likely: &[
            "the step waits for input or for a network that stages do not have",
            "the limit is short for this machine",
            "the gate hangs on the change",
        ],
        remedy: "Find out what the step waits for; raise `timeout` of the step only if it really needs longer.",
        certain: &[&[Fact::Class(FailureClass::Timeout)]],
        default_of: &[FailureClass::Timeout],
        line: Line::Last,
        ..BLANK
    },
    Cause {
        id: "hook-leads-out-of-lane",
        title: "A hook runs a program that is not of the lane.",
        signature: "The hook file names an absolute path in a home, a temporary folder or the consumer, and the program there ran, or the sandbox hides it.",
        likely: &[
            "the hook was installed by a program from the cache of npx, whose place it keeps",
            "the hook was copied from another clone, or refers to the consumer",
        ],
        remedy: "Install the hooks with the program of the lane (node_modules/.bin/NAME, {tool_dir}/bin/NAME), not with npx or one of another clone.",
        certain: &[&[Fact::LeadsOut]],
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "tool-missing",
        title: "A program that is needed is not there.",
        signature: "A tool of the profile is not on PATH, exit 127, or a program could not be found.",
        likely: &[
            "the tool is not installed on this machine",
            "PATH does not lead to it: lanes see only system folders and what the profile names",
            "a script or hook calls a program that no dependency brings",
        ],
        remedy: "Install the tool and see that PATH leads to it, or have the profile install it in the lane.",
        certain: &[
            &[Fact::Step(BuiltinStep::ToolMissing)],
            &[Fact::Exit(127)],
            &[Fact::NotFound],
        ],
        texts: &[
            Text::any(r"^ {0,2}(?:npm (?:error|ERR!) )?(?:\S+: (?:line )?\d+|(?:/bin/)?(?:ba|da|k)?sh): \S+: (?:command )?not found$"),
            Text::any(r"^ {0,2}Executable `[^`]+` not found$"),
            Text::any(r"^ {0,2}error: Failed to run hook `").after(r"^ +caused by: Failed to run `"),
            Text::any(r"^ {0,2}\S*env: .+: No such file or directory$"),
            Text::any(r"^ {0,2}\S+: .*bad interpreter: "),
            Text::any(r"^ {0,2}(?:npm (?:error|ERR!) .*|(?:Uncaught )?Error: )?spawn \S+ ENOENT$"),
            Text::any(r"^ {0,2}(?:error|fatal): cannot (?:run|spawn|exec) .+: No such file or directory$"),
        ],
        ..BLANK
    },
    Cause {
        id: "permission",
        title: "A program may not be run, or a file may not be written.",
        signature: "Exit 126, EACCES, EPERM or `Permission denied` of a failing command.",
        likely: &[
            "a script without its executable bit",
            "a folder mounted read-only or without execution",
            "a file of another user in the way",
        ],
        remedy: "Give the file that is named the rights that it needs: chmod +x, or another owner.",
        certain: &[&[Fact::Exit(126)], &[Fact::NotExecutable]],
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code (?:EACCES|EPERM)")
                .after(r"^npm (?:error|ERR!) .*(?:EACCES|EPERM): "),
            Text::set_up(r"^ERROR: .*\[Errno 13\]"),
            Text::any(r"^ {0,2}\S+: (?:line )?\d+: .+: [Pp]ermission denied$"),
            Text::set_up(r"^\S+: .*[Pp]ermission denied$"),
            Text::any(r"^ {0,2}(?:fatal|error): .*: Permission denied$"),
            Text::any(r"^ {0,2}PermissionError: "),
        ],
        ..BLANK
    },
    Cause {
        id: "registry-unreachable",
        title: "The package registry could not be reached.",
        signature: "npm: ENOTFOUND, ECONNREFUSED, EAI_AGAIN, ETIMEDOUT, E5xx; pip: `after connection broken by`; git: `Could not resolve host`.",
        likely: &[
            "there is no network",
            "a proxy or a certificate is missing",
            "the registry in .npmrc or pip.conf is wrong or down",
        ],
        remedy: "See that the registry in the line can be reached from here, with the proxy and certificates that it needs, then run again.",
        texts: &[
            Text::set_up(
                r"^npm (?:error|ERR!) code (?:ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH|EHOSTUNREACH|EPROTO|ENOTCACHED|ERR_SOCKET_TIMEOUT|UND_ERR_\w+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_\w+|E5\d\d)\b",
            )
            .after(r"^npm (?:error|ERR!) (?:.*request to \S+ failed[:,] |5\d\d )"),
            Text::set_up(r"^WARNING: Retrying .* after connection broken by "),
            Text::set_up(r"^(?:ERROR: )?Could not fetch URL \S+: "),
            Text::set_up(r"^(?:fatal: unable to access '|ssh: Could not resolve hostname |fatal: Could not read from remote repository)"),
            Text::set_up(r"^curl: \((?:5|6|7|28|35|56|60)\) "),
            Text::set_up(r"error sending request for url \("),
        ],
        ..BLANK
    },
    Cause {
        id: "registry-refused",
        title: "The registry wants a login.",
        signature: "npm: E401, E403, ENEEDAUTH; pip: HTTP error 401 or 403.",
        likely: &["a token is missing or expired", "the package is private"],
        remedy: "Log in to the registry for this package, in the .npmrc or pip.conf of the user who runs this.",
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code (?:E401|E403|ENEEDAUTH)\b")
                .after(r"^npm (?:error|ERR!) (?:40[13] |need auth |Incorrect or missing|Unable to authenticate)"),
            Text::set_up(r"^(?:ERROR: HTTP error 40[13]|WARNING: 401 Error, Credentials not correct)"),
        ],
        ..BLANK
    },
    Cause {
        id: "version-not-found",
        title: "The package, or this version of it, does not exist.",
        signature: "npm: E404, ETARGET, or ENOENT of a tarball; pip: `No matching distribution found`; pnpm, yarn, bun, uv, gem and cargo in their words; a `rev` that the repository of a hook does not have.",
        likely: &[
            "a typing error in --package or in `package`",
            "a dependency of a hook's environment: `additional_dependencies` or `rev`",
            "the version is not published, or not in this registry",
            "the tarball or wheel was not built",
        ],
        remedy: "Name a package and version that the registry has: of the gate with --package NAME@VERSION, of a dependency where it is asked for.",
        commands: NOT_REPLAYED,
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code (?:ETARGET|ENOVERSIONS)\b")
                .after(r"^npm (?:error|ERR!) (?:notarget )?No (?:matching version|versions)"),
            Text::set_up(r"^npm (?:error|ERR!) code E404\b")
                .after(r"^npm (?:error|ERR!) 404 +(?:Not Found - |'.+' is not in )"),
            Text::set_up(r"^npm (?:error|ERR!) code ENOENT\b")
                .after(r"^npm (?:error|ERR!) enoent ENOENT: .*'.*\.(?:tgz|tar\.gz)'"),
            Text::set_up(r"^ERROR: Could not find a version that satisfies .*\(from versions: [0-9]")
                .after(r"^ERROR: No matching distribution found for ")
                .rank(0),
            Text::set_up(r"^ERROR: No matching distribution found for ").rank(2),
            Text::set_up(r"^WARNING: Requirement '.+' looks like a filename, but the file does not exist"),
            Text::set_up(r"\bERR_PNPM_(?:NO_MATCHING_VERSION|NO_VERSIONS|FETCH_404)\b")
                .after(r"No matching version found|Not Found - 404"),
            Text::set_up("^error (?:Couldn't find (?:any versions for|package) \"|An unexpected error occurred: \".*: Not found\")"),
            Text::set_up(r"^➤ YN(?:0082: .*No candidates found|0035: .*\b404\b)"),
            Text::set_up("^error: (?:No version matching \"|package \".+\" not found|GET \\S+ - 404$)"),
            Text::set_up(r"^(?: +[╰├]─▶ | *(?:caused by|cause): )Because .*(?:there (?:is|are) no versions? of |was not found in the package registry)"),
            Text::set_up(r"^ERROR:  Could not find a valid gem '"),
            Text::set_up(r"^error: could not find `.+` in registry "),
            // pre-commit and prek, of the repository of a hook.
            Text::set_up(r"^(?:An unexpected error has occurred: CalledProcessError: command: \(.*git', 'checkout', '| +caused by: Command `\S*git checkout )")
                .after(r"^ *error: pathspec ")
                .remedy(HOOK_REV)
                .certain(),
        ],
        ..BLANK
    },
    Cause {
        id: "peer-conflict",
        title: "Two packages want versions of a third that exclude each other.",
        signature: "npm: ERESOLVE; pip: ResolutionImpossible.",
        likely: &[
            "the consumer pins a dependency that the gate's peers do not allow",
            "a companion that is too old for the gate",
        ],
        remedy: "Choose versions that fit: move the dependency of the consumer or the gate's version.",
        commands: NOT_REPLAYED,
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) (?:Could not resolve dependency|Conflicting peer dependency|While resolving):")
                .after(r"^npm (?:error|ERR!) peer(?:Optional)? "),
            Text::set_up(r"^npm (?:error|ERR!) code ERESOLVE\b")
                .after(r"^npm (?:error|ERR!) (?:peer(?:Optional)? |ERESOLVE )"),
            Text::set_up(r"^ERROR: Cannot install .* because these package versions have conflicting dependencies"),
            Text::set_up(r"^ERROR: ResolutionImpossible"),
        ],
        ..BLANK
    },
    Cause {
        id: "lock-file",
        title: "The lock file is not there, or does not fit.",
        signature: "npm: EUSAGE of `npm ci`; a lock file that is out of step.",
        likely: &[
            "package.json was changed without npm install",
            "the lock file is not committed",
        ],
        remedy: "Run npm install in the consumer and commit the lock file.",
        commands: NOT_REPLAYED,
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) `npm ci` can only install packages when")
                .after(r"^npm (?:error|ERR!) (?:Missing|Invalid): ")
                .rank(0),
            Text::set_up(r"^npm (?:error|ERR!) (?:The `npm ci` command can only install|cipm can only install)"),
            Text::set_up(r"^npm (?:error|ERR!) code EINTEGRITY\b")
                .after(r"^npm (?:error|ERR!) (?:sha\d+-|Verification failed)"),
        ],
        ..BLANK
    },
    Cause {
        id: "engine-version",
        title: "A package wants another version of node, npm or python.",
        signature: "npm: EBADENGINE as an error; pip: `requires a different Python`.",
        likely: &["an old node or python on this machine"],
        remedy: "Run with the version of node or python that the package asks for.",
        commands: NOT_REPLAYED,
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) code EBADENGINE\b")
                .after(r"^npm (?:error|ERR!) \w+ Not compatible with your version of "),
            Text::set_up(r"^ERROR: Package .+ requires a different Python: "),
            Text::set_up(r"^ERROR: Ignored the following versions that require a different python version: ").rank(0),
            Text::any(r"^ {0,2}error .+: The engine .+ is incompatible with this module"),
        ],
        ..BLANK
    },
    Cause {
        id: "scripts-held-back",
        title: "The package manager did not run the install script that sets the hooks up.",
        signature: "A hook is missing and the log of the installation says that scripts were blocked, or the installation fails for them: npm 12 `allowScripts`, pnpm `onlyBuiltDependencies` or `allowBuilds`, yarn `enableScripts`, bun `trustedDependencies`.",
        likely: &[
            "npm 12, pnpm 10, yarn 4.14 and bun run no install scripts of dependencies that are not allowed to",
            "npm 12 and pnpm approved another version of the package",
            "the scripts are switched off: ignore-scripts",
        ],
        remedy: "Allow the script and commit that (npm: `npm install-scripts approve NAME`, then `npm rebuild NAME`; pnpm: `pnpm approve-builds`; yarn: `dependenciesMeta` with `built: true`; bun: `bun pm trust NAME`), or set the hooks up by a command of `[[activate]]`.",
        texts: &[
            Text::installed_named(r"^npm warn install-scripts \d+ packages? had install scripts blocked because ").remedy(HELD_BY_NPM),
            Text::set_up(r"^npm error code ESTRICTALLOWSCRIPTS$").after(r"^npm error   \S+@\S+ \(").remedy(HELD_BY_NPM),
            // pnpm 10 draws a box; the others do not.
            Text::installed_named(r"^│ +Ignored build scripts: ").remedy(HELD_BY_PNPM_10),
            Text::installed_named(r"^Ignored build scripts: ").remedy(HELD_BY_PNPM),
            Text::set_up(r"^(?:\[ERR_PNPM_IGNORED_BUILDS\]| ERR_PNPM_IGNORED_BUILDS ) Ignored build scripts: ").remedy(HELD_BY_PNPM),
            Text::set_up(r"^Error: ERR_PNPM_IGNORED_BUILDS$").after(r"Ignored build scripts: ").remedy(HELD_BY_PNPM),
            Text::installed_named(r"^➤ YN000[45]: (?:│ )?\S+ lists build scripts, but (?:all build scripts have|its build has) been ").remedy(HELD_BY_YARN),
            Text::installed(r"^warning Ignored scripts due to flag\.$").remedy("Install without --ignore-scripts, or set the hooks up by a command of `[[activate]]`."),
            Text::installed(r"^Blocked \d+ \w+\. Run `bun pm untrusted` for details\.$").remedy(HELD_BY_BUN),
        ],
        ..BLANK
    },
    Cause {
        id: "module-missing",
        title: "A program starts and does not find a module of its own.",
        signature: "node: `Cannot find module`; python: `ModuleNotFoundError`.",
        likely: &[
            "a dependency that package.json does not name",
            "an installation that stopped half way",
            "a build that was not run before packing",
        ],
        remedy: "Add the module that is named to the dependencies of whoever asks for it.",
        texts: &[
            Text::any(r"^ {0,2}(?:npm (?:error|ERR!) )?(?:\[?\w*Error\b.*: )?Cannot find (?:module|package) '").rank(0),
            Text::any(r"^ {0,2}(?:ModuleNotFoundError|ImportError): ").rank(0),
        ],
        ..BLANK
    },
    Cause {
        id: "gate-file-missing",
        title: "A file of the gate is not in the commit that is tried.",
        signature: "A message that names a file that the commit does not have, or a gate that does not find its configuration.",
        likely: &[
            "the commit, or one before it, deleted the gate's configuration or the file of a hook",
            "the file was never committed, or git ignores it",
            "a lane has only what git tracks: a file of your own folder is not there",
        ],
        remedy: "Commit the file that is named, which the commit that is tried does not have; `git log --diff-filter=D --name-only` names the commit that deleted it.",
        certain: &[&[Fact::NotCommitted]],
        commands: &[LOG, DELETED, EXPLAIN],
        texts: &[
            Text::any(r"^=====> \S+ is not a file$").rank(0),
            Text::any(r"^ {0,2}(?:No \.pre-commit-config\.yaml file was found|\.pre-commit-config\.yaml is not a file)"),
            Text::any(r"^ {0,2}error: No `?\S*prek\.toml"),
            Text::any(r"^ {0,2}(?:│ +)?(?:Error: )?No config files with names "),
        ],
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "configuration-error",
        title: "A configuration cannot be used.",
        signature: "Step `config_load`, exit 2 (17 if the consumer is dirty too); or a gate says that it cannot read its own configuration.",
        likely: &[
            "a typing error in matrix.toml or in the gate's configuration",
            "a key that this version does not know",
            "a configuration file that is not committed",
            "there is no matrix.toml: `matrix init` writes one",
        ],
        remedy: "Correct the file and place that the message names, and commit it.",
        remedies: &[(Fact::NoPlace, "Do what the error says; it is of no line in a file that could be corrected.")],
        certain: &[&[Fact::WrongConfiguration]],
        commands: NOT_REPLAYED,
        texts: &[
            Text::any(r"^ {0,2}An error has occurred: Invalid(?:Config|Manifest)Error").after(r"^=====> "),
            Text::any(r"^ {0,2}error: (?:Failed to parse `|.*[Cc]onfig(?:uration)? file)").after(r"^ +caused by: "),
            Text::any(r"^ {0,2}(?:│ +)?Error: (?:yaml|toml|json|parsing|failed to (?:load|parse)|couldn't (?:load|parse)|loading)\b.*"),
            Text::any(r"^ {0,2}ESLint couldn't find (?:an|a) (?:eslint\.config|configuration)"),
            Text::any(r"^ {0,2}(?:✖ )?(?:No valid configuration found|Failed to (?:read|parse) config|Could not read config)"),
            Text::any(r"^ {0,2}\.git can't be found"),
            Text::any(r"^ {0,2}npm (?:error|ERR!) Missing script: "),
            Text::any(r"^ {0,2}npm (?:error|ERR!) code EJSONPARSE\b").after(r"^npm (?:error|ERR!) (?:JSON\.parse|.*JSONParse)"),
            Text::any(r"^ {0,2}fatal: bad config line "),
        ],
        default_of: &[FailureClass::Config],
        ..BLANK
    },
    Cause {
        id: "no-install-record",
        title: "No record says which version of the package was installed.",
        signature: "Step `gate_version`: the gate reports a version, and no record of an installer names the package.",
        likely: &[
            "the package is installed by a program that keeps no record that matrix reads",
            "it is installed outside of the lane, or deeper in the clone than is searched",
            "two folders have different versions, and the package spec names no exact one",
        ],
        remedy: "Install it with npm, pnpm, yarn, bun, pip, uv or pipx inside the lane, name its folder with `workdir`, or drop the check: version = false.",
        certain: &[&[Fact::NoRecord]],
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "version-differs",
        title: "The gate that runs is not the one that was installed.",
        signature: "Step `gate_version`: its own version is another.",
        likely: &[
            "another copy of the gate is first on PATH",
            "the package brings another version of its binary",
        ],
        remedy: "Have the profile call the gate by its path in the lane, or correct `version`.",
        certain: &[&[Fact::Step(BuiltinStep::GateVersion), Fact::Succeeded]],
        line: Line::Last,
        ..BLANK
    },
    Cause {
        id: "packages-differ",
        title: "Two lanes were given different packages.",
        signature: "Class `infra` of an installation that succeeded.",
        likely: &["a release between two installations", "a tag such as latest"],
        remedy: "Name the version: --package NAME@VERSION.",
        certain: &[&[Fact::Class(FailureClass::Infra), Fact::Installs, Fact::Succeeded]],
        commands: LANE_WITHOUT_LOG,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "hook-not-installed",
        title: "A hook of the profile does not stand where git looks.",
        signature: "Step `gate_hooks`: it is not there, or not executable.",
        likely: &[
            "the gate's installer does nothing where CI is set or .git is a file",
            "core.hooksPath leads elsewhere",
            "`[[activate]]` lacks the command that installs hooks",
        ],
        remedy: "Have `[[activate]]` install the hook that is named, executable, where core.hooksPath leads; of one that git tracks, set the bit (`git update-index --chmod=+x FILE`) and commit.",
        certain: &[&[Fact::Step(BuiltinStep::GateHooks)]],
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "clone-failed",
        title: "The consumer could not be cloned.",
        signature: "Step `git_clone`.",
        likely: &["objects are missing in the consumer", "the work folder cannot be used"],
        remedy: "See that git fsck of the consumer is clean and that the work folder can be written.",
        usual: &[&[Fact::Step(BuiltinStep::GitClone)]],
        ..BLANK
    },
    Cause {
        id: "seed-failed",
        title: "The scenario could not be laid over the consumer.",
        signature: "Step `seed_baseline` or `seed_scenario`, class `seed`.",
        likely: &[
            "a seed command that fails",
            "an overlay or a `remove` that does not fit the consumer any more",
        ],
        remedy: "Bring the scenario's overlay, `remove` or `seed` in line with the consumer.",
        usual: &[&[Fact::Step(BuiltinStep::SeedBaseline)], &[Fact::Step(BuiltinStep::SeedScenario)], &[Fact::Step(BuiltinStep::ReplaceFiles)]],
        default_of: &[FailureClass::Seed],
        ..BLANK
    },
    Cause {
        id: "install-failed",
        title: "The gate could not be installed or activated.",
        signature: "Class `install`, with an error that is none of the others.",
        likely: &["an install script of a package", "a command of `[[install]]` or `[[activate]]` that is wrong"],
        remedy: "Run the command that failed by hand in its lane (`matrix replay --shell` opens it there) and correct what it complains of.",
        texts: &[
            Text::set_up(r"^npm (?:error|ERR!) command failed$")
                .after(r"^npm (?:error|ERR!) command ")
                .rank(3),
            Text::set_up(r"^npm (?:error|ERR!) code \S+$").rank(4),
        ],
        default_of: &[FailureClass::Install],
        ..BLANK
    },
];

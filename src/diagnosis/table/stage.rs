//! Causes in the gate itself.

use super::super::cause::{Cause, Fact, Line, Text};
use super::defaults::{BLANK, LANE_WITHOUT_LOG, NOT_REPLAYED, RUN};
use crate::model::{BuiltinStep, FailureClass};

pub(super) const CAUSES: &[Cause] = &[
    Cause {
        id: "network-withheld",
        title: "The stage wanted the network, which stages do not have.",
        signature: "A name that could not be resolved, or an unreachable network, in a stage that the sandbox kept from it.",
        likely: &[
            "the gate downloads something when it first runs, as pre-commit does for the environment of a hook",
            "a hook fetches, or asks a server",
            "npx, pnpm dlx or a like command does not find a misspelt or uninstalled program, and asks the registry for it",
        ],
        remedy: "See that the name is that of an installed program: a misspelt one would be fetched from a stranger. Have the gate download it while it is activated (`pre-commit install --install-hooks`), or give the stage the network: `network = true` in its table of matrix.toml.",
        texts: &[
            Text::offline(r"\bCould not resolve (?:host|proxy|hostname)\b"),
            Text::offline(
                r"\b[Tt]emporary failure in name resolution\b|\bName or service not known\b|\bNo address associated with hostname\b",
            ),
            Text::offline(r"\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH)\b"),
            Text::offline(r"(?i)\bnetwork is unreachable\b"),
            Text::offline(
                r"\bdial tcp: lookup \S+|\bfailed to lookup address information\b|\bdns error\b",
            ),
        ],
        ..BLANK
    },
    Cause {
        id: "hook-not-launched",
        title: "Git launched no hook, so nobody looked at the change.",
        signature: "The witness saw no hook of the stage's name.",
        likely: &[
            "the hook is not there or not executable",
            "core.hooksPath leads elsewhere",
            "the command says --no-verify",
        ],
        remedy: "Install the hook where git looks for it; the message says what stands there.",
        certain: &[&[Fact::NoHook]],
        commands: LANE_WITHOUT_LOG,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "fresh-clone-open",
        title: "A fresh clone with the plain installation has no hooks.",
        signature: "Step `fresh_clone`, under `--strict`; without it, a warning.",
        likely: &[
            "no script of `package.json` activates the gate, or no `package.json` asks for it",
            "the package manager held the gate's install script back",
            "pnpm's store keeps what that script made, and it does not run in the next checkout",
        ],
        remedy: "Have the project's own `prepare` script activate the gate (`postinstall` for yarn 2 and later), or write fresh_clone = false in matrix.toml if contributors do it by hand.",
        certain: &[&[Fact::Step(BuiltinStep::FreshClone)]],
        commands: RUN,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "crash",
        title: "The gate crashed.",
        signature: "A signal, a hook that exits as crashes do, or an exception that nobody caught.",
        likely: &[
            "a bug of the gate that this change brings out",
            "signal 9: the machine ran out of memory",
            "a binary built for another machine",
        ],
        remedy: "Report the crash with the last lines of the log to whoever makes the program that crashed.",
        texts: &[
            Text::any(r"^ {0,2}An (?:unexpected|unhandled) error has occurred: (?:\w+\.)*AssertionError\b").rank(0),
            Text::any(r"^ {0,2}Traceback \(most recent call last\):")
                .after(r"^ {0,2}[A-Za-z_][\w.]*(?::|$)")
                .rank(2),
            Text::any(r"^Node\.js v\d+\.")
                .before(r"^(?:\[?\w*Error\b.*|Uncaught .*)")
                .rank(2),
            Text::any(r"^thread '.*' .*panicked at ").rank(2),
            Text::any(r"^(?:panic: |fatal error: )").rank(2),
            Text::any(r"^(?:\S+: (?:line )?\d+: +\d+ )?Segmentation fault\b").rank(2),
        ],
        usual: &[&[Fact::Signaled], &[Fact::Crashed], &[Fact::Lost]],
        default_of: &[FailureClass::Signal],
        line: Line::Last,
        ..BLANK
    },
    Cause {
        id: "said-and-let-in",
        title: "The gate gave its reason and let the change in.",
        signature: "Class `contract`: the stage exited 0, and its output holds the scenario's `reason`.",
        likely: &[
            "the hook does not pass the gate's exit code on: a pipe, `|| true`, another command after it",
            "the rule is only a warning, or the gate was told to report and not to fail",
            "`reason` is said of any change",
        ],
        remedy: "Have the hook end with the gate's exit code (`set -e`, `exec`, no pipe without `pipefail`), and the rule an error.",
        certain: &[&[Fact::SaidAndLetIn]],
        line: Line::Reason,
        ..BLANK
    },
    Cause {
        id: "gate-absent",
        title: "Something decided, but not the gate.",
        signature: "None of the gate's `programs` ran, or it never printed its `marker`.",
        likely: &[
            "the hook does not find the gate and lets everything through",
            "the gate skips this stage",
            "`programs` or `marker` of the profile is out of date",
        ],
        remedy: "See that the hook calls the gate by its path in the lane, and that `programs` and `marker` fit this version.",
        usual: &[&[Fact::IdleProgram], &[Fact::NoMarker]],
        ..BLANK
    },
    Cause {
        id: "evidence-absent",
        title: "The stage did not leave the file that it had to leave.",
        signature: "A file of `files` or `evidence` is not there, not new, or not what was demanded.",
        likely: &[
            "the gate ended before it wrote it",
            "it is written elsewhere by this version",
        ],
        remedy: "See that the gate writes the file that is named, or correct `files` and `evidence`.",
        usual: &[&[Fact::NoEvidence]],
        commands: LANE_WITHOUT_LOG,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "evidence-refuted",
        title: "The evidence that the gate wrote does not say what it must.",
        signature: "An assertion of `evidence` does not hold.",
        likely: &[
            "the gate decided for another reason",
            "the format of the document has changed",
        ],
        remedy: "Compare the assertion that is named with the copy of the document in the run folder.",
        usual: &[&[Fact::Refuted]],
        commands: LANE_WITHOUT_LOG,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "wrong-reason",
        title: "The stage blocked, but not for the violation.",
        signature: "Class `wrong_reason`: the scenario's `reason` was never said, or it was not the gate that blocked.",
        likely: &[
            "another rule blocks before the one that is meant",
            "the words of the gate have changed",
            "the gate fails for any change",
        ],
        remedy: "Make the violation the only thing that is wrong with the change, or correct `reason`.",
        usual: &[&[Fact::NoReason]],
        default_of: &[FailureClass::WrongReason],
        ..BLANK
    },
    Cause {
        id: "contract-broken",
        title: "A stage gave another exit code than the contract demands.",
        signature: "Class `contract`.",
        likely: &[
            "the gate does not know this violation, or has been weakened",
            "a clean change that the gate finds fault with",
            "the expectation is out of date",
        ],
        remedy: "Correct the gate's configuration, or the scenario if the gate is right.",
        // A test that fails is no crash, nor is an assertion that does not hold.
        texts: &[
            Text::any(r"^FAILED \((?:failures|errors)=").chosen(),
            Text::any(r"^test result: FAILED\.").chosen(),
            Text::any(r"^(?:=+ .*)?\b\d+ (?:failed|errors?)\b.* in [\d.]+s").chosen(),
            Text::any(r"^ {0,2}AssertionError\b"),
            Text::any(r"^ *--- FAIL: ").chosen(),
        ],
        default_of: &[FailureClass::Contract],
        ..BLANK
    },
    Cause {
        id: "not-enforced",
        title: "The exit code is right, but the gate did not make it so.",
        signature: "Class `not_enforced`: a change got in although it was blocked, stayed out although it was not, or git refused it by itself.",
        likely: &[
            "the hook commits or pushes by itself",
            "git refuses for a reason of its own",
            "what ran is a program of the machine",
        ],
        remedy: "Look at what the message says of HEAD, the remote and the hook, and have the gate alone decide.",
        default_of: &[FailureClass::NotEnforced],
        ..BLANK
    },
    Cause {
        id: "survivors",
        title: "Rules of the gate can be weakened, and no scenario notices.",
        signature: "`matrix mutate --max-survivors`: more mutations survived than may.",
        likely: &[
            "no scenario has a violation of the rule",
            "another rule blocks the same change, for the same reason",
            "the rule decides nothing any more",
        ],
        remedy: "Add a scenario that only this rule blocks (the report has one to start from), or take the rule out if nothing needs it.",
        certain: &[&[Fact::Survived]],
        commands: RUN,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "configuration-not-covered",
        title: "A file configures a gate, and `matrix mutate` does not weaken it.",
        signature: "`matrix mutate --max-survivors`: no pattern of `configuration` matches a tracked configuration of a known gate.",
        likely: &[
            "`configuration` of matrix.toml lists only some of the files",
            "the file is of a gate that this one does not use",
        ],
        remedy: "Add the file to `configuration` of matrix.toml, or `!` and the file if the gate does not use it.",
        certain: &[&[Fact::NotCovered]],
        commands: RUN,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "still-blocks",
        title: "The change is blocked without its violation too.",
        signature: "`matrix check --vacuity`: a stage that blocks the scenario also blocks what is left of it.",
        likely: &[
            "something else in the change breaks a rule: see the line of the log",
            "the gate fails for any change",
            "`violation` names only a part of what violates",
        ],
        remedy: "Have the violation be the only thing that is wrong with the change: correct the rest of it, or name all that violates in `violation`.",
        certain: &[&[Fact::StillBlocks]],
        commands: NOT_REPLAYED,
        ..BLANK
    },
    Cause {
        id: "sabotage-open",
        title: "A broken installation lets the violation in.",
        signature: "`matrix sabotage` with `--max-open` or `--baseline`: more sabotages let the violation in than may, or one that an earlier run blocked.",
        likely: &[
            "the gate decides nothing once its hooks are skipped, gone or replaced, and nothing else does",
            "a change of the configuration or of the gate's version took a safeguard away",
        ],
        remedy: "Do what the scorecard says below the sabotage (`do:`), or accept the opening until a day in accepted-openings.toml.",
        certain: &[&[Fact::Opened]],
        commands: NOT_REPLAYED,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "accepted-opening-at-fault",
        title: "An entry of accepted-openings.toml accepts nothing, or nothing any more.",
        signature: "`matrix sabotage`: an entry whose last day is over, whose opening is gone, or that names no sabotage.",
        likely: &[
            "its last day has passed",
            "the opening was closed, and the entry was left",
            "the sabotage has another name, or cannot be applied here",
        ],
        remedy: "Close the opening, take the entry out or correct it: the message says which.",
        certain: &[&[Fact::AcceptedAtFault]],
        commands: RUN,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "vacuous",
        title: "There was nothing to try.",
        signature: "Class `vacuous`, under --strict.",
        likely: &[
            "the overlay is what the consumer has already",
            "nothing is left to push",
        ],
        remedy: "Have the scenario change something that the stage looks at.",
        certain: &[&[Fact::Class(FailureClass::Vacuous)]],
        default_of: &[FailureClass::Vacuous],
        commands: LANE_WITHOUT_LOG,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "flaky",
        title: "The same inputs gave another outcome.",
        signature: "Class `flaky`.",
        likely: &[
            "the gate depends on time, chance or what runs beside it",
            "a cache that is shared",
        ],
        remedy: "Find what differs between the two outcomes; a gate that decides by chance is none.",
        default_of: &[FailureClass::Flaky],
        ..BLANK
    },
    Cause {
        id: "cell-missing",
        title: "A cell has no verdict.",
        signature: "Class `missing`.",
        likely: &["an earlier step ended the lane", "the lane was cancelled"],
        remedy: "Look at what failed first; then run the cells that are missing.",
        default_of: &[FailureClass::Missing],
        commands: RUN,
        line: Line::None,
        ..BLANK
    },
    Cause {
        id: "unknown",
        title: "Something failed that this table does not know.",
        signature: "Class `infra`, and no text of the table in the log.",
        likely: &["the machine", "a command that fails in a way of its own"],
        remedy: "Read the end of the log; --keep leaves the lane to look at.",
        default_of: &[FailureClass::Infra],
        ..BLANK
    },
];

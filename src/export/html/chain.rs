//! The chain from git over the hook to the gate, as the witness saw it.

use super::ending::words;
use crate::model::evidence::StageOutcome;
use crate::model::{CellEvidence, StepId};
use crate::page::{Link, Text, Tone};

/// The number of characters of a command that are shown.
const COMMAND: usize = 100;

/// Returns the links of a cell's chain; those that broke it are bad.
pub(super) fn chain(cell: &CellEvidence, step: &StepId) -> Vec<Link> {
    let is_git = cell.argv.first().is_some_and(|word| word == "git");
    let mut links = vec![command(cell, is_git)];
    if is_git {
        links.push(hook(cell, step));
    }
    links.extend(gate(cell));
    links.push(decision(cell));
    links
}

fn command(cell: &CellEvidence, is_git: bool) -> Link {
    let ending = cell.run.ending.as_ref();
    let has_ended = cell.exit.is_some();
    let how = ending.map_or_else(|| "no ending".to_owned(), words);
    Link {
        title: if is_git { "git" } else { "command" },
        text: format!("{}: {how}", cut(&cell.argv.join(" "))).into(),
        tone: if has_ended { Tone::Good } else { Tone::Bad },
    }
}

/// The beginning of a command: all of it stands elsewhere.
fn cut(command: &str) -> String {
    match command.char_indices().nth(COMMAND) {
        Some((end, _)) => format!("{}…", &command[..end]),
        None => command.to_owned(),
    }
}

fn hook(cell: &CellEvidence, step: &StepId) -> Link {
    let witness = &cell.witness;
    let name = step.stage_name().map(|stage| stage.to_string());
    let own = name.as_deref().and_then(|name| witness.hook(name));
    let shown = own.or_else(|| witness.hooks.iter().rfind(|hook| !hook.remote));
    let Some(hook) = shown.or_else(|| witness.hooks.last()) else {
        let text = match (&witness.not_committed, witness.crlf.first()) {
            (Some(file), _) => format!("git launched none: {file} is not committed"),
            (None, Some(file)) => format!("git cannot start {file}: its first line ends in CRLF"),
            (None, None) => "git launched none".to_owned(),
        };
        return Link {
            title: "hook",
            text: text.into(),
            tone: unless_passed(cell, Tone::Off),
        };
    };
    let exit = hook.exit.map_or_else(
        || "it did not end".to_owned(),
        |exit| format!("exit {exit}"),
    );
    let by = if hook.remote { " (of the remote)" } else { "" };
    Link {
        title: "hook",
        text: format!("{}{by}: {}: {exit}", hook.name, hook.argv.join(" ")).into(),
        tone: if hook.exit.is_some() {
            Tone::Good
        } else {
            Tone::Bad
        },
    }
}

/// The gate's programs, or the program of the stage.
fn gate(cell: &CellEvidence) -> Vec<Link> {
    let witness = &cell.witness;
    let link = |text: Text, tone| Link {
        title: "gate",
        text,
        tone,
    };
    let mut links = Vec::new();
    if let Some(outside) = witness.led_outside() {
        let text = format!(
            "{} calls {}, which is outside of the lane",
            outside.hook, outside.path
        );
        let tone = unless_passed(cell, Tone::Part);
        links.push(link(text.into(), tone));
    }
    for program in &witness.programs {
        links.push(if program.ran {
            link(format!("{} ran", program.program).into(), Tone::Good)
        } else {
            let tone = unless_passed(cell, Tone::Off);
            link(format!("{} did not run", program.program).into(), tone)
        });
    }
    if let Some(program) = &witness.executable {
        let place = if program.in_lane {
            "in the lane"
        } else {
            "of the machine"
        };
        links.push(link(
            format!("{} ({place})", program.path).into(),
            Tone::Good,
        ));
    }
    if let Some(blind) = &witness.blind {
        links.push(link(
            format!("not everything was seen: {blind}").into(),
            Tone::Part,
        ));
    }
    links
}

/// This tone for a cell that passed, and bad for another.
fn unless_passed(cell: &CellEvidence, tone: Tone) -> Tone {
    if cell.verdict.is_pass() {
        tone
    } else {
        Tone::Bad
    }
}

/// The decision: the change is in, or it is not.
fn decision(cell: &CellEvidence) -> Link {
    let outcome = cell.outcome();
    let moved = cell.witness.moved.as_ref().map(|moved| {
        let how = match (moved.happened(), moved.deletes) {
            (true, true) => "is gone",
            (true, false) => "moved",
            (false, _) => "did not move",
        };
        format!("{} {how}", moved.what)
    });
    let what = match outcome {
        StageOutcome::Closed => "blocked",
        StageOutcome::Open => "let in",
    };
    let is_kept = cell.expected.blocks() == (outcome == StageOutcome::Closed);
    let text = match moved {
        Some(moved) => format!("{what}: {moved}"),
        None => what.to_owned(),
    };
    let against = if is_kept {
        ""
    } else {
        ", against the contract"
    };
    Link {
        title: "change",
        text: format!("{text}{against}").into(),
        tone: if is_kept { Tone::Good } else { Tone::Bad },
    }
}

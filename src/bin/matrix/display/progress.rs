//! Progress: one line that moves on a terminal, plain lines elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use gate_matrix::model::BuiltinStep;
use gate_matrix::model::event::{AlteredLanes, Event, EventKind};
use gate_matrix::model::text::plain;
use gate_matrix::report::outgoing;
use gate_matrix::sys::verbosity::{self, Verbosity};
use indicatif::{ProgressBar, ProgressStyle};

pub(crate) struct Progress {
    /// There is none off a terminal.
    bar: Option<ProgressBar>,
    running: BTreeMap<String, String>,
    /// Lanes whose steps ran in another run.
    reused: BTreeSet<String>,
    cells: usize,
    done: usize,
    is_quiet: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        // Many lines and one that moves do not go together.
        let is_moving = std::io::stderr().is_terminal() && verbosity::level() == Verbosity::Info;
        let bar = is_moving.then(|| {
            let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
            let bar = ProgressBar::new_spinner();
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        Self {
            bar,
            running: BTreeMap::new(),
            reused: BTreeSet::new(),
            cells: 0,
            done: 0,
            is_quiet: false,
        }
    }

    /// Says what it is told and shows no progress.
    pub(crate) fn quiet() -> Self {
        Self {
            bar: None,
            is_quiet: true,
            ..Self::new()
        }
    }

    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub(crate) fn say(&self, text: &str) {
        self.suspend(|| {
            // stderr takes colours away where it is no terminal or NO_COLOR
            // is set.
            let _ = anstream::stderr().write_all(coloured(&outgoing(text)).as_bytes());
        });
    }

    pub(crate) fn close(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    pub(crate) fn event(&mut self, event: &Event) {
        let is_warning = matches!(
            event.kind,
            EventKind::Warning { .. } | EventKind::LaneRetried { .. }
        );
        if self.is_quiet || verbosity::level() == Verbosity::Quiet && !is_warning {
            return;
        }
        let lane = event
            .lane
            .as_ref()
            .map_or(String::new(), ToString::to_string);
        if verbosity::level() >= Verbosity::Verbose {
            self.say(&detail(&lane, &event.kind));
        }
        match &event.kind {
            EventKind::RunStarted {
                run_id,
                package,
                lanes,
                altered,
                stages,
                jobs,
                package_from,
                sandbox,
                ..
            } => {
                self.cells = lanes.len() * stages.len();
                let mut package = plain(package);
                if let Some(file) = package_from {
                    package = format!("{package}, from {}", plain(file));
                }
                let lanes = lanes_of(lanes.len(), *altered);
                let stages = count(stages.len(), "stage");
                let sandbox = sandbox.as_ref().map(|it| format!("; {}", it.describe()));
                let sandbox = sandbox.unwrap_or_default();
                self.say(&format!(
                    "matrix: {package}, {lanes} × {stages}, {jobs} at a time, run {run_id}{sandbox}\n"
                ));
                if let Some(bar) = &self.bar {
                    bar.enable_steady_tick(Duration::from_millis(100));
                }
            }
            EventKind::LaneReused { .. } => {
                self.reused.insert(lane);
            }
            EventKind::StepStarted { step, command } if *step == BuiltinStep::Shell => {
                self.leave(&lane, command.as_deref());
            }
            EventKind::StepStarted { step, .. } => {
                self.running.insert(lane, step.to_string());
            }
            EventKind::StepFinished {
                step, duration_ms, ..
            } if self.bar.is_none() && !self.reused.contains(&lane) => {
                let time = seconds(*duration_ms);
                self.say(&format!("{lane}: {step} {time}\n"));
            }
            EventKind::CellFinished { .. } => self.done += 1,
            EventKind::Warning { message } => self.say(&format!("warning: {}\n", plain(message))),
            EventKind::LaneRetried {
                attempt,
                of,
                problem,
            } => self.say(&format!(
                "warning: {lane}: infrastructure failure ({}); retrying, attempt {attempt} of {of}\n",
                plain(problem)
            )),
            EventKind::LaneFinished { .. } => {
                self.running.remove(&lane);
            }
            _ => {}
        }
        self.show();
    }

    /// From here on the terminal is the user's.
    fn leave(&mut self, lane: &str, next: Option<&str>) {
        self.close();
        self.bar = None;
        self.is_quiet = true;
        let next = match next {
            Some(command) => format!(". The next step would run:\n  {}", plain(command)),
            None => String::new(),
        };
        self.say(&format!(
            "opened a shell in lane {lane}; type `exit` to leave{next}\n"
        ));
    }

    fn show(&self) {
        if let Some(bar) = &self.bar {
            let steps = self.running.iter();
            let running: Vec<_> = steps
                .map(|(lane, step)| format!("{lane}: {step}"))
                .collect();
            let (done, cells) = (self.done, self.cells);
            bar.set_message(format!("{done}/{cells} cells  {}", running.join(" · ")));
        }
    }
}

/// A line for what `-v` asks for; nothing for other events.
fn detail(lane: &str, event: &EventKind) -> String {
    match event {
        EventKind::LaneReused { run_id } => {
            format!("{lane}: its inputs are those of run {run_id}, in which it ran\n")
        }
        EventKind::StepStarted {
            step,
            command: Some(command),
        } => format!("{lane}: {step} runs {}\n", plain(command)),
        EventKind::CellFinished {
            stage,
            exit,
            hook_exit,
            verdict,
            problem,
        } => {
            let code = |code: &Option<i32>| code.map_or("-".to_owned(), |it| it.to_string());
            let is_expected = if verdict.is_pass() { "" } else { "not " };
            let why = problem.as_ref().map(|why| format!(": {}", plain(why)));
            format!(
                "{lane}/{stage}: exit {}, hook {}, {is_expected}as expected{}\n",
                code(exit),
                code(hook_exit),
                why.unwrap_or_default()
            )
        }
        _ => String::new(),
    }
}

fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// The lanes of a run; of a trial, its scenarios and its altered lanes.
fn lanes_of(all: usize, altered: Option<AlteredLanes>) -> String {
    let Some(AlteredLanes { at_least, at_most }) = altered else {
        return count(all, "scenario");
    };
    let lanes = if at_least == at_most {
        count(at_most, "altered lane")
    } else {
        format!("{at_least} to {at_most} altered lanes")
    };
    match all - at_most {
        0 => lanes,
        scenarios => format!("{} and {lanes}", count(scenarios, "scenario")),
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:02}s", ms / 1000, ms % 1000 / 10)
}

/// The first word of a line that says something bad, in red.
fn coloured(text: &str) -> String {
    let line = |line: &str| {
        let bad = ["ERROR", "FAIL"]
            .into_iter()
            .find(|word| line.starts_with(word));
        match bad {
            Some(word) => format!("\x1b[31;1m{word}\x1b[0m{}", &line[word.len()..]),
            None => line.to_owned(),
        }
    };
    text.split_inclusive('\n').map(line).collect()
}

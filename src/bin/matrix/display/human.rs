//! The console of the contract on stdout; progress and explanations on
//! stderr.

use gate_matrix::model::Plan;
use gate_matrix::model::event::Event;
use gate_matrix::report::console::{Console, all_passed};
use gate_matrix::report::notice::Notice;
use gate_matrix::report::outgoing;
use gate_matrix::report::reporter::Reporter;

use super::progress::Progress;
use super::{give, write_out};

pub(crate) struct Human {
    console: Option<Console>,
    progress: Progress,
}

impl Human {
    pub(crate) fn new() -> Self {
        Self {
            console: None,
            progress: Progress::new(),
        }
    }

    /// Returns one that shows no progress, for a run that is over.
    pub(crate) fn quiet() -> Self {
        Self {
            console: None,
            progress: Progress::quiet(),
        }
    }

    /// Writes to stdout, flushed after each lane, so that a pipe gets whole
    /// lanes.
    fn out(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.progress.suspend(|| write_out(text));
    }
}

impl Reporter for Human {
    fn plan(&mut self, plan: &Plan, fail_fast: bool) {
        self.console = Some(Console::new(plan, fail_fast));
    }

    fn event(&mut self, event: &Event) {
        self.progress.event(event);
        let lines = self.console.as_mut().map(|console| console.event(event));
        self.out(&lines.unwrap_or_default());
    }

    fn notice(&mut self, notice: &Notice<'_>) {
        self.progress.say(&notice.text());
    }

    fn document(&mut self, text: &str) {
        self.out(&outgoing(text));
    }

    fn finish(&mut self, passed: Option<&str>) {
        self.progress.close();
        let rest = self.console.as_mut().map(Console::rest);
        self.out(&rest.unwrap_or_default());
        if let Some(package) = passed {
            self.out(&outgoing(&all_passed(package)));
        }
    }

    fn ci_commands(&mut self, commands: &str) {
        give(commands);
    }
}

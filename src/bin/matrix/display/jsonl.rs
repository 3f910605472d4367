//! `--format jsonl`: events on stdout, a line each, as things happen.

use std::io::Write as _;

use super::{give, write_out};
use gate_matrix::artifact::to_line;
use gate_matrix::model::Plan;
use gate_matrix::model::event::Event;
use gate_matrix::model::text::inert_json;
use gate_matrix::report::notice::Notice;
use gate_matrix::report::outgoing;
use gate_matrix::report::reporter::Reporter;

pub(crate) struct Jsonl;

impl Reporter for Jsonl {
    fn plan(&mut self, _: &Plan, _: bool) {}

    fn event(&mut self, event: &Event) {
        write_out(&inert_json(&String::from_utf8_lossy(&to_line(event))));
    }

    fn notice(&mut self, notice: &Notice<'_>) {
        let _ = anstream::stderr().write_all(outgoing(&notice.text()).as_bytes());
    }

    /// The documents of the run folder say it all.
    fn document(&mut self, _: &str) {}

    fn finish(&mut self, _: Option<&str>) {}

    fn ci_commands(&mut self, commands: &str) {
        give(commands);
    }
}

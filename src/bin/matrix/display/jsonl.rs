//! `--format jsonl`: events on stdout, a line each, as things happen.

use std::io::Write as _;

use super::write_out;
use gate_matrix::artifact::to_line;
use gate_matrix::model::Plan;
use gate_matrix::model::event::Event;
use gate_matrix::model::text::inert_json;
use gate_matrix::report::outgoing;
use gate_matrix::run::Face;

pub(crate) struct Jsonl;

impl Face for Jsonl {
    fn planned(&mut self, _: &Plan, _: bool) {}

    fn event(&mut self, event: &Event) {
        write_out(&inert_json(&String::from_utf8_lossy(&to_line(event))));
    }

    fn say(&mut self, text: &str) {
        let _ = anstream::stderr().write_all(outgoing(text).as_bytes());
    }

    /// The documents of the run folder say it all.
    fn found(&mut self, _: &str) {}

    fn closed(&mut self, _: Option<&str>) {}
}

//! `--format jsonl`: events on stdout, a line each, as things happen.

use std::io::Write as _;

use gate_matrix::model::Plan;
use gate_matrix::model::event::Event;
use gate_matrix::run::Face;

pub(crate) struct Jsonl;

impl Face for Jsonl {
    fn planned(&mut self, _: &Plan, _: bool) {}

    fn event(&mut self, event: &Event) {
        let mut line = serde_json::to_vec(event).unwrap_or_default();
        line.push(b'\n');
        let mut out = std::io::stdout().lock();
        // A reader that went away is no failure of ours.
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }

    fn say(&mut self, text: &str) {
        let _ = anstream::stderr().write_all(text.as_bytes());
    }

    fn closed(&mut self, _: Option<&str>) {}
}

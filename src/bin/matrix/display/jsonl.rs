//! `--format jsonl`: events on stdout, a line each, as things happen.

use std::fmt::Write as _;
use std::io::Write as _;

use super::write_out;
use gate_matrix::model::Plan;
use gate_matrix::model::event::Event;
use gate_matrix::model::text::is_invisible;
use gate_matrix::run::Face;

pub(crate) struct Jsonl;

impl Face for Jsonl {
    fn planned(&mut self, _: &Plan, _: bool) {}

    fn event(&mut self, event: &Event) {
        let line = inert(&serde_json::to_string(event).unwrap_or_default());
        write_out(&format!("{line}\n"));
    }

    fn say(&mut self, text: &str) {
        let _ = anstream::stderr().write_all(text.as_bytes());
    }

    /// The documents of the run folder say it all.
    fn found(&mut self, _: &str) {}

    fn closed(&mut self, _: Option<&str>) {}
}

/// The same JSON, in which no CI engine finds a command: those of GitHub and
/// Azure may stand anywhere in a line. What a terminal would act on is
/// escaped as well.
fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.replace("##", "\\u0023#").chars() {
        if c.is_control() || is_invisible(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

//! What is tried with altered lanes: `matrix sabotage` and `matrix mutate`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::schema::schema_holds;
use super::{Consumer, Ran, World, json};

/// A gate of two rules, of which `violations` breaks the first.
pub const GATE: &str = "#!/bin/sh\n! grep -n BAD file || exit 1\n! grep -n WORSE file || exit 1\n";
const HOOK: &str = "#!/bin/sh\nexec sh gate.sh\n";
const TOML: &str = r#"schema = 1
gate = "fake"
programs = ["gate.sh"]
configuration = ["gate.sh"]

[[activate]]
step = "gate_install"
run = ["git", "config", "core.hooksPath", "hooks"]

[stage.pre-commit]
drive = "git"

[stage.ci]
drive = "command"
run = ["sh", "gate.sh"]

[scenario.clean]
overlay = "scenarios/clean"
expect = { pre-commit = 0, ci = 0 }

[scenario.violations]
overlay = "scenarios/violations"
expect = { pre-commit = 1, ci = 1 }
reason = "BAD"
"#;

impl World {
    /// A consumer of [`GATE`].
    pub fn gated_consumer(&self) -> Consumer {
        self.gated_consumer_with("", GATE)
    }

    /// A consumer of this gate, with more at the end of its configuration.
    pub fn gated_consumer_with(&self, more: &str, gate: &str) -> Consumer {
        self.gated(&format!("{TOML}{more}"), gate)
    }

    /// A consumer of [`GATE`] whose configuration has one text in the place
    /// of another.
    #[track_caller]
    pub fn gated_consumer_but(&self, from: &str, to: &str) -> Consumer {
        assert!(TOML.contains(from), "{from}");
        self.gated(&TOML.replacen(from, to, 1), GATE)
    }

    fn gated(&self, toml: &str, gate: &str) -> Consumer {
        let files = [
            ("matrix.toml", toml),
            ("gate.sh", gate),
            ("hooks/pre-commit", HOOK),
            ("file", "one\n"),
            ("scenarios/clean/file", "two\n"),
            ("scenarios/violations/file", "BAD\n"),
        ];
        self.consumer("consumer", &files)
    }

    /// `matrix sabotage` or `matrix mutate` in a consumer.
    pub fn try_out(&self, verb: &str, consumer: &Consumer, more: &[&str]) -> Ran {
        Ran::of(self.trial_command(verb, consumer, more).output().unwrap())
    }

    pub fn trial_command(&self, verb: &str, consumer: &Consumer, more: &[&str]) -> Command {
        let mut args = vec![verb, "--repo", consumer.root.to_str().unwrap()];
        args.extend(more);
        self.command(&args)
    }
}

impl Consumer {
    /// Exactly one verdict of this kind, a pass: what was found.
    #[track_caller]
    pub fn passed_trial(&self, kind: &str) -> Value {
        let failure = self.verdict(&format!("{kind}-last-failure.json"));
        assert!(failure.is_none(), "{failure:#?}");
        assert!(
            !self
                .trial_file(&format!("{kind}-last-failure.log"))
                .exists()
        );
        self.no_temporaries();
        let found = self.verdict(&format!("{kind}-summary.json"));
        let found = found.expect("there is no summary");
        assert_ne!(found["final_verdict"], "FAIL");
        found
    }

    /// Exactly one verdict of this kind, a failure; the copy of its log is
    /// what it says.
    #[track_caller]
    pub fn failed_trial(&self, kind: &str) -> Value {
        assert!(self.verdict(&format!("{kind}-summary.json")).is_none());
        self.no_temporaries();
        let failure = self.verdict(&format!("{kind}-last-failure.json"));
        let failure = failure.expect("there is no last failure");
        schema_holds("last-failure", &failure);
        if let Some(copy) = failure["failure_log_artifact"].as_str() {
            let copy = fs::read(copy).unwrap();
            let digest = gate_matrix::sys::fs::sha256(&copy);
            assert_eq!(failure["failure_log_artifact_sha256"], digest);
            assert_eq!(failure["failure_log_artifact_bytes"], copy.len());
        }
        failure
    }

    fn verdict(&self, end: &str) -> Option<Value> {
        json(&self.trial_file(end))
    }

    fn trial_file(&self, end: &str) -> PathBuf {
        self.artifacts().join(format!("fake-{end}"))
    }

    /// A document of the only run, which its schema fits.
    #[track_caller]
    pub fn found(&self, kind: &str) -> Value {
        let file = self.run_folder().join(format!("{kind}.json"));
        let found = json(&file).unwrap_or_else(|| panic!("there is no {}", file.display()));
        schema_holds(kind, &found);
        found
    }
}

/// The row of a scorecard or report with this id.
#[track_caller]
pub fn row<'a>(found: &'a Value, id: &str) -> &'a Value {
    let rows = found["sabotages"].as_array();
    let rows = rows.or(found["mutations"].as_array()).unwrap();
    let row = rows.iter().find(|row| row["id"] == id);
    row.unwrap_or_else(|| panic!("there is no row {id} in {found:#}"))
}

/// XML, with room for its texts: no letter of its font at 11 pixels that we
/// write is wider than 7.
#[track_caller]
pub fn badge_fits(svg: &str, says: &str) {
    let script = "import sys, xml.etree.ElementTree as T; r = T.fromstring(sys.argv[1])\n\
        t = [e.text for e in r.iter() if e.tag.endswith('}text')]\n\
        w = [int(e.get('width')) for e in r.iter() if e.tag.endswith('}rect')]\n\
        assert len(t) == len(w) == 2 and sum(w) == int(r.get('width')), (t, w)\n\
        assert all(7 * len(a) <= b for a, b in zip(t, w)), (t, w)\n\
        assert t[1] == sys.argv[2], t";
    let read = Command::new("python3")
        .args(["-c", script, svg, says])
        .output();
    Ran::of(read.unwrap()).expect(0);
}

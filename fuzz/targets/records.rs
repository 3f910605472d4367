//! Recorded runs: every file of a run's folder, read, judged and shown.

use std::collections::BTreeMap;
use std::path::Path;

use gate_matrix::artifact::bundle::ReplayBundle;
use gate_matrix::artifact::manifest::{FileDigest, Manifest};
use gate_matrix::artifact::reader::{History, StoredRun, verify};
use gate_matrix::artifact::run_folder::{FILES, RUN, Run};
use gate_matrix::model::event::Event;
use gate_matrix::model::{BoundPlan, CellEvidence, Plan, RunId};
use gate_matrix::replay::Recorded;
use gate_matrix::replay::select::{Lanes, failed_step};
use gate_matrix::replay::show::show;
use gate_matrix::report::console::Console;
use gate_matrix::report::notice::Notice;
use gate_matrix::report::outgoing;
use gate_matrix::report::reporter::Reporter;
use gate_matrix::triage::{RunSnapshot, TriageOptions, triage};
use gate_matrix::verdict::outstanding::{Green, planned};
use gate_matrix::verdict::{Terms, judge};

use super::{comes_back, files, folder, is_harmless};

/// A text without names is one document of any kind; else these are the files of a run, and
/// their digests are right.
pub fn records(data: &[u8]) {
    let files = files(data);
    for (name, content) in &files {
        if files.len() == 1 || *name != "events.jsonl" {
            document(content);
        }
    }
    let bytes = super::file(&files, RUN).unwrap_or_default();
    let Ok(run) = serde_json::from_slice::<Run>(bytes) else {
        return;
    };
    let id = run.run_id;
    let below: Vec<String> = files
        .iter()
        .map(|(name, _)| format!("runs/{id}/{name}"))
        .collect();
    let placed: Vec<_> = files
        .iter()
        .zip(&below)
        .map(|((_, content), name)| (&**name, content.clone()))
        .collect();
    let (folder, _) = folder(&placed);
    let artifacts = folder.path();
    let own = artifacts.join("runs").join(id.as_str());
    let digests = files
        .iter()
        .filter(|(name, _)| *name != FILES && own.join(name).is_file());
    let digests: BTreeMap<String, FileDigest> = digests
        .map(|(name, _)| {
            (
                (*name).to_owned(),
                FileDigest::from_bytes(&std::fs::read(own.join(name)).unwrap()),
            )
        })
        .collect();
    let manifest = serde_json::to_vec(&Manifest::new(id.clone(), digests)).unwrap();
    // The id may be too long for a name.
    if std::fs::write(own.join(FILES), manifest).is_err() {
        return;
    }
    stored(artifacts, &own, &id);
}

fn document(bytes: &[u8]) {
    fn read<T: serde::Serialize + serde::de::DeserializeOwned>(bytes: &[u8]) {
        if let Ok(document) = serde_json::from_slice::<T>(bytes) {
            comes_back(&document);
        }
    }
    read::<Run>(bytes);
    read::<Manifest>(bytes);
    read::<BoundPlan>(bytes);
    read::<CellEvidence>(bytes);
    read::<ReplayBundle>(bytes);
    bytes
        .split(|&byte| byte == b'\n')
        .take(50)
        .for_each(read::<Event>);
}

fn stored(artifacts: &Path, own: &Path, id: &RunId) {
    let history = History::new(artifacts);
    assert_eq!(history.all().len(), 1);
    let _ = history.last_pass();
    let stored = match StoredRun::open(own) {
        Ok(stored) => stored,
        Err(error) => return is_harmless(&error.to_string()),
    };
    assert!(stored.verify().is_ok());
    assert_eq!(stored.id(), id);
    let _ = (
        Recorded::new(&stored),
        failed_step(&stored, &[]),
        Green::of(stored.run()),
    );
    if let Ok(lanes) = stored.evidence() {
        let plan = Plan {
            scenarios: Vec::new(),
            stages: stored.run().stages().map(|stage| (stage, true)).collect(),
        };
        let _ = planned(&plan);
        let terms = Terms {
            plan: &plan,
            install_step: None,
            recorded: None,
            before: None,
            counts_outstanding: true,
            uncommitted: false,
            signal: None,
        };
        let has_red = lanes
            .iter()
            .any(|lane| lane.failure.is_some() && !lane.cancelled);
        let verdict = judge(&terms, lanes, None);
        assert!(!(has_red && verdict.passes()), "red lanes and a pass");
    }
    if let Ok(snapshot) = RunSnapshot::from_stored(&stored) {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let options = TriageOptions { known: None, today };
        let _ = triage(&snapshot, &snapshot, options, String::new());
    }
    let mut screen = Screen::default();
    let lanes = Lanes {
        named: Vec::new(),
        all: true,
    };
    if show(&stored, &lanes, &mut screen).is_ok() {
        is_harmless(&screen.text);
    }
    for file in verify::verdict_files(artifacts) {
        let _ = verify::verify(&file);
    }
}

/// A terminal.
#[derive(Default)]
struct Screen {
    console: Option<Console>,
    text: String,
}

impl Reporter for Screen {
    fn plan(&mut self, plan: &Plan, fail_fast: bool) {
        self.console = Some(Console::new(plan, fail_fast));
    }

    fn event(&mut self, event: &Event) {
        self.text += &self
            .console
            .as_mut()
            .map(|it| it.event(event))
            .unwrap_or_default();
    }

    fn notice(&mut self, notice: &Notice<'_>) {
        self.text += &outgoing(&notice.text());
    }

    fn document(&mut self, text: &str) {
        self.text += &outgoing(text);
    }

    fn finish(&mut self, _: Option<&str>) {
        self.text += &self.console.as_mut().map(Console::rest).unwrap_or_default();
    }

    fn ci_commands(&mut self, _: &str) {}
}

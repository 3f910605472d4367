//! Makes `mutation.json` from the lanes that ran.

use indexmap::IndexMap;

use super::advice::{Advisor, without_a_scenario};
use super::document::{
    ConfigurationFile, MutationCounts, MutationOutcome, MutationReport, MutationRow, NoticedBy,
    UncoveredFile, UnreadFile,
};
use super::found::Found;
use super::probes::{Answer, Probe};
use crate::model::evidence::StageOutcome;
use crate::model::text::shown;
use crate::model::{LaneEvidence, StageName};
use crate::mutation::Mutation;
use crate::prepare::About;
use crate::trial::header::ReportHeader;

/// The longest configuration that a report has, in bytes.
const LONGEST: usize = 64 * 1024;

/// Makes the report from the lanes that ran.
pub(super) fn report(
    found: &Found,
    lanes: &[LaneEvidence],
    about: &About<'_>,
    max_survivors: Option<usize>,
) -> MutationReport {
    let advisor = Advisor::new(about.profile, found);
    let pairs = found.mutations.iter().zip(&found.probes);
    let rows: Vec<MutationRow> = pairs
        .map(|(mutation, probes)| row(mutation, probes, lanes, &advisor))
        .collect();
    let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    MutationReport {
        header: ReportHeader::new(about),
        max_survivors,
        counts: MutationCounts {
            noticed: count(MutationOutcome::Noticed),
            survived: count(MutationOutcome::Survived),
            broke_the_gate: count(MutationOutcome::BrokeTheGate),
            not_tried: count(MutationOutcome::NotTried),
        },
        configuration: found
            .files
            .iter()
            .map(|(file, content)| ConfigurationFile {
                file: shown(file),
                text: text_of(content),
            })
            .collect(),
        unread: found
            .unread
            .iter()
            .map(|unread| UnreadFile {
                file: shown(&unread.file),
                why: unread.why.clone(),
            })
            .collect(),
        rules: without_a_scenario(found, &rows),
        mutations: rows,
        uncovered: found
            .uncovered
            .iter()
            .map(|one| UncoveredFile {
                file: shown(&one.file),
                gate: one.gate.to_owned(),
            })
            .collect(),
    }
}

/// The text of a file, unless it is long.
fn text_of(content: &[u8]) -> Option<String> {
    (content.len() <= LONGEST).then(|| String::from_utf8_lossy(content).into_owned())
}

fn row(
    mutation: &Mutation,
    probes: &[Probe],
    lanes: &[LaneEvidence],
    more: &Advisor,
) -> MutationRow {
    let played = probes
        .iter()
        .filter_map(|probe| Some((probe, probe.evidence(lanes)?)));
    let mut answers: Vec<_> = played
        .map(|(probe, lane)| (probe, lane, Answer::of(lane)))
        .collect();
    let rank = |answer: &Answer| match answer {
        Answer::Noticed(_) => 0,
        Answer::NotTried(_) => 1,
        Answer::Broke(_) => 2,
        Answer::Unnoticed => 3,
    };
    let scenarios = answers.iter().map(|(probe, ..)| probe.scenario.clone());
    let tried = scenarios.collect();
    // The first that decides.
    answers.sort_by_key(|(.., answer)| rank(answer));
    let deciding = answers.into_iter().next();
    let (lane, stages) = match &deciding {
        Some((_, lane, _)) => (lane.scenario.to_string(), stages(lane)),
        None => (mutation.id.clone(), IndexMap::new()),
    };
    let (outcome, seen, noticed_by) = match deciding {
        None => (MutationOutcome::NotTried, None, None),
        Some((probe, _, Answer::Noticed(noticed))) => {
            let by = NoticedBy {
                scenario: probe.scenario.clone(),
                stage: noticed.stage,
                let_in: noticed.let_in,
            };
            (MutationOutcome::Noticed, None, Some(by))
        }
        Some((_, _, Answer::NotTried(seen))) => (MutationOutcome::NotTried, seen, None),
        Some((_, _, Answer::Broke(seen))) => (MutationOutcome::BrokeTheGate, Some(seen), None),
        Some((_, _, Answer::Unnoticed)) => (MutationOutcome::Survived, None, None),
    };
    MutationRow {
        id: mutation.id.clone(),
        kind: mutation.kind,
        file: shown(&mutation.file),
        line: mutation.line,
        description: mutation.description.clone(),
        outcome,
        stages,
        seen,
        lane,
        rule: mutation.rule.to_string(),
        tried,
        noticed_by,
        next: (outcome == MutationOutcome::Survived).then(|| more.next(mutation)),
    }
}

fn stages(lane: &LaneEvidence) -> IndexMap<StageName, StageOutcome> {
    let cells = lane.cells.iter();
    cells
        .map(|cell| (cell.stage.clone(), cell.outcome()))
        .collect()
}

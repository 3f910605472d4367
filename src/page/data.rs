//! The content of a page, as values. Nothing here knows where it came from.

use super::text::Text;

/// A recorded run.
#[derive(Debug, Clone, Default)]
pub struct RunPage {
    /// The word of the verdict.
    pub verdict: &'static str,
    /// Its colour and shape.
    pub tone: Tone,
    /// The package as installed.
    pub package: Text,
    /// The run in a sentence.
    pub sentence: Text,
    /// Gate, version, commit, sandbox, run id and more, each with its name.
    pub facts: Vec<(&'static str, Text)>,
    /// The one command that shows or runs it again.
    pub command: Text,
    /// The stages, in order.
    pub stages: Vec<Text>,
    /// The lanes, in order.
    pub lanes: Vec<Lane>,
    /// The failure outside of every cell, if there is one.
    pub beside: Option<Cell>,
    /// The causes, the largest first.
    pub causes: Vec<Cause>,
    /// Total time from the first step to the end of the last, in microseconds.
    pub length_us: u64,
    /// The comparison with an earlier run, if one is recorded.
    pub comparison: Option<Comparison>,
    /// The findings of a trial, if it was one.
    pub trial: Option<Trial>,
}

/// The colour and shape of an outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Good as far as it goes.
    Part,
    /// Nothing to say.
    #[default]
    Off,
}

/// One lane.
#[derive(Debug, Clone, Default)]
pub struct Lane {
    /// Its name: letters, digits and hyphens.
    pub name: Text,
    /// The circumstances: reused, retried, set up by another lane.
    pub notes: Vec<Text>,
    /// One cell for each stage.
    pub cells: Vec<Cell>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// The change that it tries, if it is recorded.
    pub change: Option<Change>,
}

/// One cell, or a failure outside of every cell.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// `<lane>/<stage>`, or `<phase>/<step>`.
    pub name: Text,
    /// Its colour and shape.
    pub tone: Tone,
    /// The content of its box: an exit code, or a dot.
    pub short: Text,
    /// The class of its failure, or a word for its outcome.
    pub word: Text,
    /// The numbers of the causes that it is red for, from 1.
    pub causes: Vec<usize>,
    /// The expectations.
    pub wanted: Vec<Text>,
    /// The observations.
    pub saw: Vec<Text>,
    /// The conclusion in a sentence.
    pub so: Text,
    /// The cause and the remedy, if it failed.
    pub remedy: Option<Remedy>,
    /// From git over the hook to the gate, in order.
    pub chain: Vec<Link>,
    /// The change of its lane, if it is to be seen here.
    pub change: Option<Change>,
    /// The proofs and assertions, each with its value.
    pub proofs: Vec<Proof>,
    /// The lines that matter of its log.
    pub log: Option<Excerpt>,
    /// The end of its log, if there is more to see.
    pub end: Option<Excerpt>,
    /// The outcomes of a flaky cell, each with its evidence.
    pub sides: Vec<Side>,
    /// Duration in milliseconds; None if it did not run.
    pub duration_ms: Option<u64>,
    /// The command that ran.
    pub ran: Option<Text>,
    /// Commands that reproduce it, each with its purpose.
    pub commands: Vec<(&'static str, Text)>,
}

/// The cause of a failure and its remedy.
#[derive(Debug, Clone)]
pub struct Remedy {
    /// The cause's id.
    pub cause: Text,
    /// The remedy.
    pub text: Text,
}

/// A link of the chain from git to the gate.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its place in the chain: git, hook, gate, change.
    pub title: &'static str,
    /// The observation.
    pub text: Text,
    /// Good if it held, bad if the chain is broken there.
    pub tone: Tone,
}

/// A proof that a stage had to leave.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The demand.
    pub what: Text,
    /// True if it is met.
    pub holds: bool,
    /// The value that was found.
    pub value: Option<Text>,
    /// The reason for which it is not met.
    pub problem: Option<Text>,
}

/// Lines of a file.
#[derive(Debug, Clone, Default)]
pub struct Excerpt {
    /// The file.
    pub file: Text,
    /// The lines.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Its number, if it is known.
    pub number: Option<usize>,
    /// Its text.
    pub text: Text,
    /// True for the line that decided.
    pub decides: bool,
}

/// One outcome of a flaky cell.
#[derive(Debug, Clone)]
pub struct Side {
    /// The outcome in words.
    pub outcome: Text,
    /// The repetitions that had it.
    pub repetitions: Text,
    /// Its colour and shape.
    pub tone: Tone,
    /// The reason, in a sentence.
    pub problem: Option<Text>,
    /// The end of its log.
    pub log: Excerpt,
}

/// Failures of one cause.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Its id.
    pub id: Text,
    /// The line that shows it.
    pub line: Text,
    /// The class of the failures.
    pub class: Text,
    /// Number of failures.
    pub count: usize,
    /// Name of each cell that it made red.
    pub cells: Vec<Text>,
    /// The cell with the fewest stages before it.
    pub smallest: Option<Text>,
    /// The remedy.
    pub remedy: Text,
    /// Commands.
    pub commands: Vec<Text>,
}

/// A step of a lane.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id.
    pub name: Text,
    /// Its kind, for its colour.
    pub kind: StepKind,
    /// Its ending in words.
    pub ending: Text,
    /// Start in microseconds since the run's first step.
    pub start_us: u64,
    /// Duration in microseconds.
    pub duration_us: u64,
    /// The attempt in which it ran, from 1.
    pub attempt: usize,
    /// The place of its cell in the lane, if it is a stage.
    pub cell: Option<usize>,
}

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Clone, installation and activation.
    SetUp,
    /// Laying the change.
    Seed,
    /// A stage that kept its contract.
    Stage,
    /// A step that failed.
    Failed,
}

/// The change of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its lines, as a unified diff.
    pub lines: Vec<ChangeLine>,
    /// True if there is more than is shown.
    pub is_cut: bool,
}

/// A line of a change.
#[derive(Debug, Clone)]
pub struct ChangeLine {
    /// `+`, `-`, a space; `@` for the head of a hunk and `f` for that of a file.
    pub sign: char,
    /// Its text.
    pub text: Text,
    /// True in a hunk that makes the change a violation.
    pub violates: bool,
}

/// The comparison with an earlier run.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// The earlier run: the last pass, or a baseline.
    pub title: &'static str,
    /// Its id and time.
    pub with: Text,
    /// The result in a sentence.
    pub sentence: Text,
    /// Other differences between the runs: name, then and now.
    pub differences: Vec<(Text, Text, Text)>,
    /// The command that lists the commits between them.
    pub commits: Option<Text>,
    /// Cells that changed: name, change, then and now, and whether it is bad.
    pub cells: Vec<(Text, Text, Text, Text, Tone)>,
}

/// The findings of a trial, in groups.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// Its heading.
    pub title: &'static str,
    /// The counts in a sentence.
    pub sentence: Text,
    /// The groups, those to act upon first.
    pub groups: Vec<Group>,
}

/// Findings that belong together.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Its heading.
    pub title: Text,
    /// Its colour and shape.
    pub tone: Tone,
    /// True if it is open from the beginning.
    pub is_open: bool,
    /// The lines of the file that they are about, if it is known; a line is off unless there
    /// is a finding of it.
    pub listing: Vec<(Tone, Text)>,
    /// The findings.
    pub findings: Vec<Finding>,
}

/// One finding of a trial.
#[derive(Debug, Clone, Default)]
pub struct Finding {
    /// Its place in the margin: a line number, or nothing.
    pub margin: Option<Text>,
    /// Its name.
    pub name: Text,
    /// The outcome in words.
    pub outcome: Text,
    /// Its colour and shape.
    pub tone: Tone,
    /// Sentences about it, each with its name.
    pub details: Vec<(&'static str, Text)>,
    /// Text to copy: a scenario, a command.
    pub copy: Option<Text>,
}

//! The interface between a run and whatever shows it.

use super::notice::Notice;
use crate::model::Plan;
use crate::model::event::Event;

/// Receives what a run has to say, as values.
///
/// The runner never formats: a terminal, JSON lines and documents read the
/// same values and choose their own words.
pub trait Reporter {
    /// Announces the plan; the events of its lanes follow.
    fn plan(&mut self, plan: &Plan, fail_fast: bool);
    /// Reports an event. It has been recorded already.
    fn event(&mut self, event: &Event);
    /// Reports something that is no event of a lane.
    fn notice(&mut self, notice: &Notice<'_>);
    /// Reports the document of a trial: lines, each terminated.
    fn document(&mut self, text: &str);
    /// Ends the console; `passed` is the package after a whole pass.
    fn finish(&mut self, passed: Option<&str>);
    /// Hands commands to the CI engine, lines, after everything else.
    fn ci_commands(&mut self, commands: &str);
}

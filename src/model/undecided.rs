//! Blocks that no gate decided: it crashed, or a program was missing.

use super::evidence::{CellEvidence, Ending};
use super::expectation::{ExitSet, Expectation};

impl CellEvidence {
    /// True if the stage blocked the change without a decision of its gate.
    ///
    /// A shell exits 126 or 127 if a program cannot be run, crashes exit above that, and git
    /// records a negative code for a hook that it could not start. A code that `meant` names is
    /// a decision all the same: it is how this gate blocks.
    #[must_use]
    pub fn is_blocked_by_accident(&self, meant: &Expectation) -> bool {
        let is_accident = |code: i32, set: Option<&ExitSet>| {
            !(0..=125).contains(&code) && !set.is_some_and(|set| set.contains(code))
        };
        if let Some(hook) = self.witness.blocking_hook(self.stage.as_str()) {
            return hook
                .exit
                .is_some_and(|code| is_accident(code, meant.hook_exit.as_ref()));
        }
        match &self.run.ending {
            Some(Ending::NotStarted(_) | Ending::Lost) => true,
            ending => {
                let code = ending.as_ref().and_then(Ending::code);
                code.is_some_and(|code| is_accident(code, Some(&meant.exit)))
            }
        }
    }
}

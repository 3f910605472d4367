//! The parts of the outputs of tools.

/// The part that a line has in the output of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Words of a runner around the output of others, a banner, a ruler, a stack frame, a
    /// hint or a check that passed: never the decisive line.
    Frame,
    /// Counts, durations and other closing words: only if nothing else is said.
    Summary,
    /// The name of what failed: only if its own output says nothing.
    Headline,
    /// An error at a place, or of a rule.
    Finding,
    /// A finding that need not have decided.
    Warning,
    /// Words of an error.
    Complaint,
}

/// A tool, and its lines as regular expressions.
pub(super) type Tool = (&'static str, &'static [(Part, &'static str)]);

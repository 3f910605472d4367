//! The exit codes of `matrix`, in one exhaustive place.

/// The exit code of `matrix`. A test compares `docs/exit-codes.md` with this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Every selected cell kept its contract.
    Pass,
    /// A cell broke its contract, or a step failed.
    Fail,
    /// The command line or the configuration cannot be used.
    Usage,
    /// All that ran kept the contract; cells of the parent run are outstanding.
    Outstanding,
    /// The consumer's baseline is dirty.
    Dirty,
    /// This repository, tool or sandbox cannot be used here.
    Unusable,
    /// This program panicked: a defect of its own.
    Internal,
    /// An artifact could not be written safely.
    Artifact,
    /// Another run holds the artifacts folder.
    Busy,
    /// A step ran past its time limit.
    Timeout,
    /// Stopped by SIGHUP.
    Hangup,
    /// Stopped by SIGINT.
    Interrupt,
    /// Stopped by SIGTERM.
    Terminate,
}

impl ExitCode {
    /// Every code, in ascending order.
    pub const ALL: [Self; 13] = [
        Self::Pass,
        Self::Fail,
        Self::Usage,
        Self::Outstanding,
        Self::Dirty,
        Self::Unusable,
        Self::Internal,
        Self::Artifact,
        Self::Busy,
        Self::Timeout,
        Self::Hangup,
        Self::Interrupt,
        Self::Terminate,
    ];

    /// The number that the process exits with.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Usage => 2,
            Self::Outstanding => 5,
            Self::Dirty => 17,
            Self::Unusable => 69,
            Self::Internal => 70,
            Self::Artifact => 74,
            Self::Busy => 75,
            Self::Timeout => 124,
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    /// The code's meaning, as the documentation has it.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Pass => "every selected cell kept its contract",
            Self::Fail => {
                "a cell broke its contract, or a step failed (an uninstallable package too)"
            }
            Self::Usage => "usage or configuration; also a selection that selects nothing",
            Self::Outstanding => {
                "a rerun in which all that ran kept the contract, and cells of its parent are still outstanding"
            }
            Self::Dirty => "the consumer's baseline is dirty",
            Self::Unusable => {
                "this repository, tool or sandbox cannot be used here; the message says what to do"
            }
            Self::Internal => {
                "`matrix` itself failed, a defect: the last failure says FAIL, and a line on stderr asks for a report"
            }
            Self::Artifact => "an artifact could not be written safely",
            Self::Busy => "another run holds the artifacts folder",
            Self::Timeout => "a step ran past its time limit",
            Self::Hangup => "stopped by SIGHUP",
            Self::Interrupt => "stopped by SIGINT",
            Self::Terminate => "stopped by SIGTERM",
        }
    }

    /// The sentence for a run that a signal stopped.
    #[must_use]
    pub fn stop_message(self) -> String {
        format!("the run was {}", self.meaning())
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

//! The reason why a step or cell is not green.

use std::time::Duration;

use crate::model::{ExitCode, FailureClass, FailureDetail, Shortage};

/// The reason why a step or cell is not green.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CellFailure {
    pub(super) class: FailureClass,
    pub(super) exit: ExitCode,
    pub(super) detail: Option<FailureDetail>,
    pub(super) message: String,
}

impl CellFailure {
    pub(super) fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self {
            class,
            exit: class.exit(),
            detail: None,
            message: message.into(),
        }
    }

    pub(super) fn timeout(limit: Duration) -> Self {
        let limit = humantime::format_duration(limit);
        let text = format!("it ran past its time limit of {limit} (`timeout`, --timeout)");
        Self::new(FailureClass::Timeout, text)
    }

    /// Nothing says what was installed, so that nothing can be compared with it.
    pub(super) fn no_record() -> Self {
        let text = "its version cannot be held against what was installed: no record of an installer names the package";
        Self {
            detail: Some(FailureDetail::NoRecord),
            ..Self::new(FailureClass::Infra, text)
        }
    }

    /// A file of the gate is not in the commit.
    pub(super) fn not_committed(class: FailureClass, message: String) -> Self {
        Self {
            detail: Some(FailureDetail::NotCommitted),
            ..Self::new(class, message)
        }
    }

    /// The machine lacks something, which is why this failure happened.
    pub(super) fn short(shortage: Shortage, failure: &Self) -> Self {
        let message = format!("{}: {}", shortage.message(), failure.message);
        Self {
            detail: Some(FailureDetail::Short(shortage)),
            ..Self::new(FailureClass::Infra, message)
        }
    }
}

//! The reason why a step or cell is not green.

use std::time::Duration;

use crate::model::{ExitCode, FailureClass, FailureDetail};

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

    pub(super) fn disk_full() -> Self {
        Self {
            detail: Some(FailureDetail::DiskFull),
            ..Self::new(FailureClass::Infra, "the disk of the work folder is full")
        }
    }
}

//! The clock and run ids, injected so that artifacts can repeat.
#![expect(
    clippy::disallowed_methods,
    reason = "this module is the access to the clock"
)]

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::model::{GateName, Kind, RunId};
use crate::sys::env::Snapshot;

/// The clock for artifacts. Time limits and retention use the real one.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    fixed: Option<DateTime<Utc>>,
}

impl Clock {
    /// Returns a clock that is fixed at `SOURCE_DATE_EPOCH` (seconds since 1970,
    /// UTC) if that is set, otherwise the real one.
    ///
    /// # Errors
    /// If the variable is not a number of seconds.
    pub fn from_env(env: &Snapshot) -> Result<Self, String> {
        let Some(text) = env.text("SOURCE_DATE_EPOCH").filter(|t| !t.is_empty()) else {
            return Ok(Self { fixed: None });
        };
        let parsed = text.parse().ok();
        match parsed.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) {
            Some(time) => Ok(Self { fixed: Some(time) }),
            None => Err(format!(
                "SOURCE_DATE_EPOCH is `{text}`, not a number of seconds"
            )),
        }
    }

    fn now(self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(Utc::now)
    }

    /// Returns the time in the format of artifacts: `2026-02-18T19:39:10Z`.
    #[must_use]
    pub fn now_utc(self) -> String {
        self.now().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Returns today's date, UTC.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        self.now().date_naive()
    }

    /// Creates a run id: `<prefix>-<kind>-<yyyymmddThhmmssZ>-<12 hex>`.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the text is always a run id")]
    pub fn new_run_id(self, prefix: &GateName, kind: Kind) -> RunId {
        let stamp = self.now().format("%Y%m%dT%H%M%SZ");
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let text = format!("{prefix}-{}-{stamp}-{}", kind.as_str(), &unique[..12]);
        text.parse().expect("a gate's name makes a run id")
    }
}

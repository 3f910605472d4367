//! Time and ids, injected so that what is written can repeat.
#![expect(clippy::disallowed_methods, reason = "this is the door to the clock")]

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::model::{GateName, Kind, RunId};
use crate::sys::env::Snapshot;

/// The clock of what is written. Time limits and retention use the real one.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    fixed: Option<DateTime<Utc>>,
}

impl Clock {
    /// The clock that `SOURCE_DATE_EPOCH` (seconds since 1970, UTC) asks
    /// for, else the real one.
    ///
    /// # Errors
    /// If the variable is set to something else than a number of seconds.
    pub fn from_env(env: &Snapshot) -> Result<Self, String> {
        let Some(text) = env.text("SOURCE_DATE_EPOCH").filter(|t| !t.is_empty()) else {
            return Ok(Self { fixed: None });
        };
        let seconds: Option<i64> = text.parse().ok();
        let fixed = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        match fixed {
            Some(_) => Ok(Self { fixed }),
            None => Err(format!(
                "SOURCE_DATE_EPOCH is `{text}`, not a number of seconds"
            )),
        }
    }

    fn now(self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(Utc::now)
    }

    /// The time as artifacts have it: `2026-02-18T19:39:10Z`.
    #[must_use]
    pub fn now_utc(self) -> String {
        self.now().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Today's date, UTC.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        self.now().date_naive()
    }

    /// A new run id: `<prefix>-<kind>-<yyyymmddThhmmssZ>-<12 hex>`.
    ///
    /// # Panics
    /// Never: what is put together here is a run id.
    #[must_use]
    pub fn new_run_id(self, prefix: &GateName, kind: Kind) -> RunId {
        let stamp = self.now().format("%Y%m%dT%H%M%SZ");
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let text = format!("{prefix}-{}-{stamp}-{}", kind.as_str(), &unique[..12]);
        text.parse().expect("a gate's name makes a run id")
    }
}

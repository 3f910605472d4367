//! The clock and run ids, injected so that artifacts can repeat.
#![expect(
    clippy::disallowed_methods,
    reason = "this module is the access to the clock"
)]

use std::time::SystemTime;

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};

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
    /// If the variable is not a number of seconds, or its year has not four digits: the
    /// dates of artifacts and ids have.
    pub fn from_env(env: &Snapshot) -> Result<Self, String> {
        let Some(text) = env.text("SOURCE_DATE_EPOCH").filter(|t| !t.is_empty()) else {
            return Ok(Self { fixed: None });
        };
        Self::fixed_at(text)
    }

    fn fixed_at(text: &str) -> Result<Self, String> {
        let parsed = text.parse().ok();
        match parsed.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) {
            Some(time) if (0..=9999).contains(&time.year()) => Ok(Self { fixed: Some(time) }),
            Some(_) => Err(format!(
                "SOURCE_DATE_EPOCH is `{text}`: expected seconds since 1970, up to the year 9999"
            )),
            None => Err(format!(
                "SOURCE_DATE_EPOCH is `{text}`, not a number of seconds"
            )),
        }
    }

    fn now(self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(|| SystemTime::now().into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_1970_is_written_like_any_other() {
        let before = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1);
        let clock = Clock {
            fixed: Some(before.into()),
        };
        assert_eq!(clock.now_utc(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn the_last_second_of_a_four_digit_year_makes_a_run_id_and_the_next_is_refused() {
        let prefix: GateName = "gate".parse().unwrap();
        for seconds in ["253402300799", "0", "-1", "-62167219200"] {
            let clock = Clock::fixed_at(seconds).unwrap();
            let id = clock.new_run_id(&prefix, Kind::Matrix).to_string();
            assert!(id.starts_with("gate-matrix-"), "{id}");
        }
        for seconds in ["253402300800", "-62167219201", "9223372036854775807", "x"] {
            assert!(Clock::fixed_at(seconds).is_err(), "{seconds}");
        }
    }
}

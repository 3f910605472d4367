//! Recorded runs: shown again, or run again with the inputs that they
//! resolved.
//!
//! [`Recorded`] pins those inputs; [`show`](show::show) displays a run;
//! [`bundle`](bundle::bundle) and [`script`] leave behind what reproduces a
//! failure with and without `matrix`.

pub mod bundle;
pub mod commands;
pub mod ended;
pub mod recorded;
pub mod script;
pub mod select;
pub mod show;
pub mod source;

pub use recorded::{Recorded, ReplayError};

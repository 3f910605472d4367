//! Trials: runs of altered lanes, which ask what a gate would do if its
//! installation were broken, its configuration weakened or a violation gone.
//!
//! Each is a [`Trial`](crate::prepare::Trial) with a document of its own.

mod header;
pub mod mutation;
pub mod sabotage;
pub mod vacuity;

pub use header::ReportHeader;

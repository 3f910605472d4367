//! Assertions about evidence, in jq.
//!
//! An assertion is checked when the configuration is loaded ([`check`]) and evaluated in
//! a process of its own ([`serve`]): a filter may recurse for ever or allocate all memory.
//! It holds if it yields at least one value and every value is `true`.

#[cfg(feature = "fuzzing")]
pub mod doors;
mod filter;
mod judge;
mod observed;
mod serve;
mod value;

pub use filter::{MAX_BYTES, Mistake, check};
pub use judge::{AssertionResult, MAX_VALUES};
pub use serve::{CPU_SECONDS, EvaluationRequest, MEMORY_MIB, Reply, VERB, serve};

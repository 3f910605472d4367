//! stdout and stderr of a run.

mod human;
mod jsonl;
mod progress;

pub(crate) use human::Human;
pub(crate) use jsonl::Jsonl;

//! Files of a run: formats, writer, reader, lock and retention.

pub mod bundle;
pub mod context;
mod document;
pub mod flakes;
pub mod folder;
pub mod fresh_clone;
pub mod last_failure;
pub mod lock;
pub mod manifest;
pub mod reader;
mod redact;
pub mod retention;
pub mod run_folder;
pub mod summary;
pub mod unpack;
pub mod verdict_files;
pub mod write_error;

pub use document::{MATRIX_VERSION, text_to_bytes, to_bytes, to_line};

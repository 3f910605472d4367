//! Files and folders: written, replaced, locked, digested.
//!
//! All artifacts are written through this module, so that there is one order of
//! write, sync, rename and folder sync, and one place in which tests make the
//! disk fail.
#![expect(
    clippy::disallowed_methods,
    reason = "this module is the access to the disk"
)]

mod atomic;
mod claim;
mod digest;
mod info;
mod lock;
mod read;
mod remove;
mod replica;
mod temporary;
mod tree;
mod write;

#[cfg(feature = "faults")]
mod fault;
#[cfg(not(feature = "faults"))]
#[path = "no_fault.rs"]
mod fault;

pub use atomic::{Staged, TEMPORARY_PREFIX, copy_atomic, write_atomic};
pub use claim::{Claim, sweep_claimed};
pub use digest::{digest_file, hex, sha256};
pub use fault::is_witness_off;
pub use info::{free_bytes, is_writable, shortage_at, stamp, tail};
pub use lock::{LOCK, count, number_held, share, try_lock, wait_for_lock};
pub use read::{
    copy, open, open_no_follow, open_null, read, read_no_follow, read_opened, read_text,
};
pub use remove::{remove_any, remove_below, remove_file, remove_folder};
pub use replica::replicate;
pub use temporary::{SOCKET_PATH, TemporaryFolder, sweep_temporary};
pub use tree::{copy_new, copy_tree, digest_tree, list_tree};
pub use write::{
    append, create_folder, create_in_new_folder, date_back, move_folder, overwrite, parent,
    share_digested, sync_folder, write, write_log, write_new,
};

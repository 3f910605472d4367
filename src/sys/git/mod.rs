//! Reads the consumer and the repositories of lanes.
//!
//! libgit2 reads in this process and runs no hook, filter or monitor of a
//! repository. The `git` program runs only if libgit2 does not find the
//! consumer clean or cannot read it, with everything disabled that a
//! repository could make it run. Callers need not know which of the two
//! answered.

mod alternates;
mod checkout;
mod clone;
mod config_files;
mod configured;
mod consumer;
mod credentials;
mod dirt;
#[cfg(feature = "fuzzing")]
pub mod doors;
mod entry;
mod fetch;
mod guard;
mod history;
mod hooks_setting;
mod identity;
mod includes;
mod lfs;
mod libgit2;
mod look;
mod open;
mod outside;
mod own_settings;
mod patch;
mod program;
mod publish;
mod reader;
mod refs;
mod revert;
mod safe_directory;
mod settings;
mod status;
mod submodules;
mod tree;
mod unchanged;
mod unsupported;
mod work_tree;
mod work_tree_commit;

pub use clone::{changed_paths, index_tree};
pub use configured::{ConfiguredHook, configured_hooks};
pub use consumer::{Consumer, OpenOptions};
pub use fetch::{Fetched, fetch_revision, without_credentials};
pub use history::{ChangedFile, Way, deleted_file, files_of_commit, subjects, way};
pub use hooks_setting::HooksSetting;
pub use identity::{Trusted, fixed_identity, make_repository, set_remote, write_lane_config};
pub use lfs::LfsFiles;
pub use look::close_repositories;
pub use own_settings::{OwnSettings, Place};
pub use patch::{ChangeText, change_text};
pub use publish::{Published, forget_remote, publish_head, set_ref, set_upstream};
pub use reader::Dirt;
pub use refs::{HooksFolder, Refs, is_ref_name, may_have_another_ref_format};
pub use revert::{Parts, RevertedPart, Stripped, added_lines, revert_parts};
pub use settings::DisabledHook;
pub use unsupported::Unsupported;
pub use work_tree::{is_inside_work_tree, work_tree_above};

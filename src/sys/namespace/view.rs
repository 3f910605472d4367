//! The folders that a thread sees as its lane.

use std::path::PathBuf;

/// The path at which a thread sees its lane.
pub const LANE: &str = "/lane";

/// The content of [`LANE`].
#[derive(Debug, Clone)]
pub enum View {
    /// A plain folder.
    Folder(PathBuf),
    /// Layers of folders.
    Layers(Layers),
}

/// Folders one above the other.
///
/// All are named relative to `root`, so that its path may hold characters that
/// separate layers.
#[derive(Debug, Clone)]
pub struct Layers {
    /// The folder that contains all layers.
    pub root: PathBuf,
    /// The layers that are only read, the uppermost first.
    pub lower: Vec<String>,
    /// The layer that is written; two folders are created in it.
    pub upper: String,
}

impl Layers {
    /// Returns the folder with the files written to a layer.
    #[must_use]
    pub fn written(upper: &str) -> String {
        format!("{upper}/files")
    }

    /// Returns the folder in which overlayfs prepares files of a layer.
    #[cfg(target_os = "linux")]
    pub(super) fn work(upper: &str) -> String {
        format!("{upper}/work")
    }
}

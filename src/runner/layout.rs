//! Folders and layers that lanes start from, below the folder of all lanes.

use std::io;

use crate::lane::LaneContext;
use crate::model::ScenarioName;
use crate::sys::fs;
use crate::sys::namespace::{Layers, View};

/// The state after the clone.
pub(super) const CLONED: &str = "template/clone";
/// The state after the installation.
pub(super) const INSTALLED: &str = "template/install";

/// Returns a view that writes to `upper`, above `lower`.
pub(super) fn layers(cx: &LaneContext, lower: &[String], upper: String) -> View {
    View::Layers(Layers {
        root: cx.root.clone(),
        lower: lower.to_vec(),
        upper,
    })
}

/// Creates the folder of a lane that starts from nothing, or from a copy.
///
/// # Errors
/// If the folder cannot be created.
pub(super) fn own_folder(cx: &LaneContext, name: &ScenarioName) -> io::Result<Option<View>> {
    let folder = cx.lane_folder(name);
    fs::create_folder(&folder)?;
    let has_lane_path = cx.isolation.lane_path.is_some();
    Ok(has_lane_path.then_some(View::Folder(folder)))
}

/// Removes the files that an attempt of a lane left.
///
/// `--keep` does not apply: it is for the last attempt.
///
/// # Errors
/// If a folder cannot be removed.
pub(super) fn clear_lane(cx: &LaneContext, name: &ScenarioName) -> io::Result<()> {
    fs::remove_folder(&cx.root.join(cx.layer(name)))?;
    fs::remove_folder(&cx.lane_folder(name)).map(drop)
}

/// Removes the shared setup and the leader's own files.
///
/// # Errors
/// If a folder cannot be removed.
pub(super) fn clear_shared(cx: &LaneContext, leader: &ScenarioName) -> io::Result<()> {
    for layer in [CLONED, INSTALLED] {
        fs::remove_folder(&cx.root.join(layer))?;
    }
    clear_lane(cx, leader)
}

//! Lists of cells, as lines.

use crate::model::CellName;
use crate::model::text::some_of;

/// The maximum number of cells that are named.
const MAX_NAMED: usize = 10;

/// The line for the cells that a run leaves out because nothing is expected of them;
/// empty if there are none.
pub(super) fn unexpected(cells: &[CellName]) -> String {
    if cells.is_empty() {
        return String::new();
    }
    let names: Vec<_> = cells.iter().map(ToString::to_string).collect();
    let some = some_of(&names, MAX_NAMED);
    format!("not run, since nothing is expected of them: {some}\n")
}

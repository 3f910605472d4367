//! A stub for builds without fault injection: no call fails.

use std::io;
use std::path::Path;

#[expect(clippy::unnecessary_wraps, reason = "the variant for tests can fail")]
pub(super) fn check(_: &str, _: &Path) -> io::Result<()> {
    Ok(())
}

/// True if stages must not be observed; never in this build.
#[must_use]
pub fn is_witness_off() -> bool {
    false
}

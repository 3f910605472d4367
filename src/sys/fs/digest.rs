//! Digests of files and bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::read::open;

/// Formats bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Returns the SHA-256 digest of bytes, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the digest of a file.
///
/// # Errors
/// If it cannot be read.
pub fn digest_file(path: &Path) -> io::Result<String> {
    digest_each(&mut open(path)?, |_| Ok(())).map(|(sha256, _)| sha256)
}

/// Returns digest and size of a file, after passing each piece to `take`.
pub(super) fn digest_each(
    source: &mut File,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(String, u64)> {
    let mut digest = Sha256::new();
    let mut total = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n = source.read(&mut buffer)?;
        if n == 0 {
            return Ok((hex(&digest.finalize()), total));
        }
        take(&buffer[..n])?;
        digest.update(&buffer[..n]);
        total += n as u64;
    }
}

//! Mutated shell scripts are still shell scripts.

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_shell_reads_every_mutated_script_of_the_built_in_consumers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files: Vec<(PathBuf, Vec<u8>)> = [
        "demo/consumer/gate/gate.sh",
        "demo/consumer/hooks/pre-commit",
        "demo/consumer/src/quote.sh",
        "husky/consumer/.husky/pre-push",
        "prek/consumer/tools/pinned-images.sh",
    ]
    .iter()
    .map(|name| (PathBuf::from(name), std::fs::read(root.join(name)).unwrap()))
    .collect();
    let (found, unread) = gate_matrix::mutation::mutations(&files);
    assert_eq!(unread, []);
    assert!(found.len() > files.len());
    for one in found {
        let script = String::from_utf8(one.content).unwrap();
        let read = Command::new("sh")
            .args(["-n", "-c", &script])
            .output()
            .unwrap();
        assert!(read.status.success(), "{}: {read:?}", one.id);
    }
}

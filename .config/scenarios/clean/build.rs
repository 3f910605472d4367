// Runs once per build, and only if the embedded profiles have changed.
//! The profiles below `scenarios/` are embedded: a change there is a change
//! of the program.

fn main() {
    println!("cargo::rerun-if-changed=scenarios");
}

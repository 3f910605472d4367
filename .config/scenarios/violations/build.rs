//! The profiles below `scenarios/` are embedded: a change there is a change
//! of the program.

fn main( ) {
  println!("cargo::rerun-if-changed=scenarios");
}

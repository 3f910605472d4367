//! Pages for people: values in, one self-contained HTML document out.
//!
//! A page loads nothing, works without its script and from any place, and says everything in
//! words beside its colours. The same values give the same bytes.
//!
//! Invariants: text of others is a [`Text`], which is harmless and never markup. The content
//! security policy allows the page's own style and script alone, by their digests.

mod data;
mod drawer;
mod grid;
mod parts;
mod policy;
mod run;
mod text;
mod timeline;
mod trial;

pub use data::{
    Cause, Cell, Change, ChangeLine, Comparison, Excerpt, Finding, Group, Lane, Line, Link, Proof,
    Remedy, RunPage, Side, Step, StepKind, Tone, Trial,
};
pub use run::run;
pub use text::Text;

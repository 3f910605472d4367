//! The facts that every part of the preparation works with.

use std::path::Path;

use super::mode::Mode;
use super::request::Request;
use crate::artifact::context::RunContext;
use crate::rerun::Parent;
use crate::sys::process::Control;

/// A run that is about to be prepared.
pub struct Setting<'a> {
    /// The request.
    pub request: &'a Request,
    /// The purpose of the run.
    pub mode: &'a Mode<'a>,
    /// The run's facts.
    pub context: &'a RunContext,
    /// The run whose outstanding cells are run.
    pub parent: Option<&'a Parent>,
    /// The folder of everything that lanes are made of.
    pub lanes_root: &'a Path,
    /// The stop signal.
    pub control: &'a Control,
}

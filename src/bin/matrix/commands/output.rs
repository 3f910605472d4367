//! Chooses how much is said on stderr, and its colours, before anything happens.

use anstream::ColorChoice;
use gate_matrix::sys::verbosity::{self, Verbosity};

use super::complain;
use crate::args::{Color, OutputArgs};
use crate::settings::Settings;

pub(super) fn choose(args: OutputArgs) -> anyhow::Result<()> {
    match args.color {
        None | Some(Color::Auto) => {}
        Some(Color::Always) => ColorChoice::Always.write_global(),
        Some(Color::Never) => ColorChoice::Never.write_global(),
    }
    let level = match args.verbose {
        _ if args.quiet => Verbosity::Quiet,
        0 => Settings::new()?.verbosity()?,
        1 => Verbosity::Verbose,
        _ => Verbosity::Debug,
    };
    verbosity::choose(level, |line| complain(&format!("matrix: {line}\n")));
    Ok(())
}

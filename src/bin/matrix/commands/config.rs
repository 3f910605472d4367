//! `matrix config`.

use std::fmt::Write as _;

use gate_matrix::config::{self, ConfigSource, Remote, Setting};
use gate_matrix::model::ExitCode;
use gate_matrix::model::text::plain;

use super::{open, print};
use crate::args::{ConfigArgs, ConfigShowArgs, ConfigVerb};
use crate::settings::Settings;

pub(super) fn run(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    match &args.verb {
        ConfigVerb::Show(args) => show(args),
    }
}

fn show(args: &ConfigShowArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let target = settings.target(&args.consumer, &args.select)?;
    let consumer = match open(&target.repo, &settings.open_options(&args.consumer)?) {
        Ok(consumer) => consumer,
        Err(code) => return Ok(code),
    };
    let cache = settings.work_dir(None).ok();
    let (_, all) = config::effective(&ConfigSource {
        repo_root: consumer.root(),
        file: target.config.as_deref(),
        package: target.package.as_ref(),
        package_base: &settings.cwd,
        remote: cache.map(|folder| Remote::new(&settings.env, &folder, &[])),
    })
    .map_err(anyhow::Error::new)?;
    print(&lines(&all, args.origin));
    Ok(ExitCode::Pass)
}

/// A line for each setting, with its origin as a comment.
fn lines(all: &[Setting], has_origins: bool) -> String {
    let mut out = String::new();
    for setting in all {
        // The other settings are what it says already.
        let sign = if setting.key == ["inherits"] {
            "# "
        } else {
            ""
        };
        let pair = format!("{} = {}", setting.path(), setting.text());
        let line = format!("{sign}{}", plain(&pair));
        let _ = if has_origins {
            writeln!(out, "{line}    # {}", plain(&setting.origin))
        } else {
            writeln!(out, "{line}")
        };
    }
    out
}

//! `matrix demo`.

use std::path::Path;

use anyhow::{Context as _, bail};
use gate_matrix::config::builtin::{self, Builtin};
use gate_matrix::model::ExitCode;
use gate_matrix::model::text::{plain, shown};
use gate_matrix::sys::git::{self, Consumer};

use tempfile::TempDir;

use super::complain;
use super::run::play;
use crate::args::{ConsumerArgs, DemoArgs};
use crate::settings::Settings;

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let name = args.gate.as_deref().unwrap_or(builtin::DEMO);
    let gate = known(name)?;
    let (into, temporary) = if let Some(into) = &args.into {
        (settings.cwd.join(into), None)
    } else {
        let folder = temporary_folder()?;
        (folder.path().join(format!("{name}-consumer")), Some(folder))
    };
    if into
        .read_dir()
        .is_ok_and(|mut entries| entries.next().is_some())
    {
        let into = shown(&into);
        bail!("{into} is not empty: give --into a folder that is new or empty");
    }
    let consumer = ConsumerArgs {
        repo: Some(into.clone()),
        config: Some(into.join("matrix.toml")),
    };
    let mut request = settings.request(&consumer, &args.options)?;
    if temporary.is_some() && request.artifacts.is_none() {
        // The consumer goes; what it left must stay, but not in the place of
        // what a run in a consumer of the user's left.
        request.artifacts = Some(if is_in_a_consumer(&settings.cwd) {
            tempfile::Builder::new()
                .prefix("matrix-demo-")
                .tempdir()?
                .keep()
        } else {
            settings.cwd.join("artifacts")
        });
    }
    let format = settings.format(args.options.format)?;
    lay(gate, &into, &settings)?;
    complain(&format!("consumer: {}\n", shown(&into)));
    play(&request, format)
}

fn temporary_folder() -> anyhow::Result<TempDir> {
    let made = tempfile::Builder::new().prefix("matrix-demo-").tempdir();
    made.context("a temporary folder cannot be made; set TMPDIR, or give --into DIR")
}

fn is_in_a_consumer(folder: &Path) -> bool {
    Consumer::open(folder).is_ok_and(|consumer| {
        ["matrix.toml", ".config/matrix.toml"]
            .iter()
            .any(|file| consumer.root().join(file).exists())
    })
}

fn known(name: &str) -> anyhow::Result<&'static Builtin> {
    let names: Vec<_> = builtin::names().collect();
    builtin::get(name).with_context(|| {
        let (name, names) = (plain(name), names.join(", "));
        format!("there is no built-in gate `{name}`: they are {names}")
    })
}

fn lay(gate: &Builtin, into: &Path, settings: &Settings) -> anyhow::Result<()> {
    gate.lay_consumer(into)
        .with_context(|| format!("the consumer cannot be written to {}", shown(into)))?;
    if let Err(complaint) = git::make_repository(into, &settings.env) {
        bail!("the consumer cannot be made a repository: {complaint}");
    }
    Ok(())
}

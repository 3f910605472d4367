//! The mock consumer of a built-in gate, laid out for one run.

use std::path::Path;

use anyhow::{Context as _, bail};
use gate_matrix::config::builtin::{self, Builtin};
use gate_matrix::model::text::{plain, shown};
use gate_matrix::prepare::Request;
use gate_matrix::sys::fs::TemporaryFolder;
use gate_matrix::sys::git::{self, Consumer, OpenOptions};

use super::complain;
use crate::args::{ConsumerArgs, RunOptions};
use crate::settings::Settings;

/// A run in a mock consumer, which may be gone with this value.
pub(super) struct Mock {
    pub(super) request: Request,
    _temporary: Option<TemporaryFolder>,
}

/// Lays the consumer of a gate out, in `into` or a temporary folder.
pub(super) fn lay_out(
    settings: &Settings,
    name: &str,
    into: Option<&Path>,
    options: &RunOptions,
) -> anyhow::Result<Mock> {
    let gate = known(name)?;
    let (into, temporary) = if let Some(into) = into {
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
        ..ConsumerArgs::default()
    };
    let mut request = settings.request(&consumer, options)?;
    if temporary.is_some() && request.output.artifacts.is_none() {
        // The consumer goes; what it left must stay, but not in the place of
        // what a run in a consumer of the user's left.
        request.output.artifacts = Some(if is_in_a_consumer(settings) {
            tempfile::Builder::new()
                .prefix("matrix-demo-")
                .tempdir()?
                .keep()
        } else {
            settings.cwd.join("artifacts")
        });
    }
    lay(gate, &into, settings)?;
    complain(&format!("consumer: {}\n", shown(&into)));
    Ok(Mock {
        request,
        _temporary: temporary,
    })
}

fn temporary_folder() -> anyhow::Result<TemporaryFolder> {
    let made = TemporaryFolder::new();
    made.context("a temporary folder cannot be made; set TMPDIR, or give --into DIR")
}

fn is_in_a_consumer(settings: &Settings) -> bool {
    let terms = OpenOptions {
        env: settings.env.clone(),
        trust_filters: false,
    };
    Consumer::open(&settings.cwd, &terms).is_ok_and(|consumer| {
        ["matrix.toml", ".config/matrix.toml"]
            .iter()
            .any(|file| consumer.root().join(file).exists())
    })
}

fn known(name: &str) -> anyhow::Result<&'static Builtin> {
    let names: Vec<_> = builtin::names().collect();
    builtin::get(name).with_context(|| {
        let (name, names) = (plain(name), names.join(", "));
        format!("there is no built-in gate `{name}`; built-in gates: {names}")
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

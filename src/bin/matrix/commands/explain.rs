//! `matrix explain`.

use anyhow::bail;
use gate_matrix::artifact::reader::{StoredRun, locate};
use gate_matrix::diagnosis;
use gate_matrix::model::text::plain;
use gate_matrix::model::{Cluster, ExitCode, RunId};

use super::print;
use crate::args::ExplainArgs;
use crate::display;
use crate::settings::Settings;

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let text = match &args.id {
        _ if args.all => diagnosis::runbook(),
        None => display::table(&diagnosis::list()),
        Some(id) if diagnosis::exit_code(id).is_some() => exit(args, id)?,
        Some(id) => match (diagnosis::cause(id), diagnosis::nearest(id)) {
            (Some(cause), _) => {
                let stored = newest(args);
                let seen = stored.as_ref().and_then(|(run, clusters)| {
                    let mut clusters = clusters.iter();
                    Some((run, clusters.find(|cluster| cluster.cause == cause.id)?))
                });
                diagnosis::page(cause, seen)
            }
            (None, Some(near)) => {
                bail!("there is no cause `{}`: did you mean `{near}`?", plain(id))
            }
            (None, None) => {
                bail!("there is no cause `{}`\n  next: matrix explain", plain(id))
            }
        },
    };
    print(&text);
    Ok(ExitCode::Pass)
}

/// The page of an exit code.
fn exit(args: &ExplainArgs, word: &str) -> anyhow::Result<String> {
    let known = ExitCode::ALL.map(|code| code.number().to_string());
    let Some(Ok(code)) = diagnosis::exit_code(word) else {
        bail!(
            "matrix never exits with {}\n  next: its codes are {}",
            plain(word.trim_start_matches("exit-")),
            known.join(", ")
        );
    };
    let stored = stored(args).filter(|stored| stored.run().exit_code == code.number());
    let bundle = stored.and_then(|stored| stored.bundle().ok());
    let seen = bundle.as_ref().map(|it| (&it.run_id, &*it.clusters));
    Ok(diagnosis::exit_page(code, seen))
}

/// The newest run, if it can be read: a page needs none.
fn stored(args: &ExplainArgs) -> Option<StoredRun> {
    let settings = Settings::new().ok()?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    locate::open(locate::LATEST, &artifacts, &settings.cwd).ok()
}

/// The id and the causes of the newest run.
fn newest(args: &ExplainArgs) -> Option<(RunId, Vec<Cluster>)> {
    let bundle = stored(args)?.bundle().ok()?;
    Some((bundle.run_id, bundle.clusters))
}

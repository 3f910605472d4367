//! `matrix explain`.

use anyhow::bail;
use gate_matrix::artifact::reader::locate;
use gate_matrix::diagnosis;
use gate_matrix::model::text::plain;
use gate_matrix::model::{Cluster, ExitCode, RunId};

use super::print;
use crate::args::ExplainArgs;
use crate::settings::Settings;

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let text = match &args.id {
        _ if args.all => diagnosis::runbook(),
        None => diagnosis::list(),
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

/// The id and the causes of the newest run, if it can be read: a page needs none.
fn newest(args: &ExplainArgs) -> Option<(RunId, Vec<Cluster>)> {
    let settings = Settings::new().ok()?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    let stored = locate::open(locate::LATEST, &artifacts, &settings.cwd).ok()?;
    let bundle = stored.bundle().ok()?;
    Some((bundle.run_id, bundle.clusters))
}

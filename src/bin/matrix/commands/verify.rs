//! `matrix verify`.

use gate_matrix::artifact::reader::verify::{Forged, Verified, verdict_files, verify};
use gate_matrix::model::ExitCode;
use gate_matrix::model::text::{plain, shown};

use super::{complain, print};
use crate::args::VerifyArgs;
use crate::settings::Settings;

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let artifacts = settings.artifacts(args.artifacts.as_deref());
    let files = match &args.file {
        Some(file) => vec![settings.cwd.join(file)],
        None => verdict_files(&artifacts),
    };
    if files.is_empty() {
        let folder = shown(&artifacts);
        anyhow::bail!(
            "there is no verdict file in {folder}\n  next: name one, or another folder: --artifacts DIR"
        );
    }
    let mut code = ExitCode::Pass;
    for file in files {
        match verify(&file) {
            Ok(verified) => print(&line(&verified)),
            Err(e) => {
                complain(&format!("ERROR: {e}\n  next: {}\n", e.next()));
                code = match e {
                    Forged::Absent(_) if args.file.is_some() => ExitCode::Usage,
                    _ => ExitCode::Fail,
                };
            }
        }
    }
    Ok(code)
}

fn line(verified: &Verified) -> String {
    let Verified {
        file,
        verdict,
        run_id,
        files,
    } = verified;
    let (file, verdict) = (shown(file), plain(verdict));
    match files {
        Some(files) => {
            format!("{file}: {verdict} of {run_id}, {files} files as they were written\n")
        }
        None => format!("{file}: {verdict}, the marker of {run_id}, which did not end\n"),
    }
}

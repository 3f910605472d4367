//! `matrix init`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use gate_matrix::config::builtin;
use gate_matrix::init::{self, Options, Start, Template};
use gate_matrix::model::text::{plain, plain_lines, shell};
use gate_matrix::model::{ExitCode, Registry};
use gate_matrix::sys::fs;
use gate_matrix::sys::git::Consumer;

use super::{complain, init_files, open};
use crate::args::{ConsumerArgs, InitArgs, SelectArgs};
use crate::settings::Settings;

pub(super) fn run(args: &InitArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let named = ConsumerArgs {
        repo: args.repo.clone(),
        ..ConsumerArgs::default()
    };
    let target = settings.target(&named, &SelectArgs::default())?;
    let consumer = match open(&target.repo, &settings.open_options(&named)?) {
        Ok(consumer) => consumer,
        Err(code) => return Ok(code),
    };
    let named = args.registry.as_deref().zip(args.gate.as_deref());
    let template = named.map(|(registry, package)| {
        let registry = match registry {
            "pypi" => Registry::Pypi,
            _ => Registry::Npm,
        };
        let next = "next: give --gate the package as its registry has it: NAME or NAME@VERSION";
        Template::of(package, registry).map_err(|e| anyhow!("--gate: {}\n  {next}", plain(&e)))
    });
    let options = Options {
        gate: args.gate.clone(),
        eject: args.eject,
        template: template.transpose()?,
    };
    let start = init::start(&consumer, &options).map_err(|broken| {
        anyhow!("{broken}\n  next: correct the file and commit it, then run `matrix init` again")
    })?;
    if let Some(found) = start {
        if found.stages.is_empty() {
            bail!(
                "{} sets up none of the hooks pre-commit, commit-msg and pre-push: there is nothing to try\n  \
                 next: commit a hook, or name another gate with --gate NAME",
                plain(&found.seen_in)
            );
        }
        init_files::write(consumer.root(), &found.files, &found.overlays)?;
        complain(&report(&found, consumer.root(), &settings.cwd));
        return Ok(ExitCode::Pass);
    }
    mock(&consumer, args)
}

/// Writes the mock consumer's scenarios of a gate that cannot be read here.
fn mock(consumer: &Consumer, args: &InitArgs) -> anyhow::Result<ExitCode> {
    let root = consumer.root();
    let known = builtin::names().collect::<Vec<_>>().join(", ");
    let mut tracked = consumer.tracked_files().into_iter();
    let manifest = tracked
        .find(|path| path == Path::new("package.json"))
        .and_then(|path| fs::read_text(root.join(path)).ok())
        .unwrap_or_default();
    let pumuki = manifest.contains("\"pumuki\"").then(|| "pumuki".to_owned());
    let Some(gate) = args.gate.clone().or(pumuki) else {
        bail!(
            "no gate was found in the consumer\n  next: name one: --gate NAME; built in are {known}\n  \
             any other package: matrix init --gate PACKAGE --registry npm    # or pypi: a template"
        );
    };
    let builtin = builtin::get(&gate).with_context(|| {
        format!(
            "there is no built-in gate `{0}`; built-in gates: {known}\n  \
             next: matrix init --gate {0} --registry npm    # or pypi: a template",
            plain(&gate)
        )
    })?;
    if !["demo", "pumuki"].contains(&&*gate) {
        bail!(
            "nothing in the consumer configures {gate}, so there is nothing to try\n  \
             next: commit its configuration, or see it in a mock repository: matrix demo {gate}"
        );
    }
    let overlays = builtin.overlay_folders();
    init_files::write(root, &builtin.configuration(), &overlays)?;
    complain(
        "The scenarios are those of a mock consumer: change them to edits of your own files,\n\
         commit them (with --no-verify: one holds what the gate blocks), then run\n\
         `matrix check` and `matrix run`.\n",
    );
    Ok(ExitCode::Pass)
}

/// Says what was found, what is left to do, and what comes next.
fn report(start: &Start, root: &Path, cwd: &Path) -> String {
    let mut out = format!(
        "{}, by {}; stages: {}\n",
        start.gate,
        start.seen_in,
        start.stages.join(", ")
    );
    for scenario in &start.scenarios {
        let _ = writeln!(out, "  {scenario}");
    }
    if !start.others.is_empty() {
        let _ = writeln!(
            out,
            "also found: {}; take another with --gate NAME",
            start.others.join(", ")
        );
    }
    if !start.unknown.is_empty() {
        let _ = writeln!(
            out,
            "it is not known what these block, and no scenario tries it: {}",
            start.unknown.join(", ")
        );
    }
    for broken in &start.broken {
        let _ = writeln!(
            out,
            "warning: {broken}: what this file decides is not in the scenarios"
        );
    }
    for line in &start.to_fill_in {
        let _ = writeln!(out, "to do: {line}");
    }
    for stage in &start.without_hook {
        let _ = writeln!(
            out,
            "warning: no {stage} hook starts {}: the stage runs the program itself, so a green run does not \
             say that commits are checked",
            start.gate
        );
    }
    let git = if cwd == root {
        "git".to_owned()
    } else {
        format!("git -C {}", shell(root))
    };
    let _ = write!(
        out,
        "Next: {git} add matrix.toml scenarios\n\
         \x20     {git} commit --no-verify -m \"Try our gate\"    # scenarios/violations holds what the gate blocks\n\
         \x20     matrix check && matrix run\n\
         A gate that looks at all files (in CI, say) should leave out scenarios/. Results are in artifacts/,\n\
         which git ignores.\n"
    );
    format!("{}\n", plain_lines(&out).trim_end())
}

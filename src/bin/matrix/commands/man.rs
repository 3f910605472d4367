//! `matrix man`: the manual, from the command line's own table.

use std::fmt::Write as _;

use anyhow::{anyhow, bail};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use gate_matrix::model::ExitCode;
use gate_matrix::model::text::{plain, shown};
use gate_matrix::sys::clock::Clock;
use gate_matrix::sys::fs;

use super::{print, print_whole};
use crate::args::{Args, ManArgs};
use crate::settings::Settings;

pub(super) fn run(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::new()?;
    let now = Clock::from_env(&settings.env).map_err(|e| anyhow!(e))?;
    let time = now.now_utc();
    let date = time.get(..10).unwrap_or_default();
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    let Some(folder) = &args.into else {
        print_whole(&page(named(&program, args.verb.as_deref())?, date)?);
        return Ok(ExitCode::Pass);
    };
    let folder = settings.cwd.join(folder);
    for command in below(&program) {
        let path = folder.join(format!("{}.1", title(command)));
        let written = fs::create_folder(&folder)
            .and_then(|()| fs::write(&path, page(command, date)?.as_bytes()));
        if let Err(e) = written {
            super::complain(&format!(
                "ERROR: {} cannot be written: {e}\n  next: name another folder\n",
                shown(&path)
            ));
            return Ok(ExitCode::Artifact);
        }
        print(&format!("wrote {}\n", shown(&path)));
    }
    Ok(ExitCode::Pass)
}

/// A command and all below it that are not hidden.
fn below(command: &Command) -> Vec<&Command> {
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let mut all = vec![command];
    all.extend(verbs.flat_map(below));
    all
}

/// The program, or one of its verbs.
fn named<'a>(program: &'a Command, verb: Option<&str>) -> anyhow::Result<&'a Command> {
    let Some(verb) = verb else {
        return Ok(program);
    };
    match program.find_subcommand(verb) {
        Some(found) => Ok(found),
        None => bail!(
            "there is no verb `{}`\n  next: matrix --help lists them",
            plain(verb)
        ),
    }
}

/// The name of a page: `matrix`, `matrix-run`.
fn title(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

/// Renders a page as roff.
fn page(command: &Command, date: &str) -> std::io::Result<String> {
    let is_whole = command.get_name() == "matrix";
    let command = command.clone().subcommand_help_heading("COMMANDS");
    let has_verbs = command.has_subcommands();
    let name = title(&command).to_owned();
    let man = Man::new(command)
        .title(name.to_uppercase())
        .date(date)
        .source(concat!("matrix ", env!("CARGO_PKG_VERSION")))
        .manual("matrix manual");
    let mut bytes = Vec::new();
    man.render_title(&mut bytes)?;
    man.render_name_section(&mut bytes)?;
    man.render_synopsis_section(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    if has_verbs {
        man.render_subcommands_section(&mut bytes)?;
    }
    // clap_mangen parts a list of values with two breaks around an empty line, which mandoc refuses.
    let mut page = String::from_utf8_lossy(&bytes).replace(".br\n\n.br\n", ".sp\n");
    if is_whole {
        page += &environment();
        page += &exit_status();
    } else {
        page += ".SH \"SEE ALSO\"\n\\fBmatrix\\fR(1)\n";
    }
    Ok(page)
}

fn environment() -> String {
    let mut out = String::from(".SH ENVIRONMENT\n");
    let _ = writeln!(
        out,
        "{}",
        text(
            "Flags take precedence over environment variables, which take precedence over \
             matrix.toml. The text of each flag names its variable. An empty variable counts as \
             unset; switches take 1, 0, true or false."
        )
    );
    out
}

fn exit_status() -> String {
    let mut out = String::from(".SH \"EXIT STATUS\"\n");
    for code in ExitCode::ALL {
        let meaning = text(code.meaning());
        let _ = writeln!(out, ".TP\n\\fB{}\\fR\n{meaning}", code.number());
    }
    out
}

/// Escapes a text for a line of roff.
fn text(words: &str) -> String {
    let escaped = words
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('`', "\\`");
    if escaped.starts_with(['.', '\'']) {
        return format!("\\&{escaped}");
    }
    escaped
}

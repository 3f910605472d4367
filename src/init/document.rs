//! The text of `matrix.toml`.

use std::fmt::Write as _;

use super::maker::Step;
use super::parts::Parts;
use super::pattern::escaped;
use super::scenarios::{Removed, Scenario, Stage};
use crate::config::to_fill_in::FILL_IN;
use crate::model::Registry;
use crate::model::text::{plain, shown};

/// The schema that a first file names. It is beside the results of runs, since no gate of the
/// consumer may meet it in a lane.
pub const SCHEMA: &str = "artifacts/matrix.schema.json";

/// The part of a configuration that another one has.
pub(super) enum Base {
    /// Everything is written out.
    Nothing,
    /// The built-in profile has the steps, and these stages beyond those of the gate.
    Profile(Vec<String>),
    /// The built-in profile has the stages too.
    WholeProfile,
}

/// Returns the whole configuration.
pub(super) fn document(
    parts: &Parts,
    scenarios: &[Scenario],
    base: &Base,
    seen_in: &str,
) -> String {
    let mut out = format!(
        "#:schema ./{SCHEMA}\n\
         # What the gate of this repository lets through, and what it stops. Written by\n\
         # `matrix init` from {seen_in}; every key is described in docs/configuration.md.\n\
         schema = 1\n",
        seen_in = shown(seen_in)
    );
    line(&mut out, "gate", &text(&parts.gate));
    let inherits = !matches!(base, Base::Nothing);
    if inherits {
        out.push_str(
            "# Steps, proofs and stages that are not here come from the built-in profile.\n",
        );
        line(&mut out, "inherits", &text(&parts.gate));
    }
    match (base, &parts.profile) {
        (Base::WholeProfile, _) => {
            if !parts.workdir.is_empty() {
                line(&mut out, "workdir", &text(&parts.workdir));
            }
            if parts.is_beyond_profile {
                configuration(&mut out, &parts.configuration);
            }
            if parts
                .tools
                .first()
                .is_some_and(|tool| !["npm", "python3"].contains(&&**tool))
            {
                line(&mut out, "tools", &list(&parts.tools));
                steps(&mut out, "install", &parts.install);
            }
        }
        (Base::Nothing, Some(profile)) => {
            let package = parts.package.as_deref().unwrap_or_default();
            line(&mut out, "package", &text(package));
            for profile_line in profile.lines() {
                if profile_line.starts_with("configuration = ") {
                    configuration(&mut out, &parts.configuration);
                } else {
                    let _ = writeln!(out, "{profile_line}");
                }
            }
        }
        _ => whole(&mut out, parts, base),
    }
    self::scenarios(&mut out, scenarios);
    out
}

/// Writes the tables of scenarios.
pub(super) fn scenarios(out: &mut String, scenarios: &[Scenario]) {
    for scenario in scenarios {
        write_scenario(out, scenario);
    }
}

fn whole(out: &mut String, parts: &Parts, base: &Base) {
    let inherits = !matches!(base, Base::Nothing);
    head(out, parts, inherits);
    if let Base::Profile(dropped) = base {
        for stage in dropped {
            let _ = writeln!(out, "# There is no such hook.\nstage.{stage} = false");
        }
    } else {
        steps(out, "install", &parts.install);
        steps(out, "activate", &parts.activate);
    }
    for stage in &parts.stages {
        write_stage(out, stage, parts.path.as_deref());
    }
    if !parts.stages.iter().any(|stage| stage.run.is_some()) {
        out.push_str(
            "\n# The gate has no command of its own for CI. If CI runs one, make it a stage:\n\
             # [stage.ci]\n# drive = \"command\"\n# run = [\"npm\", \"run\", \"lint\"]\n# env = { CI = \"true\" }\n",
        );
    }
}

fn head(out: &mut String, parts: &Parts, inherits: bool) {
    match &parts.package {
        Some(package) if !inherits => line(out, "package", &text(package)),
        None if !parts.has_package => {
            out.push_str("# The gate consists of the consumer's own files.\n");
            line(out, "package", "\"\"");
        }
        _ => {}
    }
    if parts.registry == Registry::Pypi && !inherits {
        line(out, "registry", "\"pypi\"");
    }
    if !parts.workdir.is_empty() {
        out.push_str("# The folder whose packages include the gate.\n");
        line(out, "workdir", &text(&parts.workdir));
    }
    if !inherits {
        line(out, "tools", &list(&parts.tools));
        if !parts.version.is_empty() {
            out.push_str("# Must print the version that was installed.\n");
            line(out, "version", &list(&parts.version));
        }
    }
    if !parts.hooks.is_empty() {
        line(out, "hooks", &list(&parts.hooks));
    }
    if !inherits && !parts.programs.is_empty() {
        out.push_str("# Opened whenever the gate decides.\n");
        line(out, "programs", &list(&parts.programs));
    }
    configuration(out, &parts.configuration);
}

fn configuration(out: &mut String, patterns: &[String]) {
    if patterns.is_empty() {
        return;
    }
    out.push_str("# The rules that `matrix mutate` weakens; \"!FILE\" leaves one out.\n");
    line(out, "configuration", &list(patterns));
}

fn steps(out: &mut String, table: &str, steps: &[Step]) {
    for (id, run) in steps {
        let _ = write!(
            out,
            "\n[[{table}]]\nstep = {}\nrun = {}\n",
            text(id),
            list(run)
        );
        if table == "install" {
            out.push_str("timeout = \"5m\"\n");
        }
    }
}

fn write_stage(out: &mut String, stage: &Stage, path: Option<&str>) {
    let _ = write!(out, "\n[stage.{}]\n", stage.name);
    match &stage.run {
        None => line(out, "drive", "\"git\""),
        Some(run) => {
            line(out, "drive", "\"command\"");
            line(out, "run", &list(run));
        }
    }
    if !stage.programs.is_empty() {
        line(out, "programs", &list(&stage.programs));
    }
    match (&stage.run, path) {
        (Some(_), _) => out.push_str("env = { CI = \"true\", GITHUB_BASE_REF = \"{base_ref}\" }\n"),
        (None, Some(path)) => {
            out.push_str("# Hooks call programs of this folder by their names alone.\n");
            let value = text(&format!("{path}:/usr/local/bin:/usr/bin:/bin"));
            let _ = writeln!(out, "env = {{ PATH = {value} }}");
        }
        (None, None) => {}
    }
}

fn write_scenario(out: &mut String, scenario: &Scenario) {
    out.push('\n');
    for comment in &scenario.comment {
        let _ = writeln!(out, "# {}", plain(comment));
    }
    let _ = writeln!(out, "[scenario.{}]", scenario.name);
    if scenario.is_to_fill_in {
        let file = scenario.files.keys().next().map(shown).unwrap_or_default();
        let _ = writeln!(
            out,
            "{FILL_IN}write what the gate blocks into scenarios/{}/{file}, and what it prints as `reason`.",
            scenario.name
        );
    }
    let overlay = format!("scenarios/{}", scenario.name);
    line(
        out,
        "overlay",
        &text(scenario.overlay.as_deref().unwrap_or(&overlay)),
    );
    line(out, "message", &text(&scenario.message));
    let expect: Vec<_> = (scenario.expect.iter())
        .map(|(stage, exit)| format!("{stage} = {exit}"))
        .collect();
    line(out, "expect", &format!("{{ {} }}", expect.join(", ")));
    match &scenario.reason {
        Some(reason) if escaped(reason) == *reason => line(out, "reason", &text(reason)),
        Some(reason) => line(out, "reason", &format!("{{ regex = {} }}", text(reason))),
        None if scenario.name != "clean" => out.push_str("# reason = \"what the gate prints\"\n"),
        None => {}
    }
    match &scenario.violation {
        Removed::Nothing => {}
        Removed::Files(files) => line(out, "violation", &format!("{{ files = {} }}", list(files))),
        Removed::Message(message) => {
            line(
                out,
                "violation",
                &format!("{{ message = {} }}", text(message)),
            );
        }
    }
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key} = {value}");
}

fn list(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| text(word)).collect();
    format!("[{}]", words.join(", "))
}

/// A text in TOML: as it is between single quotes if it has backslashes.
pub(super) fn text(text: &str) -> String {
    let is_literal = text.contains('\\') && !text.contains(|c: char| c == '\'' || c.is_control());
    if is_literal {
        return format!("'{text}'");
    }
    // TOML reads the escapes of JSON, which leaves this one character as it is.
    let json = serde_json::Value::from(text).to_string();
    json.replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_read_back_as_it_was() {
        for (written, expected) in [
            ("plain", Some("\"plain\"")),
            (r"\bTODO", Some(r"'\bTODO'")),
            ("it's \\ \"both\"", None),
            ("a\\b\r[[activate]]\n\0\u{7f}\u{1b}[1m\u{85}", None),
            ("\"]\nrun = [\"x", None),
        ] {
            let toml = text(written);
            assert!(expected.is_none_or(|expected| toml == expected), "{toml}");
            assert_eq!(toml.lines().count(), 1, "{toml}");
            let read: toml::Table = format!("key = {toml}\n").parse().unwrap();
            assert_eq!(read["key"].as_str(), Some(written));
        }
    }
}

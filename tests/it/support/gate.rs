//! A gate, its consumer and its scenarios, built for one test.

use std::fmt::Write as _;
use std::path::Path;

use super::{Consumer, Ran, World};

/// Builds a consumer: `World::gate("fake").stage("ci", "exit 0").scenario("good", &[..])`.
///
/// A stage is a shell script that runs in the lane's clone; its exit code is
/// the gate's decision. A stage that is driven by git is the hook of its name.
pub struct Gate {
    name: String,
    stages: Vec<(String, String)>,
    hooks: Vec<(String, String)>,
    scenarios: Vec<Scenario>,
    files: Vec<(String, String)>,
    more: String,
    network: bool,
}

struct Scenario {
    name: String,
    files: Vec<(String, String)>,
    exit: i32,
    reason: Option<String>,
    message: Option<String>,
}

/// A consumer in a world of its own.
pub struct Setup {
    pub world: World,
    pub consumer: Consumer,
}

impl World {
    /// A gate of this name, with one file in its consumer.
    pub fn gate(name: &str) -> Gate {
        Gate {
            name: name.to_owned(),
            stages: Vec::new(),
            hooks: Vec::new(),
            scenarios: Vec::new(),
            files: vec![("file".to_owned(), "one\n".to_owned())],
            more: String::new(),
            network: false,
        }
    }
}

impl Gate {
    /// Adds a stage that runs a script.
    pub fn stage(mut self, name: &str, script: &str) -> Self {
        self.stages.push((name.to_owned(), script.to_owned()));
        self
    }

    /// Adds a stage that commits or pushes, and the hook of its name.
    pub fn hook(mut self, name: &str, script: &str) -> Self {
        self.hooks.push((name.to_owned(), script.to_owned()));
        self
    }

    /// Adds a scenario that lays these files over the consumer and must pass.
    pub fn scenario(mut self, name: &str, files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        self.scenarios.push(Scenario {
            name: name.to_owned(),
            files: files.iter().map(own).collect(),
            exit: 0,
            reason: None,
            message: None,
        });
        self
    }

    /// Expects that the last scenario is blocked, for a reason.
    pub fn blocked(mut self, reason: &str) -> Self {
        let last = self.scenarios.last_mut().expect("there is a scenario");
        last.exit = 1;
        last.reason = Some(reason.to_owned());
        self
    }

    /// Commits the last scenario with this message.
    pub fn message(mut self, text: &str) -> Self {
        let last = self.scenarios.last_mut().expect("there is a scenario");
        last.message = Some(text.to_owned());
        self
    }

    /// Adds a file to the consumer.
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// Adds lines at the beginning of `matrix.toml`.
    pub fn toml(mut self, lines: &str) -> Self {
        self.more += lines;
        self.more += "\n";
        self
    }

    /// Gives the stages that run a script the network.
    pub fn with_network(mut self) -> Self {
        self.network = true;
        self
    }

    /// Commits the consumer.
    pub fn consumer(self) -> Setup {
        let world = World::new();
        let toml = self.configuration();
        let mut files: Vec<(String, String)> = self.files;
        files.push(("matrix.toml".to_owned(), toml));
        for (hook, script) in self.hooks {
            files.push((format!("hooks/{hook}"), format!("#!/bin/sh\n{script}\n")));
        }
        for scenario in self.scenarios {
            for (path, text) in scenario.files {
                files.push((format!("scenarios/{}/{path}", scenario.name), text));
            }
        }
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (&**path, &**text))
            .collect();
        let consumer = world.consumer("consumer", &files);
        Setup { world, consumer }
    }

    fn configuration(&self) -> String {
        // A JSON string is a TOML string; placeholders are not meant.
        let text = |text: &str| serde_json::Value::from(text.replace('{', "{{").replace('}', "}}"));
        let mut out = format!("schema = 1\ngate = \"{}\"\n{}", self.name, self.more);
        if !self.hooks.is_empty() {
            out += "[[activate]]\nstep = \"gate_install\"\n\
                    run = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n";
        }
        for (hook, _) in &self.hooks {
            let on = hook.trim_start_matches("pre-");
            let _ = writeln!(out, "[stage.{hook}]\ndrive = \"git\"\non = \"{on}\"");
        }
        for (stage, script) in &self.stages {
            let script = text(script);
            let _ = writeln!(
                out,
                "[stage.{stage}]\ndrive = \"command\"\nrun = [\"sh\", \"-c\", {script}]\nnetwork = {}",
                self.network
            );
        }
        for scenario in &self.scenarios {
            let hooks = self.hooks.iter().map(|(hook, _)| hook);
            let stages = hooks.chain(self.stages.iter().map(|(stage, _)| stage));
            let expect: Vec<_> = stages
                .map(|stage| format!("{stage} = {}", scenario.exit))
                .collect();
            let name = &scenario.name;
            let _ = writeln!(
                out,
                "[scenario.{name}]\noverlay = \"scenarios/{name}\"\nexpect = {{ {} }}",
                expect.join(", ")
            );
            for (key, value) in [("reason", &scenario.reason), ("message", &scenario.message)] {
                if let Some(value) = value {
                    let _ = writeln!(out, "{key} = {}", serde_json::Value::from(value.as_str()));
                }
            }
        }
        out
    }
}

impl Setup {
    /// A verb in the consumer's folder.
    pub fn matrix(&self, args: &[&str]) -> Ran {
        let mut command = self.world.command(args);
        command.current_dir(&self.consumer.root);
        Ran::of(command.output().unwrap())
    }

    /// What a verb shows, one step at a time, for a snapshot.
    pub fn screen(&self, args: &[&str]) -> String {
        screen(&self.matrix(args), &self.world.path())
    }
}

/// A whole screen: exit code, stdout, stderr.
pub fn screen(ran: &Ran, world: &Path) -> String {
    let text = format!(
        "exit: {}\n----- stdout -----\n{}----- stderr -----\n{}",
        ran.code, ran.stdout, ran.stderr
    );
    redacted(&text, world)
}

/// A text without what differs from run to run: paths of the world, times,
/// dates, ids, commits, versions.
pub fn redacted(text: &str, world: &Path) -> String {
    let mut text = text.replace(&world.display().to_string(), "[WORLD]");
    for (pattern, word) in [
        (r"\b\d+\.\d\ds\b", "[TIME]"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[DATE]"),
        (r"-\d{8}T\d{6}Z-[0-9a-f]{12}", "-[ID]"),
        (r"\b[0-9a-f]{40}\b", "[COMMIT]"),
        (r"commit [0-9a-f]{12}\b", "commit [COMMIT]"),
        (r"(tool [a-z0-9]+): /\S+", "$1: [PATH]"),
        (r"\bmatrix \d+\.\d+\.\d+\b", "matrix [VERSION]"),
    ] {
        let pattern = regex::Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, word).into_owned();
    }
    text
}

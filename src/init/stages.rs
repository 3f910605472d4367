//! The stages of a gate: its hooks, and its command in CI.

use super::check::Covers;
use super::commands;
use super::gates::{Manager, runs_lint_staged};
use super::known::{self, Tool};
use super::maker::{Maker, words};
use super::readers::{Entry, HOOKS, Run};
use super::scenarios::{Stage, is_about_messages};
use super::violations::Known;
use crate::model::Registry;

impl Maker<'_> {
    /// The file that is opened when a stage runs the gate's tool.
    pub(super) fn opened(&self, checks: &[Known], hook: &str) -> Vec<String> {
        let mut all = Vec::new();
        match &self.gate.manager {
            Manager::Husky if self.gate.has_hooks_folder() => {
                all.push(format!("{}/{hook}", self.gate.seen_in));
            }
            Manager::Folder(folder) => all.push(format!("{folder}/{hook}")),
            _ => {}
        }
        let mut entries = self.gate.entries.iter();
        if entries.any(|entry| entry.hook == hook && runs_lint_staged(self.checkout, entry))
            && self.gate.manager != Manager::Lefthook
            && !self.is_plug_and_play()
        {
            all.push("node_modules/lint-staged/bin/lint-staged.js".to_owned());
        }
        let own = self
            .tool
            .filter(|tool| checks.iter().any(|known| known.check.tool == tool.program));
        if let (Some(tool), Manager::Folder(_)) = (own, &self.gate.manager) {
            match tool.registry {
                Registry::Pypi => all.push(format!("{}/bin/{}", self.venv, tool.program)),
                Registry::Npm if !tool.opened.is_empty() => all.push(tool.opened.to_owned()),
                Registry::Npm => {}
            }
        }
        all.dedup();
        all
    }

    /// The stages: those of the built-in profile for a tool that no hook starts.
    pub(super) fn stages(&self) -> Vec<Stage> {
        if let Some(profile) = self.profile() {
            let entries = self.gate.entries.iter();
            let of_entries = entries.flat_map(|entry| commands::checks(self.checkout, entry));
            let mut checks: Vec<Known> = of_entries
                .map(|check| Known::new(check, self.checkout))
                .collect();
            if let Some(tool) = self.tool {
                let mut run = vec![tool.program.to_owned()];
                run.extend(tool.ci.iter().map(|word| (*word).to_owned()));
                checks.extend(self.checks_of(&run));
            }
            let stages = profile.blocked().into_iter();
            return stages
                .map(|(name, blocks_with)| Stage {
                    run: Some(Vec::new()),
                    checks: checks.clone(),
                    programs: Vec::new(),
                    name,
                    blocks_with,
                })
                .collect();
        }
        let checks_at = |hook: &str| -> Vec<Known> {
            let entries = self.gate.entries.iter().filter(|entry| entry.hook == hook);
            let checks = entries.flat_map(|entry| commands::checks(self.checkout, entry));
            checks
                .map(|check| match hook {
                    // It is asked about the message, whatever files are committed.
                    "commit-msg" => Known::without_edits(check),
                    _ => Known::new(check, self.checkout),
                })
                .collect()
        };
        let mut stages = Vec::new();
        for hook in HOOKS {
            if self.gate.entries.iter().any(|entry| entry.hook == hook) {
                let checks = checks_at(hook);
                stages.push(Stage {
                    name: hook.to_owned(),
                    run: None,
                    programs: self.opened(&checks, hook),
                    checks,
                    blocks_with: "1".to_owned(),
                });
            }
        }
        stages.extend(self.ci(&stages));
        stages
    }

    /// The stage of CI, if the gate has a command for it.
    fn ci(&self, stages: &[Stage]) -> Option<Stage> {
        const ONE: [&str; 9] = [
            "lefthook",
            "pre-commit",
            "prek",
            "lint-staged",
            "eslint",
            "ruff",
            "biome",
            "oxlint",
            "commitlint",
        ];
        let commit = (stages.iter().find(|stage| stage.name == "pre-commit"))
            .map(|stage| stage.checks.clone());
        let between = "run --from-ref {base_ref} --to-ref HEAD";
        let (run, checks) = match &self.gate.manager {
            Manager::Lefthook => {
                // The files of the change, as lefthook reads them: between zero bytes.
                let list = "git diff -z --name-only --diff-filter=d {base_ref}...HEAD";
                let run = self.program("lefthook").join(" ");
                let all = format!("{list} | {run} run pre-commit --files-from-stdin");
                (vec!["sh".to_owned(), "-c".to_owned(), all], commit?)
            }
            Manager::PreCommit | Manager::Prek => {
                let run = [self.program(&self.gate.name), words(between)].concat();
                (run, commit?)
            }
            Manager::None => {
                let tool = self.tool?;
                let run = (self.script_of(tool)).unwrap_or_else(|| self.in_ci(tool));
                let checks = self.checks_of(&run);
                (run, checks)
            }
            Manager::Husky | Manager::SimpleGitHooks | Manager::Folder(_) => {
                self.ci_of_hooks(stages)?
            }
        };
        let is_one =
            ONE.contains(&&*self.gate.name) || run.iter().any(|word| word.ends_with("lint-staged"));
        Some(Stage {
            name: "ci".to_owned(),
            run: Some(run),
            programs: self.opened_in_ci(),
            checks,
            blocks_with: if is_one { "1" } else { "\"nonzero\"" }.to_owned(),
        })
    }

    /// The command of what hooks start, if that has one for a range of commits.
    fn ci_of_hooks(&self, stages: &[Stage]) -> Option<(Vec<String>, Vec<Known>)> {
        let mut commit = (self.gate.entries.iter()).filter(|entry| entry.hook == "pre-commit");
        if commit.any(|entry| runs_lint_staged(self.checkout, entry)) {
            let program = self.program("lint-staged");
            let run = [program, words("--quiet --diff={base_ref}...HEAD")].concat();
            return Some((run, self.checks_of(&words("lint-staged"))));
        }
        let tool = self.tool.filter(|tool| tool.is_of_messages())?;
        let stage = stages.iter().find(|stage| is_about_messages(stage))?;
        Some((self.in_ci(tool), stage.checks.clone()))
    }

    /// The words of a tool in CI.
    fn in_ci(&self, tool: &Tool) -> Vec<String> {
        let words = tool.ci.iter().map(|word| (*word).to_owned());
        self.program(tool.program)
            .into_iter()
            .chain(words)
            .collect()
    }

    /// The file of a tool that nothing but CI starts.
    fn opened_in_ci(&self) -> Vec<String> {
        let tool = self.tool.filter(|_| self.gate.manager == Manager::None);
        let opened = tool.map(|tool| match tool.registry {
            Registry::Pypi => format!("{}/bin/{}", self.venv, tool.program),
            Registry::Npm => tool.opened.to_owned(),
        });
        opened.into_iter().filter(|path| !path.is_empty()).collect()
    }

    /// `npm run lint`, if that starts the tool.
    pub(super) fn script_of(&self, tool: &Tool) -> Option<Vec<String>> {
        if tool.opened.is_empty() {
            // What the script started could not be told.
            return None;
        }
        let manifest = self.checkout.manifest(&self.gate.folder);
        let names = ["lint", "lint:ci", "check", "format:check", "ci"];
        let name = names.into_iter().find(|name| {
            let text = manifest["scripts"][*name].as_str().unwrap_or_default();
            known::names(text, tool.program) && !text.contains("--fix") && !text.contains("--write")
        })?;
        Some(vec![
            self.packages.program().to_owned(),
            "run".to_owned(),
            name.to_owned(),
        ])
    }

    pub(super) fn checks_of(&self, run: &[String]) -> Vec<Known> {
        let entry = Entry {
            hook: "ci".to_owned(),
            folder: self.gate.folder.clone(),
            covers: Covers::default(),
            run: Run::Command(run.join(" ")),
        };
        let checks = commands::checks(self.checkout, &entry);
        checks
            .into_iter()
            .map(|check| Known::new(check, self.checkout))
            .collect()
    }
}

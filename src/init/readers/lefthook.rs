//! lefthook: commands, scripts and jobs under hooks, jobs also in groups.

use serde_json::Value;

use super::super::check::Covers;
use super::super::checkout::{Checkout, join};
use super::super::pattern::{Style, glob};
use super::{Entry, Run, texts};

/// Returns the configuration that lefthook reads.
pub(in crate::init) fn configuration(checkout: &Checkout) -> Option<String> {
    let ends = ["yml", "yaml", "toml", "json", "jsonc"];
    for stem in ["lefthook", ".lefthook", ".config/lefthook"] {
        let mut paths = ends.iter().map(|end| format!("{stem}.{end}"));
        if let Some(path) = paths.find(|path| checkout.has(path)) {
            return Some(path);
        }
    }
    None
}

/// Returns what runs at each hook, in the order of the hooks' names.
pub(in crate::init) fn entries(checkout: &Checkout, config: &Value) -> Vec<Entry> {
    let mut all = Vec::new();
    let source = config["source_dir"].as_str().unwrap_or(".lefthook");
    for (hook, settings) in config.as_object().into_iter().flatten() {
        if !super::HOOKS.contains(&&**hook) || settings["skip"] == Value::Bool(true) {
            continue;
        }
        let scope = Scope {
            checkout,
            hook,
            source,
            folder: String::new(),
            covers: narrowed(Covers::default(), settings, ""),
        };
        for key in ["commands", "scripts"] {
            for (name, job) in settings[key].as_object().into_iter().flatten() {
                scope.job(job, (key == "scripts").then_some(name), &mut all);
            }
        }
        scope.jobs(&settings["jobs"], &mut all);
    }
    all
}

struct Scope<'a> {
    checkout: &'a Checkout,
    hook: &'a str,
    source: &'a str,
    folder: String,
    covers: Covers,
}

impl Scope<'_> {
    fn jobs(&self, jobs: &Value, into: &mut Vec<Entry>) {
        for job in jobs.as_array().into_iter().flatten() {
            let script = job["script"].as_str().map(ToOwned::to_owned);
            self.job(job, script.as_ref(), into);
        }
    }

    fn job(&self, job: &Value, script: Option<&String>, into: &mut Vec<Entry>) {
        if job["skip"] == Value::Bool(true) {
            return;
        }
        let root = job["root"].as_str().unwrap_or("");
        let folder = join(&self.folder, root);
        let covers = narrowed(self.covers.clone(), job, &folder);
        if !job["group"].is_null() {
            let inner = Scope {
                folder: folder.clone(),
                covers: narrowed(covers.clone(), &job["group"], &folder),
                ..*self
            };
            inner.jobs(&job["group"]["jobs"], into);
        }
        let run = match (job["run"].as_str(), script) {
            (Some(run), _) => Run::Command(run.to_owned()),
            (None, Some(name)) => {
                let path = join(self.source, &format!("{}/{name}", self.hook));
                if !self.checkout.has(&path) {
                    return;
                }
                Run::Script(path)
            }
            (None, None) => return,
        };
        into.push(Entry {
            hook: self.hook.to_owned(),
            folder,
            covers,
            run,
        });
    }
}

fn narrowed(covers: Covers, settings: &Value, folder: &str) -> Covers {
    let globs = |key: &str| -> Vec<_> {
        let patterns = texts(&settings[key]).into_iter();
        patterns
            .filter_map(|pattern| glob(&join(folder, &pattern), Style::Flat))
            .collect()
    };
    covers
        .below(folder)
        .and_any(globs("glob"))
        .but(globs("exclude"))
}

//! The gates of a consumer, by the files that configure them.

use regex::Regex;

use super::checkout::{Checkout, depth, is_generated, join};
use super::commands;
use super::known;
use super::readers::{self, Entry};
use crate::model::Registry;

/// The way in which a gate's hooks get into a clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Manager {
    Lefthook,
    Husky,
    SimpleGitHooks,
    PreCommit,
    Prek,
    /// Hooks are files in a folder of the consumer.
    Folder(String),
    /// There are no hooks.
    None,
}

/// A gate that a consumer has.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) name: String,
    pub(super) manager: Manager,
    /// The file, or folder, that says so.
    pub(super) seen_in: String,
    /// The folder whose packages it is one of.
    pub(super) folder: String,
    pub(super) registry: Registry,
    /// Name of its package; None if it has none.
    pub(super) package: Option<String>,
    pub(super) entries: Vec<Entry>,
}

impl Gate {
    /// True if it is husky with hooks that are files.
    pub(super) fn has_hooks_folder(&self) -> bool {
        self.seen_in.rsplit('/').next() == Some(".husky")
    }
}

/// Returns all gates, the most likely one first.
pub(super) fn all(checkout: &Checkout) -> Vec<Gate> {
    let mut all = Vec::new();
    all.extend(lefthook(checkout));
    for folder in checkout.folders_with("package.json") {
        all.extend(husky(checkout, &folder));
        all.extend(simple_git_hooks(checkout, &folder));
    }
    if !checkout.has("package.json") {
        all.extend(husky(checkout, ""));
    }
    all.extend(pre_commit(checkout));
    all.extend(cargo_husky(checkout));
    all.extend(hk(checkout));
    all.extend(own_hooks(checkout));
    let mut with_hooks = Vec::new();
    for gate in all {
        let is_there = |other: &Gate| other.name == gate.name && other.folder == gate.folder;
        if !with_hooks.iter().any(is_there) {
            with_hooks.push(gate);
        }
    }
    with_hooks.extend(alone(checkout, &with_hooks));
    with_hooks
}

fn lefthook(checkout: &Checkout) -> Option<Gate> {
    let file = readers::lefthook_file(checkout)?;
    let config = checkout.config(&file).unwrap_or_default();
    let python = known::python_files(checkout)
        .iter()
        .any(|text| known::names(text, "lefthook"));
    let folder = package_folder(checkout, "lefthook");
    let registry = if python && folder.is_none() {
        Registry::Pypi
    } else {
        Registry::Npm
    };
    Some(Gate {
        name: "lefthook".to_owned(),
        manager: Manager::Lefthook,
        entries: readers::lefthook(checkout, &config),
        folder: folder.unwrap_or_default(),
        seen_in: file,
        registry,
        package: Some("lefthook".to_owned()),
    })
}

/// The folder whose `package.json` asks for a package; the shallowest counts.
fn package_folder(checkout: &Checkout, package: &str) -> Option<String> {
    let mut folders = checkout.folders_with("package.json").into_iter();
    folders.find(|folder| checkout.asks_for(folder, package))
}

fn husky(checkout: &Checkout, folder: &str) -> Option<Gate> {
    let hooks = join(folder, ".husky");
    let mut seen_in = hooks.clone();
    // Hooks run in the root of the repository, wherever husky is.
    let mut entries = readers::hooks_of_folder(checkout, &hooks, "");
    if entries.is_empty() {
        (seen_in, entries) = readers::husky_4(checkout, folder)?;
    }
    let owner = package_folder(checkout, "husky");
    Some(Gate {
        name: "husky".to_owned(),
        manager: Manager::Husky,
        seen_in,
        folder: owner.unwrap_or_else(|| folder.to_owned()),
        registry: Registry::Npm,
        package: Some("husky".to_owned()),
        entries,
    })
}

fn simple_git_hooks(checkout: &Checkout, folder: &str) -> Option<Gate> {
    let (seen_in, entries) = readers::simple_git_hooks(checkout, folder)?;
    Some(Gate {
        name: "simple-git-hooks".to_owned(),
        manager: Manager::SimpleGitHooks,
        seen_in,
        folder: folder.to_owned(),
        registry: Registry::Npm,
        package: Some("simple-git-hooks".to_owned()),
        entries,
    })
}

/// prek reads pre-commit's configuration: the consumer's other files say which of them runs.
fn pre_commit(checkout: &Checkout) -> Option<Gate> {
    let file = readers::pre_commit_file(checkout)?;
    let config = checkout.config(&file).unwrap_or_default();
    let mut texts = known::python_files(checkout);
    texts.extend(checkout.text("package.json"));
    let built_in = ["builtin", "meta"].iter().any(|name| {
        let repos = config["repos"].as_array().into_iter().flatten();
        repos.clone().any(|repo| repo["repo"] == *name) && *name == "builtin"
    });
    let is_prek =
        file == "prek.toml" || built_in || texts.iter().any(|text| known::names(text, "prek"));
    let name = if is_prek { "prek" } else { "pre-commit" };
    Some(Gate {
        name: name.to_owned(),
        manager: if is_prek {
            Manager::Prek
        } else {
            Manager::PreCommit
        },
        entries: readers::pre_commit(&config),
        seen_in: file,
        folder: String::new(),
        registry: Registry::Pypi,
        package: Some(name.to_owned()),
    })
}

/// A gate of which the built-in profile knows all but the scenarios.
fn of_profile(name: &str, seen_in: &str, entries: Vec<Entry>) -> Gate {
    Gate {
        name: name.to_owned(),
        manager: Manager::None,
        seen_in: seen_in.to_owned(),
        folder: String::new(),
        registry: Registry::Npm,
        package: None,
        entries,
    }
}

fn cargo_husky(checkout: &Checkout) -> Option<Gate> {
    let text = checkout.text("Cargo.toml")?;
    let entry = readers::command("pre-push", "cargo test --all", Vec::new());
    known::names(&text, "cargo-husky").then(|| of_profile("cargo-husky", "Cargo.toml", vec![entry]))
}

fn hk(checkout: &Checkout) -> Option<Gate> {
    let names = ["hk.pkl", ".config/hk.pkl"];
    let file = names.into_iter().find(|name| checkout.has(name))?;
    let entries = readers::hk(&checkout.text(file)?);
    Some(of_profile("hk", file, entries))
}

/// Hooks that are files of the consumer: in the folder that something in the consumer sets
/// `core.hooksPath` to, else in one with a usual name.
fn hooks_folder(checkout: &Checkout) -> Option<(String, Vec<Entry>)> {
    let setting = Regex::new(r#"core\.hooks[pP]ath[\s=]+["']?([\w./-]+)"#).ok()?;
    let mut folders: Vec<String> = Vec::new();
    let is_told = |file: &&String| {
        let name = file.rsplit('/').next().unwrap_or(file);
        depth(file) <= 2
            && !is_generated(file)
            && (["package.json", "Makefile", "justfile"].contains(&name)
                || [".md", ".sh", ".toml", ".yml"]
                    .iter()
                    .any(|end| name.ends_with(end)))
    };
    for file in checkout.files().iter().filter(is_told) {
        let text = checkout.text(file).unwrap_or_default();
        folders.extend(
            setting
                .captures_iter(&text)
                .map(|found| found[1].trim_end_matches('/').to_owned()),
        );
    }
    folders.extend(
        [
            ".githooks",
            "githooks",
            ".hooks",
            ".git-hooks",
            "git-hooks",
            "hooks",
        ]
        .map(ToOwned::to_owned),
    );
    folders.into_iter().find_map(|folder| {
        let entries = readers::hooks_of_folder(checkout, folder.trim_start_matches("./"), "");
        (!entries.is_empty()).then_some((folder, entries))
    })
}

/// Returns the folder with hooks of the consumer's own.
pub(super) fn own_folder(checkout: &Checkout) -> Option<String> {
    hooks_folder(checkout).map(|(folder, _)| folder)
}

fn own_hooks(checkout: &Checkout) -> Option<Gate> {
    let (folder, entries) = hooks_folder(checkout)?;
    let called = |entry: &Entry| -> Vec<String> {
        let checks = commands::checks(checkout, entry);
        checks.into_iter().map(|check| check.tool).collect()
    };
    let mut tools: Vec<String> = entries.iter().flat_map(called).collect();
    // lint-staged is followed to what it runs.
    if entries
        .iter()
        .any(|entry| runs_lint_staged(checkout, entry))
    {
        tools.insert(0, "lint-staged".to_owned());
    }
    let tool = tools.iter().find_map(|tool| known::tool(tool));
    Some(match tool {
        Some(tool) => gate_of(
            checkout,
            tool,
            Manager::Folder(folder.clone()),
            folder,
            entries,
        ),
        None => Gate {
            name: "hooks".to_owned(),
            manager: Manager::Folder(folder.clone()),
            seen_in: folder,
            folder: String::new(),
            registry: Registry::Npm,
            package: None,
            entries,
        },
    })
}

/// True if the text of an entry names lint-staged.
pub(super) fn runs_lint_staged(checkout: &Checkout, entry: &Entry) -> bool {
    match &entry.run {
        readers::Run::Command(text) => text.contains("lint-staged"),
        readers::Run::Script(path) => checkout
            .text(path)
            .is_some_and(|text| text.contains("lint-staged")),
        readers::Run::Hook(_) => false,
    }
}

fn gate_of(
    checkout: &Checkout,
    tool: &known::Tool,
    manager: Manager,
    seen_in: String,
    entries: Vec<Entry>,
) -> Gate {
    Gate {
        name: tool.gate.to_owned(),
        manager,
        seen_in,
        folder: package_folder(checkout, tool.package).unwrap_or_default(),
        registry: tool.registry,
        package: Some(tool.package.to_owned()),
        entries,
    }
}

/// Returns a tool as a gate that no hook starts.
pub(super) fn named(checkout: &Checkout, name: &str) -> Option<Gate> {
    let tool = known::tool(name)?;
    let seen_in = format!("--gate {name}");
    Some(gate_of(checkout, tool, Manager::None, seen_in, Vec::new()))
}

/// Tools that no hook starts.
fn alone(checkout: &Checkout, others: &[Gate]) -> Vec<Gate> {
    let mut used: Vec<String> = others.iter().map(|gate| gate.name.clone()).collect();
    for entry in others.iter().flat_map(|gate| &gate.entries) {
        let checks = commands::checks(checkout, entry).into_iter();
        used.extend(checks.map(|check| check.tool));
        if runs_lint_staged(checkout, entry) {
            used.push("lint-staged".to_owned());
        }
    }
    let is_used = |tool: &known::Tool| {
        used.iter()
            .any(|name| [tool.gate, tool.program].contains(&&**name))
    };
    let tools = known::TOOLS.iter().filter(|tool| !is_used(tool));
    tools.filter_map(|tool| seen(checkout, tool)).collect()
}

/// A tool that the consumer configures, or has among its packages.
fn seen(checkout: &Checkout, tool: &'static known::Tool) -> Option<Gate> {
    let folder = package_folder(checkout, tool.package).unwrap_or_default();
    let manifest = join(&folder, "package.json");
    let is_config = |file: &&String| {
        let name = file
            .strip_prefix(&folder)
            .unwrap_or(file)
            .trim_start_matches('/');
        depth(name) == 1 && tool.configs.iter().any(|config| name.starts_with(config))
    };
    let config = checkout.files().iter().find(is_config).cloned();
    let is_named = match tool.registry {
        Registry::Npm => {
            let has_key = !checkout.manifest(&folder)[tool.gate].is_null();
            (has_key || checkout.asks_for(&folder, tool.package)).then_some(manifest)
        }
        Registry::Pypi => known::python_file(checkout, tool.package),
    };
    let seen_in = config.or(is_named)?;
    Some(gate_of(checkout, tool, Manager::None, seen_in, Vec::new()))
}

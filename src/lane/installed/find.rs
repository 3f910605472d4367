//! Asks one reader after the other.

use std::path::{Path, PathBuf};

use super::places::Places;
use super::wanted::Wanted;
use super::{node_modules, npm, pip, plug_and_play, site_packages};
use crate::model::command::CommandTemplate;
use crate::model::package::PackageResolved;
use crate::model::{PackageSpec, Registry, Vars};

use super::super::workspace::Workspace;

/// An installation that has ended.
pub(in crate::lane) struct Installation<'a> {
    /// The package that it was to install.
    pub(in crate::lane) spec: &'a PackageSpec,
    /// The registry whose installers are asked first.
    pub(in crate::lane) registry: Registry,
    /// The commands that installed it.
    pub(in crate::lane) commands: Vec<&'a CommandTemplate>,
    /// The values of their placeholders.
    pub(in crate::lane) vars: &'a Vars,
}

/// Returns the package that a lane got; None if the installer kept no readable
/// record, or if its records contradict each other.
#[must_use]
pub(in crate::lane) fn resolved(
    installation: &Installation<'_>,
    lane: &Workspace,
) -> Option<PackageResolved> {
    let wanted = Wanted {
        spec: installation.spec,
    };
    let places = Places::of(lane, installation.vars, &installation.commands);
    let kinds = match installation.registry {
        Registry::Npm => [Kind::Node, Kind::Python],
        Registry::Pypi => [Kind::Python, Kind::Node],
    };
    // Folders that the installer was told of come before all that must be searched for.
    let groups = [true, false].into_iter().flat_map(|explicit| {
        let found = kinds.map(|kind| match kind {
            Kind::Node => of_node(&wanted, &places, lane, explicit),
            Kind::Python => of_python(&wanted, &places, explicit),
        });
        found.into_iter()
    });
    let package = choose(&wanted, groups)?;
    Some(relative(package, lane.host()))
}

/// The installers of one language.
#[derive(Clone, Copy)]
enum Kind {
    Node,
    Python,
}

/// Chooses among what was found, in groups from certain to uncertain.
fn choose(
    wanted: &Wanted<'_>,
    groups: impl Iterator<Item = Vec<PackageResolved>>,
) -> Option<PackageResolved> {
    let is_asked = |package: &&PackageResolved| wanted.version() == Some(&package.version);
    let mut first: Option<Vec<PackageResolved>> = None;
    for group in groups.filter(|group| !group.is_empty()) {
        // A workspace may have several versions; the one that was asked for was installed.
        if let Some(package) = group.iter().find(is_asked) {
            return Some(package.clone());
        }
        first.get_or_insert(group);
    }
    let certain = first?;
    let package = certain.first()?;
    let agree = certain.iter().all(|other| other.version == package.version);
    agree.then(|| package.clone())
}

fn of_node(
    wanted: &Wanted<'_>,
    places: &Places,
    lane: &Workspace,
    explicit: bool,
) -> Vec<PackageResolved> {
    let top = lane.host();
    let read = |folder: &Path| {
        let by_npm = npm::read(wanted, folder);
        if !by_npm.is_empty() {
            return by_npm;
        }
        node_modules::read(wanted, folder, top)
            .or_else(|| plug_and_play::read(wanted, folder, top))
            .into_iter()
            .collect()
    };
    let read_first = |folders: &[PathBuf]| {
        let mut found = folders.iter().map(|folder| read(folder));
        found.find(|found| !found.is_empty()).unwrap_or_default()
    };
    if !explicit {
        // A global installation has its `node_modules` below `lib`.
        let below = |folder: &PathBuf| [folder.clone(), folder.join("lib")];
        let tools = places.tools.iter().flat_map(below);
        let all = places.clone.iter().cloned().chain(tools);
        return all.flat_map(|folder| read(&folder)).collect();
    }
    let with_lib = |folder: &PathBuf| [folder.clone(), folder.join("lib")];
    let named: Vec<_> = places.named.iter().flat_map(with_lib).collect();
    let found = read_first(&named);
    if found.is_empty() {
        read_first(&places.working)
    } else {
        found
    }
}

fn of_python(wanted: &Wanted<'_>, places: &Places, explicit: bool) -> Vec<PackageResolved> {
    let mut found = Vec::new();
    if explicit {
        // pip writes its report where it is told to; the digest is only there.
        let report = places
            .tools
            .iter()
            .map(|folder| folder.join("pip-report.json"));
        let reports = places.named.iter().cloned().chain(report);
        found.extend(reports.filter_map(|path| pip::read(wanted, &path)));
        let named = places.named.iter().filter(|_| found.is_empty());
        let records: Vec<_> = named
            .flat_map(|folder| site_packages::read(wanted, folder))
            .collect();
        found.extend(records);
    } else {
        let environments = [".venv", "venv"];
        let folders = places.working.iter().chain(&places.clone);
        let own = folders.flat_map(|folder| environments.map(|name| folder.join(name)));
        let all = own.chain(places.tools.iter().cloned());
        found.extend(all.flat_map(|folder| site_packages::read(wanted, &folder)));
    }
    found
}

/// Names the record by its path in the lane, which is the same in every lane.
fn relative(package: PackageResolved, lane: &Path) -> PackageResolved {
    let record = package.read_from.as_deref().map(Path::new);
    let below = record.and_then(|record| record.strip_prefix(lane).ok());
    PackageResolved {
        read_from: below.map(|path| path.to_string_lossy().into_owned()),
        ..package
    }
}

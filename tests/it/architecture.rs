//! The rooms of `docs/architecture.md` are those of the source: what may use what is read from its table, what does
//! use what from the files.
//!
//! Two rules: a room uses only what its row names, and no files of a room depend on each other in a ring. A file
//! depends on another if it imports or names an item that the other defines; `mod x;` and a `pub use` of a child's
//! item are no dependency.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use source::{Path as UsedPath, Source};

/// Edges that break a rule today: file, file or room. The list only ever gets shorter.
#[rustfmt::skip]
const KNOWN: &[(&str, &str)] = &[
    ("src/bin/matrix/commands/baseline.rs", "src/bin/matrix/commands/diff.rs"),
    ("src/bin/matrix/commands/baseline.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/check.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/check.rs", "src/bin/matrix/commands/vacuity.rs"),
    ("src/bin/matrix/commands/demo.rs", "src/bin/matrix/commands/mock.rs"),
    ("src/bin/matrix/commands/demo.rs", "src/bin/matrix/commands/run.rs"),
    ("src/bin/matrix/commands/diff.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/explain.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/init.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/list.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/mock.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/check.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/demo.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/diff.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/explain.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/init.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/list.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/mutate.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/replay.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/run.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/sabotage.rs"),
    ("src/bin/matrix/commands/mod.rs", "src/bin/matrix/commands/schema.rs"),
    ("src/bin/matrix/commands/mutate.rs", "src/bin/matrix/commands/trial.rs"),
    ("src/bin/matrix/commands/replay.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/replay.rs", "src/bin/matrix/commands/run.rs"),
    ("src/bin/matrix/commands/run.rs", "src/bin/matrix/commands/baseline.rs"),
    ("src/bin/matrix/commands/sabotage.rs", "src/bin/matrix/commands/trial.rs"),
    ("src/bin/matrix/commands/schema.rs", "src/bin/matrix/commands/mod.rs"),
    ("src/bin/matrix/commands/trial.rs", "src/bin/matrix/commands/mock.rs"),
    ("src/bin/matrix/commands/trial.rs", "src/bin/matrix/commands/run.rs"),
    ("src/bin/matrix/commands/vacuity.rs", "src/bin/matrix/commands/run.rs"),
    ("src/lane/mod.rs", "src/lane/seed.rs"),
    ("src/lane/put_back.rs", "src/lane/seed.rs"),
    ("src/lane/seed.rs", "src/lane/put_back.rs"),
    ("src/lane/seed.rs", "src/lane/witness.rs"),
    ("src/lane/witness.rs", "src/lane/mod.rs"),
    ("src/mutation/gates/mod.rs", "src/mutation/mod.rs"),
    ("src/mutation/mod.rs", "src/mutation/gates/mod.rs"),
    ("src/mutation/mod.rs", "src/mutation/recognise.rs"),
    ("src/mutation/recognise.rs", "src/mutation/gates/mod.rs"),
    ("src/prepare/bind.rs", "replay"),
    ("src/prepare/mode.rs", "replay"),
    ("src/prepare/package.rs", "replay"),
    ("src/prepare/setting.rs", "rerun"),
    ("src/replay/ended.rs", "verdict"),
    ("src/report/notice.rs", "rerun"),
    ("src/rerun/mod.rs", "verdict"),
    ("src/runner/desk.rs", "src/runner/mod.rs"),
    ("src/runner/desk.rs", "src/runner/repeat.rs"),
    ("src/runner/ground.rs", "src/runner/mod.rs"),
    ("src/runner/ground.rs", "src/runner/retry.rs"),
    ("src/runner/mod.rs", "src/runner/desk.rs"),
    ("src/runner/mod.rs", "src/runner/ground.rs"),
    ("src/runner/mod.rs", "src/runner/retry.rs"),
    ("src/runner/repeat.rs", "src/runner/desk.rs"),
    ("src/runner/retry.rs", "src/runner/desk.rs"),
    ("src/runner/retry.rs", "src/runner/ground.rs"),
    ("src/runner/retry.rs", "src/runner/mod.rs"),
    ("src/trial/sabotage/badge.rs", "src/trial/sabotage/score.rs"),
    ("src/trial/sabotage/console.rs", "src/trial/sabotage/score.rs"),
    ("src/trial/sabotage/markdown.rs", "src/trial/sabotage/score.rs"),
    ("src/trial/sabotage/mod.rs", "src/trial/sabotage/badge.rs"),
    ("src/trial/sabotage/mod.rs", "src/trial/sabotage/console.rs"),
    ("src/trial/sabotage/mod.rs", "src/trial/sabotage/markdown.rs"),
    ("src/trial/sabotage/mod.rs", "src/trial/sabotage/score.rs"),
    ("src/trial/sabotage/score.rs", "src/trial/sabotage/mod.rs"),
    ("src/trial/vacuity/console.rs", "src/trial/vacuity/report.rs"),
    ("src/trial/vacuity/mod.rs", "src/trial/vacuity/console.rs"),
    ("src/trial/vacuity/mod.rs", "src/trial/vacuity/report.rs"),
    ("src/trial/vacuity/report.rs", "src/trial/vacuity/mod.rs"),
];

/// The row of the table for everything under `src/bin/matrix`.
const BINARY: &str = "bin/matrix";

/// A module in a file of its own.
struct Module {
    file: String,
    room: String,
    source: Source,
}

/// All modules of a crate by their path, the root at the empty one.
struct Tree {
    modules: BTreeMap<Vec<String>, Module>,
}

/// One file that depends on another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: String,
    line: usize,
    to: String,
    rooms: (String, String),
}

/// What a path names: a module, or an item in the file that defines it.
enum Named {
    Module(Vec<String>),
    Item(Vec<String>),
}

impl Tree {
    /// Reads a crate from its root file. Modules behind `#[cfg(test)]` are not in it.
    fn read(root: &Path, file: &str, room: Option<&str>) -> Tree {
        let mut tree = Tree {
            modules: BTreeMap::new(),
        };
        tree.add(root, vec![], PathBuf::from(file), room);
        tree
    }

    fn add(&mut self, root: &Path, path: Vec<String>, file: PathBuf, room: Option<&str>) {
        let text = fs::read_to_string(root.join(&file))
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let source = source::read(&text);
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let folder = match stem {
            "mod" | "lib" | "main" => file.parent().unwrap().to_owned(),
            _ => file.with_extension(""),
        };
        for name in &source.modules {
            let flat = folder.join(format!("{name}.rs"));
            let nested = folder.join(name).join("mod.rs");
            let child = if root.join(&flat).exists() {
                flat
            } else {
                nested
            };
            self.add(
                root,
                [path.as_slice(), &[name.clone()]].concat(),
                child,
                room,
            );
        }
        let room = room.map_or_else(
            || path.first().cloned().unwrap_or_default(),
            ToOwned::to_owned,
        );
        let file = file.to_str().unwrap().to_owned();
        self.modules.insert(path, Module { file, room, source });
    }

    /// Follows a path from a module to what it names. `None` if it leads out of the crate.
    fn resolve(&self, from: &[String], segments: &[String], hops: usize) -> Option<Named> {
        let (first, rest) = segments.split_first()?;
        let start = match first.as_str() {
            "crate" => vec![],
            "self" => from.to_vec(),
            "super" => from.split_last()?.1.to_vec(),
            name => {
                let child = [from, &[name.to_owned()]].concat();
                if self.modules.contains_key(&child) {
                    child
                } else {
                    return self.imported(from, segments, hops);
                }
            }
        };
        self.descend(start, rest, hops)
    }

    /// Follows the rest of a path down from a module.
    fn descend(&self, at: Vec<String>, rest: &[String], hops: usize) -> Option<Named> {
        let Some((name, below)) = rest.split_first() else {
            return Some(Named::Module(at));
        };
        if name == "super" {
            return self.descend(at.split_last()?.1.to_vec(), below, hops);
        }
        let child = [at.as_slice(), &[name.clone()]].concat();
        if self.modules.contains_key(&child) {
            return self.descend(child, below, hops);
        }
        if !self.modules[&at].source.defined.contains(name)
            && let Some(named) = self.imported(&at, rest, hops)
        {
            return Some(named);
        }
        Some(Named::Item(at))
    }

    /// Follows a name that a module imports, so that an item is traced to the file that defines it.
    fn imported(&self, at: &[String], segments: &[String], hops: usize) -> Option<Named> {
        let import = self.modules[at]
            .source
            .imports
            .iter()
            .find(|import| import.alias == segments[0])?;
        if hops == 0 || import.path.segments == segments {
            return None;
        }
        let path = [import.path.segments.as_slice(), &segments[1..]].concat();
        self.resolve(at, &path, hops - 1)
    }

    /// Every dependency between two files of the crate.
    fn edges(&self) -> BTreeSet<Edge> {
        let mut edges = BTreeSet::new();
        for (path, module) in &self.modules {
            let source = &module.source;
            let imports = source
                .imports
                .iter()
                .map(|import| (&import.path, import.reexport));
            for (used, reexport) in imports.chain(source.paths.iter().map(|used| (used, false))) {
                self.add_edge(path, used, reexport, &mut edges);
            }
            // A child's item that is handed on may also be used on the spot.
            for import in source.imports.iter().filter(|import| import.reexport) {
                if let Some((_, line)) = source.names.iter().find(|(name, _)| *name == import.alias)
                {
                    let used = UsedPath {
                        segments: import.path.segments.clone(),
                        line: *line,
                    };
                    self.add_edge(path, &used, false, &mut edges);
                }
            }
        }
        edges
    }

    fn add_edge(
        &self,
        from: &[String],
        used: &UsedPath,
        reexport: bool,
        edges: &mut BTreeSet<Edge>,
    ) {
        let (to, is_item) = match self.resolve(from, &used.segments, 8) {
            Some(Named::Item(to)) => (to, true),
            Some(Named::Module(to)) => (to, false),
            None => return,
        };
        let (source, target) = (&self.modules[from], &self.modules[&to]);
        // Naming a module of one's own room is no dependency on an item; handing on a child's item is none either.
        let is_own = source.room == target.room;
        if source.file == target.file
            || (is_own && (!is_item || (reexport && to.starts_with(from))))
        {
            return;
        }
        edges.insert(Edge {
            from: source.file.clone(),
            line: used.line,
            to: target.file.clone(),
            rooms: (source.room.clone(), target.room.clone()),
        });
    }
}

/// Returns the table of rooms: each with the rooms that it may use. `all` stands for every room.
fn table(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let rows = text
        .lines()
        .skip_while(|line| *line != "| room | holds | uses |")
        .skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        row.split('|')
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let words = |cell: &str| {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(ToOwned::to_owned)
            .collect::<Vec<_>>()
    };
    let rows: Vec<_> = rows.map(cells).collect();
    let all: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| words(&row[1]))
        .filter(|room| room != BINARY)
        .collect();
    let uses = |row: &Vec<String>| match row[3].as_str() {
        "all" => all.clone(),
        cell => words(cell).into_iter().collect(),
    };
    rows.iter()
        .flat_map(|row| words(&row[1]).into_iter().map(|room| (room, uses(row))))
        .collect()
}

/// Returns the edges that lead from a room to one that its row does not name, each with a message.
fn against_the_table(
    edges: &BTreeSet<Edge>,
    table: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<(Edge, String)> {
    let mut broken = Vec::new();
    for edge in edges {
        let (from, to) = &edge.rooms;
        if from.is_empty() || to.is_empty() || from == to {
            continue;
        }
        let allowed = table.get(from).cloned().unwrap_or_default();
        if !allowed.contains(to) {
            let may: Vec<&str> = allowed.iter().map(String::as_str).collect();
            let message = format!(
                "{}:{}: room `{from}` uses `{to}` ({}), but may only use: {}\n  next: move the item to a room that \
                 `{from}` may use, or pass it in as an argument; change the table in docs/architecture.md only if \
                 the direction of the rooms really changes",
                edge.from,
                edge.line,
                edge.to,
                may.join(", ")
            );
            broken.push((edge.clone(), message));
        }
    }
    broken
}

/// Returns the nodes that can be reached from one.
fn reached<'a>(edges: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        open.extend(
            edges
                .get(node)
                .into_iter()
                .flatten()
                .filter(|next| found.insert(**next)),
        );
    }
    found
}

/// Returns the edges between files of one room that lie on a ring, one for each pair of files.
fn on_a_ring(edges: &BTreeSet<Edge>) -> Vec<Edge> {
    let mut inside: BTreeMap<&str, BTreeMap<&str, &Edge>> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| edge.rooms.0 == edge.rooms.1) {
        let pairs = inside.entry(&edge.from).or_default();
        pairs.entry(&edge.to).or_insert(edge);
    }
    let next = inside
        .iter()
        .map(|(from, to)| (*from, to.keys().copied().collect()))
        .collect();
    let comes_back = |edge: &&Edge| reached(&next, &edge.to).contains(edge.from.as_str());
    let pairs = inside.values().flat_map(BTreeMap::values).copied();
    pairs.filter(comes_back).cloned().collect()
}

fn is_known(edge: &Edge) -> bool {
    KNOWN
        .iter()
        .any(|(from, to)| edge.from == *from && (edge.to == *to || edge.rooms.1 == *to))
}

/// Returns every broken rule that is not known, and every known one that no longer occurs.
fn problems(edges: &BTreeSet<Edge>, table: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let crossing = against_the_table(edges, table);
    let rings = on_a_ring(edges);
    let occurring: Vec<&Edge> = crossing
        .iter()
        .map(|(edge, _)| edge)
        .chain(&rings)
        .collect();
    let mut problems: Vec<String> = KNOWN
        .iter()
        .filter(|(from, to)| {
            !occurring
                .iter()
                .any(|edge| edge.from == *from && (edge.to == *to || edge.rooms.1 == *to))
        })
        .map(|(from, to)| {
            format!("KNOWN names {from} -> {to}, which no longer breaks a rule\n  next: strike it")
        })
        .collect();
    problems.extend(
        crossing
            .into_iter()
            .filter(|(edge, _)| !is_known(edge))
            .map(|(_, message)| message),
    );
    let unknown = edges
        .iter()
        .filter(|edge| edge.rooms.0 != edge.rooms.1 || !is_known(edge))
        .cloned()
        .collect();
    problems.extend(on_a_ring(&unknown).iter().map(|edge| {
        format!(
            "{}:{}: depends on {} and is depended on by it, inside room `{}`\n  next: move what both need to a file of \
             its own that depends on neither",
            edge.from, edge.line, edge.to, edge.rooms.0
        )
    }));
    problems
}

/// The edges of the library and of the binary.
fn all_edges() -> BTreeSet<Edge> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = Tree::read(root, "src/lib.rs", None);
    let binary = Tree::read(root, "src/bin/matrix/main.rs", Some(BINARY));
    library.edges().into_iter().chain(binary.edges()).collect()
}

fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md"))
            .unwrap();
    table(&text)
}

#[test]
fn the_source_keeps_to_the_table_of_rooms() {
    let problems = problems(&all_edges(), &documented());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_table_names_every_room_and_goes_one_way() {
    let table = documented();
    let library = Tree::read(Path::new(env!("CARGO_MANIFEST_DIR")), "src/lib.rs", None);
    let rooms: BTreeSet<&str> = library
        .modules
        .values()
        .map(|module| module.room.as_str())
        .filter(|r| !r.is_empty())
        .collect();
    let rows: BTreeSet<&str> = table
        .keys()
        .map(String::as_str)
        .filter(|room| *room != BINARY)
        .collect();
    assert_eq!(
        rows, rooms,
        "left: the rows of docs/architecture.md, right: the rooms under src/"
    );
    let next = table
        .iter()
        .map(|(room, uses)| (room.as_str(), uses.iter().map(String::as_str).collect()))
        .collect();
    for room in rooms {
        assert!(
            !reached(&next, room).contains(room),
            "by the table, room `{room}` uses itself through others"
        );
    }
}

fn lines(found: &[UsedPath]) -> Vec<(String, usize)> {
    found
        .iter()
        .map(|used| (used.segments.join("::"), used.line))
        .collect()
}

fn imported(text: &str) -> Vec<String> {
    let imports = source::read(text).imports.into_iter();
    imports
        .map(|import| format!("{} {}", import.path.segments.join("::"), import.alias))
        .collect()
}

#[test]
fn use_trees_are_read_with_braces_self_and_aliases() {
    assert_eq!(
        imported(
            "use crate::sys::{self, fs::{read, write as put}, process};\npub(super) use super::job::*;"
        ),
        [
            "crate::sys sys",
            "crate::sys::fs::read read",
            "crate::sys::fs::write put",
            "crate::sys::process process",
            "super::job::* *"
        ]
    );
    let text = "pub use a::B;\nuse c::D;";
    assert_eq!(
        source::read(text)
            .imports
            .iter()
            .map(|i| i.reexport)
            .collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn paths_in_code_are_read_and_text_is_not() {
    let text = "// crate::no\nfn f<'a>(x: &'a str) {\n  let c = ('\"', \"crate::no\", r#\"crate::\"no\"#);\n  \
                crate::sys::fs::write(c) }\n/* crate::no */ impl super::Yes for X {}";
    let paths = source::read(text).paths;
    assert_eq!(
        lines(&paths),
        [
            ("crate::sys::fs::write".into(), 4),
            ("super::Yes".into(), 5)
        ]
    );
}

#[test]
fn tests_are_left_out() {
    let text = "#[cfg(test)]\nmod tests { use crate::run; fn f() {} }\n#[cfg(test)] use a::{B, C};\n\
                #[cfg(test)]\n#[allow(x)]\nmod samples;\nmod kept;\nuse crate::kept;";
    let source = source::read(text);
    assert_eq!(source.modules, ["kept"]);
    assert_eq!(source.imports.len(), 1, "{:?}", source.imports);
}

/// A crate in memory: each file with its module path and its text.
fn tree(files: &[(&str, &str)]) -> Tree {
    let module = |(path, text): &(&str, &str)| {
        let path: Vec<String> = path
            .split("::")
            .filter(|part| !part.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        let room = path.first().cloned().unwrap_or_default();
        (
            path.clone(),
            Module {
                file: path.join("/"),
                room,
                source: source::read(text),
            },
        )
    };
    Tree {
        modules: files.iter().map(module).collect(),
    }
}

#[test]
fn one_use_against_the_table_is_found() {
    let tree = tree(&[
        ("", "mod a; mod b;"),
        ("a", "\nuse crate::b::X;"),
        ("b", "pub struct X;"),
    ]);
    let table = table("| room | holds | uses |\n|---|---|---|\n| `a` | – | – |\n| `b` | – | `a` |");
    let problems = problems(&tree.edges(), &table);
    let found = problems
        .iter()
        .find(|problem| problem.starts_with("a:2: room `a` uses `b`"));
    assert!(found.is_some(), "{problems:?}");
}

#[test]
fn rings_are_found_through_what_a_module_hands_on() {
    let ring = |children: [&str; 2], top: &str| {
        let files = [
            ("", "mod r;"),
            ("r", top),
            ("r::x", children[0]),
            ("r::y", children[1]),
        ];
        on_a_ring(&tree(&files).edges()).len()
    };
    let top = "mod x; mod y; pub use x::X; pub use y::Y;";
    assert_eq!(
        ring(
            ["use super::Y; pub struct X;", "use super::X; pub struct Y;"],
            top
        ),
        2
    );
    assert_eq!(
        ring(["use super::Y; pub struct X;", "pub struct Y;"], top),
        0
    );
    let own = "mod x; mod y; pub use x::X; pub struct Y; fn f(x: X) {}";
    assert_eq!(ring(["use super::Y; pub struct X;", ""], own), 2);
}

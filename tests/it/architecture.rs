//! The structure that `docs/architecture.md` promises: which room uses which,
//! and no import ring among the files of a room.
//!
//! An arrow leads from file A to file B if A names an item of B by a path that
//! begins with `crate`, `super`, `self` or a child of A. Declaring a child (`mod x;`) and
//! re-exporting from one (`pub use x::Y;`) are no arrows. Tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A path in the code, and the line that it stands on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    path: Vec<String>,
    line: usize,
    /// True for `pub use` of a child, which only passes a name on.
    is_reexport: bool,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The source files of the library by module path, tests left out.
fn modules() -> BTreeMap<Vec<String>, PathBuf> {
    fn collect(folder: &Path, module: &[String], into: &mut BTreeMap<Vec<String>, PathBuf>) {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().flatten().collect();
        entries.sort_by_key(fs::DirEntry::path);
        for entry in entries {
            let path = entry.path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let child = [module, std::slice::from_ref(&name)].concat();
            if path.is_dir() {
                collect(&path, &child, into);
            } else if path.extension().is_some_and(|end| end == "rs") {
                into.insert(
                    if name == "mod" {
                        module.to_vec()
                    } else {
                        child
                    },
                    path,
                );
            }
        }
    }
    let mut all = BTreeMap::new();
    collect(&root(), &[], &mut all);
    all.retain(|module, _| {
        let is_test = module
            .iter()
            .any(|part| part == "tests" || part == "samples");
        let is_outside = module
            .first()
            .is_none_or(|first| first == "bin" || first == "lib");
        !is_test && !is_outside
    });
    all
}

/// The code without comments, texts and test modules; lines stay lines.
fn code_of(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => text_length(rest),
            'r' if rest.starts_with("r\"") || rest.starts_with("r#\"") => raw_length(rest),
            '\'' if rest.starts_with("'\"'") => 3,
            '\'' if rest.starts_with("'\\\"'") => 4,
            _ => 0,
        };
        if skipped == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
            rest = &rest[skipped..];
        }
    }
    without_tests(&out)
}

fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_length(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|b| *b == b'#').count();
    let end = format!("\"{}", "#".repeat(hashes));
    let from = 2 + hashes;
    rest[from..]
        .find(&end)
        .map_or(rest.len(), |at| from + at + end.len())
}

/// Blanks whatever follows `#[cfg(test)]`, up to the end of its item.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out += &rest[..at];
        let item = &rest[at..];
        let mut depth = 0;
        let end = item.char_indices().find_map(|(at, c)| match c {
            '{' => {
                depth += 1;
                None
            }
            '}' => {
                depth -= 1;
                (depth == 0).then_some(at + 1)
            }
            ';' if depth == 0 => Some(at + 1),
            _ => None,
        });
        let end = end.unwrap_or(item.len());
        out.extend(item[..end].chars().filter(|c| *c == '\n'));
        rest = &item[end..];
    }
    out + rest
}

/// Every path of the code, and every `use`.
fn imports(source: &str) -> Vec<Import> {
    let code = code_of(source);
    let mut found = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    while at < code.len() {
        let rest = &code[at..];
        let Some(first) = rest.chars().next() else {
            break;
        };
        let begins = !code[..at].ends_with(is_word) && !code[..at].ends_with(':');
        let word: &str = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
        let line = code[..at].matches('\n').count() + 1;
        if begins && word == "use" {
            let end = rest.find(';').unwrap_or(rest.len());
            let tree: String = rest[3..end]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let before = code[..at].trim_end();
            let is_pub =
                before.ends_with("pub") || before.ends_with(')') && before.contains("pub(");
            let is_pub = is_pub
                && code[..at]
                    .rsplit([';', '}', '{'])
                    .next()
                    .is_some_and(|item| item.contains("pub"));
            for path in paths_of(&tree) {
                let is_reexport = is_pub;
                found.push(Import {
                    path,
                    line,
                    is_reexport,
                });
            }
            at += end;
        } else if begins
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && !code[..at].ends_with("(in ")
            && rest[word.len()..].starts_with("::")
        {
            let end = rest.find(|c| !is_word(c) && c != ':').unwrap_or(rest.len());
            let path = rest[..end].trim_end_matches(':').split("::");
            let path: Vec<String> = path.map(str::to_owned).collect();
            found.push(Import {
                path,
                line,
                is_reexport: false,
            });
            at += end;
        } else {
            at += first.len_utf8().max(if begins { word.len() } else { 0 });
        }
    }
    found
}

/// The single paths of a `use` tree.
fn paths_of(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        return vec![
            path.split("::")
                .map(|part| part.trim().to_owned())
                .collect(),
        ];
    };
    let prefix: Vec<String> = tree[..open]
        .trim_end_matches("::")
        .split("::")
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    let inner = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
    let (mut depth, mut from, mut out) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[from..at].trim();
                from = at + 1;
                if !part.is_empty() {
                    for path in paths_of(part) {
                        let path: Vec<_> = path.into_iter().filter(|part| part != "self").collect();
                        out.push([prefix.clone(), path].concat());
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// The module that a path in `module` leads to: the deepest that is a file.
fn target(
    module: &[String],
    import: &Import,
    modules: &BTreeMap<Vec<String>, PathBuf>,
) -> Option<Vec<String>> {
    let mut parts = import.path.iter();
    let mut base = match parts.next()?.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len() - 1].to_vec(),
        // A child of the module itself, or another crate.
        first => {
            let child = [module, &[first.to_owned()]].concat();
            modules.get(&child)?;
            child
        }
    };
    for part in parts {
        if part == "super" {
            base.pop();
            continue;
        }
        let deeper = [&base[..], std::slice::from_ref(part)].concat();
        let is_module = modules.keys().any(|module| module.starts_with(&deeper));
        if !is_module {
            break;
        }
        base = deeper;
    }
    modules.contains_key(&base).then_some(base)
}

/// The rooms of the documentation, each with the rooms that it may use.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let page = include_str!("../../docs/architecture.md");
    let names = |cell: &str| -> BTreeSet<String> {
        let quoted = cell.split('`').skip(1).step_by(2);
        quoted.map(str::to_owned).collect()
    };
    let rooms = page.split("\n## ").find(|part| part.starts_with("Rooms"));
    let rows = rooms
        .unwrap_or_default()
        .lines()
        .filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split('|').collect::<Vec<_>>())
        .filter(|cells| cells.len() == 5)
        .flat_map(|cells| {
            let uses = names(cells[3]);
            names(cells[1])
                .into_iter()
                .map(move |room| (room, uses.clone()))
        })
        .collect()
}

#[test]
fn rooms_use_only_what_the_table_allows() {
    let (modules, table) = (modules(), table());
    let mut wrong = Vec::new();
    let mut told = BTreeSet::new();
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (module, file) in &modules {
        let room = module[0].as_str();
        let used = used.entry(room).or_default();
        for import in imports(&fs::read_to_string(file).unwrap()) {
            let Some(target) = target(module, &import, &modules) else {
                continue;
            };
            let other = target.first().cloned().unwrap_or_default();
            if other == room {
                continue;
            }
            let allowed = table.get(room);
            let is_allowed = allowed.is_some_and(|allowed| allowed.contains(&other));
            if !is_allowed && told.insert((file, other.clone())) {
                let file = file.strip_prefix(root()).unwrap().display().to_string();
                wrong.push(format!(
                    "src/{file}:{}: `{room}` may not use `{other}`",
                    import.line
                ));
            }
            used.insert(other);
        }
    }
    for (room, allowed) in &table {
        let Some(used) = used.get(room.as_str()) else {
            if room != "bin/matrix" {
                wrong.push(format!("docs/architecture.md: there is no room `{room}`"));
            }
            continue;
        };
        for other in allowed.difference(used) {
            wrong.push(format!(
                "docs/architecture.md: `{room}` does not use `{other}`: strike it"
            ));
        }
    }
    let remedy = "mend the import, or the room table of docs/architecture.md if the design changed";
    assert!(wrong.is_empty(), "{}\n{remedy}", wrong.join("\n"));
}

#[test]
fn the_files_of_a_room_import_each_other_in_one_direction() {
    let modules = modules();
    let mut arrows: BTreeMap<&[String], BTreeSet<Vec<String>>> = BTreeMap::new();
    for (module, file) in &modules {
        for import in imports(&fs::read_to_string(file).unwrap()) {
            let Some(target) = target(module, &import, &modules) else {
                continue;
            };
            let passes_on = import.is_reexport && target.starts_with(module);
            if target != *module && target.first() == module.first() && !passes_on {
                arrows.entry(module).or_default().insert(target);
            }
        }
    }
    let reachable = |from: &[String]| {
        let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
        let mut open: Vec<Vec<String>> = vec![from.to_vec()];
        while let Some(next) = open.pop() {
            for other in arrows.get(&next[..]).into_iter().flatten() {
                if seen.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        seen
    };
    let mut rings: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for module in modules.keys() {
        let forward = reachable(module);
        if forward.contains(module) {
            let ring = forward
                .iter()
                .filter(|other| reachable(other).contains(module));
            rings.insert(ring.map(|module| module.join("::")).collect());
        }
    }
    let rings: Vec<_> = rings.iter().map(|ring| format!("ring: {ring:?}")).collect();
    let remedy = "move what both need into a file of its own";
    assert!(rings.is_empty(), "{}\n{remedy}", rings.join("\n"));
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let source = r##"
//! use crate::comment::X;
use crate::a::{self, b::{C, D as E}};
pub use child::F;
fn f() -> super::g::H { let text = "crate::text::I"; crate::j::k(); child::o() }
#[cfg(test)]
mod tests { use crate::hidden::L; }
use self::m::N;
"##;
    let found: Vec<_> = imports(source)
        .into_iter()
        .map(|import| (import.path.join("::"), import.line, import.is_reexport))
        .collect();
    let expected = [
        ("crate::a", 3, false),
        ("crate::a::b::C", 3, false),
        ("crate::a::b::D", 3, false),
        ("child::F", 4, true),
        ("super::g::H", 5, false),
        ("crate::j::k", 5, false),
        ("child::o", 5, false),
        ("self::m::N", 8, false),
    ];
    let expected = expected.map(|(path, line, is_reexport)| (path.to_owned(), line, is_reexport));
    assert_eq!(found, expected);
}

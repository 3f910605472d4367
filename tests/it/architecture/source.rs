//! One Rust file, read far enough to say which other files it depends on: its modules, its `use` trees and the
//! paths in its code. Comments, literals and `#[cfg(test)]` items are left out.

use std::collections::BTreeSet;

/// A word or a mark of the source, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// A path in the source, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
}

/// One leaf of a `use` tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub path: Path,
    /// The name under which it is known in the file; `*` for everything.
    pub alias: String,
    /// True if the file hands the item on (`pub use`, with any restriction).
    pub reexport: bool,
}

/// Everything of a file that the rules look at.
#[derive(Debug, Default)]
pub struct Source {
    /// Modules in files of their own.
    pub modules: Vec<String>,
    pub imports: Vec<Import>,
    pub paths: Vec<Path>,
    /// Bare names outside of `use` trees, with their lines.
    pub names: Vec<(String, usize)>,
    /// Items that the file defines at its top level.
    pub defined: BTreeSet<String>,
}

/// Reads a file.
pub fn read(text: &str) -> Source {
    let tokens = without_tests(&tokens(text));
    let mut source = Source::default();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let next = tokens.get(at + 1).map_or("", |next| next.text.as_str());
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "use" => {
                at = read_use(&tokens, at, &mut source.imports);
                continue;
            }
            "mod" if tokens.get(at + 2).is_some_and(|end| end.text == ";") => {
                source.modules.push(next.to_owned())
            }
            "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" | "mod"
                if depth == 0 =>
            {
                source.defined.insert(next.to_owned());
            }
            word if is_word(word) => {
                at = read_path(&tokens, at, &mut source);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    source
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Reads the path or the name that begins at a word, and returns the place behind it.
fn read_path(tokens: &[Token], start: usize, source: &mut Source) -> usize {
    let before = start
        .checked_sub(1)
        .map_or("", |at| tokens[at].text.as_str());
    let mut segments = vec![tokens[start].text.clone()];
    let mut at = start + 1;
    while at + 1 < tokens.len() && tokens[at].text == "::" && is_word(&tokens[at + 1].text) {
        segments.push(tokens[at + 1].text.clone());
        at += 2;
    }
    let line = tokens[start].line;
    // Behind a dot stands a field or a method, behind `fn` and its kin a name that is being defined.
    let is_field = before == "." || tokens.get(at).is_some_and(|next| next.text == ":");
    let is_definition = matches!(
        before,
        "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "mod" | "::"
    );
    if segments.len() > 1 && before != "::" {
        source.paths.push(Path { segments, line });
    } else if !is_field && !is_definition {
        source.names.push((segments.swap_remove(0), line));
    }
    at
}

/// Reads a `use` with all its branches, and returns the place behind it.
fn read_use(tokens: &[Token], start: usize, imports: &mut Vec<Import>) -> usize {
    let before = start
        .checked_sub(1)
        .map_or("", |at| tokens[at].text.as_str());
    let reexport = matches!(before, "pub" | ")");
    let mut at = start + 1;
    let from = imports.len();
    read_tree(tokens, &mut at, &[], imports);
    for import in &mut imports[from..] {
        import.reexport = reexport;
    }
    at + 1
}

fn read_tree(tokens: &[Token], at: &mut usize, above: &[String], imports: &mut Vec<Import>) {
    let mut segments = above.to_vec();
    let line = tokens[*at].line;
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        match token.text.as_str() {
            "::" => {}
            "{" => {
                while tokens.get(*at).is_some_and(|next| next.text != "}") {
                    read_tree(tokens, at, &segments, imports);
                    if tokens.get(*at).is_some_and(|next| next.text == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            word => segments.push(word.to_owned()),
        }
        if tokens
            .get(*at)
            .is_none_or(|next| matches!(next.text.as_str(), "," | "}" | ";" | "as"))
        {
            break;
        }
    }
    // `self` at the end of a branch is the module above.
    if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
        segments.pop();
    }
    let mut alias = segments.last().cloned().unwrap_or_default();
    if tokens.get(*at).is_some_and(|next| next.text == "as") {
        alias = tokens[*at + 1].text.clone();
        *at += 2;
    }
    imports.push(Import {
        path: Path { segments, line },
        alias,
        reexport: false,
    });
}

/// Returns the tokens without the items behind `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_test = MARK
            .iter()
            .enumerate()
            .all(|(n, mark)| tokens.get(at + n).is_some_and(|t| t.text == *mark));
        if is_test {
            at = behind_item(tokens, at + MARK.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Returns the place behind an item: its `;`, or the brace that closes it.
fn behind_item(tokens: &[Token], mut at: usize) -> usize {
    let (mut braces, mut others) = (0_usize, 0_usize);
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "{" => braces += 1,
            "(" | "[" => others += 1,
            ")" | "]" => others = others.saturating_sub(1),
            ";" if braces == 0 && others == 0 => return at + 1,
            "}" => {
                braces = braces.saturating_sub(1);
                // A `use` tree closes its braces before its semicolon.
                if braces == 0 && tokens.get(at + 1).is_none_or(|next| next.text != ";") {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// Cuts a file into words and marks.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        at = match behind_blank(&chars, at) {
            Some(end) => end,
            None if chars[at].is_alphanumeric() || chars[at] == '_' => {
                let word = chars[at..]
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || **c == '_');
                at + word.count()
            }
            None if chars[at..].starts_with(&[':', ':']) => at + 2,
            None => at + 1,
        };
        if behind_blank(&chars, start).is_none() {
            found.push(Token {
                text: chars[start..at].iter().collect(),
                line,
            });
        }
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    found
}

/// Returns the place behind white space, a comment, a literal or a lifetime; none if a token begins here.
fn behind_blank(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    let second = rest.get(1).copied().unwrap_or_default();
    match rest[0] {
        blank if blank.is_whitespace() => Some(at + 1),
        '/' if second == '/' => Some(at + rest.iter().take_while(|c| **c != '\n').count()),
        '/' if second == '*' => {
            let end = rest.windows(2).position(|two| two == ['*', '/']);
            Some(end.map_or(chars.len(), |end| at + end + 2))
        }
        '"' => Some(behind_string(chars, at + 1)),
        'b' if second == '"' => Some(behind_string(chars, at + 2)),
        'r' | 'b' if is_raw(rest) => {
            let opening = rest.iter().take_while(|c| **c != '"').count();
            let hashes = rest[..opening].iter().filter(|c| **c == '#').count();
            let close: Vec<char> = std::iter::once('"')
                .chain(std::iter::repeat_n('#', hashes))
                .collect();
            let end = rest[opening + 1..]
                .windows(close.len())
                .position(|w| w == close);
            Some(end.map_or(chars.len(), |end| at + opening + 1 + end + close.len()))
        }
        // A character if it is closed at once, otherwise a lifetime.
        '\'' if second == '\\' => {
            let end = rest.iter().skip(3).position(|c| *c == '\'');
            Some(end.map_or(chars.len(), |end| at + end + 4))
        }
        '\'' if rest.get(2) == Some(&'\'') => Some(at + 3),
        '\'' => Some(
            at + 1
                + rest[1..]
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || **c == '_')
                    .count(),
        ),
        _ => None,
    }
}

fn is_raw(rest: &[char]) -> bool {
    let prefix: String = rest.iter().take_while(|c| **c != '"').take(8).collect();
    let letters = prefix.trim_end_matches('#');
    matches!(letters, "r" | "br")
}

fn behind_string(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

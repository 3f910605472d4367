//! Edits of files in their own language.

/// The marks of a comment on one line, and the blank lines before it.
struct Comment {
    open: &'static str,
    close: &'static str,
    blank: usize,
}

const fn comment(open: &'static str, close: &'static str, blank: usize) -> Comment {
    Comment { open, close, blank }
}

/// Returns the end of a file's name in lower case; the whole name if it has none.
pub(super) fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() => end.to_ascii_lowercase(),
        _ => name.to_ascii_lowercase(),
    }
}

fn marks(path: &str) -> Option<Comment> {
    Some(match &*extension(path) {
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "java" | "kt" | "kts"
        | "swift" | "go" | "rs" | "c" | "h" | "cc" | "cpp" | "hpp" | "cs" | "scala" | "dart"
        | "php" | "scss" | "less" | "groovy" | "proto" => comment("// ", "", 1),
        // Formatters of Python ask for two lines between a function and what follows it.
        "py" | "pyi" => comment("# ", "", 2),
        "sh" | "bash" | "zsh" | "rb" | "pl" | "ex" | "exs" | "r" | "jl" => comment("# ", "", 1),
        "yml" | "yaml" | "toml" | "ini" | "cfg" | "conf" | "dockerfile" | "makefile" | "tf"
        | "env" | "properties" | ".gitattributes" | ".editorconfig" | ".gitignore" => {
            comment("# ", "", 0)
        }
        "css" => comment("/* ", " */", 1),
        "html" | "vue" | "svelte" | "xml" | "svg" => comment("<!-- ", " -->", 0),
        "sql" | "lua" | "hs" | "elm" => comment("-- ", "", 1),
        "md" | "markdown" | "rst" | "txt" | "adoc" => comment("", "", 1),
        _ => return None,
    })
}

/// True if a line can be added to a file without a change of what it does.
pub(super) fn is_editable(path: &str) -> bool {
    marks(path).is_some()
}

/// The form in which an addition is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Code,
    /// As a comment.
    Comment,
    /// Behind the last character, with nothing in between.
    Raw,
}

/// Returns a text with an addition at its end, in the file's line ends.
pub(super) fn appended(path: &str, text: &str, addition: &str, form: Form) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = text.to_owned();
    if form == Form::Raw {
        return out + &addition.replace('\n', end);
    }
    let marks = marks(path);
    let blank = marks.as_ref().map_or(1, |marks| marks.blank);
    if !out.is_empty() {
        if !out.ends_with('\n') {
            out.push_str(end);
        }
        out.push_str(&end.repeat(blank));
    }
    for line in addition.lines() {
        match (&marks, form) {
            (Some(Comment { open, close, .. }), Form::Comment) => {
                out.push_str(open);
                out.push_str(line);
                out.push_str(close);
            }
            _ => out.push_str(line),
        }
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addition_follows_the_language_and_the_line_ends() {
        let cases = [
            ("a.js", "x();\n", "x();\n\n// Ok.\n"),
            ("a.py", "x()", "x()\n\n\n# Ok.\n"),
            ("a.py", "", "# Ok.\n"),
            ("a.yml", "a: 1\r\n", "a: 1\r\n# Ok.\r\n"),
            ("a.css", "a {}\n", "a {}\n\n/* Ok. */\n"),
            ("README.md", "# A\n", "# A\n\nOk.\n"),
            ("Dockerfile", "FROM a\n", "FROM a\n# Ok.\n"),
        ];
        for (path, text, expected) in cases {
            assert_eq!(
                appended(path, text, "Ok.", Form::Comment),
                expected,
                "{path}"
            );
        }
        assert!(!is_editable("a.json") && !is_editable("a.png"));
    }
}

//! Text that fits the terminal.

use gate_matrix::sys::env;
use unicode_width::UnicodeWidthStr as _;

/// Columns of a line that goes to no terminal.
const USUAL: usize = 100;

/// Breaks a line between words so that it fits the terminal; lines after the first are indented.
pub(crate) fn wrapped(line: &str, indent: usize) -> String {
    to_width(line, indent, env::columns().unwrap_or(USUAL))
}

fn to_width(line: &str, indent: usize, width: usize) -> String {
    let begin = line.len() - line.trim_start().len();
    let mut out = line[..begin].to_owned();
    let mut used = begin;
    let mut is_first = true;
    for word in line.split_whitespace() {
        let columns = word.width();
        if !is_first && used + 1 + columns > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if !is_first {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += columns;
        is_first = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::to_width;

    #[test]
    fn lines_break_between_words_by_the_columns_of_a_terminal() {
        assert_eq!(to_width("  a bb ccc", 4, 80), "  a bb ccc\n");
        assert_eq!(to_width("  a bb ccc", 4, 6), "  a bb\n    ccc\n");
        // Two columns each.
        assert_eq!(
            to_width("\u{6d4b}\u{8bd5} \u{6d4b} x", 1, 7),
            "\u{6d4b}\u{8bd5} \u{6d4b}\n x\n"
        );
        // A word that fits no line has one of its own.
        assert_eq!(
            to_width("a longer-than-that b", 0, 5),
            "a\nlonger-than-that\nb\n"
        );
    }
}

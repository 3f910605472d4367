//! Text that fits the terminal.

use gate_matrix::sys::env;
use unicode_width::UnicodeWidthStr as _;

/// Columns of a line that goes to no terminal.
const USUAL: usize = 100;
/// Spaces between the columns of a table.
const GAP: usize = 2;

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

/// Lays out rows in columns, two spaces apart. On a terminal, cells that are too long for it
/// break between words.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    table_to_width(rows, env::columns().unwrap_or(usize::MAX))
}

fn table_to_width<const N: usize>(rows: &[[String; N]], width: usize) -> String {
    let widths = column_widths(rows, width);
    let mut out = String::new();
    for row in rows {
        let cells: [Vec<String>; N] = std::array::from_fn(|at| cell(&row[at], widths[at]));
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut text = String::new();
            for (at, cell) in cells.iter().enumerate() {
                let part = cell.get(line).map_or("", String::as_str);
                text.push_str(part);
                if at + 1 < N {
                    let rest = widths[at].saturating_sub(part.width());
                    text.push_str(&" ".repeat(rest + GAP));
                }
            }
            out.push_str(if line == 0 { &text } else { text.trim_end() });
            out.push('\n');
        }
    }
    out
}

/// Returns the columns of the terminal for each column of the table. The widest gives way
/// first, down to its longest word.
fn column_widths<const N: usize>(rows: &[[String; N]], width: usize) -> [usize; N] {
    let widest = |at: usize, of: &dyn Fn(&str) -> usize| {
        let cells = rows.iter().map(|row| of(&row[at]));
        cells.max().unwrap_or(0)
    };
    let longest_word = |text: &str| text.split_whitespace().map(str::width).max().unwrap_or(0);
    let mut widths: [usize; N] = std::array::from_fn(|at| widest(at, &|text| text.width()));
    let least: [usize; N] = std::array::from_fn(|at| widest(at, &longest_word));
    loop {
        let used = widths.iter().sum::<usize>() + GAP * N.saturating_sub(1);
        let can_shrink = (0..N).filter(|at| widths[*at] > least[*at]);
        match can_shrink.max_by_key(|at| widths[*at]) {
            Some(at) if used > width => widths[at] -= 1,
            _ => return widths,
        }
    }
}

/// Returns the lines of a cell.
fn cell(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let broken = to_width(text, 0, width);
    broken.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{table_to_width, to_width};

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

    #[test]
    fn tables_align_by_the_columns_of_a_terminal_and_fit_it() {
        let rows = [
            ["NAME", "TEXT"].map(str::to_owned),
            ["\u{6d4b}\u{8bd5}\u{6d4b}", "one two  three"].map(str::to_owned),
            ["e\u{301}", "four"].map(str::to_owned),
        ];
        let all = "NAME    TEXT\n\u{6d4b}\u{8bd5}\u{6d4b}  one two  three\ne\u{301}       four\n";
        assert_eq!(table_to_width(&rows, usize::MAX), all);
        assert_eq!(table_to_width(&rows, 22), all);
        let narrow =
            "NAME    TEXT\n\u{6d4b}\u{8bd5}\u{6d4b}  one two\n        three\ne\u{301}       four\n";
        assert_eq!(table_to_width(&rows, 16), narrow);
        // No word is cut, however narrow the terminal is.
        let least = "NAME    TEXT\n\u{6d4b}\u{8bd5}\u{6d4b}  one\n        two\n        three\ne\u{301}       four\n";
        assert_eq!(table_to_width(&rows, 3), least);
    }
}

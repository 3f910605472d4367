//! The grid as a picture: scenarios below each other, stages beside each other.
//!
//! It stands alone: no script, and no font, style or picture from elsewhere. A screen reader finds
//! the verdict in its title and every cell in its description.

use std::fmt::Write as _;

use super::run_report::{Case, Outcome, RunReport};
use crate::artifact::summary::FinalVerdict;
use crate::model::text::plain;

/// The width of a character of 13 px in any font of fixed width, rounded up.
const CHARACTER: usize = 8;
/// The height of a row.
const ROW: usize = 30;
/// The space around the picture.
const MARGIN: usize = 16;
/// The number of characters of a line that are shown.
const LINE: usize = 110;

/// The colours of both schemes: `prefers-color-scheme` decides, also where the picture is an `img`.
const STYLE: &str = "\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}\
.paper{fill:#fff;stroke:#d1d9e0}.dim{fill:#59636e}.head{font-weight:bold}\
.good{fill:#dafbe1}.bad{fill:#ffebe9}.off{fill:#f6f8fa}\
.good-text{fill:#116329}.bad-text{fill:#a40e26}.part-text{fill:#7d4e00}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.paper{fill:#0d1117;stroke:#3d444d}.dim{fill:#9198a1}\
.good{fill:#12351f}.bad{fill:#47161b}.off{fill:#151b23}\
.good-text{fill:#7ee787}.bad-text{fill:#ffa198}.part-text{fill:#e3b341}}";

pub(super) fn render(report: &RunReport) -> String {
    let head = format!("{} {}", report.verdict.as_str(), report.package);
    let foot = foot(report);
    let beside = report.beside.as_ref().map(|case| line(&sentence(case)));
    let columns = columns(report);
    let table: usize = columns.iter().sum();
    let lines = [Some(&head), Some(&foot), beside.as_ref()];
    let widths = lines.into_iter().flatten().map(|line| width(line));
    let inner = widths.chain([table]).max().unwrap_or(0);
    // A head and a foot beside the table.
    let rows = 2 + usize::from(beside.is_some()) + rows_of_table(report);
    let (full, height) = (inner + 2 * MARGIN, rows * ROW + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{full}\" height=\"{height}\" \
         viewBox=\"0 0 {full} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n<style>{STYLE}</style>\n",
        escaped(&head),
        escaped(&described(report)),
    );
    let _ = writeln!(
        out,
        "<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
        full - 1,
        height - 1
    );
    let mut top = MARGIN;
    let class = match report.verdict {
        FinalVerdict::Pass => "head good-text",
        FinalVerdict::Partial | FinalVerdict::Uncommitted => "head part-text",
        FinalVerdict::Fail => "head bad-text",
    };
    out += &text(MARGIN, top, class, &head);
    top += ROW;
    if let Some(beside) = &beside {
        out += &text(MARGIN, top, "bad-text", beside);
        top += ROW;
    }
    out += &table_at(top, report, &columns);
    top += rows_of_table(report) * ROW;
    out += &text(MARGIN, top, "dim", &foot);
    out + "</svg>\n"
}

fn rows_of_table(report: &RunReport) -> usize {
    match report.lanes.len() {
        0 => 0,
        lanes => lanes + 1,
    }
}

/// The widths of the columns: the scenario's, then one for each stage.
fn columns(report: &RunReport) -> Vec<usize> {
    let names = report.lanes.iter().map(|lane| width(lane.name.as_str()));
    let mut columns = vec![names.max().unwrap_or(0) + 2 * CHARACTER];
    for (at, stage) in report.stages.iter().enumerate() {
        let cells = report.lanes.iter().filter_map(|lane| lane.cases.get(at));
        let widths = cells.map(|case| width(&short(case)));
        let widest = widths.chain([width(stage.as_str())]).max().unwrap_or(0);
        columns.push(widest + 3 * CHARACTER);
    }
    columns
}

fn table_at(top: usize, report: &RunReport, columns: &[usize]) -> String {
    let mut out = String::new();
    if report.lanes.is_empty() {
        return out;
    }
    // The left edge of each stage's column.
    let lefts = columns.iter().scan(MARGIN, |left, width| {
        *left += width;
        Some(*left)
    });
    let places: Vec<(usize, usize)> = lefts.zip(columns.iter().skip(1).copied()).collect();
    for (stage, (left, _)) in report.stages.iter().zip(&places) {
        out += &text(left + CHARACTER, top, "dim", stage.as_str());
    }
    for (at, lane) in report.lanes.iter().enumerate() {
        let row = top + (at + 1) * ROW;
        out += &text(MARGIN, row, "", lane.name.as_str());
        for (case, (left, width)) in lane.cases.iter().zip(&places) {
            let (fill, class) = match &case.outcome {
                Outcome::Passed => ("good", "good-text"),
                Outcome::Failed(..) | Outcome::Error(..) => ("bad", "bad-text"),
                Outcome::Skipped(_) => ("off", "dim"),
            };
            let _ = writeln!(
                out,
                "<g><title>{}</title><rect class=\"{fill}\" x=\"{left}\" y=\"{}\" width=\"{}\" \
                 height=\"{}\" rx=\"4\"/>",
                escaped(&sentence(case)),
                row + 2,
                width - CHARACTER,
                ROW - 4
            );
            out += &text(left + CHARACTER, row, class, &short(case));
            out += "</g>\n";
        }
    }
    out
}

/// A line of text in a row that begins here.
fn text(left: usize, top: usize, class: &str, text: &str) -> String {
    let base = top + 20;
    let text = escaped(text);
    let class = match class {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    };
    format!("<text x=\"{left}\" y=\"{base}\"{class}>{text}</text>\n")
}

/// A cell as its box shows it.
fn short(case: &Case) -> String {
    let exit = case.exit.map_or("–".to_owned(), |exit| exit.to_string());
    match &case.outcome {
        Outcome::Passed => format!("✓ {exit}"),
        Outcome::Skipped(_) => "·".to_owned(),
        Outcome::Failed(class, _) | Outcome::Error(class, _) => match &case.expected {
            Some(expected) => format!("✗ {exit}, expected {expected} ({class})"),
            None => format!("✗ {exit} ({class})"),
        },
    }
}

/// A case in a sentence.
fn sentence(case: &Case) -> String {
    let name = &case.name;
    match (&case.outcome, case.exit) {
        (Outcome::Passed, Some(exit)) => format!("{name}: passed, exit {exit}"),
        (Outcome::Passed, None) => format!("{name}: passed"),
        (Outcome::Skipped(why), _) => format!("{name}: not run: {why}"),
        (Outcome::Failed(class, text) | Outcome::Error(class, text), _) => {
            format!("{name}: {class}: {text}")
        }
    }
}

/// The run and its cases in words.
fn described(report: &RunReport) -> String {
    let facts = report
        .facts()
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let cases = report.cases().map(sentence);
    facts.chain(cases).collect::<Vec<_>>().join(". ")
}

fn foot(report: &RunReport) -> String {
    let commit = report.commit.as_deref().map(|commit| {
        let short: String = commit.chars().take(12).collect();
        format!("commit {short}")
    });
    let version = report.matrix_version.as_deref();
    let by = version.map(|version| format!("matrix {version}"));
    let known: Vec<String> = commit.into_iter().chain(by).collect();
    line(&known.join(", "))
}

/// A text in one line that is not too long.
fn line(text: &str) -> String {
    let text = plain(text);
    match text.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn width(text: &str) -> usize {
    text.chars().count() * CHARACTER
}

/// A text as XML has it, in an element or an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&apos;",
            // The only two of the basic plane that XML forbids and that are no control characters.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(
            escaped("a <b> & \"c\" 'd'"),
            "a &lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;"
        );
        assert_eq!(escaped("\u{1b}[1mx\u{1b}[0m\n\u{ffff}"), "x⏎\u{fffd}");
    }

    #[test]
    fn a_long_line_ends() {
        let long = "é".repeat(LINE + 1);
        assert_eq!(line(&long).chars().count(), LINE + 1);
        assert_eq!(line("short"), "short");
    }
}

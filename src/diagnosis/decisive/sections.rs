//! Jobs in the log of a runner of hooks that marks the output of each.

use std::sync::LazyLock;

use regex::Regex;

/// The output of a job: positions in a slice of lines, the first of which is its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    from: usize,
    to: usize,
}

/// A line with its position in the log.
type Line<'a> = (usize, &'a str);

impl Job {
    /// Returns the position of its heading, and the lines of its output.
    pub(super) fn lines<'a, 'b>(&self, lines: &'b [Line<'a>]) -> Option<(usize, &'b [Line<'a>])> {
        let (head, own) = lines.get(self.from..self.to)?.split_first()?;
        Some((head.0, own))
    }
}

/// A mark of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A job that failed begins.
    Failed,
    /// A job that passed, or was skipped, begins.
    Passed,
    /// A job of lefthook begins; its end says if it failed.
    Begins,
    /// The job of lefthook failed and ends.
    Fails,
    /// The jobs end.
    Ends,
}

pub(super) struct Marks([(Mark, Regex); 5]);

pub(super) static MARKS: LazyLock<Option<Marks>> = LazyLock::new(|| {
    let mark = |mark, text| Some((mark, Regex::new(text).ok()?));
    Some(Marks([
        // pre-commit and prek; lint-staged.
        mark(
            Mark::Failed,
            r"^\S.*\.{3,}(?:\(.*\))?Failed$|^✖ \S.*[^s]:$|^✖ \S.*[^t]s:$|^✖ \S+ts:$",
        )?,
        mark(
            Mark::Passed,
            r"^\S.*\.{3,}(?:\(.*\))?(?:Passed|Skipped|Dry Run|Unimplemented|Not Implemented)$|^(?:✔|→) \S.*:$",
        )?,
        // lefthook.
        mark(Mark::Begins, r"^┃ +\S.* ❯ *$")?,
        mark(Mark::Fails, r"^(?:exit status \d+|signal: .+)$")?,
        mark(
            Mark::Ends,
            r"^summary: \(|^husky - |^pre-commit hook\(s\) made changes\.$",
        )?,
    ]))
});

/// Returns the jobs that failed, in order.
pub(super) fn failed(lines: &[Line<'_>]) -> Vec<Job> {
    let Some(Marks(marks)) = MARKS.as_ref() else {
        return Vec::new();
    };
    let mut jobs = Vec::new();
    let mut open: Option<(usize, Mark)> = None;
    for (at, (_, line)) in lines.iter().enumerate() {
        let mut marks = marks.iter();
        let Some((mark, _)) = marks.find(|(_, text)| text.is_match(line.trim_end())) else {
            continue;
        };
        let (from, to) = match (open, mark) {
            // `exit status` says nothing of jobs of other runners.
            (Some((_, Mark::Failed)) | None, Mark::Fails) => continue,
            (Some((from, Mark::Failed)), _) | (Some((from, Mark::Begins)), Mark::Fails) => {
                (Some(from), at)
            }
            _ => (None, at),
        };
        jobs.extend(from.map(|from| Job { from, to }));
        open = match mark {
            Mark::Failed | Mark::Begins => Some((at, *mark)),
            Mark::Passed | Mark::Fails | Mark::Ends => None,
        };
    }
    if let Some((from, Mark::Failed)) = open {
        let to = lines.len();
        jobs.push(Job { from, to });
    }
    jobs
}

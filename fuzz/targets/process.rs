//! Reports of git and of a supervisor, and the output of a command.

use gate_matrix::model::reason::Reason;
use gate_matrix::sys::process::doors;

/// Commands, reports and orders come back as they were, and a reason is found however the
/// output is cut into reads.
pub fn process(data: &[u8]) {
    if let Ok(command) = doors::command(data) {
        assert_eq!(doors::command(&command).unwrap(), command);
    }
    if let Ok(report) = doors::report(data) {
        assert_eq!(doors::report(&report).unwrap(), report);
    }
    let Some((&first, output)) = data.split_first() else {
        return;
    };
    assert!(doors::order(first).is_none_or(|order| order == first));
    let reasons = [
        || Reason::Text("no-undef".to_owned()),
        || Reason::Regex(regex::bytes::Regex::new("^err(or)? [0-9]+$").unwrap()),
    ];
    let size = usize::from(first).max(1);
    let pieces: Vec<&[u8]> = output.chunks(size).collect();
    for reason in reasons {
        assert_eq!(
            doors::says(reason(), &[output]),
            doors::says(reason(), &pieces)
        );
    }
}

/// Each line begins with `R` if the remote's git wrote it. No hook is made up or lost.
pub fn trace(data: &[u8]) {
    let lines = data.split(|&byte| byte == b'\n');
    let lines: Vec<(&[u8], bool)> = lines
        .map(|line| match line.split_first() {
            Some((b'R', rest)) => (rest, true),
            _ => (line, false),
        })
        .collect();
    let (hooks, _) = doors::hooks(&lines);
    assert!(hooks.len() <= lines.len());
    let of_remote = hooks.iter().filter(|hook| hook.remote).count();
    assert!(of_remote <= lines.iter().filter(|(_, is_remote)| *is_remote).count());
    for hook in &hooks {
        super::comes_back(hook);
    }
}

//! The simple commands of a script: cut at operators, and into words.

use super::scan;

/// A command of a script, as far as operators go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simple {
    /// Its words without their quotes; keywords are words too.
    pub words: Vec<String>,
    /// The operator behind it.
    pub link: Link,
    /// The number of parentheses around it.
    pub depth: usize,
}

/// The way in which a command is joined to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `;`, `&`, or the end of its line.
    End,
}

/// Returns the commands of a script, each as its words.
pub(in crate::mutation) fn simple(text: &str) -> Result<Vec<Simple>, String> {
    let mut all: Vec<Simple> = Vec::new();
    for command in scan::commands(text)? {
        let code = &text[command.span.clone()];
        let mask = command.mask.as_bytes();
        let (mut words, mut word) = (Vec::new(), String::new());
        let (mut start, mut depth) = (None, 0usize);
        // One step past the end closes the last word.
        for at in 0..=mask.len() {
            let c = mask.get(at).copied().unwrap_or(b'\n');
            // `2>&1` is a redirection.
            let redirects = c == b'&' && at > 0 && mask[at - 1] == b'>';
            let is_operator = b";|&()\n".contains(&c) && !redirects;
            if !is_operator && !c.is_ascii_whitespace() {
                start.get_or_insert(at);
                continue;
            }
            if let Some(from) = start.take() {
                word.push_str(&unquoted(&code[from..at]));
                words.push(std::mem::take(&mut word));
            }
            if !is_operator {
                continue;
            }
            let link = link(mask, at);
            if !words.is_empty() {
                let words = std::mem::take(&mut words);
                all.push(Simple { words, link, depth });
            } else if let (Some(last), true) = (all.last_mut(), link != Link::End) {
                // Behind a parenthesis; the second character of `&&` says nothing new.
                if last.link == Link::End {
                    last.link = link;
                }
            }
            match c {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    Ok(all)
}

/// The operator that begins at a byte.
fn link(mask: &[u8], at: usize) -> Link {
    match (mask.get(at), mask.get(at + 1)) {
        (Some(b'&'), Some(b'&')) => Link::And,
        (Some(b'|'), Some(b'|')) => Link::Or,
        (Some(b'|'), _) => Link::Pipe,
        _ => Link::End,
    }
}

/// A word without the quotes around its parts; a backslash keeps what follows it.
fn unquoted(word: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None) => out.extend(chars.next()),
            ('\\', Some('"')) => match chars.next() {
                Some(next @ ('"' | '\\' | '$' | '`')) => out.push(next),
                next => {
                    out.push('\\');
                    out.extend(next);
                }
            },
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            _ => out.push(c),
        }
    }
    out
}

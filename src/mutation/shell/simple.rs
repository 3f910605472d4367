//! The simple commands of a script: cut at operators, and into words.

use super::scan;

/// Returns the words of each command, without their quotes.
pub(in crate::mutation) fn simple(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut all = Vec::new();
    for command in scan::commands(text)? {
        let code = &text[command.span.clone()];
        let mask = command.mask.as_bytes();
        let (mut words, mut word) = (Vec::new(), String::new());
        let mut start = None;
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
            if is_operator && !words.is_empty() {
                all.push(std::mem::take(&mut words));
            }
        }
    }
    Ok(all)
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

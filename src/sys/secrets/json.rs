//! Secrets in documents of ours.

use super::Secrets;

/// A JSON document whose texts hold no secrets, also such as JSON writes with
/// escapes. Names of fields stay, and so do texts of which `is_ours`, told the
/// field and the text, says that no words of others stand in them: an id must
/// not change because a password is a common word.
#[must_use]
pub fn redact_json(
    secrets: &Secrets,
    json: Vec<u8>,
    is_ours: impl Fn(&[u8], &[u8]) -> bool,
) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut done, mut at) = (0, 0);
    let mut field: &[u8] = b"";
    while let Some((start, end)) = next_text(&json, at) {
        at = end;
        let text = &json[start + 1..end - 1];
        if json[end..].trim_ascii_start().starts_with(b":") {
            field = text;
        } else if let Some(redacted) =
            redacted(secrets, &json[start..end]).filter(|_| !is_ours(field, text))
        {
            out.extend_from_slice(&json[done..start]);
            out.extend_from_slice(&redacted);
            done = end;
        }
    }
    if done == 0 {
        return json;
    }
    out.extend_from_slice(&json[done..]);
    out
}

/// The next text, with its quotes.
fn next_text(json: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from + json[from..].iter().position(|&byte| byte == b'"')?;
    let mut at = start + 1;
    loop {
        match json.get(at)? {
            b'"' => return Some((start, at + 1)),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The same text without secrets; none where it holds none.
fn redacted(secrets: &Secrets, text: &[u8]) -> Option<Vec<u8>> {
    let plain: String = serde_json::from_slice(text).ok()?;
    let redacted = secrets.redact_text(&plain);
    (redacted != plain).then(|| serde_json::Value::from(&*redacted).to_string().into_bytes())
}

//! The ways in which a program may write a secret.

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| usize::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let six = char::from(ALPHABET[bits >> (18 - 6 * at) & 0x3f]);
            text.push(if at <= group.len() { six } else { '=' });
        }
    }
    text
}

/// The characters of base64 that only a secret decides, wherever it begins.
fn in_base64(secret: &str) -> [String; 3] {
    ["", "x", "xx"].map(|before| {
        let text = base64(format!("{before}{secret}").as_bytes());
        let from = (before.len() * 8).div_ceil(6);
        text[from..(before.len() + secret.len()) * 8 / 6].to_owned()
    })
}

pub fn url(secret: &str) -> String {
    let encode = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    secret.bytes().map(encode).collect()
}

/// Every form in which a secret is looked for.
pub fn of(secret: &str) -> Vec<Vec<u8>> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    let mut forms = vec![
        secret.to_owned(),
        url(secret),
        url(secret).replace("%2F", "%2f").replace("%2B", "%2b"),
        json.replace('/', "\\/"),
        json,
    ];
    forms.extend(in_base64(secret));
    forms.sort();
    forms.dedup();
    forms.into_iter().map(String::into_bytes).collect()
}

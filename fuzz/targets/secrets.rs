//! Streams that hold secrets.

use std::sync::Arc;

use gate_matrix::sys::secrets::{Secrets, Stream, doors};

/// Secrets that overlap, begin as a known token does, repeat themselves or are long.
fn planted() -> Vec<(String, Vec<u8>)> {
    let long = "0123456789abcdef".repeat(90);
    [
        ("A_TOKEN", "swordfish-77"),
        ("B_TOKEN", "fish-7788-sword"),
        ("C_TOKEN", "abababababab"),
        ("D_TOKEN", "ghp_short"),
        ("E_TOKEN", "two \"words\" & more"),
        ("F_TOKEN", &long),
    ]
    .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
    .to_vec()
}

thread_local! {
    static SECRETS: Arc<Secrets> = Arc::new(doors::secrets(&planted()));
}

/// The first byte says how long the reads are. `\x01N` stands for a secret, so that they are
/// often met. However the stream is cut, the same is written, and it holds none of them.
pub fn secrets(data: &[u8]) {
    let Some((&size, rest)) = data.split_first() else {
        return;
    };
    let values = planted();
    let mut text = Vec::new();
    let mut bytes = rest.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, bytes.clone().next()) {
            (1, Some(&which)) => {
                bytes.next();
                text.extend_from_slice(&values[usize::from(which) % values.len()].1);
            }
            _ => text.push(byte),
        }
    }
    let secrets = SECRETS.with(Arc::clone);
    let whole = secrets.redact(&text).into_owned();
    let mut stream = Stream::new(Arc::clone(&secrets));
    let mut out = Vec::new();
    for read in text.chunks(usize::from(size).max(1)) {
        stream.take(read, &mut out);
    }
    stream.finish(&mut out);
    assert_eq!(
        String::from_utf8_lossy(&out),
        String::from_utf8_lossy(&whole)
    );
    for (name, value) in &values {
        let is_there = out.windows(value.len()).any(|window| window == &value[..]);
        assert!(!is_there, "{name} is in {}", String::from_utf8_lossy(&out));
    }
    for form in [r#"two \"words\" & more"#, "two%20%22words%22%20%26%20more"] {
        assert!(!String::from_utf8_lossy(&out).contains(form), "{form}");
    }
}

/// The settings of an installer: what is found in them is a secret that is removed.
pub fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let found = doors::in_settings(text);
    let secrets = doors::secrets(&found);
    let clean = secrets.redact(data);
    // The text in its place may be one, or make one with the text beside it.
    let is_of_marker = |value: &[u8]| {
        let text = String::from_utf8_lossy(value);
        "[secret settings]".contains(&*text) || text.contains(['[', ']'])
    };
    for (name, value) in found.iter().filter(|(_, value)| !is_of_marker(value)) {
        let is_there = clean
            .windows(value.len())
            .any(|window| window == &value[..]);
        assert!(!is_there, "{name}: {}", String::from_utf8_lossy(value));
    }
}

//! The ways in which programs write a value: as it is, in JSON, in URLs and in base64.

use std::fmt::Write as _;

use super::base64;

/// The characters that an encoder of URLs keeps beside letters and digits: RFC 3986 and most
/// libraries, `encodeURIComponent` of JavaScript, `quote` of Python, `encodeURI`, forms of
/// HTML (`URLSearchParams`), and `urlencode` of PHP.
const PLAIN_IN_URLS: [&[u8]; 6] = [
    b"-._~",
    b"-._~!*'()",
    b"-._~/",
    b"-._~!*'();/?:@&=+$,#",
    b"*-._",
    b"-._",
];

/// Returns every form of a value, each once.
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_owned()];
    if let Ok(text) = std::str::from_utf8(value) {
        forms.extend(in_json(text));
    }
    for plain in PLAIN_IN_URLS {
        let encoded = percent_encoded(value, plain);
        let of_form = |byte: u8| if byte == b' ' { b'+' } else { byte };
        // Forms of HTML write a space as `+`; hexadecimal digits may be small.
        let with_spaces = percent_encoded(value, &[plain, b" "].concat());
        forms.push(with_spaces.into_iter().map(of_form).collect());
        forms.push(small_digits(&encoded));
        forms.push(encoded);
    }
    forms.extend(base64::within(value));
    forms.extend(base64::lines(value));
    forms.sort();
    forms.dedup();
    forms
}

/// Returns a text as encoders of JSON write it: as it is but for what must be escaped, with
/// what HTML could take for its own (Go), in ASCII (Python), with quotes and signs too (.NET);
/// each also with slashes escaped (PHP), and with capital letters as digits.
fn in_json(text: &str) -> Vec<Vec<u8>> {
    let least = serde_json::Value::from(text).to_string();
    let least = &least[1..least.len() - 1];
    let is_escaped: [fn(char) -> bool; 4] = [
        |_| false,
        |c| "<>&\u{2028}\u{2029}".contains(c),
        |c| !c.is_ascii() || c == '\u{7f}',
        |c| !c.is_ascii() || "<>&'+`\u{7f}".contains(c),
    ];
    let mut forms = Vec::new();
    for is_escaped in is_escaped {
        for has_capitals in [false, true] {
            let form = escaped(least, is_escaped, has_capitals);
            forms.push(form.replace('/', "\\/").into_bytes());
            forms.push(form.into_bytes());
        }
    }
    forms
}

/// Returns a text with some of its characters as `\uXXXX`.
fn escaped(text: &str, is_escaped: fn(char) -> bool, has_capitals: bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if !is_escaped(c) {
            out.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            let _ = if has_capitals {
                write!(out, "\\u{unit:04X}")
            } else {
                write!(out, "\\u{unit:04x}")
            };
        }
    }
    out
}

fn percent_encoded(value: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(byte);
        } else {
            out.extend(format!("%{byte:02X}").into_bytes());
        }
    }
    out
}

/// Returns an encoded value with small letters as hexadecimal digits.
fn small_digits(encoded: &[u8]) -> Vec<u8> {
    let mut out = encoded.to_owned();
    for at in 0..out.len() {
        if encoded[at] == b'%' {
            let digits = (at + 3).min(out.len());
            out[at..digits].make_ascii_lowercase();
        }
    }
    out
}

/// Decodes a part of an address.
pub(super) fn percent_decoded(encoded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(byte) = byte.filter(|_| *first == b'%') {
            out.push(byte);
            rest = &after[2..];
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_encoders_write_is_among_the_forms() {
        let forms = of("a b/c+d!\"é&1".as_bytes());
        for form in [
            "a b/c+d!\"é&1",
            "a b/c+d!\\\"é&1",
            "a b\\/c+d!\\\"é&1",
            "a b/c+d!\\\"é\\u00261",
            "a b/c+d!\\\"\\u00e9&1",
            "a%20b%2Fc%2Bd%21%22%C3%A9%261",
            "a%20b%2fc%2bd%21%22%c3%a9%261",
            "a+b%2Fc%2Bd%21%22%C3%A9%261",
            "a%20b%2Fc%2Bd!%22%C3%A9%261",
            "a%20b/c%2Bd%21%22%C3%A9%261",
            "a%20b/c+d!%22%C3%A9&1",
        ] {
            assert!(forms.contains(&form.as_bytes().to_vec()), "{form}");
        }
        // PHP, .NET, Python, and forms of HTML.
        for (value, form) in [
            ("a/é", "a\\/\\u00e9"),
            ("a+'é", "a\\u002B\\u0027\\u00E9"),
            ("a\u{7f}", "a\\u007f"),
            ("a~*", "a%7E*"),
            ("a~*", "a%7E%2A"),
        ] {
            let forms = of(value.as_bytes());
            assert!(forms.contains(&form.as_bytes().to_vec()), "{form}");
        }
    }

    #[test]
    fn an_address_is_decoded_where_it_is_encoded() {
        assert_eq!(percent_decoded(b"p%40s%2fs%"), b"p@s/s%");
        assert_eq!(percent_decoded(b"100%+%zz"), b"100%+%zz");
    }
}

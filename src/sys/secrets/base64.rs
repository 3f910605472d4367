//! How base64 (RFC 4648) writes a value that stands anywhere in a longer text.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns the characters that encode a value and nothing else, for each of the three
/// places at which it can begin in a group of three bytes; also as URLs write them, if
/// that differs. `user:password` is encoded so in a header of HTTP.
pub(super) fn within(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let padded = [&[0; 2][..before], value].concat();
        // The first characters hold bits of what is before, the last of what follows.
        let from = (before * 8).div_ceil(6);
        let to = padded.len() * 8 / 6;
        let text = encoded(&padded);
        let Some(own) = text.get(from..to) else {
            continue;
        };
        forms.push(own.to_owned());
        let of_url: Vec<u8> = own.iter().copied().map(url_safe).collect();
        if of_url != own {
            forms.push(of_url);
        }
    }
    forms
}

/// The lengths of lines: PEM's (RFC 7468), and that of MIME (RFC 2045) and `base64`.
const WIDTHS: [usize; 2] = [64, 76];

/// The least length of a last line that is one of its own: shorter ones stand in other texts.
const MIN_LINE: usize = 16;

/// Returns the lines that encode a value by itself, if it takes several.
pub(super) fn lines(value: &[u8]) -> Vec<Vec<u8>> {
    let text = encoded(value);
    let widths = WIDTHS.into_iter().filter(|width| text.len() > *width);
    let lines = widths.flat_map(|width| text.chunks(width));
    let long = lines.filter(|line| line.len() >= MIN_LINE);
    long.map(<[u8]>::to_vec).collect()
}

fn url_safe(character: u8) -> u8 {
    match character {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

/// Decodes a value that is text, such as `user:password`, and returns it as a whole and its
/// password.
pub(in crate::sys) fn credentials_in(value: &[u8]) -> Vec<Vec<u8>> {
    let Some(plain) = decoded(value).filter(|it| it.iter().all(|byte| !byte.is_ascii_control()))
    else {
        return Vec::new();
    };
    let colon = plain.iter().position(|byte| *byte == b':');
    let password = colon.map(|at| plain[at + 1..].to_owned());
    [plain].into_iter().chain(password).collect()
}

/// Decodes a value, padded or not.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for group in text.trim_ascii_end().chunks(4) {
        let end = group.iter().rposition(|byte| *byte != b'=')?;
        let mut bits = 0;
        for at in 0..4 {
            let six = match group.get(at).filter(|_| at <= end) {
                Some(byte) => ALPHABET.iter().position(|it| it == byte)?,
                None => 0,
            };
            bits = bits << 6 | six;
        }
        out.extend_from_slice(&bits.to_be_bytes()[size_of::<usize>() - 3..][..end]);
    }
    Some(out)
}

/// Encodes bytes, without padding.
fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=group.len() {
            let six = bits >> (18 - 6 * at) & 0x3f;
            text.push(ALPHABET[six as usize]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        for (plain, text) in [
            ("f", "Zg"),
            ("ab", "YWI"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encoded(plain.as_bytes()), text.as_bytes());
            assert_eq!(decoded(text.as_bytes()).unwrap(), plain.as_bytes());
        }
        assert_eq!(decoded(b"YWI=").unwrap(), b"ab");
        assert_eq!(decoded(b"a-b."), None);
    }

    #[test]
    fn a_value_may_be_a_user_and_a_password() {
        let all = credentials_in(b"bWU6b3Blbi1zZXNhbWU=");
        assert_eq!(all, [&b"me:open-sesame"[..], b"open-sesame"]);
    }

    #[test]
    fn a_long_value_is_found_line_by_line() {
        assert_eq!(lines(&[b'x'; 48]), [[0; 0]; 0]);
        let value = [b'x'; 80];
        let text = encoded(&value);
        let wanted = [&text[..64], &text[64..], &text[..76], &text[76..]];
        assert_eq!(lines(&value), wanted);
        // A last line of a few characters is no secret.
        assert_eq!(lines(&[b'x'; 60]).len(), 3);
    }

    #[test]
    fn a_value_is_found_wherever_it_stands() {
        let value = b"sesame-open-17";
        for before in ["", "a", "ab", "abc", "x-access-token:"] {
            for after in ["", "\n", "more"] {
                let whole = [before.as_bytes(), value, after.as_bytes()].concat();
                let text = encoded(&whole);
                let is_found = |form: &Vec<u8>| text.windows(form.len()).any(|part| part == *form);
                assert!(within(value).iter().any(is_found), "{before} {after}");
            }
        }
    }
}

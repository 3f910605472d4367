//! Recognises well-known kinds of tokens by their shape.

/// The first bytes of each kind of token.
pub(super) const OPENINGS: &[(&str, Shape)] = &[
    ("ghp_", Shape::Token(is_word)),
    ("gho_", Shape::Token(is_word)),
    ("ghu_", Shape::Token(is_word)),
    ("ghs_", Shape::Token(is_word)),
    ("ghr_", Shape::Token(is_word)),
    ("github_pat_", Shape::Token(is_word)),
    ("npm_", Shape::Token(is_alphanumeric)),
    ("AKIA", Shape::AccessKey),
    ("ASIA", Shape::AccessKey),
    ("eyJ", Shape::Jwt),
    ("-----BEGIN ", Shape::Pem),
];

/// The minimum length after `ghp_` and similar openings: tokens are longer, and
/// names of variables are shorter.
const TOKEN: usize = 20;
/// The length after `AKIA`.
const ACCESS_KEY: usize = 16;
/// The minimum length of a part of a JWT, and the maximum length of its head.
const JWT_PART: usize = 8;
const JWT_HEAD: usize = 4096;
/// The maximum length between `-----BEGIN ` and the next dashes.
const PEM_TITLE: usize = 48;
/// The maximum length of a key, so that a mere mention does not hide all that
/// follows.
const PEM_BODY: usize = 64 * 1024;

/// A kind of token.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// An opening and at least [`TOKEN`] bytes of a class.
    Token(fn(u8) -> bool),
    /// An access key of AWS.
    AccessKey,
    /// A JSON Web Token.
    Jwt,
    /// A private key as PEM.
    Pem,
}

/// The result of measuring bytes that begin with an opening.
pub(super) enum Measured {
    /// No token. No JWT begins in the given number of bytes either.
    No(usize),
    /// More bytes are needed.
    Unsure,
    /// A token of at least the given size; the rest finds its end.
    Token(usize, Rest),
}

/// The rest of a token, which may continue in the next read.
pub(super) enum Rest {
    /// Bytes of a class.
    While(fn(u8) -> bool),
    /// Bytes up to the end of a PEM block.
    Pem(PemRest),
}

impl Shape {
    /// Measures bytes that begin with an opening of this size.
    pub(super) fn measure(self, bytes: &[u8], opening: usize) -> Measured {
        match self {
            Self::Token(is_part) => run(bytes, opening, TOKEN, is_part),
            Self::AccessKey => run(bytes, opening, ACCESS_KEY, is_upper),
            Self::Jwt => jwt(bytes),
            Self::Pem => pem(bytes, opening),
        }
    }
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_base64url(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

fn is_of_jwt(byte: u8) -> bool {
    is_base64url(byte) || byte == b'.'
}

/// Counts the first bytes of a class, up to `most`.
fn length(bytes: &[u8], most: usize, is_part: fn(u8) -> bool) -> usize {
    let limit = bytes.len().min(most);
    bytes[..limit]
        .iter()
        .position(|&byte| !is_part(byte))
        .unwrap_or(limit)
}

fn run(bytes: &[u8], opening: usize, least: usize, is_part: fn(u8) -> bool) -> Measured {
    let size = opening + length(&bytes[opening..], least, is_part);
    if size == opening + least {
        Measured::Token(size, Rest::While(is_part))
    } else if size == bytes.len() {
        Measured::Unsure
    } else {
        Measured::No(0)
    }
}

/// Measures a head, a dot, and the beginning of a payload that is an object too.
fn jwt(bytes: &[u8]) -> Measured {
    let head = length(bytes, JWT_HEAD, is_base64url);
    if head == JWT_HEAD {
        return Measured::No(head);
    }
    let payload = b".eyJ";
    let next = &bytes[head..];
    let common = next.len().min(payload.len());
    if next[..common] != payload[..common] || (common > 0 && head < JWT_PART) {
        return Measured::No(head);
    }
    if common < payload.len() {
        return Measured::Unsure;
    }
    match run(next, payload.len(), JWT_PART, is_base64url) {
        Measured::Token(size, _) => Measured::Token(head + size, Rest::While(is_of_jwt)),
        Measured::No(_) => Measured::No(head),
        Measured::Unsure => Measured::Unsure,
    }
}

/// Measures `-----BEGIN … PRIVATE KEY …-----`, whatever follows.
fn pem(bytes: &[u8], opening: usize) -> Measured {
    let title = &bytes[opening..];
    let size = length(title, PEM_TITLE, |byte| is_upper(byte) || byte == b' ');
    if size == PEM_TITLE {
        return Measured::No(0);
    }
    let dashes = length(&title[size..], 5, |byte| byte == b'-');
    if dashes == 5 {
        let is_private = title[..size].windows(11).any(|w| w == b"PRIVATE KEY");
        return if is_private {
            Measured::Token(opening + size + dashes, Rest::Pem(PemRest::new()))
        } else {
            Measured::No(0)
        };
    }
    if size + dashes == title.len() {
        return Measured::Unsure;
    }
    Measured::No(0)
}

impl Rest {
    /// Counts the next bytes that belong to the token. If all do, it may
    /// continue.
    pub(super) fn swallow(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::While(is_part) => length(bytes, usize::MAX, *is_part),
            Self::Pem(rest) => rest.swallow(bytes),
        }
    }
}

/// The state of a private key after its first line.
pub(super) struct PemRest {
    left: usize,
    /// The number of bytes of `-----END ` just read.
    end: usize,
    /// The number of dashes just read, after `-----END `.
    dashes: Option<usize>,
    over: bool,
}

const PEM_END: &[u8] = b"-----END ";

impl PemRest {
    fn new() -> Self {
        Self {
            left: PEM_BODY,
            end: 0,
            dashes: None,
            over: false,
        }
    }

    fn swallow(&mut self, bytes: &[u8]) -> usize {
        bytes
            .iter()
            .position(|&byte| !self.takes(byte))
            .unwrap_or(bytes.len())
    }

    fn takes(&mut self, byte: u8) -> bool {
        // Base64, headers, and the quoting of lines.
        let is_body = byte.is_ascii_alphanumeric() || b"+/=-:,\\|> \t\r\n".contains(&byte);
        if self.over || self.left == 0 || !is_body {
            return false;
        }
        self.left -= 1;
        if let Some(dashes) = &mut self.dashes {
            *dashes = if byte == b'-' { *dashes + 1 } else { 0 };
            self.over = *dashes == 5;
        } else if byte == PEM_END[self.end] {
            self.end += 1;
            if self.end == PEM_END.len() {
                self.dashes = Some(0);
            }
        } else if byte != b'-' {
            self.end = 0;
        }
        true
    }
}

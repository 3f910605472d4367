//! Tokens that are known by their shape.

/// How each of them begins.
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

/// The least that follows `ghp_` and its like: the tokens are longer, and no
/// name of a variable comes near.
const TOKEN: usize = 20;
/// What follows `AKIA`.
const ACCESS_KEY: usize = 16;
/// The least and the most of a JWT's head.
const JWT_PART: usize = 8;
const JWT_HEAD: usize = 4096;
/// What may stand between `-----BEGIN ` and the next dashes.
const PEM_TITLE: usize = 48;
/// The most of a key: what follows a mere mention is not all lost.
const PEM_BODY: usize = 64 * 1024;

/// A kind of token.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// An opening and at least [`TOKEN`] of such bytes.
    Token(fn(u8) -> bool),
    /// An access key of AWS.
    AccessKey,
    /// A JSON Web Token.
    Jwt,
    /// A private key as PEM.
    Pem,
}

/// What bytes that begin with an opening are.
pub(super) enum Measured {
    /// No token. A JWT cannot begin in so many bytes either.
    No(usize),
    /// More bytes must tell.
    Unsure,
    /// A token, of which so many bytes are sure; the rest tells its end.
    Token(usize, Rest),
}

/// The rest of a token that may go on in the next read.
pub(super) enum Rest {
    /// As long as there are such bytes.
    While(fn(u8) -> bool),
    /// Up to the end of a PEM block.
    Pem(PemRest),
}

impl Shape {
    /// `opening` is the size of what made us look.
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

/// How many bytes of this kind stand there, as far as it matters.
fn length(bytes: &[u8], most: usize, is_part: fn(u8) -> bool) -> usize {
    let bytes = &bytes[..bytes.len().min(most)];
    bytes
        .iter()
        .position(|&byte| !is_part(byte))
        .unwrap_or(bytes.len())
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

/// A head, a dot, and the beginning of a payload that is an object too.
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

/// `-----BEGIN … PRIVATE KEY …-----`, whatever follows.
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
    /// How many of the next bytes belong to the token. Where that is all of
    /// them it may go on.
    pub(super) fn swallow(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::While(is_part) => length(bytes, usize::MAX, *is_part),
            Self::Pem(rest) => rest.swallow(bytes),
        }
    }
}

/// A private key after its first line.
pub(super) struct PemRest {
    left: usize,
    /// How much of `-----END ` was just seen, and, after it, how many of the
    /// dashes at its end.
    end: usize,
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
        let refused = bytes.iter().position(|&byte| !self.takes(byte));
        refused.unwrap_or(bytes.len())
    }

    fn takes(&mut self, byte: u8) -> bool {
        // Base64, the lines above it, and how such lines are quoted.
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

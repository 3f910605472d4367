use std::sync::Arc;

use super::*;

/// Secrets of every kind, each with its replacement.
fn cases() -> (Arc<Secrets>, Vec<(String, &'static str)>) {
    let long: String = (0..3000u32)
        .map(|i| char::from(b'a' + (i % 23) as u8))
        .collect();
    let known = [
        ("SHORT", "s3cret-v"),
        ("LONGER", "s3cret-value-that-goes-on"),
        ("LONG", &*long),
        ("TOKEN", "ghp_known0known0known0known0known0known0"),
    ];
    let known = known.map(|(name, value)| (name.to_owned(), value.as_bytes().to_owned()));
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nMIIEow+/=\n\
               AbCdE=\n-----END RSA PRIVATE KEY-----";
    let cases = vec![
        ("s3cret-v".to_owned(), "[secret SHORT]"),
        ("s3cret-value-that-goes-on".to_owned(), "[secret LONGER]"),
        (long.clone(), "[secret LONG]"),
        (
            "ghp_known0known0known0known0known0known0".to_owned(),
            "[secret TOKEN]",
        ),
        (format!("gho_{}", "aZ09".repeat(9)), "[secret]"),
        (
            format!("github_pat_{}_{}", "aZ09".repeat(5), "b".repeat(59)),
            "[secret]",
        ),
        (format!("npm_{}", "aZ09".repeat(9)), "[secret]"),
        ("AKIAIOSFODNN7EXAMPLE".to_owned(), "[secret]"),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgN-ryP_4J3".to_owned(),
            "[secret]",
        ),
        (pem.to_owned(), "[secret]"),
        (pem.replace('\n', "\\n"), "[secret]"),
    ];
    (Arc::new(Secrets::new(known)), cases)
}

fn flow(secrets: &Arc<Secrets>, parts: &[&[u8]]) -> String {
    let mut stream = Stream::new(Arc::clone(secrets));
    let mut out = Vec::new();
    for part in parts {
        stream.take(part, &mut out);
        assert!(stream.state.held.len() < 8 * 1024, "too much is held back");
    }
    stream.finish(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn each_kind_is_replaced_at_every_split_point() {
    let (secrets, cases) = cases();
    for (secret, marker) in cases {
        let text = format!("before {secret}. After");
        // A dot is a part of a JWT.
        let dot = if secret.starts_with("eyJ") { "" } else { "." };
        let expected = format!("before {marker}{dot} After");
        let bytes = text.as_bytes();
        for at in 0..=bytes.len() {
            assert_eq!(
                flow(&secrets, &[&bytes[..at], &bytes[at..]]),
                expected,
                "{at}"
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(flow(&secrets, &single), expected);
        let ends = format!("x{secret}");
        assert_eq!(flow(&secrets, &[ends.as_bytes()]), format!("x{marker}"));
    }
}

#[test]
fn one_after_the_other_is_replaced_in_pieces_of_any_size() {
    let (secrets, cases) = cases();
    let (secret, marker): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let (text, expected) = (secret.join("<>"), marker.join("<>"));
    for size in 1..200 {
        let parts: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        assert_eq!(flow(&secrets, &parts), expected, "{size}");
    }
}

#[test]
fn text_that_resembles_a_secret_is_unchanged() {
    let (secrets, _) = cases();
    for text in [
        "s3cret- value",
        "npm_install_package npm_config_userconfig npm_lifecycle_event",
        "ghp_short github_pat_ AKIA AKIAlower0123456789012 eyJ",
        "eyJ2ZXJzaW9uIjozfQ== eyJhbGci.x eyJhbGciOiJIUzI1NiJ9.xyJ",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "-----BEGIN",
        "eyJ",
        "s3cret-",
    ] {
        for size in 1..text.len() {
            let parts: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            assert_eq!(flow(&secrets, &parts), text, "{size}");
        }
    }
}

#[test]
fn a_key_that_is_only_mentioned_hides_little_text() {
    let (secrets, _) = cases();
    let text = "remove \"-----BEGIN PRIVATE KEY-----\" from x";
    assert_eq!(
        flow(&secrets, &[text.as_bytes()]),
        "remove \"[secret]\" from x"
    );
    let endless = format!("-----BEGIN PRIVATE KEY-----\n{}", "word\n".repeat(20_000));
    assert!(flow(&secrets, &[endless.as_bytes()]).ends_with("word\nword\n"));
}

#[test]
fn settings_out_of_bounds_are_left_out() {
    let setting = |name: &str, size: usize| (name.to_owned(), vec![b'x'; size]);
    let names = |settings: &[(String, Vec<u8>)]| {
        let kept = named::bounded(settings).map(|(name, _)| name.clone());
        kept.collect::<Vec<_>>()
    };
    let sizes = [
        setting("short", 7),
        setting("least", 8),
        setting("most", 8 * 1024),
        setting("long", 8 * 1024 + 1),
        setting("endless", 64 << 20),
    ];
    assert_eq!(names(&sizes), ["least", "most"]);
    // All together are bounded too.
    assert_eq!(names(&vec![setting("one", 8 * 1024); 1000]).len(), 32);
}

#[test]
fn secrets_that_cannot_be_searched_for_hide_everything() {
    let mut none = Secrets::new([]);
    none.finder = None;
    assert_eq!(none.redact_text("whatever is said"), "[secret]");
    assert_eq!(none.redact_text(""), "");
    let none = Arc::new(none);
    assert_eq!(flow(&none, &[b"what", b"ever", b""]), "[secret]");
}

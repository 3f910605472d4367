//! A stage without network whose gate wants one: the cause says so, and both
//! ways out work.

use serde_json::Value;

use crate::support::World;
use crate::support::bundles::bundle;
use crate::support::gate::{Gate, Setup};

/// The errors of resolvers and sockets, as programs print them.
const ERRORS: [&str; 8] = [
    "curl: (6) Could not resolve host: example.invalid",
    "fatal: unable to access 'https://x/': Could not resolve host: x",
    "socket.gaierror: [Errno -3] Temporary failure in name resolution",
    "urllib3: [Errno -2] Name or service not known",
    "npm error code EAI_AGAIN",
    "Error: getaddrinfo ENOTFOUND example.invalid",
    "connect: Network is unreachable",
    "dial tcp: lookup example.invalid: no such host",
];

fn says(error: &str) -> Gate {
    World::gate("fake")
        .stage("ci", &format!("echo 'one'; echo \"{error}\" >&2; exit 1\n"))
        .scenario("clean", &[("file", "two\n")])
        .scenario("violations", &[("file", "FIXME\n")])
        .blocked("FIXME")
}

/// The causes and decisive lines of the failures of a run.
fn causes(setup: &Setup, sandbox: &str) -> Vec<(String, String)> {
    setup
        .world
        .run(&setup.consumer, &["--sandbox", sandbox])
        .expect(1);
    let bundle = bundle(&setup.consumer);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let failures = bundle["failures"].as_array().unwrap().iter();
    failures
        .map(|failed| &failed["failure_digest"])
        .map(|digest| (text(&digest["cause"]), text(&digest["line"]["text"])))
        .collect()
}

#[test]
fn a_stage_that_wanted_the_network_is_told_so() {
    for error in ERRORS {
        let found = causes(&says(error).consumer(), "require");
        let withheld = ("network-withheld".to_owned(), error.to_owned());
        // The clean change, and the violation that was blocked for this reason.
        assert_eq!(found, [withheld.clone(), withheld], "{error}");
    }
}

#[test]
fn a_stage_that_has_the_network_failed_for_itself() {
    let with = says(ERRORS[0]).with_network().consumer();
    let without_sandbox = says(ERRORS[0]).consumer();
    for (setup, sandbox) in [(with, "require"), (without_sandbox, "off")] {
        let found = causes(&setup, sandbox);
        let causes: Vec<_> = found.iter().map(|(cause, _)| cause.as_str()).collect();
        assert_eq!(causes, ["contract-broken", "wrong-reason"], "{sandbox}");
    }
}

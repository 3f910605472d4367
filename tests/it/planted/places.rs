//! The secrets, and how each is planted.

use std::fs;
use std::io::Write;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::Command;

use super::forms::{self, base64, url};
use crate::support::{Consumer, Running, World, git};

pub const PLACES: [&str; 12] = [
    "environment",
    ".npmrc",
    ".netrc",
    "pip.conf",
    ".git/config",
    ".env",
    "URLs",
    "cargo",
    "docker",
    "gh",
    "agent sockets",
    "process arguments",
];

/// A secret of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planted {
    pub name: &'static str,
    pub place: &'static str,
    how: How,
    /// True if steps that install may need it, as docs/isolation.md says.
    pub is_for_installers: bool,
}

/// The way a secret is planted. `SECRET`, `IN_URL` and `IN_BASE64` stand for it, and
/// `PAIR_IN_BASE64` for `me:SECRET`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    /// A variable of matrix's own environment.
    Variable(&'static str, &'static str),
    /// Text of a file: `~` is the home, `.` the consumer, `..` the folder above it.
    File(&'static str, &'static str),
    /// A variable that names a file with this text.
    Named(&'static str, &'static str, &'static str),
    /// A setting of the consumer's git.
    Setting(&'static str, &'static str),
    /// A socket with a path that a variable names; an abstract one without.
    Socket(Option<(&'static str, &'static str)>),
    /// A word of another process.
    Word,
    /// A variable of another process.
    VariableOfOther,
    /// A package of matrix's own command line.
    Package,
}

use How::{File, Named, Package, Setting, Socket, Variable, VariableOfOther, Word};

const fn row(place: &'static str, name: &'static str, how: How) -> Planted {
    Planted {
        name,
        place,
        how,
        is_for_installers: false,
    }
}

/// A secret that steps which install may need.
const fn needed(place: &'static str, name: &'static str, how: How) -> Planted {
    Planted {
        is_for_installers: true,
        ..row(place, name, how)
    }
}

const DOCKER: &str = r#"{"auths":{"https://r.invalid":{"auth":"PAIR_IN_BASE64"}}}"#;
const MACHINE: &str = "machine r.invalid login me password SECRET\n";

#[rustfmt::skip]
pub const TABLE: [Planted; 40] = [
    row("environment", "token of CI", Variable("GITHUB_TOKEN", "SECRET")),
    row("environment", "password", Variable("DEPLOY_PASSWORD", "SECRET")),
    row("environment", "key of AWS", Variable("AWS_SECRET_ACCESS_KEY", "SECRET")),
    needed("environment", "named by .npmrc", Variable("READ_ONLY", "SECRET")),
    row("environment", "token of yarn", Variable("YARN_NPM_AUTH_TOKEN", "SECRET")),
    row("environment", "token of uv for uploads", Variable("UV_PUBLISH_TOKEN", "SECRET")),
    needed(".npmrc", "token", File("~/.npmrc", "//a.invalid/:_authToken=SECRET\n//b.invalid/:_authToken=${READ_ONLY}\n")),
    needed(".npmrc", "password in base64", File("~/.npmrc", "//c.invalid/:_password=IN_BASE64\n")),
    needed(".npmrc", "address", File("~/.npmrc", "@corp:registry=https://me:IN_URL@d.invalid/\n")),
    row(".npmrc", "untracked", File("./.npmrc", "//e.invalid/:_authToken=SECRET\n")),
    row(".npmrc", "above the consumer", File("../.npmrc", "_auth=PAIR_IN_BASE64\n")),
    row(".netrc", "of the home", File("~/.netrc", MACHINE)),
    row(".netrc", "named by a variable", Named("NETRC", "~/elsewhere/netrc", MACHINE)),
    row(".netrc", "untracked", File("./.netrc", MACHINE)),
    needed("pip.conf", "index", File("~/.config/pip/pip.conf", "[global]\nindex-url = https://me:IN_URL@f.invalid/simple\n")),
    needed("pip.conf", "more indexes", File("~/.config/pip/pip.conf", "extra-index-url =\n    https://g.invalid/\n    https://IN_URL@h.invalid/simple\n")),
    row("pip.conf", ".pypirc", File("~/.pypirc", "[pypi]\nusername = __token__\npassword = SECRET\n")),
    row(".git/config", "header", Setting("http.https://github.invalid/.extraheader", "AUTHORIZATION: basic PAIR_IN_BASE64")),
    row(".git/config", "remote", Setting("remote.origin.url", "https://me:IN_URL@git.invalid/a.git")),
    row(".git/config", "insteadOf", Setting("url.https://me:IN_URL@git.invalid/.insteadOf", "https://git.invalid/")),
    row(".env", "of the consumer", File("./.env", "KEY=SECRET\n")),
    row(".env", "above the consumer", File("../.env", "KEY=SECRET\n")),
    row(".env", "of the home", File("~/.env", "KEY=SECRET\n")),
    needed("URLs", "proxy", Variable("HTTPS_PROXY", "http://me:IN_URL@proxy.invalid:8080")),
    needed("URLs", "index of uv", Variable("UV_INDEX_URL", "https://me:IN_URL@i.invalid/simple")),
    row("URLs", "database", Variable("DATABASE_URL", "postgres://me:IN_URL@db.invalid/shop")),
    row("cargo", "credentials", File("~/.cargo/credentials.toml", "[registry]\ntoken = \"SECRET\"\n")),
    row("cargo", "variable", Variable("CARGO_REGISTRY_TOKEN", "SECRET")),
    row("cargo", "folder of its own", Named("CARGO_HOME", "~/elsewhere/cargo/credentials", "token = \"SECRET\"\n")),
    row("docker", "configuration", File("~/.docker/config.json", DOCKER)),
    row("docker", "variable", Variable("DOCKER_AUTH_CONFIG", DOCKER)),
    row("docker", "podman", File("~/.config/containers/auth.json", DOCKER)),
    row("gh", "hosts", File("~/.config/gh/hosts.yml", "github.com:\n  oauth_token: SECRET\n")),
    row("gh", "stored by git", File("~/.git-credentials", "https://me:IN_URL@github.invalid\n")),
    row("agent sockets", "ssh", Socket(Some(("SSH_AUTH_SOCK", "~/agent.sock")))),
    row("agent sockets", "gpg", Socket(Some(("GPG_AGENT_INFO", "~/.gnupg/S.gpg-agent")))),
    row("agent sockets", "abstract", Socket(None)),
    row("process arguments", "of another process", Word),
    row("process arguments", "in the variables of another process", VariableOfOther),
    needed("process arguments", "of matrix itself", Package),
];

/// The machine with all secrets.
pub struct Machine {
    pub consumer: Consumer,
    pub env: Vec<(String, String)>,
    pub package: String,
    secrets: Vec<String>,
    _other: Running,
}

impl Machine {
    /// Every form of every secret, with the row that it is of.
    pub fn forms(&self) -> Vec<(String, Vec<u8>)> {
        let rows = TABLE.iter().zip(&self.secrets);
        let forms = rows.flat_map(|(row, secret)| {
            let name = format!("{}: {}", row.place, row.name);
            forms::of(secret)
                .into_iter()
                .map(move |form| (name.clone(), form))
        });
        forms.collect()
    }
}

/// The n-th secret, of no known shape.
fn secret(n: usize) -> String {
    let noise = gate_matrix::sys::fs::sha256(format!("planted {n}").as_bytes());
    format!("zq{n:02}{}/+{}", &noise[..10], &noise[10..16])
}

fn filled(text: &str, secret: &str) -> String {
    text.replace("PAIR_IN_BASE64", &base64(format!("me:{secret}").as_bytes()))
        .replace("IN_BASE64", &base64(secret.as_bytes()))
        .replace("IN_URL", &url(secret))
        .replace("SECRET", secret)
}

const GATE: &str = r#"
    schema = 1
    gate = "fake"
    [[install]]
    step = "fetch"
    run = ["perl", "look.pl", "{package_spec}"]
    [stage.ci]
    drive = "command"
    run = ["perl", "look.pl"]
    [scenario.clean]
    overlay = "scenarios/clean"
    expect = { ci = 0 }
    [scenario.violations]
    overlay = "scenarios/violations"
    expect = { ci = 0 }
"#;

fn append(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

/// Answers whoever connects with the secret, as long as the tests run.
fn serve(listener: UnixListener, secret: String) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = (&stream).write_all(secret.as_bytes());
        }
    });
}

/// Plants every secret of the table; `look` is the script of the gate.
pub fn plant(world: &World, look: &str) -> Machine {
    let root = world.path().join("consumer");
    let secrets: Vec<String> = (0..TABLE.len()).map(secret).collect();
    let path = |name: &str| match name.split_once('/') {
        Some(("~", rest)) => world.home().join(rest),
        Some(("..", rest)) => world.path().join(rest),
        Some((".", rest)) => root.join(rest),
        _ => panic!("{name}"),
    };
    let mut places = String::new();
    let abstract_name = format!("matrix-planted-{}", world.path().display());
    for row in TABLE {
        match row.how {
            File(file, _) | Named(_, file, _) => {
                places.push_str(&format!("file {}\n", path(file).display()));
            }
            Socket(Some((_, file))) => {
                places.push_str(&format!("socket {}\n", path(file).display()));
            }
            Socket(None) => places.push_str(&format!("abstract {abstract_name}\n")),
            _ => {}
        }
    }
    places.push_str(&format!("file {}\n", root.join(".git/config").display()));
    let files = [
        ("matrix.toml", GATE),
        ("look.pl", look),
        ("places", &places),
        ("scenarios/clean/file", "two\n"),
        ("scenarios/violations/bad", "three\n"),
        (".gitignore", ".npmrc\n.netrc\n.env\n"),
    ];
    let consumer = world.consumer("consumer", &files);
    let mut other = Command::new("perl");
    other.args(["-e", "sleep 600"]).env_clear();
    other.env("PATH", std::env::var_os("PATH").unwrap());
    let mut env = Vec::new();
    let mut package = String::new();
    for (row, secret) in TABLE.iter().zip(&secrets) {
        match row.how {
            Variable(name, text) => env.push((name.to_owned(), filled(text, secret))),
            File(file, text) => append(&path(file), &filled(text, secret)),
            Named(name, file, text) => {
                append(&path(file), &filled(text, secret));
                let named = path(file);
                let is_folder = name.ends_with("_HOME");
                let named = if is_folder {
                    named.parent().unwrap()
                } else {
                    &named
                };
                env.push((name.to_owned(), named.display().to_string()));
            }
            Setting(name, value) => {
                git(
                    &root,
                    &["config", &filled(name, secret), &filled(value, secret)],
                );
            }
            Socket(Some((name, file))) => {
                let file = path(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                serve(UnixListener::bind(&file).unwrap(), secret.clone());
                env.push((name.to_owned(), file.display().to_string()));
            }
            Socket(None) => {
                let address = SocketAddr::from_abstract_name(padded(&abstract_name)).unwrap();
                serve(UnixListener::bind_addr(&address).unwrap(), secret.clone());
            }
            Word => {
                other.arg(format!("--token={secret}"));
            }
            VariableOfOther => {
                other.env("OF_ANOTHER", secret);
            }
            Package => package = format!("https://me:{}@j.invalid/fake.tgz", url(secret)),
        }
    }
    Machine {
        consumer,
        env,
        package,
        secrets,
        _other: Running::start(other),
    }
}

/// The name as perl packs it: an address of full length.
fn padded(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(107, 0);
    bytes
}

//! The kinds of attempts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Random;
use super::world::{Ended, Seen, World};

/// Kills a run at any moment; the next one passes and leaves nothing.
pub fn kill(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let after = Duration::from_micros(random.below(350_000));
    let modes: [&[&str]; 4] = [&[], &["--fresh"], &["--sandbox", "off"], &["--reuse"]];
    let mode = random.one(&modes);
    let killed = world.run(&[], mode, Some(after))?;
    let mut faults = world.broken(&killed, true);
    // Every eighth, since what a killed run left stays until the next.
    if random.below(8) == 0 {
        let next = world.run(&[], mode, None)?;
        faults.extend(world.broken(&next, false));
        if next.code != 0 {
            faults.push(format!("the next run exits {}", next.code));
        }
        faults.extend(world.leftovers());
    }
    let what = format!(
        "SIGKILL after {} µs of run {}",
        after.as_micros(),
        mode.join(" ")
    );
    Ok(seen(what, &killed, faults))
}

const CALLS: [&str; 27] = [
    "openat",
    "read",
    "write",
    "fsync",
    "rename",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "statx",
    "newfstatat",
    "clone3",
    "mmap",
    "pipe2",
    "socketpair",
    "socket",
    "bind",
    "connect",
    "sendmsg",
    "recvmsg",
    "epoll_wait",
    "poll",
    "flock",
    "getdents64",
    "symlink",
    "linkat",
    "copy_file_range",
];
const ERRORS: [&str; 8] = [
    "ENOSPC", "EIO", "EROFS", "EDQUOT", "EMFILE", "EACCES", "EAGAIN", "ENOMEM",
];

/// Lets one system call of the runner fail. Not `close`: the standard library panics where a
/// folder cannot be closed, which no file system reports.
pub fn error(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let (call, error) = (random.one(&CALLS), random.one(&ERRORS));
    let when = random.below(match *call {
        "openat" | "read" | "statx" | "write" | "mmap" => 400,
        _ => 40,
    }) + 1;
    let inject = format!("inject={call}:error={error}:when={when}");
    let before = words(&[
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={call}"),
        "-e",
        &inject,
    ]);
    let ended = world.run(&before, &["--sandbox", "off"], None)?;
    let mut faults = world.broken(&ended, false);
    // The dynamic loader, before there is a program, fails with 127.
    faults.retain(|fault| !(fault.starts_with("dies") && ended.stderr.is_empty()));
    Ok(seen(inject, &ended, faults))
}

/// Runs under limits of the machine.
pub fn limit(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let (option, from, to) = *random.one(&[
        ("nofile", 4, 120),
        ("fsize", 0, 200_000),
        ("nproc", 1, 60),
        ("as", 40_000_000, 900_000_000),
        ("stack", 100_000, 8_000_000),
        ("cpu", 1, 3),
        ("memlock", 0, 65_536),
        ("core", 0, 1),
    ]);
    let value = from + random.below(to - from);
    let before = words(&["prlimit", &format!("--{option}={value}:{value}")]);
    let ended = world.run(&before, &[], None)?;
    let mut faults = world.broken(&ended, false);
    // The kernel ends a process that used its time; memory is refused by an abort.
    if ["cpu", "as", "stack"].contains(&option) {
        faults.retain(|fault| !fault.starts_with("dies") && !fault.starts_with("panics"));
    }
    Ok(seen(format!("{option}={value}"), &ended, faults))
}

/// Has the gate leave something where the runner reads or writes.
pub fn planted(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let artifacts = world.artifacts().display().to_string();
    let summary = format!("{artifacts}/rel-matrix-summary.json");
    let failure = format!("{artifacts}/rel-matrix-last-failure.json");
    let places = [
        ".git/HEAD",
        ".git/config",
        ".git/packed-refs",
        ".git/refs/heads/x",
        ".git/index",
        ".git/shallow",
        ".git/objects/info/alternates",
        ".git/info/attributes",
        ".git/info/exclude",
        ".git/hooks/pre-commit",
        "../origin.git/HEAD",
        "../origin.git/config",
        "../origin.git/packed-refs",
        "../own-git/config",
        ".gitattributes",
        ".gitignore",
        "src/a.txt",
        "gate/run",
        &summary,
        &failure,
    ];
    let things = [
        "mkfifo \"$P\"",
        "mkdir \"$P\"",
        "ln -s /dev/zero \"$P\"",
        "ln -s /proc/kmsg \"$P\"",
        "ln -s \"$P\" \"$P\"",
        "truncate -s 1T \"$P\"",
        "ln -s /etc/shadow \"$P\"",
        "head -c 3000 /dev/urandom >\"$P\"",
        ": >\"$P\"",
        "ln -s nowhere \"$P\"",
        "echo '{\"run_id\":\"x\",\"final_verdict\":\"PASS\"}' >\"$P\"",
        "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1)' \"$P\"",
    ];
    let (place, thing) = (*random.one(&places), *random.one(&things));
    let mode = *random.one(&["off", "auto", "require"]);
    let end = *random.one(&["exit 0", "exit 1", ":"]);
    let plant = format!("P='{place}'; rm -rf \"$P\"; {thing} 2>/dev/null; {end}\n");
    let gate = world.path("consumer").join("gate/plant");
    fs::write(&gate, &plant)?;
    world.commit()?;
    let ended = world.run(&[], &["--sandbox", mode], None)?;
    let faults = world.broken(&ended, false);
    Ok(seen(format!("--sandbox {mode}: {plant}"), &ended, faults))
}

/// Changes a few bytes of the configuration, or of known failures.
pub fn file(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let path = world.path("consumer").join("matrix.toml");
    let whole = fs::read(&path)?;
    fs::write(&path, mutated(&whole, random))?;
    let changed = fs::read(&path)?;
    let verb = *random.one(&["check", "list"]);
    let output = {
        let mut command = world.command(&[], &[verb]);
        command.stderr(std::process::Stdio::piped()).output()?
    };
    fs::write(&path, &whole)?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().unwrap_or(-1);
    let mut faults = Vec::new();
    if stderr.contains("matrix itself failed") || ![0, 2, 17, 69].contains(&code) {
        faults.push(format!("exit {code}: {stderr}"));
    }
    let what = format!("matrix {verb} with {:?}", String::from_utf8_lossy(&changed));
    Ok(Seen { what, code, faults })
}

/// Changes a file of a recorded run: nothing believes it.
pub fn edited_run(world: &mut World, random: &mut Random) -> anyhow::Result<Seen> {
    let runs = world.artifacts().join("runs");
    if !runs.is_dir() {
        world.run(&[], &[], None)?;
    }
    let mut files = Vec::new();
    let first = fs::read_dir(&runs)?.flatten().next();
    let run = first.map(|entry| entry.path()).unwrap_or_default();
    collect(&run, &mut files);
    files.retain(|path| !path.starts_with(run.join("seen")));
    files.sort();
    let path = random.one(&files).clone();
    let whole = fs::read(&path)?;
    let changed = mutated(&whole, random);
    if changed == whole {
        return Ok(Seen {
            what: String::new(),
            code: 0,
            faults: Vec::new(),
        });
    }
    fs::write(&path, &changed)?;
    let artifacts = world.artifacts().display().to_string();
    let id = run
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let verbs: [&[&str]; 3] = [
        &["verify", "--artifacts", &artifacts],
        &["diff", &id, &id, "--artifacts", &artifacts],
        &["replay", &id, "--artifacts", &artifacts],
    ];
    let verb = *random.one(&verbs);
    let output = {
        let mut command = world.command(&[], verb);
        command.stderr(std::process::Stdio::piped()).output()?
    };
    fs::write(&path, &whole)?;
    let code = output.status.code().unwrap_or(-1);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut faults = Vec::new();
    if stderr.contains("matrix itself failed") {
        faults.push(format!("panics: {stderr}"));
    }
    if verb[0] == "verify" && code == 0 {
        faults.push("believed".to_owned());
    }
    let what = format!("{} after a change of {}", verb[0], path.display());
    Ok(Seen { what, code, faults })
}

pub fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Flips, drops, doubles or inserts a few bytes.
fn mutated(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=random.below(3) {
        let length = bytes.len() as u64;
        let at = usize::try_from(random.below(length)).unwrap_or_default();
        let rest = usize::try_from(random.below(20)).unwrap_or_default();
        let end = (at + rest).min(bytes.len());
        match random.below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            3 => bytes.truncate(at),
            4 => {
                let odd: [&[u8]; 8] = [
                    b"\0",
                    b"\xff",
                    b"\"\"\"",
                    b"[[",
                    b"{{",
                    "\u{202e}".as_bytes(),
                    b"\r",
                    b"=",
                ];
                bytes.splice(at..at, random.one(&odd).iter().copied());
            }
            _ => {
                let line = bytes[at..].iter().position(|byte| *byte == b'\n');
                let stop = line.map_or(bytes.len(), |line| at + line);
                bytes.drain(at..stop);
            }
        }
    }
    bytes
}

pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub fn seen(what: String, ended: &Ended, faults: Vec<String>) -> Seen {
    let code = ended.code;
    Seen { what, code, faults }
}

/// The programs that a campaign needs beside the tests' own.
pub const PROGRAMS: [&str; 2] = ["strace", "prlimit"];

/// Fails if one is missing.
pub fn needed() -> anyhow::Result<()> {
    for program in PROGRAMS {
        let found = Command::new(program).arg("--version").output();
        anyhow::ensure!(
            found.is_ok(),
            "{program} is not on PATH: apt-get install strace util-linux"
        );
    }
    Ok(())
}

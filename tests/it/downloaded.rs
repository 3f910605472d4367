//! Runs as they come from a CI engine: a folder around the artifacts folder, or a zip.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::gate::Setup;
use crate::support::{Ran, World};

fn red() -> Setup {
    let setup = World::gate("fake")
        .stage(
            "ci",
            "grep -q BAD file && { echo gate: BAD; exit 1; }; exit 0",
        )
        .scenario("red", &[("file", "BAD\n")])
        .consumer();
    for id in ["r1", "r2"] {
        setup
            .world
            .run(&setup.consumer, &["--run-id", id])
            .expect(1);
    }
    setup
}

/// A command in the folder of the world, which is in no repository.
fn matrix(setup: &Setup, words: &[&str]) -> Ran {
    let mut command = setup.world.command(words);
    Ran::of(command.current_dir(setup.world.path()).output().unwrap())
}

/// Packs entries; one that ends in a slash is a folder.
fn pack(path: &Path, entries: &[(String, Vec<u8>)]) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (at, (name, content)) in entries.iter().enumerate() {
        let method = [CompressionMethod::Deflated, CompressionMethod::Stored][at % 2];
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
}

/// The files of an artifacts folder as GitHub packs them: no hidden ones, no folders.
fn files(artifacts: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![artifacts.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.file_name().unwrap().to_str().unwrap().starts_with('.') {
                let name = path.strip_prefix(artifacts).unwrap();
                files.push((name.to_str().unwrap().to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn zipped(setup: &Setup) -> PathBuf {
    let zip = setup.world.path().join("gate-matrix.zip");
    pack(&zip, &files(&setup.consumer.artifacts()));
    zip
}

#[test]
fn a_zip_is_read_as_it_comes() {
    let setup = red();
    let artifacts = setup.consumer.artifacts();
    let here = ["--artifacts", artifacts.to_str().unwrap()];
    let expected = matrix(&setup, &[&["report", "r2", "junit"], &here[..]].concat());
    zipped(&setup);
    for _ in 0..2 {
        let ran = matrix(&setup, &["report", "gate-matrix.zip", "junit"]);
        let failed = "<failure ";
        assert!(ran.expect(0).stdout.contains(failed), "{}", ran.stdout);
        assert_eq!(
            ran.stdout.matches("r2").count(),
            expected.expect(0).stdout.matches("r2").count()
        );
    }
    let ran = matrix(&setup, &["replay", "gate-matrix.zip"]);
    assert!(ran.expect(0).stdout.contains("red"), "{}", ran.stdout);
    let ran = matrix(
        &setup,
        &[&["diff", "r1", "gate-matrix.zip"], &here[..]].concat(),
    );
    ran.expect(0);
}

#[test]
fn a_folder_around_the_artifacts_folder_is_read_too() {
    let setup = red();
    let download = setup.world.path().join("gate-42");
    fs::create_dir(&download).unwrap();
    fs::rename(setup.consumer.artifacts(), download.join("gate-matrix")).unwrap();
    let report = |word: &str| matrix(&setup, &["report", word, "tap"]);
    for word in [
        "gate-42",
        "gate-42/gate-matrix",
        "gate-42/gate-matrix/runs/r2",
    ] {
        assert!(report(word).expect(0).stdout.contains("r2"), "{word}");
    }
    fs::create_dir_all(download.join("other/runs")).unwrap();
    let several = report("gate-42");
    several.expect(2);
    let told = "gate-42 has several artifacts folders";
    assert!(several.stderr.contains(told), "{}", several.stderr);
    assert!(
        several.stderr.contains("gate-42/other"),
        "{}",
        several.stderr
    );
    let none = report("gate-42/other");
    none.expect(2);
    fs::create_dir(setup.world.path().join("empty")).unwrap();
    report("empty").expect(2);
}

#[test]
fn a_hostile_archive_is_refused_before_anything_is_written() {
    let setup = red();
    let zip = setup.world.path().join("bad.zip");
    let unpacked = setup.world.work().join("unpacked");
    let refused = |why: &str| {
        let ran = matrix(&setup, &["report", "bad.zip", "junit"]);
        ran.expect(69);
        assert!(
            ran.stderr.contains("bad.zip cannot be unpacked: "),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains(why), "{why}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("next: download it again"),
            "{}",
            ran.stderr
        );
        assert!(!unpacked.exists());
    };
    let good = || ("runs/r1/run.json".to_owned(), b"{}".to_vec());
    for name in ["../out", "/out", "a/../../out", "a\\..\\out"] {
        pack(&zip, &[good(), (name.to_owned(), b"x".to_vec())]);
        refused("leads out of its folder");
        assert!(!setup.world.path().join("out").exists());
    }
    let mut writer = ZipWriter::new(File::create(&zip).unwrap());
    writer
        .add_symlink("runs", "/etc", SimpleFileOptions::default())
        .unwrap();
    writer.finish().unwrap();
    refused("is no file");
    pack(&zip, &files(&setup.consumer.artifacts()));
    let whole = fs::read(&zip).unwrap();
    fs::write(&zip, &whole[..whole.len() / 2]).unwrap();
    refused("");
}

#[test]
fn a_changed_file_in_an_archive_is_not_believed() {
    let setup = red();
    let mut all = files(&setup.consumer.artifacts());
    let cell = all
        .iter_mut()
        .find(|(name, _)| name.ends_with("runs/r2/run.json"));
    cell.unwrap().1.push(b' ');
    let zip = setup.world.path().join("changed.zip");
    pack(&zip, &all);
    let ran = matrix(&setup, &["report", "changed.zip", "junit"]);
    assert_ne!(ran.code, 0);
    assert_eq!(ran.stdout, "");
}

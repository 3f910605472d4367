//! The same again and again, to find what fails only sometimes.

use std::fs;
use std::process::Command;

use anyhow::Context as _;

use crate::cargo::{built_in, cargo, release, run};

/// Runs every gate for some rounds, then every sabotage and the grids of real gates once.
pub fn gates(rounds: u32) -> anyhow::Result<()> {
    let matrix = release()?;
    let scratch = tempfile::tempdir()?;
    let gates = built_in()?;
    for round in 1..=rounds {
        println!("soak: round {round} of {rounds}");
        for gate in &gates {
            let into = scratch.path().join(format!("{gate}-{round}"));
            let mut demo = Command::new(&matrix);
            demo.args(["demo", gate.as_str(), "--strict", "--into"])
                .arg(&into);
            demo.arg("--work-dir").arg(scratch.path().join("work"));
            if let Err(error) = run(&mut demo) {
                // The artifacts of a failed run stay for inspection.
                let kept = scratch.keep().join(format!("{gate}-{round}/artifacts"));
                let what = format!("soak: {gate} failed in round {round}: {}", kept.display());
                return Err(error).context(what);
            }
            fs::remove_dir_all(&into)?;
        }
    }
    println!("soak: {rounds} rounds passed");
    crate::scorecards::sabotages()?;
    crate::grids::grids(&matrix, &[])
}

/// Runs the tests for some rounds.
pub fn tests(rounds: u32) -> anyhow::Result<()> {
    for round in 1..=rounds {
        println!("soak-tests: round {round} of {rounds}");
        run(&mut cargo(&["test", "--quiet"]))?;
    }
    println!("soak-tests: {rounds} rounds passed");
    Ok(())
}

//! Chores of this repository, as `cargo xtask …`.
#![expect(
    clippy::disallowed_methods,
    reason = "the doors of `sys` are the product's; this is a tool for its developers"
)]

mod by_hand;
mod card_table;
mod cargo;
mod faults;
mod first_hour;
mod fuzz;
mod generate;
mod grids;
mod managed;
mod modes;
mod scorecards;
mod soak;
mod soak_managers;

use clap::Parser;

/// Chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Write the generated pages: docs/schemas/ and docs/runbook.md
    Gen {
        /// Write nothing, and fail if a page is not current
        #[arg(long)]
        check: bool,
    },
    /// Run every gate again and again, the campaign of faults (`soak faults`), or the fuzz targets (`soak fuzz`)
    #[command(args_conflicts_with_subcommands = true)]
    Soak {
        #[arg(default_value_t = 20)]
        rounds: u32,
        #[command(subcommand)]
        other: Option<Soak>,
    },
    /// Run the tests again and again; stops at the first failure
    SoakTests {
        #[arg(default_value_t = 20)]
        rounds: u32,
    },
    /// Try the real gates of xtask/gates/ and write docs/real-gates.md
    Grids {
        /// Only these; the other rows of the page stay
        gates: Vec<String>,
    },
    /// Try lefthook and husky with every package manager in every layout of a repository
    SoakManagers {
        /// Only managers whose names begin with one of these
        only: Vec<String>,
    },
    /// Make fresh repositories and run what `matrix init` writes for them; fails if one is not green
    FirstHour {
        /// Only these repositories of xtask/first-hour/
        kinds: Vec<String>,
    },
    /// Compare the exits and logs of every gate across all ways of isolating lanes
    Modes,
    /// Sabotage every gate; fails if an open sabotage is green or one was not tried
    Sabotages,
    /// Write the table of docs/enforcement.md from the scorecards of nine gates, which are made first
    Scorecards {
        /// Only these; the others are those that were kept in target/scorecards/
        gates: Vec<String>,
        /// Write nothing, and fail if a row differs from what xtask/by-hand/ finds with plain git and shell
        #[arg(long)]
        by_hand: bool,
        /// Make no scorecards, and take those that were kept
        #[arg(long)]
        kept: bool,
    },
    /// Mutate the configuration of every gate; fails if a mutation was not tried
    Mutations,
}

/// Soaks of another kind.
#[derive(clap::Subcommand)]
enum Soak {
    /// Kill, starve, mislead and edit runs of the release build, by a seed
    Faults(faults::Options),
    /// Fuzz the parsers, guided by coverage; needs the nightly toolchain
    Fuzz(fuzz::Options),
}

fn main() -> anyhow::Result<()> {
    match Chore::parse() {
        Chore::Gen { check } => generate::generate(check),
        Chore::Soak {
            other: Some(Soak::Faults(options)),
            ..
        } => faults::campaign(&options),
        Chore::Soak {
            other: Some(Soak::Fuzz(options)),
            ..
        } => fuzz::fuzz(&options),
        Chore::Soak {
            rounds,
            other: None,
        } => soak::gates(rounds),
        Chore::SoakTests { rounds } => soak::tests(rounds),
        Chore::Grids { gates } => grids::grids(&cargo::debug()?, &gates),
        Chore::SoakManagers { only } => soak_managers::managers(&cargo::debug()?, &only),
        Chore::FirstHour { kinds } => first_hour::first_hour(&cargo::debug()?, &kinds),
        Chore::Modes => modes::modes(),
        Chore::Sabotages => scorecards::sabotages(),
        Chore::Scorecards {
            gates,
            by_hand,
            kept,
        } => scorecards::scorecards(&gates, by_hand, kept),
        Chore::Mutations => scorecards::mutations(),
    }
}

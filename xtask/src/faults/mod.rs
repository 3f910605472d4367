//! A campaign of faults against the release build: kills, errors of system calls, limits,
//! planted files, and edited configurations and runs.
//!
//! Every attempt is drawn from a seed, so that one that failed can be made again
//! (`--seed S --only KIND --from N`).

mod attempts;
mod surroundings;
mod world;

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::ensure;
use clap::Args;

use world::{Seen, World};

type Attempt = fn(&mut World, &mut Random) -> anyhow::Result<Seen>;

/// Every kind: its name, the number of its attempts, and one of them.
const KINDS: [(&str, u64, Attempt); 9] = [
    ("kills", 600, attempts::kill),
    ("verbs", 300, surroundings::killed_verb),
    ("errors", 600, attempts::error),
    ("limits", 200, attempts::limit),
    ("disks", 150, surroundings::small_disk),
    ("groups", 100, surroundings::small_group),
    ("planted", 300, attempts::planted),
    ("files", 4000, attempts::file),
    ("runs", 3000, attempts::edited_run),
];

/// Options of the campaign.
#[derive(Args)]
pub struct Options {
    /// Number from which every attempt is drawn
    #[arg(long, default_value_t = 14)]
    seed: u64,
    /// Only this kind: kills, verbs, errors, limits, disks, groups, planted, files or runs
    #[arg(long)]
    only: Option<String>,
    /// First attempt of each kind
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Run this share of the attempts of each kind, in percent
    #[arg(long, default_value_t = 100)]
    percent: u64,
}

/// Runs the campaign, prints a table of what was seen, and fails if anything was wrong.
pub fn campaign(options: &Options) -> anyhow::Result<()> {
    attempts::needed()?;
    let matrix = crate::cargo::release()?;
    let mut wrong = Vec::new();
    println!("| kind | attempts | wrong | exit codes |");
    println!("|---|---|---|---|");
    for (kind, count, attempt) in KINDS {
        if options.only.as_deref().is_some_and(|only| only != kind) {
            continue;
        }
        let started = Instant::now();
        let count = count * options.percent / 100;
        let mut codes: BTreeMap<i32, u64> = BTreeMap::new();
        let mut faults = 0;
        let mut world = World::new(&matrix)?;
        for number in options.from..options.from + count {
            let mut random = Random::new(options.seed, kind, number);
            let seen = attempt(&mut world, &mut random)?;
            *codes.entry(seen.code).or_default() += 1;
            for fault in &seen.faults {
                faults += 1;
                eprintln!("{kind} {number}: {fault}\n  {}", seen.what);
            }
            wrong.extend(seen.faults);
        }
        let codes: Vec<_> = codes
            .iter()
            .map(|(code, times)| format!("{code}: {times}"))
            .collect();
        println!("| {kind} | {count} | {faults} | {} |", codes.join(", "));
        eprintln!("{kind}: {:.0} s", started.elapsed().as_secs_f64());
    }
    ensure!(wrong.is_empty(), "{} attempts went wrong", wrong.len());
    Ok(())
}

/// A source of numbers that depends on nothing but where it starts (`SplitMix64`).
pub struct Random(u64);

impl Random {
    fn new(seed: u64, kind: &str, number: u64) -> Self {
        let of_kind = kind
            .bytes()
            .fold(0_u64, |sum, byte| sum * 31 + u64::from(byte));
        Self(seed ^ of_kind.rotate_left(17) ^ number.rotate_left(40))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// One of several.
    pub fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = self.below(all.len() as u64);
        &all[usize::try_from(at).unwrap_or_default()]
    }
}

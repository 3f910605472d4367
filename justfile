# Lists the recipes.
[private]
default:
    @just --list

# Runs all tests, including those with real gates from npm and PyPI
test *args:
    cargo test {{ args }}

# Checks formatting, clippy and docs; a warning is an error
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --workspace

# Measures the figures of docs/performance.md, as a Markdown table (about 15 minutes)
bench:
    cargo build --release
    python3 benches/bench.py

# Writes docs/schemas/ and docs/runbook.md from the program
gen:
    cargo xtask gen

# Runs the demo and the built-in gates repeatedly, then `sabotages` and `grids`; stops at the first failure
soak times="20":
    cargo xtask soak {{ times }}

# Kills, starves, misleads and edits runs of the release build, by a seed; prints a table
soak-faults *args:
    cargo xtask soak faults {{ args }}

# Fuzzes the parsers of fuzz/targets/, guided by coverage, 10 minutes each (`--seconds`); needs nightly
fuzz *targets:
    cargo xtask soak fuzz {{ targets }}

# Runs what `matrix init` writes for the fresh repositories of xtask/first-hour/
first-hour *kinds:
    cargo xtask first-hour {{ kinds }}

# Tries the real gates of xtask/gates/ and writes docs/real-gates.md
grids *gates:
    cargo xtask grids {{ gates }}

# Tries lefthook and husky with every package manager in every layout; prints a table
soak-managers *managers:
    cargo xtask soak-managers {{ managers }}

# Runs the tests repeatedly; stops at the first failure
soak-tests times="20":
    cargo xtask soak-tests {{ times }}

# Compares exits and logs of every gate across all ways of isolating lanes
modes:
    cargo xtask modes

# Keeps each gate's scorecard in target/scorecards/; fails if an open sabotage is green
sabotages:
    cargo xtask sabotages

# Writes the table of docs/enforcement.md from nine scorecards; `--by-hand` checks them with plain git and shell
scorecards *args:
    cargo xtask scorecards {{ args }}

# Keeps the mutations that no scenario notices, of each gate, in target/scorecards/
mutations:
    cargo xtask mutations

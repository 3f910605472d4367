# What can be done here.
[private]
default:
    @just --list

# Everything, also with real gates from npm and PyPI
test *args:
    cargo test --features faults {{ args }}

# Formatting, clippy and docs; a warning is an error
lint:
    cargo fmt --check
    cargo clippy --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

# The figures of docs/performance.md, as a Markdown table (about 15 minutes)
bench:
    cargo build --release
    python3 benches/bench.py

# The tests, the demo and the real gates, again and again; stops at the first failure
soak times="20":
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --release
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    for round in $(seq {{ times }}); do
        echo "soak: round $round of {{ times }}"
        cargo test --features faults --quiet
        for gate in demo lefthook husky simple-git-hooks pre-commit prek; do
            # What a failed run left stays for whoever looks into it.
            into="$scratch/$gate-$round"
            target/release/matrix demo "$gate" --into "$into" --work-dir "$scratch/work" --strict ||
                { trap - EXIT; echo "soak: $gate failed in round $round: $into/artifacts" >&2; exit 1; }
            rm -rf "$into"
        done
    done
    echo "soak: {{ times }} rounds passed"

# Write docs/schemas/ anew from the types
schemas:
    #!/usr/bin/env bash
    set -euo pipefail
    mkdir -p docs/schemas
    for name in summary last-failure plan event cell run; do
        schema=$(cargo run --quiet -- schema "$name")
        printf '%s\n' "$schema" >"docs/schemas/$name.json"
    done

# The demo and the built-in gates whose packages can be had
gates := "demo lefthook husky simple-git-hooks pre-commit prek"

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

# The demo and the real gates, again and again; stops at the first failure
soak times="20": && sabotages
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --release
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    for round in $(seq {{ times }}); do
        echo "soak: round $round of {{ times }}"
        for gate in {{ gates }}; do
            # What a failed run left stays for whoever looks into it.
            into="$scratch/$gate-$round"
            target/release/matrix demo "$gate" --into "$into" --work-dir "$scratch/work" --strict ||
                { trap - EXIT; echo "soak: $gate failed in round $round: $into/artifacts" >&2; exit 1; }
            rm -rf "$into"
        done
    done
    echo "soak: {{ times }} rounds passed"

# Every gate in every way of keeping lanes apart: the same exits, and the same logs but for times and ids
modes:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --release
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    said() { # <run folder>: what the stages printed, without what differs from run to run
        (cd "$1/logs" && tail -n +1 ./*/stage_*.log) | sed -E \
            -e 's/\x1b\[[0-9;]*m//g' -e 's/[0-9]+(\.[0-9]+)? ?(ms|s|seconds)\b/TIME/g' \
            -e 's/\b[0-9a-f]{7,64}\b/ID/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[T0-9:.Z-]*/TIME/g'
    }
    for gate in {{ gates }}; do
        first=
        for mode in "--sandbox require" "--sandbox off" "--sandbox off --fresh" \
            "--sandbox require --jobs 1" "--sandbox require --jobs 8"; do
            into="$scratch/$gate"
            rm -rf "$into"
            target/release/matrix demo "$gate" $mode --into "$into" --work-dir "$scratch/work" \
                --run-id it --strict >"$scratch/console" || { echo "modes: $gate $mode failed" >&2; exit 1; }
            said "$into/artifacts/runs/it" >"$scratch/said"
            if [ "$first" ]; then
                diff "$scratch/first-console" "$scratch/console" && diff "$scratch/first-said" "$scratch/said" ||
                    { echo "modes: $gate $mode differs" >&2; exit 1; }
            else
                first=yes
                cp "$scratch/console" "$scratch/first-console"
                cp "$scratch/said" "$scratch/first-said"
            fi
        done
        echo "modes: $gate is the same in all"
    done

# The tests, again and again; stops at the first failure
soak-tests times="20":
    #!/usr/bin/env bash
    set -euo pipefail
    for round in $(seq {{ times }}); do
        echo "soak-tests: round $round of {{ times }}"
        cargo test --features faults --quiet
    done
    echo "soak-tests: {{ times }} rounds passed"

# The scorecard of each gate, kept in target/scorecards/; fails where what is open is green
sabotages: (trials "sabotage" '(.outcome == "fails_open" and .green) or .outcome == "not_tried"')

# What notices a weakened gate, kept in target/scorecards/
mutations: (trials "mutate" '.outcome == "not_tried"')

# Tries every gate and keeps what is said; fails where a row is as `bad` has it
[private]
trials verb bad:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --release
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    kept=target/scorecards
    mkdir -p "$kept"
    for gate in {{ gates }}; do
        # What a failed run left stays for whoever looks into it.
        into="$scratch/$gate"
        run="$into/artifacts/runs/it"
        failed() { trap - EXIT; echo "{{ verb }}: $gate: $1: $into/artifacts" >&2; exit 1; }
        target/release/matrix {{ verb }} --gate "$gate" --into "$into" --work-dir "$scratch/work" \
            --run-id it >"$kept/$gate-{{ verb }}.txt" || failed "it did not pass"
        [ "{{ verb }}" = mutate ] || cp "$run/sabotage.md" "$kept/$gate.md"
        bad=$(jq -r '(.sabotages // .mutations)[] | select({{ bad }}) | .id' \
            "$into/artifacts/$gate"-*-summary.json) || failed "its summary cannot be read"
        [ -z "$bad" ] || failed "$bad"
        cat "$kept/$gate-{{ verb }}.txt"
        rm -rf "$into"
    done
    echo "{{ verb }}: kept in $kept/"

# Write docs/runbook.md anew from the table of causes
runbook:
    #!/usr/bin/env bash
    set -euo pipefail
    pages=$(cargo run --quiet -- explain --all)
    printf '%s\n' "$pages" >docs/runbook.md

# Write docs/schemas/ anew from the types
schemas:
    #!/usr/bin/env bash
    set -euo pipefail
    mkdir -p docs/schemas
    for name in summary last-failure plan event cell run files bundle flakes sabotage mutation vacuity triage; do
        schema=$(cargo run --quiet -- schema "$name")
        printf '%s\n' "$schema" >"docs/schemas/$name.json"
    done

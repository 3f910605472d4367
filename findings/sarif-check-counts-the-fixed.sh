#!/bin/sh
# sarif-tools 3.0.5: `--check error` fails for what is fixed or suppressed, and passes a new error with a known text.
# One would guess: results with baselineState "absent" (gone since the last run) or with an accepted suppression do
# not count; and `diff --check` fails if an error is in the new file that was not in the old one.
# Really: `summary` counts both as errors, exit 1. `diff` compares numbers of equal texts, not places: an error that
# went away in one file pays for the same one that came in another, "no changes", exit 0.
set -u
unset $(git rev-parse --local-env-vars) CI HUSKY LEFTHOOK SKIP NODE_ENV
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
work=$(mktemp -d) && cd "$work" || exit 2
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME="$work/config" PRE_COMMIT_HOME="$work/pre-commit" PREK_HOME="$work/prek"
changed=0
see() { # see WHAT WANTED GOT
  if [ "$2" = "$3" ]; then echo "seen: $1: $3"; else echo "CHANGED: $1: $3 (was: $2)"; changed=1; fi
}
python3 -m venv py && py/bin/pip install --quiet sarif-tools==3.0.5 >log 2>&1 || { cat log; exit 2; }
py/bin/pip list --format=freeze 2>/dev/null | grep '^sarif'

log() { # log FILE FURTHER: one error in FILE, with FURTHER properties
  printf '{"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [{"tool": {"driver":'
  printf '{"name": "demo", "rules": [{"id": "R1"}]}}, "results": [{"ruleId": "R1", "level": "error", %s' "${2-}"
  printf '"message": {"text": "unused variable"}, "locations": [{"physicalLocation":'
  printf '{"artifactLocation": {"uri": "%s"}, "region": {"startLine": 1}}}]}]}]}\n' "$1"
}
code() { py/bin/sarif --check error "$@" >out 2>&1; echo "exit $?, $(grep -m1 -E '^(error|all)' out)"; }
log a.py >new.sarif
log a.py '"baselineState": "absent",' >absent.sarif
log a.py '"suppressions": [{"kind": "inSource", "status": "accepted"}],' >suppressed.sarif
log a.py '"kind": "pass",' | sed 's/"level": "error", //' >pass.sarif
log b.py >elsewhere.sarif
see 'summary: a new error' 'exit 1, error: 1' "$(code summary new.sarif)"
see 'summary: an absent one' 'exit 1, error: 1' "$(code summary absent.sarif)"
see 'summary: a suppressed one' 'exit 1, error: 1' "$(code summary suppressed.sarif)"
see 'summary: a pass' 'exit 0, error: 0' "$(code summary pass.sarif)"
see 'diff: gone in a.py, new in b.py' 'exit 0, error level: +0 -0 no changes' "$(code diff new.sarif elsewhere.sarif)"
exit "$changed"

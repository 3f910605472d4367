#!/bin/sh
# pre-commit-hooks 6.0.0: check-json accepts NaN and Infinity, which are not JSON.
# One would guess: a check of JSON refuses what JSON.parse refuses; and prek's builtin check of the same name, made as
# its replacement, gives the same answer.
# Really: check-json exits 0, prek 0.5.11 exits 1 and Node throws. On a key that stands twice it is the other way
# round: both checks refuse it, and Node takes the last.
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
python3 -m venv py && py/bin/pip install --quiet pre-commit-hooks==6.0.0 prek==0.5.11 >log 2>&1 || { cat log; exit 2; }
py/bin/pip list --format=freeze 2>/dev/null | grep -E '^pre'

git init -q repo && cd repo || exit 2
printf 'repos:\n- repo: builtin\n  hooks:\n  - {id: check-json}\n' >.pre-commit-config.yaml
three() {
  echo "$1" >limits.json && git add .
  ../py/bin/check-json limits.json >/dev/null; a=$?
  ../py/bin/prek run --files limits.json >/dev/null 2>&1; b=$?
  node -e 'JSON.parse(require("fs").readFileSync("limits.json"))' 2>/dev/null; c=$?
  echo "check-json $a, prek $b, node $c"
}
see 'a number' 'check-json 0, prek 0, node 0' "$(three '{"max": 5}')"
see 'NaN' 'check-json 0, prek 1, node 1' "$(three '{"max": NaN}')"
see '-Infinity' 'check-json 0, prek 1, node 1' "$(three '{"max": -Infinity}')"
see 'a key twice' 'check-json 1, prek 1, node 0' "$(three '{"max": 5, "max": 6}')"
exit "$changed"

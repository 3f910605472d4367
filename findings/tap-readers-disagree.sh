#!/bin/sh
# tap-parser 18.3.4 (npm) and tap.py 3.2.1 (PyPI): the same TAP stream, a pass for one and a failure for the other.
# One would guess: readers of so small a format agree, and both refuse a stream with nothing in it.
# Really: tap-parser exits 0 on an empty stream, which is what `producer | tap-parser` gets from a producer that died;
# tap.py fails it. tap.py takes test 1 twice for tests 1 and 2, reads an escaped `\#` as the begin of a directive, and
# does not see a failed subtest below an `ok`; tap-parser fails all three.
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
npm install --silent --no-audit --no-fund tap-parser@18.3.4 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet tap.py==3.2.1 >log 2>&1 || { cat log; exit 2; }
echo "tap-parser $(node -p 'require("./node_modules/tap-parser/package.json").version'), $(py/bin/pip list --format=freeze 2>/dev/null | grep tap)"

both() {
  printf "$1" >stream.tap
  node_modules/.bin/tap-parser <stream.tap >/dev/null 2>&1; a=$?
  py/bin/tappy stream.tap >/dev/null 2>&1; b=$?
  echo "tap-parser $a, tap.py $b"
}
see 'two good tests' 'tap-parser 0, tap.py 0' "$(both 'TAP version 14\n1..2\nok 1\nok 2\n')"
see 'nothing' 'tap-parser 0, tap.py 1' "$(both '')"
see 'test 1 twice of 1..2' 'tap-parser 1, tap.py 0' "$(both 'TAP version 14\n1..2\nok 1\nok 1\n')"
see 'failed, named "list \# TODO marks"' 'tap-parser 1, tap.py 0' "$(both 'TAP version 14\n1..1\nnot ok 1 - list \\# TODO marks\n')"
see 'ok above a failed subtest' 'tap-parser 1, tap.py 0' \
  "$(both 'TAP version 14\n1..1\n# Subtest: a\n    1..1\n    not ok 1 - inner\nok 1 - a\n')"
exit "$changed"

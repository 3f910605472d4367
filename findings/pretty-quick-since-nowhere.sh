#!/bin/sh
# pretty-quick 4.2.2: `--check --since REVISION` passes when the revision does not exist.
# One would guess: in a checkout without origin/main, as a shallow CI clone often is, it fails like lint-staged 16.4.0
# and pre-commit 4.7.0 do for the same base.
# Really: "Found 0 changed files. Everything is awesome!", exit 0. With the revision there, the same commit exits 1.
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools pretty-quick@4.2.2 prettier@3.10.1 lint-staged@16.4.0 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet pre-commit==4.7.0 >log 2>&1 || { cat log; exit 2; }
bin=$work/tools/node_modules/.bin
echo "pretty-quick $(node -p "require('$work/tools/node_modules/pretty-quick/package.json').version"), lint-staged $("$bin/lint-staged" --version), $(py/bin/pre-commit --version)"

git init -q -b main repo && cd repo || exit 2
echo '{ "*.js": "true" }' >.lintstagedrc.json
printf 'repos:\n  - repo: local\n    hooks: [{ id: ok, name: ok, language: system, entry: "true" }]\n' >.pre-commit-config.yaml
git add . && git commit -qm start
git checkout -qb work
printf 'const  a = [1,2 ]\n' >a.js
git add . && git commit -qm a

code() { "$@" >../out 2>&1; echo $?; }
see 'pretty-quick --check --since main' 1 "$(code "$bin/pretty-quick" --check --since main)"
see 'pretty-quick --check --since origin/main' 0 "$(code "$bin/pretty-quick" --check --since origin/main)"
grep -o 'Found 0 changed files' ../out || changed=1
see 'lint-staged --diff main...HEAD' 0 "$(code "$bin/lint-staged" --diff main...HEAD)"
see 'lint-staged --diff origin/main...HEAD' 1 "$(code "$bin/lint-staged" --diff origin/main...HEAD)"
see 'pre-commit run --from-ref main --to-ref HEAD' 0 "$(code ../py/bin/pre-commit run --from-ref main --to-ref HEAD)"
see 'pre-commit run --from-ref origin/main --to-ref HEAD' 3 "$(code ../py/bin/pre-commit run --from-ref origin/main --to-ref HEAD)"
exit "$changed"

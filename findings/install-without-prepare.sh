#!/bin/sh
# npm 11.21.2, yarn 1.22.22, yarn 4.18.1: which commands run the `prepare` script that is to install the hooks.
# One would guess: every command that brings node_modules up to date runs it.
# Really: `npm install NAME`, the usual way to add the gate itself, does not, though bare `npm install` and `npm ci` do;
# yarn 1 does on both, but not for production; yarn 4 runs preinstall and postinstall but never prepare.
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools npm@11.21.2 yarn@1.22.22 @yarnpkg/cli-dist@4.18.1 >log 2>&1 ||
  { cat log; exit 2; }
npm="node $work/tools/node_modules/npm/bin/npm-cli.js"
yarn1="node $work/tools/node_modules/yarn/bin/yarn.js"
yarn4="node $work/tools/node_modules/@yarnpkg/cli-dist/bin/yarn.js"
export YARN_GLOBAL_FOLDER="$work/yarn" YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_IMMUTABLE_INSTALLS=0

fresh() {
  cd "$work" && rm -rf app && mkdir app && cd app || exit 2
  echo '{"name": "app", "version": "1.0.0", "scripts": {"prepare": "echo prepare >>ran", "postinstall": "echo postinstall >>ran"}}' >package.json
  : >yarn.lock
}
ran() { # ran COMMAND: exit code, and which of the two scripts ran
  : >ran
  $1 >"$work/out" 2>&1
  echo "exit $?, ran: $(tr '\n' ' ' <ran)"
}
fresh; echo "npm $($npm --version)"; rm yarn.lock
see 'npm install' 'exit 0, ran: postinstall prepare ' "$(ran "$npm install")"
see 'npm install NAME' 'exit 0, ran: ' "$(ran "$npm install --save-dev is-odd@3.0.1")"
see 'npm ci' 'exit 0, ran: postinstall prepare ' "$(ran "$npm ci")"
fresh; echo "yarn $($yarn1 --version)"
see 'yarn 1 add NAME' 'exit 0, ran: postinstall prepare ' "$(ran "$yarn1 add --dev is-odd@3.0.1")"
see 'yarn 1 install --production' 'exit 0, ran: postinstall ' "$(ran "$yarn1 install --production")"
fresh; echo "yarn $($yarn4 --version)"
see 'yarn 4 install' 'exit 0, ran: postinstall ' "$(ran "$yarn4 install")"
see 'yarn 4 add NAME' 'exit 0, ran: postinstall ' "$(ran "$yarn4 add --dev is-odd@3.0.1")"
exit "$changed"

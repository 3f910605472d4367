#!/bin/sh
# husky 9.1.7: a word that husky does not know is not an error, but the name of the hooks folder.
# One would guess: `husky help` prints help, `husky instal` complains, and either leaves the repository alone.
# Really: both exit 0 without a word and point core.hooksPath at a new empty folder of that name. The hook in
# .husky, which refused the commit a moment ago, is no longer asked.
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
husky=$work/tools/node_modules/.bin/husky
echo "husky $(node -p "require('$work/tools/node_modules/husky/package.json').version")"

git init -q repo && cd repo || exit 2
"$husky"
echo 'exit 1' >.husky/pre-commit
git commit -q --allow-empty -m one 2>/dev/null
see 'commit after `husky`' 1 $?

for word in instal help; do
  said=$("$husky" "$word" 2>&1)
  see "exit and output of \`husky $word\`" '0 and nothing' "$? and ${said:-nothing}"
  see 'core.hooksPath' "$word/_" "$(git config core.hooksPath)"
  git commit -q --allow-empty -m "$word" 2>/dev/null
  see 'the same commit now' 0 $?
done
exit "$changed"

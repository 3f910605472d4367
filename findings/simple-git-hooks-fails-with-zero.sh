#!/bin/sh
# simple-git-hooks 2.14.0: exits 0 when it sets no hook, and removes hooks that it did not write.
# One would guess: no configuration, or a hook name that git does not have, ends with a non-zero code that stops
# `npm install`; and a commit-msg hook written by hand is left alone when only pre-commit is configured.
# Really: both mistakes print ERROR and exit 0, and the hand-written hook is deleted without a word.
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools simple-git-hooks@2.14.0 >log 2>&1 ||
  { cat log; exit 2; }
echo "simple-git-hooks $(node -p "require('$work/tools/node_modules/simple-git-hooks/package.json').version")"

git init -q repo && cd repo || exit 2
rm -f .git/hooks/*.sample
sgh() { # sgh CONFIGURATION: exit code, first word of the complaint, hooks afterwards
  echo "$1" >package.json
  said=$("$work/tools/node_modules/.bin/simple-git-hooks" 2>&1)
  echo "exit $?, $(echo "$said" | grep -o -m1 -E 'Config was not [a-z ]+|Successfully set all')., hooks: $(ls -m .git/hooks)"
}
see 'no configuration' 'exit 0, Config was not found., hooks: ' "$(sgh '{}')"
see '"precommit"' 'exit 0, Config was not in correct format., hooks: ' \
  "$(sgh '{"simple-git-hooks": {"precommit": "exit 1"}}')"
printf '#!/bin/sh\ngrep -q PROJ- "$1"\n' >.git/hooks/commit-msg
chmod +x .git/hooks/commit-msg
see 'pre-commit, beside a commit-msg written by hand' 'exit 0, Successfully set all., hooks: pre-commit' \
  "$(sgh '{"simple-git-hooks": {"pre-commit": "true"}}')"
exit "$changed"

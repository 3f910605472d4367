#!/bin/sh
# commitlint 20.5.3, gitlint 0.19.1, commitizen 4.19.3: three linters of commit messages, three languages of exit codes.
# One would guess: 1 for a bad message, 0 for a range without commits (a branch that was just made).
# Really: gitlint's exit code is the number of violations, added up over the range; commitizen's is 14, and it fails
# with 3 on an empty range, where the other two pass. A job that compares with 1 knows only commitlint.
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
npm install --silent --no-audit --no-fund @commitlint/cli@20.5.3 @commitlint/config-conventional@20.5.3 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet gitlint==0.19.1 commitizen==4.19.3 >log 2>&1 || { cat log; exit 2; }
echo "commitlint $(node_modules/.bin/commitlint --version), $(py/bin/gitlint --version), commitizen $(py/bin/cz version)"

git init -q . && echo '{"extends": ["@commitlint/config-conventional"]}' >.commitlintrc.json || exit 2
for subject in 'feat: Start' 'WIP parser' 'WIP lexer.'; do git commit -q --allow-empty -m "$subject"; done
codes() {
  node_modules/.bin/commitlint --from "$1" --to "$2" >/dev/null 2>&1; a=$?
  py/bin/gitlint --ignore body-is-missing --commits "$1..$2" >/dev/null 2>&1; b=$?
  py/bin/cz check --rev-range "$1..$2" >/dev/null 2>&1; c=$?
  echo "commitlint $a, gitlint $b, cz $c"
}
see 'one bad commit' 'commitlint 1, gitlint 1, cz 14' "$(codes HEAD~2 HEAD~1)"
see 'two bad commits' 'commitlint 1, gitlint 3, cz 14' "$(codes HEAD~2 HEAD)"
see 'no commits' 'commitlint 0, gitlint 0, cz 3' "$(codes HEAD HEAD)"
exit "$changed"

#!/bin/sh
# commitlint 20.5.3, gitlint 0.19.1, commitizen 4.19.3: messages that git itself wrote and a linter refuses.
# One would guess: all three leave merges and reverts alone, as each of them says, so git's own words pass.
# Really: commitlint knows merges by their wording. It passes "Merge branch" and refuses the merge of a commit and
# that of two branches at once. commitizen passes "Revert" and refuses git's "Reapply", the revert of a revert.
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

git init -q -b main . && echo '{"extends": ["@commitlint/config-conventional"]}' >.commitlintrc.json || exit 2
one() { echo "$1" >"$1" && git add "$1" && git commit -qm "feat: add $1"; }
branch() { git checkout -q -b "$1" && one "$1" && git checkout -q main && one "main-$1"; }
one start
codes() { # the last commit's message in the eyes of each
  git log -1 --format=%B >message
  node_modules/.bin/commitlint --edit message >/dev/null 2>&1; a=$?
  py/bin/gitlint --ignore body-is-missing --msg-filename message </dev/null >/dev/null 2>&1; b=$?
  py/bin/cz check --commit-msg-file message >/dev/null 2>&1; c=$?
  echo "$(git log -1 --format=%s | sed 's/[0-9a-f]\{40\}/ID/'): commitlint $a, gitlint $b, cz $c"
}
branch a; git merge -q --no-edit a
see 'git merge a' "Merge branch 'a': commitlint 0, gitlint 0, cz 0" "$(codes)"
branch b; git merge -q --no-edit "$(git rev-parse b)"
see 'git merge COMMIT' "Merge commit 'ID': commitlint 1, gitlint 0, cz 0" "$(codes)"
branch c; branch d; git merge -q --no-edit c d >/dev/null
see 'git merge c d' "Merge branches 'c' and 'd': commitlint 1, gitlint 0, cz 0" "$(codes)"
one last; git revert --no-edit HEAD >/dev/null
see 'git revert' 'Revert "feat: add last": commitlint 0, gitlint 0, cz 0' "$(codes)"
git revert --no-edit HEAD >/dev/null
if git log -1 --format=%s | grep -q '^Reapply'; then # git before 2.43 says Revert "Revert
  see 'git revert, once more' 'Reapply "feat: add last": commitlint 0, gitlint 0, cz 14' "$(codes)"
fi
exit "$changed"

#!/bin/sh
# pre-commit-hooks 6.0.0: check-merge-conflict looks into the files only during a merge or a rebase.
# One would guess: a file that is staged with <<<<<<< and >>>>>>> in it is refused, however they came there.
# Really: after a conflict in `git cherry-pick` or `git stash pop` it exits 0 and does not open the file; after
# `git merge` it exits 1. prek 0.5.11, whose check of that name is its own code, does the same.
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
python3 -m venv py && py/bin/pip install --quiet pre-commit-hooks==6.0.0 prek==0.5.11 >log 2>&1 || { cat log; exit 2; }
py/bin/pip list --format=freeze 2>/dev/null | grep -E '^pre'

git init -q -b main repo && cd repo || exit 2
printf 'repos:\n- repo: builtin\n  hooks:\n  - {id: check-merge-conflict}\n' >.pre-commit-config.yaml
echo one >note && git add . && git commit -qm one
git checkout -qb side && echo two >note && git commit -qam two
git checkout -q main && echo three >note && git commit -qam three

checks() {
  git add note
  grep -q '^<<<<<<<' note && grep -q '^>>>>>>>' note || echo 'no conflict was made:'
  ../py/bin/check-merge-conflict note >/dev/null; a=$?
  ../py/bin/prek run --files note >/dev/null 2>&1; b=$?
  echo "$a, prek $b"
}
git cherry-pick side >/dev/null 2>&1
see 'cherry-pick' '0, prek 0' "$(checks)"
git cherry-pick --abort
echo four >note && git stash -q && echo five >note && git commit -qam five
git stash pop >/dev/null 2>&1
see 'stash pop' '0, prek 0' "$(checks)"
git reset -q --hard
git merge side >/dev/null 2>&1
see 'merge' '1, prek 1' "$(checks)"
exit "$changed"

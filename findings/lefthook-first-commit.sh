#!/bin/sh
# lefthook 2.2.2: the first commit of a repository is refused when a staged file has been edited since `git add`.
# One would guess: the job sees what is staged, passes, and the edit stays unstaged, as in every later commit.
# Really: lefthook saves the edit with `git stash create`, which needs a commit; it exits 1 before any job runs. With
# one commit below, the same state passes. lint-staged 16.4.0 and pre-commit 4.7.0 take the first commit too.
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools lefthook@2.2.2 lint-staged@16.4.0 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet pre-commit==4.7.0 >log 2>&1 || { cat log; exit 2; }
bin=$work/tools/node_modules/.bin
echo "lefthook $("$bin/lefthook" version), lint-staged $("$bin/lint-staged" --version), $(py/bin/pre-commit --version)"

echo "cat note.txt >$work/saw" >copy.sh

new() { # a repository with a staged file that was edited once more
  cd "$work" && rm -rf repo && git init -q repo && cd repo || exit 2
  [ "$1" = empty ] || git commit -q --allow-empty -m start
  printf 'pre-commit:\n  jobs:\n    - run: cat note.txt >%s/saw\n' "$work" >lefthook.yml
  printf '{"*.txt": "sh %s/copy.sh"}' "$work" >.lintstagedrc.json
  printf 'repos:\n- repo: local\n  hooks:\n  - {id: c, name: c, language: system, entry: cp note.txt %s/saw, pass_filenames: false}\n' \
    "$work" >.pre-commit-config.yaml
  echo staged >note.txt
  git add .
  echo edited >note.txt
  rm -f ../saw
}
told() { echo "exit $1, checked: $(cat ../saw 2>/dev/null)"; }

new empty; "$bin/lefthook" run pre-commit --no-auto-install >../out 2>&1
see 'lefthook, no commit yet' 'exit 1, checked: ' "$(told $?)"
grep -o 'You do not have the initial commit yet' ../out || changed=1
new one; "$bin/lefthook" run pre-commit --no-auto-install >../out 2>&1
see 'lefthook, one commit' 'exit 0, checked: staged' "$(told $?)"
new empty; "$bin/lint-staged" >../out 2>&1
see 'lint-staged, no commit yet' 'exit 0, checked: staged' "$(told $?)"
new empty; ../py/bin/pre-commit run >../out 2>&1
see 'pre-commit, no commit yet' 'exit 0, checked: staged' "$(told $?)"
exit "$changed"

#!/bin/sh
# lint-staged 16.4.0: one file marked with `git add -N` stops every commit, whatever else is staged.
# One would guess: the marked file has nothing staged, so it is left alone and the staged ones are checked.
# Really: the backup of the original state is a `git stash`, which git does not make while such an entry stands in the
# index: exit 1 and no task runs. lefthook 2.2.2 and pre-commit 4.7.0 check the staged file and leave the mark.
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

git init -q repo && cd repo || exit 2
printf 'pre-commit:\n  jobs:\n    - glob: "*.txt"\n      run: touch %s/ran\n' "$work" >lefthook.yml
printf '{"*.txt": "touch %s/ran"}' "$work" >.lintstagedrc.json
printf 'repos:\n- repo: local\n  hooks:\n  - {id: c, name: c, language: system, entry: touch %s/ran, files: txt$, pass_filenames: false}\n' \
  "$work" >.pre-commit-config.yaml
git add . && git commit -qm start
echo ready >ready.txt && git add ready.txt
echo later >later.txt && git add -N later.txt

told() { echo "exit $1, checked: $([ -e ../ran ] && echo yes || echo no)"; rm -f ../ran; }
"$bin/lint-staged" >../out 2>&1
see 'lint-staged' 'exit 1, checked: no' "$(told $?)"
grep -o 'Cannot save the current worktree state' ../out || changed=1
"$bin/lefthook" run pre-commit --no-auto-install >/dev/null 2>&1
see 'lefthook' 'exit 0, checked: yes' "$(told $?)"
../py/bin/pre-commit run >/dev/null 2>&1
see 'pre-commit' 'exit 0, checked: yes' "$(told $?)"
see 'the index afterwards' ' A later.txt,A  ready.txt,' "$(git status --short | tr '\n' ,)"
git reset -q later.txt
"$bin/lint-staged" >/dev/null 2>&1
see 'lint-staged once the mark is gone' 'exit 0, checked: yes' "$(told $?)"
exit "$changed"

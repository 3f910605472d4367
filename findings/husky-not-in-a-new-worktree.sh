#!/bin/sh
# husky 9.1.7: a new linked worktree has no hooks, and nothing says so.
# One would guess: worktrees share one repository and its config, so the hook that guards one guards the other.
# Really: core.hooksPath is the relative .husky/_, which is ignored and thus not in the new worktree; git finds no hook
# there and commits. The committed .husky/pre-commit is there, and unused until `husky` runs once more. The hooks of
# lefthook 2.2.2 and pre-commit 4.7.0 lie in the shared .git and refuse the same commit.
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools lefthook@2.2.2 husky@9.1.7 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet pre-commit==4.7.0 >log 2>&1 || { cat log; exit 2; }
PATH=$work/tools/node_modules/.bin:$work/py/bin:$PATH
echo "lefthook $(lefthook version), husky $(node -p "require('$work/tools/node_modules/husky/package.json').version"), $(pre-commit --version)"

both() { # both TOOL: a commit in the first worktree and in a new one
  git add . && git commit -qnm start && git worktree add -q ../tree -b side 2>../log || exit 2
  echo one >a.txt && git add a.txt && git commit -qm try >../out 2>&1; a=$?
  cd ../tree && echo one >a.txt && git add a.txt && git commit -qm try >../out 2>&1; b=$?
  echo "here $a, in the new worktree $b"
}
fresh() { cd "$work" && rm -rf repo tree && git init -q repo && cd repo || exit 2; }
fresh; husky; echo 'exit 1' >.husky/pre-commit
see 'husky' 'here 1, in the new worktree 0' "$(both)"
cd "$work/tree" && husky
git commit -q --allow-empty -m try >../out 2>&1
see 'after `husky` in the new worktree' 1 $?
fresh; printf 'pre-commit:\n  jobs:\n    - run: exit 1\n' >lefthook.yml; lefthook install >../log 2>&1
see 'lefthook' 'here 1, in the new worktree 1' "$(both)"
fresh; pre-commit install >../log 2>&1
printf 'repos:\n- repo: local\n  hooks:\n  - {id: stop, name: stop, language: system, entry: "false", always_run: true}\n' >.pre-commit-config.yaml
see 'pre-commit' 'here 1, in the new worktree 1' "$(both)"
exit "$changed"

#!/bin/sh
# lefthook 2.2.2: a commit with nothing in it passes every pre-commit job, also one that takes no files.
# One would guess: `run: exit 1` fails always; only jobs with {staged_files} or a glob depend on what is staged.
# Really: on `git commit --allow-empty`, as used to start CI again, all jobs are skipped and the commit is made. The
# hooks of husky 9.1.7 and pre-commit 4.7.0 (always_run) run and refuse it; so does a commit-msg job of lefthook.
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

fresh() { cd "$work" && rm -rf repo && git init -q repo && cd repo && git commit -q --allow-empty -m start || exit 2; }
commit() { # commit with and without a file in it
  git commit -q --allow-empty -m try >../out 2>&1; a=$?
  echo one >a.txt && git add a.txt && git commit -qm try >../out 2>&1; b=$?
  echo "empty $a, with a file $b"
}
fresh; printf 'pre-commit:\n  jobs:\n    - run: exit 1\n' >lefthook.yml; lefthook install >../log 2>&1
see 'lefthook, pre-commit' 'empty 0, with a file 1' "$(commit)"
fresh; printf 'commit-msg:\n  jobs:\n    - run: exit 1\n' >lefthook.yml; lefthook install >../log 2>&1
see 'lefthook, commit-msg' 'empty 1, with a file 1' "$(commit)"
fresh; husky; echo 'exit 1' >.husky/pre-commit
see 'husky, pre-commit' 'empty 1, with a file 1' "$(commit)"
fresh; pre-commit install >../log 2>&1
printf 'repos:\n- repo: local\n  hooks:\n  - {id: stop, name: stop, language: system, entry: "false", always_run: true}\n' >.pre-commit-config.yaml
git add .pre-commit-config.yaml
git commit -qnm config
see 'pre-commit' 'empty 1, with a file 1' "$(commit)"
exit "$changed"

#!/bin/sh
# lefthook 2.2.2: `git push origin topic`, with main checked out, runs none of the pre-push jobs.
# One would guess: `run: exit 1` refuses every push, and {push_files} are the files that are pushed.
# Really: they are those of the branch that is checked out, and where it has none, all `run:` jobs are skipped, exit 0;
# `files:` does not help, but a `script:` runs. So it is when a tag is pushed. husky 9.1.7 refuses all of these.
# lefthook 2.1.6 skips the jobs even for main itself, once it tracks a branch of another name.
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
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix old lefthook@2.1.6 >log 2>&1 || { cat log; exit 2; }
start=$PATH
PATH=$work/tools/node_modules/.bin:$start
echo "lefthook $(lefthook version) and $(old/node_modules/.bin/lefthook version), husky $(node -p "require('$work/tools/node_modules/husky/package.json').version")"

fresh() { # fresh JOB: a clone on main; topic and the tag v1 have another commit
  cd "$work" && rm -rf remote.git repo && git init -q --bare -b main remote.git && git clone -q remote.git repo 2>log && cd repo &&
    git checkout -q -B main && mkdir -p .lefthook/pre-push && printf 'exit 1\n' >.lefthook/pre-push/stop.sh || exit 2
  printf "pre-push:\n  jobs:\n    - $1\n" >lefthook.yml
  git add . && git commit -qm start && git push -q origin main main:next && git remote set-head origin main >../log &&
    git branch -q -u origin/main && git checkout -qb topic && echo new >new.txt && git add . && git commit -qm new &&
    git tag v1 && git checkout -q main || exit 2
  lefthook install >../log 2>&1
}
push() { # push REF...: the exit code, and what lefthook says of the files
  git push origin "$@" >../out 2>&1
  echo "$? $(grep -Eo '\(skip\).*|^files=.*' ../out | paste -sd , -)"
}
skipped='0 (skip) no matching push files'
fresh 'run: exit 1'
see 'topic, from main' "$skipped" "$(push topic)"
see 'tag v1, from main' "$skipped" "$(push v1)"
fresh 'run: exit 1'; git checkout -q topic
see 'topic, checked out' '1 ' "$(push topic)"
fresh '{run: exit 1, files: git ls-files}'
see 'topic, from main, files: git ls-files' "$skipped" "$(push topic)"
fresh '{script: stop.sh, runner: sh}'
see 'topic, from main, script: stop.sh' '1 ' "$(push topic)"
fresh 'run: echo files={push_files}'; git branch same main; git checkout -q topic
see 'a branch with nothing new, from topic' '0 files=new.txt' "$(push same)"
fresh 'run: exit 1'; git branch -q -u origin/next; git merge -q topic
see 'main that tracks next' '1 ' "$(push main)"
PATH=$work/old/node_modules/.bin:$start
see 'the same with 2.1.6' "$skipped" "$(push main)"
PATH=$work/tools/node_modules/.bin:$start
fresh 'run: exit 1'; husky; echo 'exit 1' >.husky/pre-push
see 'husky, topic and v1, from main' '1 ,1 ' "$(push topic),$(push v1)"
exit "$changed"

#!/bin/sh
# dulwich 1.2.21: its `commit` runs the hooks in .git/hooks, and none of those that husky 9.1.7 installed.
# One would guess: a library that runs hooks looks where git looks, in core.hooksPath, as GitPython 3.2.1 does.
# Really: it knows .git/hooks only. With the hook there, dulwich refuses the commit; with the same hook by husky it
# makes the commit, while git and GitPython refuse it.
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
npm install --silent --no-audit --no-fund --prefix tools husky@9.1.7 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet dulwich==1.2.21 GitPython==3.2.1 >log 2>&1 || { cat log; exit 2; }
py/bin/pip list --format=freeze 2>/dev/null | grep -iE '^(dulwich|gitpython)='

cat >commit.py <<'PY'
import git, sys
from dulwich import porcelain
ways = {"dulwich": lambda: porcelain.commit(".", message=b"try"), "GitPython": lambda: git.Repo(".").index.commit("try")}
try:
    ways[sys.argv[1]]()
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
PY
tries() {
  git commit -q --allow-empty -m try >../out 2>&1; a=$?
  ../py/bin/python ../commit.py GitPython >../out 2>&1; b=$?
  ../py/bin/python ../commit.py dulwich >../out 2>&1; c=$?
  echo "git $a, GitPython $b, dulwich $c, commits $(git rev-list --count HEAD)"
}
fresh() { cd "$work" && rm -rf repo && git init -q repo && cd repo && git commit -q --allow-empty -m start || exit 2; }
fresh
see 'without a hook' 'git 0, GitPython 0, dulwich 0, commits 4' "$(tries)"
fresh
printf '#!/bin/sh\nexit 1\n' >.git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
see 'pre-commit in .git/hooks' 'git 1, GitPython 1, dulwich 1, commits 1' "$(tries)"
fresh
"$work/tools/node_modules/.bin/husky" && echo 'exit 1' >.husky/pre-commit
see 'pre-commit by husky' 'git 1, GitPython 1, dulwich 0, commits 2' "$(tries)"
exit "$changed"

#!/bin/sh
# prek 0.5.11 and pre-commit 4.7.0 installed in one repository, in either order: every commit is refused.
# One would guess: the second takes the first one's place, as each says it replaces the other, or the checks run twice.
# Really: the second keeps the first one's hook as pre-commit.legacy and both pass all checks, but the commit fails
# with exit 1. `install --overwrite` of the second makes commits possible again.
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
python3 -m venv py && py/bin/pip install --quiet pre-commit==4.7.0 prek==0.5.11 >log 2>&1 || { cat log; exit 2; }
echo "$(py/bin/pre-commit --version), $(py/bin/prek --version)"
PATH=$work/py/bin:$PATH

fresh() {
  cd "$work" && rm -rf repo && git init -q repo && cd repo || exit 2
  printf 'repos:\n- repo: local\n  hooks:\n  - {id: good, name: good, language: system, entry: "true", always_run: true}\n' >.pre-commit-config.yaml
  git add .
}
commit() { git commit -q --allow-empty -m try >../out 2>&1; echo "exit $?, $(grep -c 'good\.*Passed' ../out) passed, $(grep -c 'Failed' ../out) failed"; }
for tool in pre-commit prek; do
  fresh; $tool install >../log 2>&1
  see "$tool alone" 'exit 0, 1 passed, 0 failed' "$(commit)"
done
fresh; pre-commit install >../log 2>&1; prek install >../log 2>&1
see 'prek after pre-commit' 'exit 1, 2 passed, 0 failed' "$(commit)"
grep -o 'installed in migration mode' ../out || changed=1
prek install --overwrite >../log 2>&1
see 'prek install --overwrite' 'exit 0, 1 passed, 0 failed' "$(commit)"
fresh; prek install >../log 2>&1; pre-commit install >../log 2>&1
see 'pre-commit after prek' 'exit 1, 2 passed, 0 failed' "$(commit)"
grep -o 'installed in migration mode' ../out || changed=1
pre-commit install --overwrite >../log 2>&1
see 'pre-commit install --overwrite' 'exit 0, 1 passed, 0 failed' "$(commit)"
exit "$changed"

#!/bin/sh
# python-semantic-release 10.7.0: on a 0.x version, a run with nothing to release is version 1.0.0.
# One would guess: without a commit since the tag, or with only `docs:`, there is no release; a `fix:` after 0.2.3
# makes 0.2.4.
# Really: `allow_zero_version` is false by default, and then every run below 1.0.0 answers 1.0.0, also on the tagged
# commit itself. From 1.2.3 on, and with `allow_zero_version = true`, it is as guessed.
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
python3 -m venv py && py/bin/pip install --quiet python-semantic-release==10.7.0 >log 2>&1 || { cat log; exit 2; }
py/bin/pip list --format=freeze 2>/dev/null | grep '^python-semantic-release='

after() { # after VERSION SETTING [MESSAGE]: the next version
  cd "$work" && rm -rf repo && git init -q -b main repo && cd repo || exit 2
  git remote add origin https://example.org/team/app.git
  printf '[tool.semantic_release]\n%s\n' "$2" >pyproject.toml
  git add . && git commit -qm 'chore: start' && git tag "v$1"
  [ -z "${3-}" ] || git commit -q --allow-empty -m "$3"
  ../py/bin/semantic-release --noop version --print 2>/dev/null | tail -1
}
see '1.2.3, no commit since' '1.2.3' "$(after 1.2.3 '')"
see '1.2.3, fix:' '1.2.4' "$(after 1.2.3 '' 'fix: a')"
see '0.2.3, no commit since' '1.0.0' "$(after 0.2.3 '')"
see '0.2.3, docs:' '1.0.0' "$(after 0.2.3 '' 'docs: a')"
see '0.2.3, fix:' '1.0.0' "$(after 0.2.3 '' 'fix: a')"
see '0.2.3, allow_zero_version, no commit since' '0.2.3' "$(after 0.2.3 'allow_zero_version = true')"
see '0.2.3, allow_zero_version, fix:' '0.2.4' "$(after 0.2.3 'allow_zero_version = true' 'fix: a')"
exit "$changed"

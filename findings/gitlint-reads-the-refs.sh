#!/bin/sh
# gitlint 0.19.1: `gitlint --commits origin/main..HEAD` in a pre-push hook looks at no commit.
# One would guess: it checks these commits, as the same words do in a terminal, and as commitizen 4.19.3 does.
# Really: what git writes on the hook's standard input is taken for the message, and --commits for nothing. A good
# commit is refused, for the title "refs/heads/…" is too long; where longer titles are allowed, a bad one passes. With
# --ignore-stdin it checks the commits.
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
python3 -m venv py && py/bin/pip install --quiet gitlint==0.19.1 commitizen==4.19.3 >log 2>&1 || { cat log; exit 2; }
echo "$(py/bin/gitlint --version), commitizen $(py/bin/cz version)"

git init -q --bare remote.git && git init -qb main repo && cd repo && git remote add origin ../remote.git &&
  git commit -q --allow-empty -m 'feat: start' && git push -q origin main 2>../log || exit 2
push() { # push SUBJECT COMMAND...: the exit code of the command in the hook, and what it objects to
  git commit -q --allow-empty -m "$1"
  shift
  printf '#!/bin/sh\n%s >../out 2>&1\necho $? >../code\nexit 1\n' "$*" >.git/hooks/pre-push && chmod +x .git/hooks/pre-push
  git push -q origin main 2>../log
  git reset -q --hard origin/main
  echo "$(cat ../code) $(grep -Eo 'too long|exceeds max length.*"refs/heads/main|contains the word|no commit|failed' ../out | paste -sd , -)"
}
lint='../py/bin/gitlint --ignore body-is-missing' range='--commits origin/main..HEAD'
see 'good commit' '1 exceeds max length (113>72): "refs/heads/main' "$(push 'feat: read' "$lint $range")"
see 'good commit, --ignore-stdin' '0 ' "$(push 'feat: read' "$lint --ignore-stdin $range")"
see 'bad commit, titles up to 120' '0 ' "$(push 'WIP read' "$lint -c title-max-length.line-length=120 $range")"
see 'bad commit, --ignore-stdin' '1 contains the word' "$(push 'WIP read' "$lint --ignore-stdin $range")"
see 'bad commit, no input' '1 contains the word' "$(push 'WIP read' "$lint $range </dev/null")"
see 'commitizen, good commit' '0 ' "$(push 'feat: read' ../py/bin/cz check --rev-range origin/main..HEAD)"
see 'commitizen, bad commit' '14 failed' "$(push 'WIP read' ../py/bin/cz check --rev-range origin/main..HEAD)"
exit "$changed"

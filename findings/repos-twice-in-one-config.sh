#!/bin/sh
# pre-commit 4.7.0: where `repos:` stands twice, as after joining two templates, the first list is dropped.
# One would guess: the file is refused, or both lists run. `pre-commit validate-config` at least should say something.
# Really: it exits 0 without a word and only the second list runs; the failing check of the first is gone.
# prek 0.5.11 refuses the same file with exit 2.
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

git init -q repo && cd repo || exit 2
part() {
  printf 'repos:\n- repo: local\n  hooks:\n'
  printf '  - {id: %s, name: %s, language: system, entry: "%s", always_run: true, pass_filenames: false}\n' "$1" "$1" "$2"
}
{ part strict false; part easy true; } >.pre-commit-config.yaml
git add .

said=$(../py/bin/pre-commit validate-config 2>&1)
see 'pre-commit validate-config' '0 and nothing' "$? and ${said:-nothing}"
out=$(../py/bin/pre-commit run 2>&1)
see 'pre-commit run' '0, ran: easy ' "$?, ran: $(echo "$out" | sed -n 's/\.\..*//p' | tr '\n' ' ')"
../py/bin/prek validate-config .pre-commit-config.yaml >/dev/null 2>&1
see 'prek validate-config' 1 $?
out=$(../py/bin/prek run 2>&1)
see 'prek run' '2, duplicate mapping key: repos' "$?, $(echo "$out" | grep -o -m1 'duplicate mapping key: repos')"
exit "$changed"

#!/bin/sh
# prek 0.5.11: a .pre-commit-config.yaml further down is run as well, such as that of a vendored library.
# One would guess: as a replacement of pre-commit 4.7.0 it reads the config in the root, and no other.
# Really: every folder with such a file is a project of its own. Its hooks run first, with that folder as the current
# one, and its failure fails the run; then the root's hooks check the same files again. pre-commit never looks there.
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

cat >hook.sh <<'S'
printf '%s in %s:' "$1" "$(basename "$PWD")" >>"$RAN"
shift && printf ' %s' $(printf '%s\n' "$@" | sort) >>"$RAN" && echo , >>"$RAN"
case $PWD in */lib) exit 1 ;; esac
S
export RAN="$work/ran"
config() {
  printf 'repos:\n- repo: local\n  hooks:\n'
  printf '  - {id: %s, name: %s, language: system, entry: sh %s/hook.sh %s, files: c$, require_serial: true}\n' "$1" "$1" "$work" "$1"
}
git init -q repo && mkdir -p repo/vendor/lib && cd repo || exit 2
config ours >.pre-commit-config.yaml
config theirs >vendor/lib/.pre-commit-config.yaml
touch main.c vendor/lib/lib.c
git add . && git commit -qm start

run() { : >"$RAN"; "$@" >../out 2>&1; echo "exit $?: $(tr '\n' ' ' <"$RAN")"; }
see 'pre-commit run --all-files' 'exit 0: ours in repo: main.c vendor/lib/lib.c, ' "$(run ../py/bin/pre-commit run --all-files)"
see 'prek run --all-files' 'exit 1: theirs in lib: lib.c, ours in repo: main.c vendor/lib/lib.c, ' "$(run ../py/bin/prek run --all-files)"
echo >>main.c && git add main.c
see 'prek run, only main.c staged' 'exit 0: ours in repo: main.c, ' "$(run ../py/bin/prek run)"
see 'prek run --config FILE --all-files' 'exit 0: ours in repo: main.c vendor/lib/lib.c, ' \
  "$(run ../py/bin/prek run --config .pre-commit-config.yaml --all-files)"
exit "$changed"

#!/bin/sh
# pre-commit 4.7.0, prek 0.5.11: `run --files src` checks nothing and exits 0; so does a name that is not there.
# One would guess: a folder stands for the files in it, as for the linters behind the hooks, or is refused.
# Really: the folder is no file, so it is dropped: "(no files to check) Skipped", exit 0. The same goes for a mistyped
# name. pre-commit has no word for a folder; prek's is `--directory src`.
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

git init -q repo && mkdir repo/src && cd repo || exit 2
printf 'repos:\n- repo: local\n  hooks:\n  - {id: stop, name: stop, language: fail, entry: found one, files: c$}\n' >.pre-commit-config.yaml
touch src/main.c && git add . && git commit -qm start

code() { "$@" >../out 2>&1; echo "$?$(grep -q 'no files to check.*Skipped' ../out && echo ', skipped')"; }
for tool in pre-commit prek; do
  see "$tool run --files src/main.c" 1 "$(code "../py/bin/$tool" run --files src/main.c)"
  see "$tool run --files src" '0, skipped' "$(code "../py/bin/$tool" run --files src)"
  see "$tool run --files src/mian.c" '0, skipped' "$(code "../py/bin/$tool" run --files src/mian.c)"
done
see 'prek run --directory src' 1 "$(code ../py/bin/prek run --directory src)"
exit "$changed"

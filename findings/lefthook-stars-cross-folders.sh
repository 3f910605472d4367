#!/bin/sh
# lefthook 2.2.2: in `glob`, one star goes through folders and two stars demand one.
# One would guess, from shells, gitignore and lint-staged: `src/*.js` is the files right in src, `src/**/*.js` is
# those and everything below, `**/*.js` is every file.
# Really: `src/*.js` takes all depths, while `src/**/*.js` leaves out the files right in src and `**/*.js` those at
# the top: the pattern that looks wider checks less. lint-staged 16.4.0, with the same patterns, does as guessed.
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools lefthook@2.2.2 lint-staged@16.4.0 >log 2>&1 ||
  { cat log; exit 2; }
bin=$work/tools/node_modules/.bin
echo "lefthook $("$bin/lefthook" version), lint-staged $("$bin/lint-staged" --version)"

git init -q repo && cd repo || exit 2
git commit -q --allow-empty -m start
mkdir -p src/deep
touch top.js src/mid.js src/deep/low.js
git add .
cat >../show.sh <<'S'
for f; do echo "${f#"$PWD/"}"; done | sort | tr '\n' ' ' >>"$OUT"
S
export OUT="$work/out"

with_lefthook() {
  printf 'pre-commit:\n  jobs:\n    - glob: "%s"\n      run: sh %s {staged_files}\n' "$1" "$work/show.sh" >lefthook.yml
  : >"$OUT"; "$bin/lefthook" run pre-commit --no-auto-install >/dev/null 2>&1; cat "$OUT"
}
with_lint_staged() {
  printf '{"%s": "sh %s"}' "$1" "$work/show.sh" >.lintstagedrc.json
  : >"$OUT"; "$bin/lint-staged" >/dev/null 2>&1; cat "$OUT"
}
see 'lefthook    src/*.js'    'src/deep/low.js src/mid.js ' "$(with_lefthook 'src/*.js')"
see 'lefthook    src/**/*.js' 'src/deep/low.js ' "$(with_lefthook 'src/**/*.js')"
see 'lefthook    **/*.js'     'src/deep/low.js src/mid.js ' "$(with_lefthook '**/*.js')"
see 'lint-staged src/*.js'    'src/mid.js ' "$(with_lint_staged 'src/*.js')"
see 'lint-staged src/**/*.js' 'src/deep/low.js src/mid.js ' "$(with_lint_staged 'src/**/*.js')"
see 'lint-staged **/*.js'     'src/deep/low.js src/mid.js top.js ' "$(with_lint_staged '**/*.js')"
exit "$changed"

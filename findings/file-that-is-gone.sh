#!/bin/sh
# Twelve linters given a file that is gone, as by `git diff --name-only main | xargs LINTER` after a deletion.
# One would guess: a file that cannot be read is an error, as for cat; or, if they pass it over, they all do.
# Really: eslint, prettier, black, ruff, flake8, yamllint and typos fail, with 1, 2, 64 or 255; prettier adds "All matched
# files use Prettier code style!". markdownlint-cli2 and codespell exit 0. stylelint, cspell and isort fail only where no
# other file is named: with a good file beside it, the missing one is no matter.
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
npm install --silent --no-audit --no-fund --ignore-scripts prettier@3.10.1 eslint@9.39.5 markdownlint-cli2@0.22.1 \
  stylelint@17.16.0 cspell@9.8.0 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet yamllint==1.38.0 codespell==2.4.3 typos==1.52.0 ruff==0.17.6 \
    black==26.10.1 flake8==7.5.0 isort==9.0.2 >log 2>&1 || { cat log; exit 2; }
for name in prettier eslint markdownlint-cli2 stylelint cspell; do
  echo "$name $(node -p "JSON.parse(fs.readFileSync('node_modules/$name/package.json')).version")"
done | paste -sd , -
py/bin/pip list --format=freeze 2>/dev/null | grep -E '^(yamllint|codespell|typos|ruff|black|flake8|isort)=' | paste -sd ' ' -
n=$work/node_modules/.bin p=$work/py/bin

git init -q repo && cd repo || exit 2
echo 'export default [];' >eslint.config.mjs
echo '{"rules": {"block-no-empty": true}}' >.stylelintrc.json
echo 'const x = 1;' >good.js
echo '# Head' >good.md
echo 'a {color: red}' >good.css
printf -- '---\na: 1\n' >good.yaml
echo 'x = 1' >good.py

code() { what=$1; shift; "$@" >../out 2>&1; echo "$what $?"; }
each() { # each [NAME]: exit codes for the missing file, alone or after the good one
  code prettier "$n/prettier" --check ${1:+$1.js} gone.js
  code eslint "$n/eslint" ${1:+$1.js} gone.js
  code black "$p/black" --check ${1:+$1.py} gone.py
  code ruff "$p/ruff" check ${1:+$1.py} gone.py
  code flake8 "$p/flake8" ${1:+$1.py} gone.py
  code yamllint "$p/yamllint" ${1:+$1.yaml} gone.yaml
  code typos "$p/typos" ${1:+$1.md} gone.md
  code markdownlint "$n/markdownlint-cli2" ${1:+$1.md} gone.md
  code codespell "$p/codespell" ${1:+$1.md} gone.md
  code stylelint "$n/stylelint" ${1:+$1.css} gone.css
  code cspell "$n/cspell" ${1:+$1.md} gone.md
  code isort "$p/isort" --check ${1:+$1.py} gone.py
}
alone=$(each | paste -sd ' ' -) beside=$(each good | paste -sd ' ' -)
fails='prettier 2 eslint 2 black 2 ruff 1 flake8 1 yamllint 255 typos 64'
see 'alone, these fail' "$fails" "$(echo "$alone" | cut -d' ' -f1-14)"
see 'alone, these pass' 'markdownlint 0 codespell 0' "$(echo "$alone" | cut -d' ' -f15-18)"
see 'alone, these fail too' 'stylelint 1 cspell 1 isort 1' "$(echo "$alone" | cut -d' ' -f19-)"
see 'with a good file, these fail' "$fails" "$(echo "$beside" | cut -d' ' -f1-14)"
see 'with a good file, these pass' 'markdownlint 0 codespell 0 stylelint 0 cspell 0 isort 0' "$(echo "$beside" | cut -d' ' -f15-)"
see 'prettier says' 'All matched files use Prettier code style!' "$("$n/prettier" --check gone.js 2>&1 | tail -1)"
exit "$changed"

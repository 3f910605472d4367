#!/bin/sh
# Ten linters asked for one bad file by name, which their own configuration excludes: what hook runners do all day.
# One would guess: either all heed the exclusion and exit 0, or the name on the command line wins.
# Really there are four answers. prettier, markdownlint-cli2, yamllint and codespell skip it; prettier then says "All
# matched files use Prettier code style!". ruff, black, flake8 and typos check it all the same. eslint warns, which
# fails with --max-warnings 0. biome exits 1 because it had nothing to do. Asked for the folder, these six leave it out.
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
npm install --silent --no-audit --no-fund --ignore-scripts prettier@3.10.1 eslint@9.39.5 @biomejs/biome@2.6.8 \
  markdownlint-cli2@0.22.1 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet yamllint==1.38.0 codespell==2.4.3 typos==1.52.0 ruff==0.17.6 \
    black==26.10.1 flake8==7.5.0 >log 2>&1 || { cat log; exit 2; }
for name in prettier eslint @biomejs/biome markdownlint-cli2; do
  echo "$name $(node -p "JSON.parse(fs.readFileSync('node_modules/$name/package.json')).version")"
done | paste -sd , -
py/bin/pip list --format=freeze 2>/dev/null | grep -E '^(yamllint|codespell|typos|ruff|black|flake8)=' | paste -sd ' ' -
n=$work/node_modules/.bin p=$work/py/bin

git init -q repo && mkdir repo/dist && cd repo || exit 2
printf 'var  x = 1\n' >dist/a.js
printf '#  Head\n\n\n\nsee teh list\n' >dist/a.md
printf 'a:   [1,2 ]   \n' >dist/a.yaml
printf 'x = ( 1 )\nimport os\n' >dist/a.py
echo 'dist/' >.prettierignore
echo 'export default [{ignores: ["dist/**"]}, {rules: {"no-var": "error"}}];' >eslint.config.mjs
echo '{"files": {"includes": ["**/*.js", "!**/dist"]}}' >biome.json
echo '{"ignores": ["dist/**"]}' >.markdownlint-cli2.jsonc
printf 'extends: relaxed\nignore: dist/\n' >.yamllint
printf '[tool.ruff]\nextend-exclude = ["dist"]\n[tool.black]\nextend-exclude = "dist"\n' >pyproject.toml
printf '[flake8]\nexclude = dist\n[codespell]\nskip = dist/*,./dist/*\n' >setup.cfg
printf '[files]\nextend-exclude = ["dist"]\n' >_typos.toml

code() { what=$1; shift; "$@" >../out 2>&1; echo "$what $?"; }
each() { # each JS MD YAML PY: exit codes when asked for these
  code prettier "$n/prettier" --check "$1"
  code markdownlint "$n/markdownlint-cli2" "$2"
  code yamllint "$p/yamllint" "$3"
  code codespell "$p/codespell" "$2"
  code ruff "$p/ruff" check "$4"
  code black "$p/black" --check "$4"
  code flake8 "$p/flake8" "$4"
  code typos "$p/typos" "$2"
  code eslint "$n/eslint" "$1"
  code eslint-strict "$n/eslint" --max-warnings 0 "$1"
  code biome "$n/biome" lint "$1"
}
by_name=$(each dist/a.js dist/a.md dist/a.yaml dist/a.py | paste -sd ' ' -)
see 'skip it' 'prettier 0 markdownlint 0 yamllint 0 codespell 0' "$(echo "$by_name" | cut -d' ' -f1-8)"
see 'check it' 'ruff 1 black 1 flake8 1 typos 2' "$(echo "$by_name" | cut -d' ' -f9-16)"
see 'complain about being asked' 'eslint 0 eslint-strict 1 biome 1' "$(echo "$by_name" | cut -d' ' -f17-22)"
see 'prettier says' 'All matched files use Prettier code style!' "$("$n/prettier" --check dist/a.js 2>&1 | tail -1)"
printf 'const x = 1;\n' >a.js
see 'the folder' 'ruff 0 black 0 flake8 0 typos 0 eslint 0 eslint-strict 0 biome 0' "$(each . . . . | tail -7 | paste -sd ' ' -)"
exit "$changed"

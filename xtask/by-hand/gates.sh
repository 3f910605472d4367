# Each gate: its consumer, its installation and its commands, as its documentation says.

describe_gate() {
  scenarios=$repo/scenarios/$gate
  [ -d "$scenarios" ] || { echo "no gate $gate" >&2 && exit 2; }
  package=$(profile package "" "$scenarios/matrix.toml")
  companions=$(profile companions "" "$scenarios/matrix.toml")
  case $gate in
  commitlint | gitlint) commit_stage=commit-msg ;;
  *) commit_stage=pre-commit ;;
  esac
  # These four only look at commits.
  case $gate in
  commitlint | lint-staged | ruff | gitlint) looks_at_pushes=false ;;
  *) looks_at_pushes=true ;;
  esac
  case $gate in
  pre-commit | prek | gitlint) venv=$tool ;;
  ruff) venv=.venv ;;
  *) venv= ;;
  esac
}

# The mock repository of the built-in profile; lint-staged and ruff with hooks of the consumer's own.
consumer_files() {
  cp -R "$scenarios/consumer/." "$1"
  case $gate in
  lint-staged | ruff) cp -R "$repo/xtask/gates/$gate/." "$1" ;;
  esac
  rm "$1/matrix.toml"
}

install_gate() {
  if [ -n "$venv" ]; then
    must python3 -m venv "$venv"
    must "$venv/bin/python" -m pip install --disable-pip-version-check --no-input "$(echo "$package" | sed 's/@/==/')"
  else
    npm_install
  fi
}

npm_install() {
  # shellcheck disable=SC2086
  must npm install --save-exact "$@" $package $companions
}

activate_gate() {
  case $gate in
  lefthook) must node_modules/.bin/lefthook install ;;
  husky) must node_modules/.bin/husky ;;
  simple-git-hooks) must node_modules/.bin/simple-git-hooks ;;
  pre-commit | prek)
    must "$venv/bin/$gate" install --install-hooks --hook-type pre-commit --hook-type pre-push
    ;;
  commitlint | lint-staged) must npm run prepare ;;
  ruff) must git config core.hooksPath .githooks ;;
  gitlint)
    # Where git looks for it, as the profile does.
    folder=$(git rev-parse --git-path hooks)
    mkdir -p "$folder"
    printf '#!/bin/sh\nexec %s --staged --msg-filename "$1"\n' "$venv/bin/gitlint" >"$folder/commit-msg"
    chmod +x "$folder/commit-msg"
    ;;
  esac
}

run_ci() {
  case $gate in
  lefthook) tried node_modules/.bin/lefthook run pre-commit --all-files ;;
  husky | simple-git-hooks) tried node_modules/.bin/lint-staged --quiet --diff=origin/main...HEAD ;;
  lint-staged) tried node_modules/.bin/lint-staged --diff=origin/main...HEAD ;;
  commitlint) tried node_modules/.bin/commitlint --from origin/main --to HEAD ;;
  pre-commit) tried "$venv/bin/pre-commit" run --from-ref origin/main --to-ref HEAD ;;
  prek) tried "$venv/bin/prek" run --all-files ;;
  ruff) tried "$venv/bin/ruff" check . ;;
  gitlint) tried "$venv/bin/gitlint" --commits origin/main..HEAD ;;
  esac
}

# True if the gate comes from npm.
is_npm() {
  [ -z "$venv" ]
}

# The programs of a gate, which others can shadow.
gate_programs="lefthook husky simple-git-hooks lint-staged pre-commit prek commitlint ruff gitlint oxlint"

# The file that decides what is refused: the gate's own, or lint-staged's.
configuration() {
  case $gate in
  lefthook) echo lefthook.yml ;;
  simple-git-hooks) echo .lintstagedrc.json ;;
  husky | lint-staged) echo package.json ;;
  pre-commit | prek) echo .pre-commit-config.yaml ;;
  commitlint) echo commitlint.config.js ;;
  # Its mock has no [tool.ruff] in pyproject.toml.
  ruff) ;;
  gitlint) echo .gitlint ;;
  esac
}

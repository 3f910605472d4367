# One function for each sabotage of sabotages/builtin.toml: its id, with underscores.

# Not broken: a clean change passes every stage, and a violation none.
control() {
  ready
  change clean
  stages
  id=violation
  ready
  change
  stages
}

# Installing

fresh_clone() {
  fresh
  change
  stages
}

install_without_activation() {
  fresh
  install_gate
  change
  stages
}

install_ci_true() {
  only lefthook simple-git-hooks
  export CI=true
  fresh
  install_gate
  unset CI
  change
  stages
}

install_ci_1() {
  only lefthook simple-git-hooks
  export CI=1
  fresh
  install_gate
  unset CI
  change
  stages
}

activate_ci_true() {
  export CI=true
  fresh
  install_gate
  activate_gate
  unset CI
  change
  stages
}

activate_ci_1() {
  export CI=1
  fresh
  install_gate
  activate_gate
  unset CI
  change
  stages
}

install_ignore_scripts() {
  is_npm || cannot "npm does not install this gate"
  fresh
  npm_install --ignore-scripts
  change
  stages
}

npm_ci_ignore_scripts() {
  is_npm || cannot "npm does not install this gate"
  fresh
  npm_install --ignore-scripts
  rm -rf node_modules
  npm ci --ignore-scripts >>"$log" 2>&1 || cannot "npm ci refuses the lock file"
  change
  stages
}

install_husky_0() {
  only husky
  export HUSKY=0
  fresh
  install_gate
  activate_gate
  unset HUSKY
  change
  stages
}

install_skip_simple_git_hooks() {
  only simple-git-hooks
  export SKIP_INSTALL_SIMPLE_GIT_HOOKS=1
  fresh
  install_gate
  unset SKIP_INSTALL_SIMPLE_GIT_HOOKS
  change
  stages
}

# Hooks

hook_not_executable() {
  ready
  change
  hook_files | xargs chmod -x
  stages
}

hook_emptied() {
  ready
  change
  for hook in $(hook_files); do : >"$hook"; done
  stages
}

hook_replaced() {
  ready
  change
  for hook in $(hook_files); do printf '#!/bin/sh\nexit 0\n' >"$hook"; done
  stages
}

husky_hooks_deleted() {
  only husky
  ready
  change
  rm .husky/pre-commit .husky/pre-push
  stages
}

hooks_path_global() {
  ready
  change
  mkdir "$HOME/empty"
  git config --global core.hooksPath "$HOME/empty"
  stages
}

hooks_path_option() {
  ready
  change
  git_words="-c core.hooksPath=/nonexistent"
  stages
}

no_verify() {
  ready
  change
  commit_words=--no-verify push_words=--no-verify
  stages
}

# Variables

with_variable() {
  ready
  change
  stage_env=$1
  stages
}

stage_ci_true() { with_variable CI=true; }
stage_ci_1() { with_variable CI=1; }
lefthook_0() { only lefthook && with_variable LEFTHOOK=0; }
husky_0() { only husky && with_variable HUSKY=0; }
skip_simple_git_hooks_1() { only simple-git-hooks && with_variable SKIP_SIMPLE_GIT_HOOKS=1; }
pre_commit_skip() { only pre-commit && with_variable SKIP=no-debugger; }
prek_skip() { only prek && with_variable SKIP=pinned-images; }

husky_init_exits() {
  only husky
  ready
  change
  mkdir -p "$HOME/.config/husky"
  echo "exit 0" >"$HOME/.config/husky/init.sh"
  stages
}

# Programs

node_modules_removed() {
  is_npm || cannot "npm does not install this gate"
  ready
  change
  rm -rf node_modules
  stages
}

npm_uninstall() {
  is_npm || cannot "npm does not install this gate"
  ready
  change
  must npm uninstall --offline "${package%@*}"
  stages
}

pip_uninstall() {
  [ -n "$venv" ] || cannot "pip does not install this gate"
  ready
  change
  must "$venv/bin/python" -m pip uninstall --yes "${package%@*}"
  stages
}

venv_moved() {
  [ -n "$venv" ] || cannot "there is no virtual environment"
  ready
  change
  mv "$venv" "$venv-moved"
  stages
}

gate_shadowed_on_path() {
  ready
  change
  mkdir "$HOME/shadow"
  for program in $gate_programs; do
    printf '#!/bin/sh\nexit 0\n' >"$HOME/shadow/$program"
    chmod +x "$HOME/shadow/$program"
  done
  stage_path=$HOME/shadow:$PATH
  stages
}

# Configuration

configuration_deleted() {
  ready
  file=$(configuration)
  [ -n "$file" ] || cannot "nothing configures the gate"
  case $file in
  package.json)
    npm pkg delete lint-staged
    git add package.json
    ;;
  *) git rm --quiet "$file" ;;
  esac
  git commit --quiet --no-verify --message="Delete the configuration"
  change
  stages
}

configuration_broken() {
  ready
  [ -n "$(configuration)" ] || cannot "nothing configures the gate"
  echo '<<<<<<< HEAD [' >>"$(configuration)"
  git commit --quiet --no-verify --all --message="Break the configuration"
  change
  stages
}

# Consumers

shallow_clone() {
  fresh --depth 1
  install_gate
  activate_gate
  change
  stages
}

detached_head() {
  ready
  change
  git checkout --quiet --detach
  stages
}

# Ways around the hooks that git itself has

# As people do: a branch of its own from the remote's main.
linked_worktree() {
  ready
  must git worktree add --quiet -b other "$clone-linked" origin/main
  cd "$clone-linked"
  change
  before=$(git rev-parse HEAD)
  by_commit
  echo "$id $commit_stage $(decided "$before" "$(git rev-parse HEAD)")"
  bring_in
  if $looks_at_pushes; then
    tried git push origin HEAD:refs/heads/topic
    echo "$id pre-push $(decided "" "$(pushed_at)")"
  fi
  # CI checks the commit out in a clone.
  cd "$clone"
  must git merge --quiet --ff-only other
  stage_env="CI=true GITHUB_BASE_REF=origin/main"
  run_ci
  echo "$id ci $(decided "" "")"
}

# None of these gates configures hooks; git before 2.54 knows none.
configured_hook_disabled() {
  ready
  names=$(git config --name-only --get-regexp '^hook\..*\.command$') || cannot "no hook is configured"
  cannot "not written for $names"
}

configured_hook_shadowed() {
  configured_hook_disabled
}

hooks_path_left_behind() {
  fresh
  git config core.hooksPath .husky-of-old/_
  install_gate
  activate_gate
  change
  stages
}

hooks_path_set_later() {
  ready
  change
  git config core.hooksPath .husky-of-old/_
  stages
}

# Another tool on top

husky() {
  [ -d "$work/husky" ] || must npm install --silent --prefix "$work/husky" husky@9.1.7
  must node "$work/husky/node_modules/husky/bin.js"
}

husky_on_top() {
  only lefthook simple-git-hooks pre-commit prek gitlint
  ready
  husky
  change
  stages
}

prek_beside_pre_commit() {
  only pre-commit
  ready
  must "$venv/bin/python" -m pip install --disable-pip-version-check prek==0.5.11
  must "$venv/bin/prek" install --hook-type pre-commit --hook-type pre-push
  change
  stages
}

prek_in_huskys_folder() {
  only prek
  ready
  husky
  must "$venv/bin/prek" install --hook-type pre-commit --hook-type pre-push
  husky
  change
  stages
}

# Installing otherwise

install_scripts_held_back() {
  is_npm || cannot "npm does not install this gate"
  fresh
  npm_install --strict-allow-scripts
  change
  stages
}

install_without_dev() {
  is_npm || cannot "npm does not install this gate"
  fresh
  npm_install --omit=dev
  change
  stages
}

npx_other_version() {
  only lefthook
  ready
  must npx --yes lefthook@2.1.6 install --force
  change
  stages
}

warm_store() {
  cannot "pnpm installs none of these consumers"
}

# Arrivals other than a commit

# Puts the change into a commit on a branch beside, past the hooks.
beside() {
  before=$(git rev-parse HEAD)
  git checkout --quiet -b beside
  git -c core.hooksPath=/dev/null commit --quiet --no-verify -m "$message"
  git checkout --quiet topic
}

arriving() {
  ready
  change
  beside
  by=$1
  stages
}

arrives_by_cherry_pick() { arriving cherry_pick; }
arrives_by_merge() { arriving merge; }
arrives_by_am() { arriving am; }

by_cherry_pick() { tried git cherry-pick beside; }
by_merge() { tried git merge --no-ff -m "$message" beside; }
by_am() {
  git format-patch --quiet -1 --output="$work/change.patch" beside
  tried git am "$work/change.patch"
}

# The branch has the change already, and gets a newer base.
arrives_by_rebase() {
  ready
  change
  by=rebase
  stages
}

by_rebase() {
  git -c core.hooksPath=/dev/null commit --quiet --no-verify -m "$message"
  before=$(git rev-parse HEAD)
  tried git rebase --force-rebase origin/main
}

empty_commit() {
  ready
  change
  git -c core.hooksPath=/dev/null commit --quiet --no-verify -m "Bring the change in"
  commit_words=--allow-empty
  stages
}

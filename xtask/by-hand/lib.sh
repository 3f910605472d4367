# A consumer of a gate in a temporary folder, and what happens to a violation in it.
#
# Every row finds the consumer at the same path, since hooks and virtual environments hold absolute paths:
#   $work/remote.git  the remote, with the consumer on main
#   $work/clone       a contributor's clone, on the branch `topic` from origin/main
#   $work/tool        the virtual environment of a gate from PyPI
#   $work/home        the contributor's home
#   $work/ready       copies of all four, with the gate installed and its hooks set up

remote=$work/remote.git
clone=$work/clone
tool=$work/tool

# What the caller exports must not decide a row.
clean_environment() {
  # shellcheck disable=SC2046
  unset $(git rev-parse --local-env-vars) CI HUSKY LEFTHOOK SKIP PREK_SKIP NODE_ENV INIT_CWD COLOR NODE \
    SKIP_SIMPLE_GIT_HOOKS SKIP_INSTALL_SIMPLE_GIT_HOOKS VIRTUAL_ENV XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME
  export npm_config_userconfig="${npm_config_userconfig:-$HOME/.npmrc}"
  export HOME="$work/home" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8 NO_COLOR=1
  export npm_config_cache="$work/npm" PIP_CACHE_DIR="$work/pip" npm_config_prefer_offline=true
  export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
}

# The value of a key in a table of a configuration, without quotes.
profile() {
  awk -v key="$1" -v table="$2" '
    /^\[/ { at = $0 }
    (table == "" ? at == "" : at == "[" table "]") && index($0, key " = ") == 1 {
      sub(/^[^=]*= /, ""); print; exit }' "$3" | tr -d '[]",'
}

# Says how a row ended before any stage.
ended() {
  echo "$id - $*"
  exit 0
}

cannot() {
  ended cannot "$*"
}

only() {
  case " $* " in
  *" $gate "*) ;;
  *) cannot "it is about $*" ;;
  esac
}

# A command of the installation. The row ends with it if it fails.
must() {
  "$@" >>"$log" 2>&1 || ended stopped "$* exited $?"
}

# A remote with the consumer, and a contributor's clone of it. Words are those of `git clone`.
fresh() {
  cd "$work"
  rm -rf "$remote" "$clone" "$clone-linked" "$tool" "$tool-moved" "$work/home" "$work/seed"
  mkdir -p "$work/home"
  git config --global user.name Contributor
  git config --global user.email contributor@example.invalid
  git config --global init.defaultBranch main
  git config --global advice.detachedHead false
  git init --quiet "$work/seed"
  cd "$work/seed"
  echo "nothing yet" >NEWS
  git add NEWS
  git commit --quiet --message=Begin
  consumer_files "$work/seed"
  git add --all
  git commit --quiet --message="Add the consumer"
  git clone --quiet --bare "$work/seed" "$remote"
  git clone --quiet "$@" "file://$remote" "$clone"
  cd "$clone"
  git checkout --quiet -b topic --track origin/main
}

# Installs the gate as its profile says, and sets its hooks up.
make_ready() {
  log=$work/logs/$gate-ready.log id=ready
  : >"$log"
  rm -rf "$work/ready"
  fresh
  said=$(install_gate && activate_gate) || exit 2
  [ -z "$said" ] || { echo "$said" >&2 && cat "$log" >&2 && return 1; }
  mkdir "$work/ready"
  cd "$work" || return 1
  for part in remote.git clone tool home; do
    [ ! -e "$part" ] || cp -a "$part" "ready/$part"
  done
}

# A clone with the gate installed and its hooks set up.
ready() {
  cd "$work"
  for part in remote.git clone clone-linked tool tool-moved home; do
    rm -rf "${work:?}/$part"
    [ ! -e "$work/ready/$part" ] || cp -a "$work/ready/$part" "$work/$part"
  done
  cd "$clone"
}

# Puts the violation, or another scenario, into the work tree and stages it.
change() {
  overlay=$scenarios/${1:-violations}
  message=$(profile message "scenario.${1:-violations}" "$scenarios/consumer/matrix.toml")
  (cd "$overlay" && find . -type f) >"$work/changed"
  cp -R "$overlay/." .
  git add --pathspec-from-file="$work/changed"
}

# The hooks that stages rely on, where git looks for them.
hook_files() {
  folder=$(git rev-parse --git-path hooks)
  for hook in "$commit_stage" pre-push; do
    [ ! -f "$folder/$hook" ] || echo "$folder/$hook"
  done
}

# Runs a row: one function of sabotages.sh.
row() {
  id=$1
  log=$work/logs/$gate-$id.log
  : >"$log"
  # Words of the commands below, and variables that they get.
  git_words='' commit_words='' push_words='' stage_env='' stage_path=$PATH by=commit
  name=$(echo "$id" | tr - _)
  if ! grep -q "^$name() {" "$here/sabotages.sh"; then
    echo "$id - unknown"
    exit 0
  fi
  "$name"
}

# A command of a stage, as the contributor runs it.
tried() {
  echo "\$ $*" >>"$log"
  code=0
  # shellcheck disable=SC2086
  env PATH="$stage_path" $stage_env "$@" >>"$log" 2>&1 || code=$?
  echo "exit $code" >>"$log"
}

# `open` if the command succeeded or what it would change has changed.
decided() {
  if [ "$code" = 0 ] || [ "$1" != "$2" ]; then echo open; else echo closed; fi
}

pushed_at() {
  git -C "$remote" rev-parse --quiet --verify refs/heads/topic || true
}

# The three stages: a commit, a push, and the command of CI, each on what the one before was to bring.
# $by says how the change arrives.
stages() {
  before=$(git rev-parse HEAD)
  "by_$by"
  echo "$id $commit_stage $(decided "$before" "$(git rev-parse HEAD)")"
  bring_in
  if $looks_at_pushes; then
    # shellcheck disable=SC2086
    tried git $git_words push $push_words origin HEAD:refs/heads/topic
    echo "$id pre-push $(decided "" "$(pushed_at)")"
  fi
  git reset --quiet --hard
  stage_env="CI=true GITHUB_BASE_REF=origin/main $stage_env"
  run_ci
  echo "$id ci $(decided "" "")"
}

by_commit() {
  # shellcheck disable=SC2086
  tried git $git_words commit $commit_words -m "$message"
}

# Brings the change in past the hooks if it was refused.
bring_in() {
  if [ "$by" != commit ]; then
    git cherry-pick --quit && rm -rf .git/rebase-apply .git/rebase-merge
    git reset --quiet --hard
    [ "$(git rev-parse HEAD)" != "$before" ] || [ "$by" = rebase ] || git merge --quiet --ff-only beside
    return
  fi
  [ "$(git rev-parse HEAD)" = "$before" ] && ! git diff --cached --quiet || return 0
  git -c core.hooksPath=/dev/null commit --quiet --no-verify -m "$message" >>"$log" 2>&1
}

set -eu
umask 022
last=${1:-$last}
case " $steps " in
*" $last "*) ;;
*) echo "there is no step $last: there are $steps" >&2; exit 2 ;;
esac
lane=$(mktemp -d "${TMPDIR:-/tmp}/matrix-by-hand-XXXXXX")
# A path without links, as programs tell it.
lane=$(cd "$lane" && pwd -P)
mkdir "$lane/home" "$lane/tmp" "$lane/tools" "$lane/own-git" "$lane/own-git/info" "$lane/own-git/refs" \
  "$lane/own-git/origin" "$lane/own-git/origin/refs"
echo "lane: $lane" >&2
printf '%s\n' '[user]' 'name = matrix' 'email = matrix@example.invalid' '[init]' \
  'defaultBranch = main' '[gc]' 'auto = 0' '[maintenance]' 'auto = false' >"$lane/gitconfig"
{ cat "$lane/gitconfig"; printf '%s\n' '[core]' 'excludesFile = /dev/null' 'attributesFile = /dev/null'; } \
  >"$lane/own-git/gitconfig"

# Git past the hooks and past the settings of the lane, in its clone, in its remote and elsewhere.
# $index is an index of its own.
index=
quiet_git() {
  outside GIT_COMMON_DIR="$lane/own-git" GIT_OBJECT_DIRECTORY="$lane/clone/.git/objects" \
    ${index:+GIT_INDEX_FILE="$index"} git -c core.hooksPath=/dev/null "$@"
}
origin_git() {
  outside GIT_COMMON_DIR="$lane/own-git/origin" GIT_OBJECT_DIRECTORY="$lane/origin.git/objects" \
    git -c core.hooksPath=/dev/null -C ../origin.git "$@"
}
plain_git() { outside git -c core.hooksPath=/dev/null "$@"; }
outside() { inside GIT_CONFIG_GLOBAL="$lane/own-git/gitconfig" "$@"; }
# Keeps the configuration of the new clone for them; filters that come later are taken over.
keep_settings() {
  cp .git/config "$lane/own-git/config"
  cp ../origin.git/config "$lane/own-git/origin/config"
  if [ -e ../origin.git/shallow ]; then ln -s ../../origin.git/shallow "$lane/own-git/origin/shallow"; fi
  link_settings
}
link_settings() {
  for name in info/attributes shallow; do
    case $name in */*) up=../.. ;; *) up=.. ;; esac
    if [ -e ".git/$name" ] && [ ! -L "$lane/own-git/$name" ]; then
      ln -s "$up/clone/.git/$name" "$lane/own-git/$name"
    fi
  done
}
adopt_filters() {
  link_settings
  inside git config --name-only --get-regexp '^filter\.' | while read -r key; do
    inside git config --file "$lane/own-git/config" "$key" "$(inside git config "$key")"
    inside git config --file "$lane/own-git/config" lfs.storage "$lane/clone/.git/lfs"
  done
}
# True if git has such a hook in its configuration, switched on.
configured_hook() {
  tab=$(printf '\t')
  inside git hook list --show-scope --allow-unknown-hook-name "$1" 2>/dev/null |
    grep "$tab" | grep -qv "$tab\(event-\)\{0,1\}disabled$tab"
}
# A time limit in seconds, where the machine has a program for it.
limit() { if command -v timeout >/dev/null; then echo "timeout -k 5 $1"; fi; }
begin() { step=$1; expected=0; echo "== $step" >&2; }
end() {
  if [ "$step" = "$last" ]; then echo "== exit ${1:-0}; expected: $expected" >&2; exit "${1:-0}"; fi
}
# Runs a command without the network, as the lane did, by what this machine has for it.
without=
withheld=
offline() (
  without=$withheld
  inside "$@"
)
withhold_network() {
  for withheld in 'bwrap --dev-bind / / --unshare-net --die-with-parent --' \
    'unshare --map-current-user --net --' 'unshare --map-root-user --net --'; do
    if $withheld true 2>/dev/null; then return 0; fi
  done
  withheld=
  echo "warning: steps of the lane had no network, and this machine cannot withhold it:" \
    "neither bwrap nor unshare works" >&2
}

clone() {
  cd "$lane"
  # Gates look into .git: the format of its refs is that of the consumer.
  case $(plain_git -C "$source" config --default files --get extensions.refStorage) in
  reftable) format=--ref-format=reftable ;;
  *) format= ;;
  esac
  plain_git clone --quiet $format --bare --no-hardlinks \
    -c 'remote.origin.fetch=+refs/remotes/*:refs/remotes/*' "$source" origin.git
  if [ -e origin.git/objects/info/alternates ]; then
    plain_git -C origin.git repack --quiet -a -d
    rm origin.git/objects/info/alternates
  fi
  plain_git -C origin.git config --remove-section remote.origin
  plain_git -C origin.git config receive.denyDeleteCurrent ignore
  adopt_branches
  # The source may have moved on, and may have refs that git could take for the lane's.
  plain_git -C origin.git for-each-ref --format='%(refname)' refs/heads refs/tags | while read -r ref; do
    if clashes "$ref"; then plain_git -C origin.git update-ref -d "$ref"; fi
  done
  if [ "$(plain_git -C origin.git for-each-ref --format='%(objectname)' "refs/heads/$branch")" != "$head" ]; then
    plain_git -C origin.git update-ref -d "refs/heads/$branch"
  fi
  plain_git clone --quiet $format --no-checkout origin.git clone
  cd clone
  keep_settings
  if [ "$(plain_git -C ../origin.git for-each-ref --count=1 refs/remotes)" ]; then
    plain_git fetch --quiet --no-tags --update-shallow ../origin.git '+refs/remotes/*:refs/remotes/*'
    plain_git -C ../origin.git fetch --quiet --prune . '+refs/gone/*:refs/remotes/*'
  fi
  point_origin_head
  quiet_git checkout --quiet --no-track -B "$branch" "$head"
  printf '%s\n' "$submodules" | while read -r path; do
    if [ "$path" ]; then clone_submodule "$path"; fi
  done
}
# A submodule that is checked out in the source, at the commit that the clone names.
clone_submodule() {
  around=.
  below=$1
  while read -r above; do
    case $1 in "$above"/*) around=$above below=${1#"$above"/} ;; esac
  done <<PATHS
$submodules
PATHS
  commit=$(plain_git -C "$around" ls-tree HEAD "$below" | sed -n 's/^160000 commit \([0-9a-f]*\).*/\1/p')
  [ "$commit" ] && [ -e "$source/$1/.git" ] || return 0
  case $(plain_git -C "$source/$1" config --default files --get extensions.refStorage) in
  reftable) format=--ref-format=reftable ;;
  *) format= ;;
  esac
  plain_git -c core.logAllRefUpdates=false clone --quiet $format --no-checkout --no-hardlinks "$source/$1" "$1"
  if [ -e "$1/.git/objects/info/alternates" ]; then
    plain_git -C "$1" repack --quiet -a -d
    rm "$1/.git/objects/info/alternates"
  fi
  plain_git -C "$1" checkout --quiet --detach "$commit"
  for verb in init sync absorbgitdirs; do
    plain_git -C "$around" submodule --quiet $verb -- "$below"
  done
}

clashes() {
  short=${1#refs/*/}
  case $1 in "refs/heads/$branch") return 1 ;; esac
  case $short in HEAD | refs/* | origin/HEAD | remotes/origin/HEAD) return 0 ;; esac
  for name in "$branch" $bases; do
    case $short in "$name" | "heads/$name" | "origin/$name" | "remotes/origin/$name") return 0 ;; esac
    case $1 in refs/heads/*) if clash "$short" "$name"; then return 0; fi ;; esac
  done
  return 1
}
# True if two branches cannot both exist: a ref is a file or a folder.
clash() {
  case $1 in "$2"/*) return 0 ;; esac
  case $2 in "$1"/*) return 0 ;; esac
  return 1
}
# The branches of the consumer's remote become those of origin.
adopt_branches() {
  remote=$(plain_git -C origin.git for-each-ref --format='%(refname)' refs/remotes | cut -d/ -f3 | grep -vx pull | uniq)
  case "
$remote
" in
  *"
origin
"*) remote=origin ;;
  *"
"?*"
"?*"
"*) remote= ;;
  esac
  if [ "$remote" ]; then
    locals=$(plain_git -C origin.git for-each-ref --format='%(refname:lstrip=2)' refs/heads)
    plain_git -C origin.git for-each-ref --format='%(refname:lstrip=3)' "refs/remotes/$remote" |
      while read -r name; do
        if [ "$name" = HEAD ] || { [ "$own" ] && clash "$own" "$name"; }; then
          plain_git -C origin.git update-ref -d "refs/remotes/$remote/$name"
          continue
        fi
        for local in $locals; do
          if clash "$local" "$name"; then plain_git -C origin.git update-ref -d "refs/heads/$local"; fi
        done
      done
    plain_git -C origin.git fetch --quiet --no-tags . "+refs/remotes/$remote/*:refs/heads/*"
    plain_git -C origin.git fetch --quiet --prune . "+refs/gone/*:refs/remotes/$remote/*"
  fi
  if [ "$own" ]; then plain_git -C origin.git update-ref "refs/heads/$own" "$head"; fi
}
# origin/HEAD as in the consumer, else a usual one.
point_origin_head() {
  [ "$remote" ] || return 0
  named=$(plain_git -C "$source" for-each-ref --format='%(symref)' "refs/remotes/$remote/HEAD")
  for name in "${named#"refs/remotes/$remote/"}" main master; do
    if [ "$name" ] && [ "$(plain_git -C ../origin.git for-each-ref "refs/heads/$name")" ]; then
      plain_git -C ../origin.git symbolic-ref HEAD "refs/heads/$name"
      quiet_git symbolic-ref refs/remotes/origin/HEAD "refs/remotes/origin/$name"
      return 0
    fi
  done
}

# The whole work tree as a tree, by way of an index of its own.
work_tree() {
  index=$lane/work-tree-index
  rm -f "$index"
  quiet_git read-tree HEAD
  quiet_git add --all
  quiet_git write-tree
  index=
}
stage_since() {
  now=$(work_tree)
  quiet_git diff-tree -r -z --no-renames --name-only "$1" "$now" | as_lines >"$lane/since"
  # Git refuses to add what the seed has staged as deleted: it is nowhere any more.
  quiet_git diff-index --cached -z --no-renames --name-only "$now" | as_lines >"$lane/not-staged"
  { grep -Fxf "$lane/not-staged" "$lane/since" || :; } | tr '\n\1' '\0\n' >"$lane/changed"
  stage_changed
}
as_lines() { tr '\0\n' '\n\1'; }
stage_changed() {
  [ -s "$lane/changed" ] || return 0
  quiet_git --literal-pathspecs add --all --pathspec-from-file="$lane/changed" --pathspec-file-nul
}
# What the installation changed in tracked files: not those that git would store in another form.
stage_installed() {
  quiet_git update-index -q --refresh --unmerged || :
  quiet_git diff-files --name-only -z --ignore-submodules=all >"$lane/changed"
  [ -s "$lane/changed" ] || return 0
  mkdir "$lane/as-checked-out"
  tree=$(quiet_git write-tree)
  index=$lane/work-tree-index
  rm -f "$index"
  quiet_git read-tree "$tree"
  quiet_git --literal-pathspecs --work-tree="$lane/as-checked-out" checkout --quiet \
    --pathspec-from-file="$lane/changed" --pathspec-file-nul
  index=
  xargs -0 sh -c 'fresh=$1; shift; for file; do
    runs() { if [ -x "$1" ]; then echo yes; fi; }
    if [ -f "$file" ] && [ ! -L "$file" ] && [ ! -L "$fresh/$file" ] && cmp -s "$file" "$fresh/$file" &&
      [ "$(runs "$file")" = "$(runs "$fresh/$file")" ]; then continue; fi
    printf "%s\\0" "$file"
  done' sh "$lane/as-checked-out" <"$lane/changed" >"$lane/installed"
  rm -r "$lane/as-checked-out"
  if cmp -s "$lane/installed" "$lane/changed"; then
    quiet_git add --update
  else
    mv "$lane/installed" "$lane/changed"
    stage_changed
  fi
}
baseline() {
  tree=$(quiet_git write-tree)
  if [ "$tree" != "$(quiet_git rev-parse 'HEAD^{tree}')" ]; then
    quiet_git commit --quiet --no-verify -m 'chore: the baseline of the matrix'
  fi
  quiet_git update-ref "refs/heads/$base_ref" HEAD
  quiet_git update-ref "refs/remotes/origin/$base_ref" HEAD
  to_origin "refs/heads/$base_ref"
  # Every branch at the commit of the consumer moves too, and the lane's own.
  quiet_git for-each-ref --format='%(refname) %(symref)' --points-at="$head" refs/heads refs/remotes |
    while read -r ref symbolic; do if [ -z "$symbolic" ]; then quiet_git update-ref "$ref" HEAD; fi; done
  {
    origin_git for-each-ref --format='%(refname)' --points-at="$head" refs/heads
    origin_git for-each-ref --format='%(refname)' "refs/heads/$branch"
  } | while read -r ref; do to_origin "$ref"; done
  tracking=$(origin_git for-each-ref --format=yes "refs/heads/$branch")
  if [ "$tracking" ]; then quiet_git update-ref "refs/remotes/origin/$branch" HEAD; fi
  inside git config "branch.$branch.remote" origin
  inside git config "branch.$branch.merge" "refs/heads/$base_ref"
}
# Fetched by the remote: a push would run its hooks, and take HEAD for a tag of that name too.
to_origin() { origin_git fetch --quiet --no-tags --update-shallow ../clone "+HEAD:$1"; }
server_hooks() {
  mkdir -p ../origin.git/hooks
  cp -RPp "$1/." ../origin.git/hooks
}
# Lays a folder of the commit, or one of this machine, over the clone.
overlay_of_commit() {
  mkdir "$lane/commit"
  index=$lane/commit-index
  quiet_git --work-tree="$lane/commit" checkout --quiet "$head" -- "$1"
  index=
  overlay "$lane/commit/$1"
}
overlay() {
  (cd "$1" && find . ! -type d -print0) >"$lane/changed"
  cp -RPp "$1/." .
}
seeded() {
  start=$(quiet_git rev-parse HEAD)
  tree=$(quiet_git write-tree)
  own_branch=$(quiet_git symbolic-ref --quiet HEAD || :)
  empty=
  if [ "$tree" = "$(quiet_git rev-parse "$start^{tree}")" ]; then empty=--allow-empty; fi
  deleted=$(origin_git for-each-ref --format='%(objectname)' "refs/heads/$1")
}
# The lane's branch in origin as it was before a push.
undo_push() {
  if [ "$tracking" ]; then
    origin_git update-ref "refs/heads/$branch" "$base"
    quiet_git update-ref "refs/remotes/origin/$branch" "$base"
  else
    origin_git update-ref -d "refs/heads/$branch"
    quiet_git update-ref -d "refs/remotes/origin/$branch"
  fi
}
undo_tag() {
  origin_git update-ref -d "refs/tags/$1"
  quiet_git update-ref -d "refs/tags/$1"
}
undo_delete() {
  if [ "$deleted" ]; then
    origin_git update-ref "refs/heads/$1" "$deleted"
    quiet_git update-ref "refs/remotes/origin/$1" "$deleted"
  else
    origin_git update-ref -d "refs/heads/$1"
  fi
}
# The seeded, staged state once more; what was not staged too.
put_back() {
  lay "$tree"
  if [ "$after" ]; then
    put "$(quiet_git rev-parse "$start^{tree}")" "$tree" "$after"
    put "$before" "$after" "$after"
  else
    put "$(quiet_git rev-parse "$start^{tree}")" "$tree" "$tree"
  fi
  quiet_git update-index -q --refresh --unmerged || :
}
put_aside() {
  of_start=$(quiet_git rev-parse "$start^{tree}")
  lay "$of_start"
  if [ "$after" ]; then put "$before" "$after" "$before"; fi
  put "$of_start" "$tree" "$of_start"
  quiet_git update-index -q --refresh --unmerged || :
}
lay() {
  if [ "$(quiet_git rev-parse HEAD)" != "$start" ]; then quiet_git update-ref HEAD "$start"; fi
  quiet_git read-tree --reset "$1"
}
# The files in which two trees differ, as they are in a third.
put() {
  quiet_git diff-tree -r -z --no-renames --name-only "$1" "$2" >"$lane/differing"
  # Behind a link nothing is removed: it could lead out of the lane.
  xargs -0 sh -c 'for path; do
    above=$path
    while [ "$above" != "${above%/*}" ]; do above=${above%/*}; [ ! -L "$above" ] || continue 2; done
    rm -rf -- "$path"
  done' sh <"$lane/differing"
  index=$lane/put-index
  rm -f "$index"
  quiet_git read-tree "$3"
  # It fails for files that the third does not have.
  quiet_git checkout-index --force --quiet -z --stdin <"$lane/differing" || :
  index=
}
# The change, committed past the hooks, unless it is.
commit_change() {
  if [ "$(quiet_git rev-parse HEAD)" = "$start" ]; then
    put_back
    if [ -z "$empty" ] || [ "$start" = "$base" ]; then
      quiet_git commit --quiet --no-verify $empty -m "$message"
    fi
  fi
}
# The commits that git works on.
begin_amend() { begin_with "$start^{tree}"; }
begin_rebase() { begin_with "$tree"; }
begin_with() {
  change=$(outside GIT_COMMITTER_NAME='matrix before the change' GIT_COMMON_DIR="$lane/own-git" \
    GIT_OBJECT_DIRECTORY="$lane/clone/.git/objects" \
    git -c core.hooksPath=/dev/null commit-tree -p "$start" -m "$message" "$1")
  quiet_git update-ref HEAD "$change"
}
change_aside() {
  quiet_git update-ref refs/matrix/change "$(quiet_git commit-tree -p "$start" -m "$message" "$tree")"
  put_aside
}
write_patch() {
  quiet_git format-patch -1 --keep-subject --always --stdout --full-index --binary refs/matrix/change \
    >"$lane/change.patch"
}
make_tag() {
  quiet_git tag --annotate --force -m "$message" "$1"
  origin_git update-ref -d "refs/tags/$1"
}
make_branch() {
  if [ -z "$(origin_git for-each-ref "refs/heads/$1")" ]; then to_origin "refs/heads/$1"; fi
}
# What a merge, rebase, cherry-pick or patch left that was refused.
end_act() {
  rm -rf .git/rebase-merge .git/rebase-apply
  quiet_git cherry-pick --quit
  quiet_git update-ref -d REBASE_HEAD
  quiet_git update-ref -d refs/matrix/change
  if [ "$own_branch" ] && [ "$(quiet_git symbolic-ref --quiet HEAD)" != "$own_branch" ]; then
    quiet_git symbolic-ref HEAD "$own_branch"
  fi
  put_back
}

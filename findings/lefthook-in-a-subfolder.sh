#!/bin/sh
# lefthook 1.13.6, 2.2.2 installed in frontend/node_modules: the hooks are off, at once or when the checkout is moved.
# One would guess: the hook finds the lefthook that wrote it, or refuses the commit.
# Really: the hook of 1.13.6 looks in the top folder's node_modules only; that of 2.2.2 knows also the absolute path of
# its own, which is another in a renamed checkout or in a container. Else it prints "Can't find lefthook in PATH" and
# exits 0. With `assert_lefthook_installed: true` in lefthook.yml it exits 1.
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
! command -v lefthook >log || { echo 'cannot tell while a lefthook is on the PATH'; exit 2; }
start() { # start VERSION FOLDER [LINE]: a repository with that lefthook installed in that folder of it
  cd "$work" && rm -rf repo moved && git init -q repo && mkdir -p "repo/$2" && cd repo || exit 2
  printf '%s\npre-commit:\n  jobs:\n    - run: exit 1\n' "${3-}" >lefthook.yml
  echo '{"name": "app", "version": "1.0.0", "private": true, "devDependencies": {"lefthook": "'"$1"'"}}' >"$2/package.json"
  (cd "$2" && npm install --silent --no-audit --no-fund >"$work/log" 2>&1) && [ -x .git/hooks/pre-commit ] || { cat "$work/log"; exit 2; }
}
commit() { # the exit code, and what the hook says, here and after a move
  for place in repo moved; do
    [ -e "$work/$place" ] || mv "$work/repo" "$work/moved"
    cd "$work/$place" && echo "$place" >a.txt && git add a.txt || exit 2
    git commit -qm try >../out 2>&1
    echo "$?$(grep -q "Can't find lefthook" ../out && echo ' not found')"
  done | paste -sd , -
}
for version in 1.13.6 2.2.2; do
  start $version .
  echo "lefthook $(node_modules/.bin/lefthook version)"
  see 'at the top, and moved' 1,1 "$(commit)"
  start $version frontend
  [ $version = 1.13.6 ] && want='0 not found,0 not found' || want='1,0 not found'
  see 'in frontend, and moved' "$want" "$(commit)"
  start $version frontend 'assert_lefthook_installed: true'
  see 'the same, assert_lefthook_installed' "$(echo "$want" | sed 's/0/1/g')" "$(commit)"
done
exit "$changed"

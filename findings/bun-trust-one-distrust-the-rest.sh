#!/bin/sh
# bun 1.4.5, lefthook 2.2.2: `bun pm trust` of one package takes the trust from the 367 that bun trusts by itself.
# One would guess: "trustedDependencies" adds to that list, and [] adds nothing to it.
# Really: the key, even an empty one, replaces the list. lefthook is on it, so with the key its install script is
# blocked and the next clone has no hooks; bun says "Blocked 1 postinstall" and exits 0. (Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools @oven/bun-linux-x64@1.4.5 >log 2>&1 ||
  { cat log; exit 2; }
bun=$work/tools/node_modules/@oven/bun-linux-x64/bin/bun
BUN_CONFIG_REGISTRY=$(npm config get registry)
export BUN_CONFIG_REGISTRY BUN_INSTALL="$work/bun" BUN_INSTALL_CACHE_DIR="$work/cache"
echo "bun $("$bun" --version)"

mkdir package && echo '{"name": "mine", "version": "1.0.0", "scripts": {"postinstall": "exit 0"}}' >package/package.json
tar -czf mine.tgz package && git init -q app && cd app || exit 2
printf 'pre-commit:\n  jobs:\n    - run: exit 1\n' >lefthook.yml
clone() { # install in a clone whose package.json has this in it, too: exit, what was blocked, the hook
  rm -rf node_modules bun.lock .git/hooks/pre-commit
  [ $# -eq 0 ] ||
    echo '{"name": "app", "private": true, "devDependencies": {"lefthook": "2.2.2", "mine": "../mine.tgz"}'"$1}" >package.json
  "$bun" install >../out 2>&1
  echo "$?, $(grep -o 'Blocked .*postinstalls*' ../out), $([ -e .git/hooks/pre-commit ] && echo hook || echo 'no hook')"
}
see 'trusted by itself' 'Default trusted dependencies (367):, - lefthook' \
  "$("$bun" pm default-trusted | grep -E '^Default| - lefthook$' | sed 's/^ //' | paste -sd , - | sed 's/,/, /')"
see 'no key' '0, Blocked 1 postinstall, hook' "$(clone '')"
"$bun" pm trust mine >../out 2>&1 || { cat ../out; exit 2; }
see 'bun pm trust mine writes' '["mine"]' "$(node -p 'JSON.stringify(JSON.parse(fs.readFileSync("package.json")).trustedDependencies)')"
see 'the next clone' '0, Blocked 1 postinstall, no hook' "$(clone)"
see 'an empty list' '0, Blocked 2 postinstalls, no hook' "$(clone ', "trustedDependencies": []')"
see 'both named' '0, , hook' "$(clone ', "trustedDependencies": ["mine", "lefthook"]')"
exit "$changed"

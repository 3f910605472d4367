#!/bin/sh
# pre-commit 4.7.0: `autoupdate` can move a hook from v2.0.0 to v1.10.0 and calls that an update.
# One would guess: it takes the highest version, or leaves what is newer alone.
# Really: it takes the tag nearest to the tip of the default branch. Where 2.0.0 was tagged on a release branch and
# main got a 1.10.0 since, the newer major version is replaced by the older one, exit 0. `prek update` (0.5.11) ends
# at the same tag.
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

git init -q -b main hooks && cd hooks || exit 2
echo '- {id: check, name: check, language: system, entry: "true"}' >.pre-commit-hooks.yaml
step() { GIT_COMMITTER_DATE="2026-01-0$1T00:00:00Z" git commit -q --allow-empty -m "$2"; [ -z "${3-}" ] || git tag "$3"; }
git add . && step 1 first v1.9.0
git checkout -q -b release-2 && step 2 two v2.0.0
git checkout -q main && step 3 backport v1.10.0 && step 4 more

mkdir ../repo && cd ../repo && git init -q || exit 2
config() { printf 'repos:\n- repo: %s\n  rev: v2.0.0\n  hooks: [{id: check}]\n' "$work/hooks" >.pre-commit-config.yaml; git add .; }
rev() { sed -n 's/ *rev: //p' .pre-commit-config.yaml; }
config
out=$(../py/bin/pre-commit autoupdate 2>&1)
see 'pre-commit autoupdate' '0, updating v2.0.0 -> v1.10.0' "$?, $(echo "$out" | grep -o 'updating.*')"
see 'rev afterwards' v1.10.0 "$(rev)"
config
../py/bin/prek update >/dev/null 2>&1
see 'prek update: exit, rev afterwards' '0, v1.10.0' "$?, $(rev)"
exit "$changed"

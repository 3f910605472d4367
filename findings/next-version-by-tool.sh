#!/bin/sh
# @semantic-release/commit-analyzer 13.0.1, git-cliff 2.14.2, commitizen 4.19.3: one commit, up to three next versions.
# One would guess: all read Conventional Commits, so `feat!:` and a BREAKING-CHANGE footer make a major version.
# Really: the analyzer's default preset (angular) does not know the `!`: `feat!:` is not even a feature, and nothing is
# released. It does not know BREAKING-CHANGE with a hyphen either, yet takes a body line that begins with the words
# BREAKING CHANGE, with no colon, for one. With the preset conventionalcommits it knows the first two.
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
npm install --silent --no-audit --no-fund --ignore-scripts @semantic-release/commit-analyzer@13.0.1 git-cliff@2.14.2 \
  conventional-changelog-conventionalcommits@9.3.1 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet commitizen==4.19.3 >log 2>&1 || { cat log; exit 2; }
bin=$work/node_modules/.bin
echo "commit-analyzer $(node -p "JSON.parse(fs.readFileSync('node_modules/@semantic-release/commit-analyzer/package.json')).version"), $("$bin/git-cliff" --version), commitizen $(py/bin/cz version)"
cat >analyze.mjs <<'JS'
import { analyzeCommits } from '@semantic-release/commit-analyzer';
const [message, preset] = process.argv.slice(2);
const context = { cwd: process.cwd(), commits: [{ hash: 'a1', message }], logger: { log() {} } };
console.log(await analyzeCommits(preset ? { preset } : {}, context));
JS

next() { # next MESSAGE: what each makes of it after 1.2.3
  cd "$work" && rm -rf repo && git init -q repo && cd repo || exit 2
  printf '[tool.commitizen]\nname = "cz_conventional_commits"\nversion_provider = "scm"\ntag_format = "v$version"\n' >.cz.toml
  git add . && git commit -qm 'chore: start' && git tag v1.2.3
  git commit -q --allow-empty -m "$1"
  echo "analyzer $(node ../analyze.mjs "$1")"
  echo "with conventionalcommits $(node ../analyze.mjs "$1" conventionalcommits)"
  echo "cliff $("$bin/git-cliff" --bumped-version 2>/dev/null)"
  echo "cz $(../py/bin/cz bump --dry-run --yes 2>&1 | sed -n 's/tag to create: //p')"
}
see_next() { see "$1" "$2" "$(next "$3" | paste -sd , -)"; }
see_next 'fix:' 'analyzer patch,with conventionalcommits patch,cliff v1.2.4,cz v1.2.4' 'fix: a'
see_next 'feat!:' 'analyzer null,with conventionalcommits major,cliff v2.0.0,cz v2.0.0' 'feat!: drop b'
see_next 'fix: with BREAKING-CHANGE:' 'analyzer patch,with conventionalcommits major,cliff v2.0.0,cz v2.0.0' 'fix: a

BREAKING-CHANGE: b is gone'
see_next 'fix: with BREAKING CHANGE, no colon' \
  'analyzer major,with conventionalcommits major,cliff v1.2.4,cz v1.2.4' 'fix: a

BREAKING CHANGE is none of it'
exit "$changed"

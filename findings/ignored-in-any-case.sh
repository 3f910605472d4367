#!/bin/sh
# ignore 7.0.17 (npm), and with it prettier 3.10.1, globby 16.2.4 and isomorphic-git 1.44.19: `build/` in .gitignore
# takes Build/ along.
# One would guess: as in git on Linux and in pathspec 1.1.1 (PyPI), the pattern matches in its own case only.
# Really: ignore folds the case unless told `ignorecase: false`, whatever core.ignorecase says, and these three do not
# tell it. A tracked Build/a.js, which git does not ignore, is not checked: "All matched files use Prettier code style!"
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
npm install --silent --no-audit --no-fund --ignore-scripts prettier@3.10.1 ignore@7.0.17 globby@16.2.4 isomorphic-git@1.44.19 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet pathspec==1.1.1 >log 2>&1 || { cat log; exit 2; }
echo "prettier $(node_modules/.bin/prettier --version), ignore $(node -p 'require("./node_modules/ignore/package.json").version'), $(py/bin/pip list --format=freeze 2>/dev/null | grep pathspec)"
cat >readers.mjs <<'JS'
import fs from 'node:fs';
import ignore from 'ignore';
import git from 'isomorphic-git';
import { globby } from 'globby';
const text = fs.readFileSync('repo/.gitignore', 'utf8'), file = 'Build/a.js';
const left = await globby('**/*.js', { cwd: 'repo', gitignore: true });
console.log('ignore', ignore().add(text).ignores(file));
console.log('ignore with ignorecase: false', ignore({ ignorecase: false }).add(text).ignores(file));
console.log('globby', !left.includes(file));
console.log('isomorphic-git', await git.isIgnored({ fs, dir: 'repo', filepath: file }));
JS
git init -q repo && mkdir repo/Build || exit 2
git -C repo config core.ignorecase false
echo 'var  a' >repo/Build/a.js
echo 'build/' >repo/.gitignore
git -C repo add . && git -C repo commit -qm start

see 'git: tracked' Build/a.js "$(git -C repo ls-files '*.js')"
git -C repo check-ignore --no-index -q Build/a.js
see 'git check-ignore, 1 for no' 1 $?
see 'pathspec' False "$(py/bin/python -c 'import pathspec; print(pathspec.GitIgnoreSpec.from_lines(open("repo/.gitignore")).match_file("Build/a.js"))')"
see 'the others' 'ignore true,ignore with ignorecase: false false,globby true,isomorphic-git true' "$(node readers.mjs | paste -sd , -)"
cd repo || exit 2
said=$(../node_modules/.bin/prettier --check . 2>&1)
see 'prettier --check .' '0, All matched files use Prettier code style!' "$?, $(echo "$said" | tail -1)"
echo 'build/*' >.gitignore && git mv Build Other
../node_modules/.bin/prettier --check . >/dev/null 2>&1
see 'the same file under another name' 1 $?
exit "$changed"

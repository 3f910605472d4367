#!/bin/sh
# isomorphic-git 1.44.19, dulwich 1.2.21, pygit2 1.21.0: the status of clean repositories, and of one that is not.
# One would guess: on a repository that they do not support they raise an error; otherwise they agree with git.
# Really: in a linked worktree isomorphic-git reports every file as new, without an error, and with `eol=crlf` in
# .gitattributes a fresh checkout as modified. Neither it nor dulwich sees `chmod +x`, which git would commit; pygit2
# agrees with git in all four.
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
npm install --silent --no-audit --no-fund --ignore-scripts isomorphic-git@1.44.19 >log 2>&1 &&
  python3 -m venv py && py/bin/pip install --quiet dulwich==1.2.21 pygit2==1.21.0 >log 2>&1 || { cat log; exit 2; }
echo "isomorphic-git $(node -p 'require("./node_modules/isomorphic-git/package.json").version'), $(py/bin/pip list --format=freeze 2>/dev/null | grep -E '^(dulwich|pygit2)=' | paste -sd ' ' -)"
cat >status.mjs <<'JS'
import fs from 'node:fs';
import git from 'isomorphic-git';
const rows = await git.statusMatrix({ fs, dir: process.argv[2] });
const kind = ([, head, tree, index]) => (head ? (tree === 1 && index === 1 ? '' : 'M ') : 'A ');
console.log(rows.filter(kind).map((row) => kind(row) + row[0]).join(' ') || 'clean');
JS
cat >status.py <<'PY'
import sys, pygit2
from dulwich import porcelain
def show(found): return " ".join(found) or "clean"
status = porcelain.status(sys.argv[1])
staged = [name for names in status.staged.values() for name in names]
print("dulwich", show([name.decode() for name in staged + status.unstaged] + [f"?{name}" for name in status.untracked]))
print("pygit2", show(pygit2.Repository(sys.argv[1]).status()))
PY
all() {
  git=$(git -C "$1" status --porcelain | tr -s ' ' | sed 's/^ //' | paste -sd ' ' -)
  echo "git ${git:-clean}, isomorphic $(node status.mjs "$work/$1" 2>&1 | tail -1), $(py/bin/python status.py "$1" 2>&1 | paste -sd , - | sed 's/,/, /')"
}
fresh() {
  rm -rf repo tree && git init -q repo && cd repo || exit 2
  echo one >a.txt && echo two >b.txt && git add . && git commit -qm start && cd ..
}
fresh
see 'clean' 'git clean, isomorphic clean, dulwich clean, pygit2 clean' "$(all repo)"
git -C repo worktree add -q ../tree -b side 2>/dev/null
see 'clean, a linked worktree' 'git clean, isomorphic A a.txt A b.txt, dulwich clean, pygit2 clean' "$(all tree)"
fresh
chmod +x repo/a.txt
see 'after chmod +x a.txt' 'git M a.txt, isomorphic clean, dulwich clean, pygit2 a.txt' "$(all repo)"
fresh
cd repo && echo 'a.txt text eol=crlf' >.gitattributes && git add . 2>../log && git commit -qm attributes && rm a.txt && git checkout -q a.txt && cd ..
see 'clean, with eol=crlf' 'git clean, isomorphic M a.txt, dulwich clean, pygit2 clean' "$(all repo)"
exit "$changed"

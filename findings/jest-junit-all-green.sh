#!/bin/sh
# jest-junit 17.0.0: a test file that cannot be loaded leaves no trace in the report.
# One would guess: jest 30.5.2 exits 1, so there is a failure or an error in junit.xml too.
# Really: the file and its tests are missing and the report is all green: errors="0" failures="0". Only with
# `reportTestSuiteErrors` set does it hold an error. vitest 3.2.7 reports such a file as a failed case by itself.
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
npm install --silent --no-audit --no-fund --ignore-scripts jest@30.5.2 jest-junit@17.0.0 vitest@3.2.7 >log 2>&1 || { cat log; exit 2; }
echo "jest $(node_modules/.bin/jest --version), jest-junit $(node -p 'require("./node_modules/jest-junit/package.json").version'), $(node_modules/.bin/vitest --version | cut -d' ' -f1)"

mkdir t v
echo 'test("good", () => {})' >t/good.test.js
printf 'require("./missing")\ntest("lost", () => { throw new Error() })\n' >t/lost.test.js
printf 'import { test } from "vitest"\ntest("good", () => {})\n' >v/good.spec.js
printf 'import { test } from "vitest"\nimport "./missing"\ntest("lost", () => { throw new Error() })\n' >v/lost.spec.js

totals() { sed -n 's/.*<testsuites [^>]*\(tests="[0-9]*" failures="[0-9]*" errors="[0-9]*"\).*/\1/p' "$1"; }
node_modules/.bin/jest --rootDir t --reporters=jest-junit >out 2>&1
see 'jest with jest-junit' 'exit 1, tests="1" failures="0" errors="0"' "exit $?, $(totals junit.xml)"
JEST_JUNIT_REPORT_TEST_SUITE_ERRORS=true node_modules/.bin/jest --rootDir t --reporters=jest-junit >out 2>&1
see 'with reportTestSuiteErrors' 'exit 1, tests="1" failures="0" errors="1"' "exit $?, $(totals junit.xml)"
node_modules/.bin/vitest run --dir v --reporter=junit --outputFile=vitest.xml >out 2>&1
see 'vitest' 'exit 1, tests="2" failures="1" errors="0"' "exit $?, $(totals vitest.xml)"
exit "$changed"

#!/bin/sh
# sarif-multitool 5.7.0: `validate` exits 0 for a file that is no SARIF, and `merge` for one that is not there.
# One would guess: a validator exits with a failure when it finds errors, and a merge when it lacks an input.
# Really: validate prints "error JSON1002 … property 'runs' is missing" and "Analysis completed successfully", exit 0;
# it fails only for a file that does not exist. merge takes a missing or broken file as one without results, so a
# tool that wrote no report has found nothing. (About 100 MB; Linux on x64 only.)
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
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/sarif-multitool-linux@5.7.0 >log 2>&1 || { cat log; exit 2; }
tool=$work/node_modules/@microsoft/sarif-multitool-linux
chmod +x "$tool/Sarif.Multitool" || exit 2
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_BUNDLE_EXTRACT_BASE_DIR="$work/dotnet"
echo "sarif-multitool $(node -p "JSON.parse(fs.readFileSync('$tool/package.json')).version")"

echo '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}},
  "results": [{"ruleId": "R1", "level": "error", "message": {"text": "bad"}}]}]}' >good.sarif
echo '{"version": "2.1.0"}' >no-runs.sarif
echo '{"version": "2.1.0", "runs": [' >cut-off.sarif

validate() { # validate FILE: the exit code, and the errors that are printed
  "$tool/Sarif.Multitool" validate "$1" >out 2>&1
  echo "$? $(grep -oE 'error [A-Z]+[0-9]+' out | sort -u | paste -sd , -)"
}
merge() { # merge FILE...: the exit code, and how many results there are
  rm -f all.json
  "$tool/Sarif.Multitool" merge "$@" --output-file all.json >out 2>&1
  echo "$? $(grep -c '"ruleId"' all.json)"
}
see 'validate a good file' '0 ' "$(validate good.sarif)"
see 'validate a file without runs' '0 error JSON1002' "$(validate no-runs.sarif)"
see 'validate a file that was cut off' '0 error JSON0001' "$(validate cut-off.sarif)"
see 'validate a file that is not there' '1 error ERR997' "$(validate none.sarif)"
see 'merge a good file' '0 1' "$(merge good.sarif)"
see 'merge a file that is not there' '0 0' "$(merge none.sarif)"
see 'merge a file that was cut off' '0 0' "$(merge cut-off.sarif)"
see 'merge all of them' '0 1' "$(merge good.sarif none.sarif cut-off.sarif no-runs.sarif)"
exit "$changed"

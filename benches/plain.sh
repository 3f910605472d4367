#!/bin/sh
# The runner that people write themselves: clone, install, seed, commit, push,
# ci for each scenario, one after the other. What `matrix run` is held against.
#
#   plain.sh <demo|lefthook|heavy> <consumer> <empty folder>
set -eu
gate=$1 consumer=$2 work=$3
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=plain GIT_AUTHOR_EMAIL=plain@example.invalid
export GIT_COMMITTER_NAME=plain GIT_COMMITTER_EMAIL=plain@example.invalid

install() {
    case $gate in
    demo) git config core.hooksPath hooks ;;
    lefthook) npm install --save-exact lefthook@2.2.2 && npx lefthook install ;;
    heavy) npm install --save-exact "$consumer/../heavy-1.0.0.tgz" && npx heavy install ;;
    esac
}

ci() {
    export CI=true GITHUB_BASE_REF="upstream-$scenario"
    case $gate in
    demo) sh gate/gate.sh ci ;;
    lefthook) npx lefthook run pre-commit --all-files ;;
    heavy) npx heavy ci ;;
    esac
}

scenario() {
    mkdir "$lane"
    cd "$lane"
    git clone --quiet --bare --no-hardlinks "$consumer" origin.git
    git clone --quiet origin.git clone
    cd clone
    install
    git rm -r --quiet matrix.toml scenarios
    git commit --quiet --no-verify -m 'without the scenarios'
    git push --quiet --no-verify --set-upstream origin "HEAD:refs/heads/upstream-$scenario"
    git branch "upstream-$scenario"
    cp -R "$consumer/scenarios/$scenario/." .
    git add "--pathspec-from-file=$lane.paths"
    commit=0 push=0 ci=0
    git commit -m 'the change' || commit=$?
    [ "$commit" -eq 0 ] || git commit --quiet --no-verify -m 'the change'
    git push origin HEAD || push=$?
    (ci) || ci=$?
    echo "$commit $push $ci" >"$lane.results"
}

for scenario in clean violations mixed; do
    lane=$work/$scenario
    (cd "$consumer/scenarios/$scenario" && find . -type f) >"$lane.paths"
    (scenario) >"$lane.log" 2>&1 </dev/null
    rm -rf "$lane"
    case $scenario in
    clean) expected='0 0 0' ;;
    *) expected='1 1 1' ;;
    esac
    [ "$(cat "$lane.results")" = "$expected" ] || {
        cat "$lane.log" >&2
        exit 1
    }
done

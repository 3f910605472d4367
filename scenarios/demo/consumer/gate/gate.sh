#!/bin/sh
# The gate: a file that a change touches holds none of the words below.
#
#   gate.sh pre-commit   what is staged
#   gate.sh pre-push     what is pushed: refs on stdin, as git gives them to the hook
#   gate.sh ci           what HEAD has beyond $GITHUB_BASE_REF
#
# What cannot be looked at is an error: a gate that lets it through is no gate.
set -eu
set -f # a file's name is not a pattern
IFS='
'

stage=${1:-}
# Work that was left for later, and what a merge leaves behind. The brackets keep
# this line from matching itself.
words='FIX[M]E|^<{7}( |$)|^>{7}( |$)'

# Documents may speak of these words; the rest may not hold them.
changed() {
    git -c core.quotePath=off diff --name-only --diff-filter=d "$@" -- . ':!*.md'
}

# look WHERE FILE...: WHERE is --cached or a commit, never the work tree, which
# may differ from what is committed.
look() {
    where=$1
    shift
    [ $# -gt 0 ] || return 0
    # git quotes a name with a quote or a control character in it, and would then
    # find no such file.
    case $* in
    *\"*)
        echo "gate: a file's name cannot be read: $*" >&2
        exit 2
        ;;
    esac
    found=0
    git --literal-pathspecs grep -nIE -e "$words" "$where" -- "$@" >&2 || found=$?
    case $found in
    0)
        echo "gate: $stage blocked" >&2
        exit 1
        ;;
    1) ;;
    *) exit "$found" ;;
    esac
}

case $stage in
pre-commit)
    files=$(changed --cached)
    look --cached $files
    ;;
pre-push)
    while IFS=' ' read -r _ new _ old; do
        case $new in
        *[!0]*) ;;
        *) continue ;; # a branch is deleted: nothing to look at
        esac
        case $old in
        *[!0]*) base=$old ;;
        *) # The remote has no such branch yet. Without an upstream: all that the branch holds.
            base=$(git rev-parse --quiet --verify '@{upstream}') ||
                base=$(git hash-object -t tree /dev/null)
            ;;
        esac
        files=$(changed "$base" "$new")
        look "$new" $files
    done
    ;;
ci)
    files=$(changed "${GITHUB_BASE_REF:?the base to compare with}" HEAD)
    look HEAD $files
    ;;
*)
    echo "usage: gate.sh pre-commit|pre-push|ci" >&2
    exit 2
    ;;
esac

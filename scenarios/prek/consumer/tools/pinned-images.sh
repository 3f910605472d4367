#!/bin/sh
# Refuses images without a fixed version.
# usage: pinned-images.sh FILE...
set -u

# /dev/null as one more file makes grep name the file even where there is only one.
grep -nE '^ *image: *([^: ]+|.*:latest) *$' "$@" /dev/null
case $? in
0) exit 1 ;;
1) exit 0 ;;
*) exit 2 ;; # what could not be read is not fine
esac

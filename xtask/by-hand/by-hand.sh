#!/bin/sh
# Breaks a gate by hand, and says for each stage if a violation got in: plain git and shell, nothing of `matrix`.
# usage: sh by-hand.sh WORK GATE ID...
#
# WORK is a folder for the consumers and the caches of npm and pip; the logs stay in WORK/logs. A line is
#   ID STAGE open|closed         or
#   ID - stopped|cannot WHY      if the installation ended with an error, or there is nothing to break
set -u
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
mkdir -p "$1/logs" && work=$(cd "$1" && pwd)
gate=$2
shift 2
. "$here/lib.sh"
. "$here/gates.sh"
. "$here/sabotages.sh"

clean_environment
describe_gate
make_ready || exit 2
for id in control "$@"; do
  # In a process of its own: a row ends where nothing is left to see. Not behind `||`, which switches `-e` off.
  (set -e && row "$id")
  code=$?
  [ $code = 0 ] || { echo "$gate: $id: exit $code" >&2 && exit 2; }
done

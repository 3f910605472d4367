#!/bin/sh
# Installs packages of named versions into a folder that must not exist.
# usage: readers.sh FOLDER pypi|npm PACKAGE...; then FOLDER/venv/bin/python or FOLDER/node_modules
set -eu
to=$1
registry=$2
shift 2
work=$to.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
case $registry in
pypi)
  python3 -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
  ;;
npm) npm install --ignore-scripts --no-audit --no-fund --loglevel=error --prefix "$work" "$@" >&2 ;;
esac
# Another process may have made it meanwhile.
mv -T "$work" "$to" 2>/dev/null || [ -d "$to" ]

#!/bin/sh
# Installs a package manager of a named version, with a node that it runs on, into a folder that must not exist.
# The machine's own managers stay as they are.
# usage: managers.sh FOLDER NAME@VERSION; put FOLDER/bin first on PATH
set -eu
to=$1
name=${2%@*}
version=${2##*@}
work=$to.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$(dirname "$to")"
npm_install() {
  mkdir -p "$1"
  # npm 12 runs no install script that is not allowed, and that of bun fetches it.
  echo '{ "allowScripts": { "bun": true } }' >"$1/package.json"
  npm install --no-audit --no-fund --loglevel=error --prefix "$@" >&2
}
case $name in
node)
  case $(uname -m) in aarch64) machine=arm64 ;; *) machine=x64 ;; esac
  npm_install "$work/npm" "node-linux-$machine@$version"
  mv "$work/npm/node_modules/node-linux-$machine/bin/node" "$work/bin/node"
  rm -rf "$work/npm"
  ;;
uv | pipx)
  python3 -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$name==$version" >&2
  # Scripts of a virtual environment begin with its path. pipx would make a pip of its own in each lane.
  {
    echo '#!/bin/sh'
    echo "export PIPX_SHARED_LIBS='$to/shared' PIPX_DISABLE_SHARED_LIBS_AUTO_UPGRADE=1"
    echo "exec '$to/venv/bin/python' -m $name \"\$@\""
  } >"$work/bin/$name"
  chmod +x "$work/bin/$name"
  ;;
*)
  case $2 in
  yarn@1.*) npm_install "$work" "$2" ;;
  yarn@*) npm_install "$work" "@yarnpkg/cli-dist@$version" ;;
  *) npm_install "$work" "$2" ;;
  esac
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$to/node_modules/.bin/$name" >"$work/bin/$name"
  chmod +x "$work/bin/$name"
  ;;
esac
case $2 in
npm@12.* | pnpm@11.* | pnpm@12.*)
  if [ "$(node -p 'parseInt(process.versions.node)')" -lt 22 ]; then
    node=$(dirname "$to")/node@22.22.3
    [ -d "$node" ] || sh "$0" "$node" node@22.22.3
    ln -s "$node/bin/node" "$work/bin/node"
  fi
  ;;
esac
# Another process may have made it meanwhile.
mv -T "$work" "$to" 2>/dev/null || [ -d "$to/bin" ]
[ "$name" != pipx ] || "$to/bin/pipx" upgrade-shared >&2

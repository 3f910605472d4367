#!/bin/sh
# Makes a folder of a git that runs hooks from its configuration (2.54 and later), from Debian's development suite.
# The machine's own packages and sources stay as they are, and nothing here takes root.
# usage: new-git.sh FOLDER, which must not exist; put FOLDER/bin first on PATH
set -eu
command -v apt-get >/dev/null || { echo "a git of 2.54 or later is needed on PATH, or Debian's apt-get" >&2; exit 1; }
to=$1
work=$to.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root" "$work/bin" "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
cd "$work/apt"
# The mirror that the machine uses.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' | grep -m1 '/debian/\{0,1\}$')
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >sources.list
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$PWD/lists" \
    -o Dir::Cache="$PWD/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}
apt update
apt download git libc6 libpcre2-8-0 zlib1g
for package in *.deb; do dpkg-deb -x "$package" ../root; done
rm -rf "$work/apt"
# Its libraries are newer than the machine's, so their own loader starts it. It starts itself by these names.
cd "$work/bin"
loader=$(cd ../root && find usr -name 'ld-linux*' -type f | head -n 1)
root=$to/root
libraries=$root/${loader%/*}
for name in git git-receive-pack git-upload-pack; do
  cat >$name <<GIT
#!/bin/sh
GIT_EXEC_PATH=$to/bin exec $root/$loader --library-path $libraries --argv0 $name $root/usr/bin/git "\$@"
GIT
  chmod +x $name
done
# Another process may have made it meanwhile.
mv -T "$work" "$to" 2>/dev/null || [ -x "$to/bin/git" ]

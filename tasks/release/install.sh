#!/bin/sh
# Installs the standalone binary of pxrun @VERSION@ for this user, once its SHA-256 sum is that of the
# release. Any POSIX shell will do.
#
#   PXRUN_INSTALL_DIR   where to put it (default: ~/.local/bin)
#   PXRUN_RELEASE_URL   where the release lies, such as a mirror (default: where it was published)
set -eu

version=@VERSION@
release=${PXRUN_RELEASE_URL:-@RELEASE@}
directory=${PXRUN_INSTALL_DIR:-${HOME:?}/.local/bin}

fail() {
  echo "error: $1" >&2
  [ -z "${2-}" ] || echo "hint: $2" >&2
  exit 1
}
other="npm install --global pxrun, or deno run -A $release/pxrun.js where these run"

case $(uname -s) in
  Linux) system=unknown-linux-gnu ;;
  Darwin) system=apple-darwin ;;
  *) fail "there is no binary of pxrun for $(uname -s)" "$other" ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x86_64 ;;
  aarch64 | arm64) machine=aarch64 ;;
  *) fail "there is no binary of pxrun for $(uname -m)" "$other" ;;
esac
if [ "$system" = unknown-linux-gnu ] && ldd --version 2>&1 | grep -qi musl; then
  fail "the binaries of pxrun need glibc, and this system has musl" "apk add deno; then take the bundle"
fi
name=pxrun-$version-$machine-$system

if command -v curl >/dev/null 2>&1; then
  fetch() { curl --fail --silent --show-error --location --output "$2" "$1"; }
elif command -v wget >/dev/null 2>&1; then
  fetch() { wget -q -O "$2" "$1"; }
else
  fail "neither curl nor wget is installed"
fi
if command -v sha256sum >/dev/null 2>&1; then
  sum() { sha256sum <"$1"; }
elif command -v shasum >/dev/null 2>&1; then
  sum() { shasum -a 256 <"$1"; }
else
  fail "neither sha256sum nor shasum is installed" "without a sum nothing is installed"
fi

mkdir -p "$directory" || fail "cannot make $directory" "PXRUN_INSTALL_DIR names another directory"
# On the same file system as its place: it appears there whole or not at all.
temporary=$(mktemp -d "$directory/.pxrun-install.XXXXXX") || fail "cannot write to $directory"
trap 'rm -rf "$temporary"' EXIT
trap 'exit 130' INT TERM HUP

echo "fetching $release/$name"
fetch "$release/SHA256SUMS" "$temporary/SHA256SUMS" || fail "cannot fetch $release/SHA256SUMS"
wanted=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\$/\1/p" "$temporary/SHA256SUMS")
[ -n "$wanted" ] || fail "the release has no binary $name" "$other"
fetch "$release/$name" "$temporary/pxrun" || fail "cannot fetch $release/$name"
found=$(sum "$temporary/pxrun")
found=${found%% *}
[ "$found" = "$wanted" ] ||
  fail "the sum of $name is $found, and should be $wanted: nothing was installed" \
    "try again; if it stays so, do not use that file"

chmod 755 "$temporary/pxrun"
mv -f "$temporary/pxrun" "$directory/pxrun"
echo "installed pxrun $version as $directory/pxrun"
case :${PATH-}: in
  *:"$directory":*) echo "next: pxrun demo" ;;
  *) echo "next: add $directory to your PATH, then: pxrun demo" ;;
esac

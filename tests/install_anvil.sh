#!/bin/sh
# Installs anvil, an Ethereum node for tests, from npm, if it is not there yet: ~/.cache/spoor/anvil.
# Without npm it says so, and the tests that want a node skip.
set -eu
target=${HOME:-/root}/.cache/spoor/anvil
[ -x "$target" ] && exit 0
if ! command -v npm >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing from Debian's packages: npm"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -qq --no-install-recommends npm >/dev/null || true
fi
if ! command -v npm >/dev/null; then
  echo "No npm to install anvil with: tests that want an Ethereum node will skip" >&2
  exit 0
fi
# The package of the program itself for this machine: the one that chooses among them wants a newer
# node than Debian's, which the program does not.
case $(uname -m) in
  x86_64) package=@foundry-rs/anvil-linux-amd64 ;;
  aarch64) package=@foundry-rs/anvil-linux-arm64 ;;
  *)
    echo "No anvil for $(uname -m): tests that want an Ethereum node will skip" >&2
    exit 0
    ;;
esac
echo "Installing from npm: $package"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! (cd "$work" && npm install --no-audit --no-fund --ignore-scripts --loglevel=error \
  "$package@1.7.1" >/dev/null); then
  echo "npm cannot install anvil: tests that want an Ethereum node will skip" >&2
  exit 0
fi
mkdir -p "$(dirname "$target")"
cp "$work/node_modules/$package/bin/anvil" "$target.new"
chmod +x "$target.new"
mv "$target.new" "$target"

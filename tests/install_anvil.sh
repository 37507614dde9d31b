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
echo "Installing from npm: @foundry-rs/anvil"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --no-audit --no-fund --ignore-scripts @foundry-rs/anvil@1.7.1 >/dev/null)
found=$(find "$work/node_modules/@foundry-rs" -type f -name anvil -path '*/bin/anvil' | head -n 1)
mkdir -p "$(dirname "$target")"
cp "$found" "$target.new"
chmod +x "$target.new"
mv "$target.new" "$target"

#!/bin/sh
# Installs from Debian's packages what Spoor needs, if it is not there yet.
#   install_packages.sh          to build libspoor and trace
#   install_packages.sh tests    also to build and run the tests
set -eu

packages="g++ cmake ninja-build pkg-config libabsl-dev libboost-dev libcli11-dev libcrypto++-dev
  libcurl4-openssl-dev librocksdb-dev libsecp256k1-dev libsimdjson-dev libxml2-dev libyaml-cpp-dev
  rapidjson-dev zlib1g-dev"
if [ "${1:-}" = tests ]; then
  packages="$packages clang-format libbenchmark-dev libgmock-dev libgtest-dev litecoind chromium
    graphviz python3-networkx python3-pydot"
fi
# For x86-64 alone: hashes many messages at once.
[ "$(dpkg --print-architecture)" != amd64 ] || packages="$packages libipsec-mb-dev"
# To bundle the page of trace report; whatever node and npm there already are will do.
command -v node >/dev/null || packages="$packages nodejs"
command -v npm >/dev/null || packages="$packages npm"

missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "Installing from Debian's packages:$missing"
if [ "$(id -u)" != 0 ]; then
  echo "This needs root: run it as root, or install them yourself and run again." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null

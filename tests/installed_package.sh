#!/bin/sh
# installed_package.sh SOURCE BUILD [SANITIZE]: installs libspoor from BUILD into a new place, builds
# examples/follow_coin against it, by CMake and by pkg-config, and runs both on a ledger made with the
# installed trace.
set -eu
source=$1
build=$2
sanitize=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/usr" >/dev/null
cmake -G Ninja -S "$source/examples/follow_coin" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/usr" \
  -DCMAKE_CXX_FLAGS="${sanitize:+-fsanitize=$sanitize}" >/dev/null
cmake --build "$work/build"
"$work/usr/bin/trace" simulate --out "$work/world" --transactions 500 --quiet
"$work/usr/bin/trace" --ledger "$work/ledger" ingest bitcoin --network regtest \
  --blocks "$work/world/blocks" --quiet
theft=$(sed -n 's/.*"txid":"\([0-9a-f]*\)".*/\1/p' "$work/world/truth/thefts.jsonl" | head -n 1)
"$work/build/follow_coin" "$work/ledger" bitcoin-regtest "$theft:0" | tee "$work/out"
grep -q unspent "$work/out"

PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name spoor.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
${CXX:-c++} -std=c++20 ${sanitize:+-fsanitize=$sanitize} \
  "$source/examples/follow_coin/follow_coin.cc" -o "$work/by_pkg_config" \
  $(pkg-config --cflags --libs spoor)
"$work/by_pkg_config" "$work/ledger" bitcoin-regtest "$theft:0" | cmp - "$work/out"
echo "spoor $(pkg-config --modversion spoor) by pkg-config: the same"

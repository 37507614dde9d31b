#!/bin/sh
# From a bare Debian 12 to a theft followed: installs packages, builds, makes a ledger with a theft in
# it, ingests that, and prints where the stolen coins are. Safe to run again.
set -eu
cd "$(dirname "$0")/.."

sh examples/install_packages.sh
echo "Building trace (a minute or two the first time)"
cmake -S . -B build/quickstart -G Ninja -DCMAKE_BUILD_TYPE=Release -DSPOOR_BUILD_TESTS=OFF \
  -DSPOOR_BUILD_BENCH=OFF >/dev/null
cmake --build build/quickstart --target trace
trace=build/quickstart/tools/trace

world=build/quickstart/world
ledger=build/quickstart/ledger
rm -rf "$world" "$ledger"
echo
echo "Simulating a ledger: real block files, and the truth about them"
"$trace" simulate --out "$world" --transactions 20000 --seed 1
echo
echo "Ingesting its blocks"
"$trace" --ledger "$ledger" ingest bitcoin --network regtest --blocks "$world/blocks"

# The transaction by which an exchange was robbed, from the truth beside the ledger. Somebody who
# comes to a real theft has such a txid, or the thief's address.
theft=$(sed -n 's/.*"txid":"\([0-9a-f]*\)".*/\1/p' "$world/truth/thefts.jsonl" | head -n 1)
echo
echo "Following what transaction $theft stole:"
echo "  trace follow theft=$theft --policy fifo,haircut,poison --rows 12"
echo
"$trace" --ledger "$ledger" follow "theft=$theft" --policy fifo,haircut,poison --rows 12
echo
echo "Next: $trace --ledger $ledger show $theft"
echo "      $trace --help"

#!/bin/sh
# report_files.sh TRACE SOURCE WORK [chromium]: simulates a theft, reports it in every format, and has
# independent readers open the files: Graphviz, networkx, a JSON-schema validator, an HTML validator,
# and with `chromium` a browser that uses the page.
set -eu
trace=$1
source=$2
work=$3
mkdir -p "$work/npm" "$work/files"
cd "$work"

lock=$(cat "$source/tests/report/page/package-lock.json" | sha256sum | cut -c1-64)
if [ ! -e "npm/$lock" ]; then
  cp "$source/tests/report/page/package.json" "$source/tests/report/page/package-lock.json" \
    "$source/tests/report/page/.npmrc" npm/
  (cd npm && npm ci --ignore-scripts --no-audit --no-fund >/dev/null)
  touch "npm/$lock"
fi
cp "$source"/tests/report/page/*.mjs "$source"/tests/report/page/*.py npm/

rm -rf world ledger files/*
"$trace" simulate --out world --transactions 4000 --thefts 2 --quiet >/dev/null
"$trace" --ledger ledger ingest bitcoin --network regtest --blocks world/blocks --quiet >/dev/null
"$trace" --ledger ledger tags world/truth/tags.yaml --quiet >/dev/null
"$trace" --ledger ledger cluster --quiet >/dev/null
thefts=$(sed -n 's/.*"txid":"\([0-9a-f]*\)".*/\1/p' world/truth/thefts.jsonl)
seeds=$(n=0; for theft in $thefts; do n=$((n + 1)); echo "theft$n=$theft:0"; done)
# shellcheck disable=SC2086
"$trace" --ledger ledger follow $seeds --policy all --bounds --json --quiet >files/bitcoin.json
for what in many enemy swap; do
  node npm/make_results.mjs $what "files/$what.json"
done
# The Harmony theft, where there are real data.
harmony=${SPOOR_REAL_DATA:-/nowhere}/theft/harmony-2023
if [ -e "$harmony/flows.csv" ]; then
  columns=time=Timestamp,block=Block,tx=Tx_hash,from=From,to=To,amount=Value_in_USD
  "$trace" --ledger ledger ingest transfers "$harmony/flows.csv" --chain ethereum --asset USD \
    --decimals 18 --columns "$columns,from_label=From_label,to_label=To_label" --quiet >/dev/null
  # The labels name the exchanges' wallets, but do not say that they are exchanges.
  awk -F, '$7 ~ /^(Binance|HTX|OKX) / { print $6 "," $7 ",exchange" }' "$harmony/flows.csv" |
    sort -u >exchanges.csv
  "$trace" --ledger ledger tags exchanges.csv --quiet >/dev/null
  # shellcheck disable=SC2046
  "$trace" --ledger ledger follow $(sed 's/^/ethereum:/' "$harmony/sources.csv") --policy all \
    --bounds --json --quiet >files/harmony.json
else
  echo "no real data at \$SPOOR_REAL_DATA/theft/harmony-2023"
fi
for what in bitcoin swap harmony; do
  [ -e "files/$what.json" ] || continue
  "$trace" estimate "files/$what.json" --samples 20000 --json --quiet >"files/$what.estimate.json"
  "$trace" report "files/$what.json" --estimate "files/$what.estimate.json" --html "files/$what.html"
done
for what in many enemy; do
  "$trace" report "files/$what.json" --html "files/$what.html"
done

for what in bitcoin enemy swap harmony; do
  [ -e "files/$what.json" ] || continue
  mkdir -p "files/$what"
  "$trace" report "files/$what.json" --html "files/$what/report.html" --csv "files/$what/csv" \
    --graphml "files/$what/flows.graphml" --dot "files/$what/flows.dot" \
    --stix "files/$what/bundle.json" --misp "files/$what/event.json"
  node npm/check_formats.mjs "files/$what"
  /usr/bin/python3 npm/read_graphs.py "files/$what/flows.graphml" "files/$what/flows.dot" \
    "files/$what.json"
  gc -n -e "files/$what/flows.dot"
done
# Nothing that an enemy wrote becomes an element of a drawing.
dot -Tsvg files/enemy/flows.dot >files/enemy/flows.svg
if grep -qE '<(script|img)[ >]|href=' files/enemy/flows.svg; then
  echo "the drawing has elements that an enemy wrote" >&2
  exit 1
fi
[ "${4:-}" != chromium ] || node npm/page_test.mjs files

#!/bin/sh
# Installs what the tests need, builds everything and runs the tests, from nothing. Arguments go to
# ctest. SPOOR_REAL_DATA names a folder of real blocks; without it the tests that read them skip.
set -eu
cd "$(dirname "$0")/.."

sh examples/install_packages.sh tests
sh tests/install_anvil.sh
if [ -z "${SPOOR_REAL_DATA:-}" ] && [ -d ../shared/data ]; then
  SPOOR_REAL_DATA=$(cd ../shared/data && pwd)
fi
echo "Checking the format of the code"
git ls-files -z '*.cc' '*.h' | xargs -0 clang-format --dry-run --Werror
echo "Building"
cmake --preset dev -DSPOOR_REAL_DATA="${SPOOR_REAL_DATA:-}" >/dev/null
cmake --build --preset dev
echo "Testing"
ctest --preset dev -j "$(nproc)" "$@"

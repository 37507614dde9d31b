#!/bin/sh
# check_includes.sh ROOT LAYERS: holds every #include of the library against the layers that CMake
# states. LAYERS is a file of lines "layer: dependency dependency ...". Also: only lib/ledger includes
# RocksDB, only lib/chain libsecp256k1, nothing in the library the streams of a terminal, and every
# header has the include guard of its path.
set -eu
root=$1
layers=$2
cd "$root"
status=0
fail() {
  echo "$1" >&2
  status=1
}

for layer in $(cut -d: -f1 "$layers"); do
  allowed="$layer $(sed -n "s/^$layer://p" "$layers")"
  for file in $(find "include/spoor/$layer" "lib/$layer" -name '*.h' -o -name '*.cc' | sort); do
    for used in $(sed -n -e 's|^#include "spoor/\([a-z]*\)/.*|\1|p' -e 's|^#include "lib/\([a-z]*\)/.*|\1|p' "$file"); do
      case " $allowed " in
        *" $used "*) ;;
        *) fail "$file: layer $layer may not include layer $used" ;;
      esac
    done
    for used in $(sed -n 's|^#include "lib/\([a-z]*\)/.*|\1|p' "$file"); do
      [ "$used" = "$layer" ] || fail "$file: includes a private header of $used"
    done
    case "$file" in
      include/*.h) grep -q '^#include "lib/' "$file" && fail "$file: includes a private header" ;;
    esac
    if [ "$layer" != ledger ] && grep -q '#include ["<]rocksdb/' "$file"; then
      fail "$file: only lib/ledger may include RocksDB"
    fi
    if grep -q '#include ["<]secp256k1' "$file"; then
      case "$file" in
        lib/chain/*.cc) ;;
        *) fail "$file: only lib/chain may include libsecp256k1" ;;
      esac
    fi
    if grep -q -E '#include <iostream>|std::cout|std::printf' "$file"; then
      fail "$file: only tools/ prints to a terminal"
    fi
    case "$file" in
      *.h)
        guard=$(echo "$file" | sed -e 's|^include/||' -e 's|^lib/|spoor/lib/|' | tr 'a-z/.' 'A-Z__')_
        grep -q "^#ifndef $guard\$" "$file" || fail "$file: wanted the include guard $guard"
        ;;
    esac
  done
done
# A layer that CMake does not know would escape all of this.
for dir in lib/*/ include/spoor/*/; do
  grep -q "^$(basename "$dir"):" "$layers" || fail "$dir is no layer in lib/CMakeLists.txt"
done
[ "$status" = 0 ] && echo "$(wc -l <"$layers") layers keep to their bounds"
exit "$status"

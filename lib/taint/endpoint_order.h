#ifndef SPOOR_LIB_TAINT_ENDPOINT_ORDER_H_
#define SPOOR_LIB_TAINT_ENDPOINT_ORDER_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>

#include "spoor/base/bytes.h"
#include "spoor/chain/hash.h"
#include "spoor/taint/trace_lists.h"

// The order of endpoints in a result.

namespace spoor {

// A place that is an output of a movement, or the movement. Its text is "TXID:N" or "TXID", the
// txid's last byte first.
struct OutputPlace {
  const Txid* txid;
  bool at_output = true;
  uint32_t output = 0;
};

// How the text of a place begins, as a number that is larger where the text comes later.
inline uint64_t PlaceBegins(const Txid& txid) {
  return LoadLe64(txid.bytes().data() + txid.bytes().size() - 8);
}

// The order of these texts.
inline bool OutputBefore(const OutputPlace& a, const OutputPlace& b) {
  const auto& x = a.txid->bytes();
  const auto& y = b.txid->bytes();
  if (x != y) return std::lexicographical_compare(x.rbegin(), x.rend(), y.rbegin(), y.rend());
  if (!a.at_output || !b.at_output) return !a.at_output && b.at_output;
  return std::to_string(a.output) < std::to_string(b.output);
}

inline bool PlaceBefore(const Endpoint& a, const Endpoint& b) {
  if (a.place.empty() && b.place.empty()) {
    return OutputBefore({&a.txid, a.at_output, a.output}, {&b.txid, b.at_output, b.output});
  }
  return (a.place.empty() ? ToText(a.txid) : a.place) <
         (b.place.empty() ? ToText(b.txid) : b.place);
}

inline bool EndpointBefore(const Endpoint& a, const Endpoint& b) {
  if (a.tainted != b.tainted) return a.tainted > b.tainted;
  if (PlaceBefore(a, b)) return true;
  if (PlaceBefore(b, a)) return false;
  return std::tie(a.chain, a.asset, a.position, a.kind, a.output) <
         std::tie(b.chain, b.asset, b.position, b.kind, b.output);
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ENDPOINT_ORDER_H_

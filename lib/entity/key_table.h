#ifndef SPOOR_LIB_ENTITY_KEY_TABLE_H_
#define SPOOR_LIB_ENTITY_KEY_TABLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// The hash of the P2SH-P2WPKH script of a key with that hash.
Digest160 NestedHash(ByteSpan key_hash);

// An address, and an earlier one of the same public key.
using SameKey = std::pair<uint64_t, uint64_t>;

// Which addresses of a chain stand for the same public key. Each address has a mark that all
// addresses of its key have, which is the hash of their P2SH-P2WPKH script; a P2PK address, which
// names the key, has those of both encodings of it and that of its P2TR script. The table knows the
// first address with each mark.
class KeyTable {
 public:
  // What it takes for so many addresses: 11.3 bytes for each.
  static uint64_t BytesFor(uint64_t addresses) { return SlotsFor(addresses) * sizeof(uint64_t); }

  // Empties the table and makes room for the chain's first `addresses` addresses.
  void Reset(uint64_t addresses);
  // Whether there is room for so many.
  bool Fits(uint64_t addresses) const { return addresses <= room_; }

  // Adds the addresses from `first` on by their keys, which are those of scripts. The earlier ones
  // that each shares a public key with, at most one for each mark, are appended to `same`. `view`
  // has them all.
  absl::Status Add(const LedgerView& view, uint64_t first, absl::Span<const std::string> keys,
                   std::vector<SameKey>* same);

  // Forgets the addresses from `end` on.
  void Shrink(uint64_t end);

 private:
  static uint64_t SlotsFor(uint64_t addresses) {
    const uint64_t room = addresses + addresses / 16;
    return room + room / 3 + 16;
  }
  size_t PlaceOf(uint64_t head) const {
    return static_cast<size_t>(static_cast<unsigned __int128>(head) * slots_.size() >> 64);
  }
  // Adds an address under the hash of one of its marks, unless an earlier one has that mark:
  // `is_same` tells.
  absl::Status Visit(uint64_t id, uint64_t head, bool of_p2pk,
                     absl::FunctionRef<absl::StatusOr<bool>(uint64_t other)> is_same);

  uint64_t room_ = 0;
  // 0, or the address + 1 in five bytes and three bytes of the mark's hash above. Where a mark's
  // place is taken, the next free one is its: so what came last may go without moving the rest.
  std::vector<uint64_t> slots_;
  // The marks of P2PK addresses, which may be several to an address, by their hashes.
  absl::flat_hash_map<uint64_t, uint64_t> of_p2pk_;
  std::vector<uint64_t> heads_;  // hashes of the marks of those being added
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_KEY_TABLE_H_

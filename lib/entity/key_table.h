#ifndef SPOOR_LIB_ENTITY_KEY_TABLE_H_
#define SPOOR_LIB_ENTITY_KEY_TABLE_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Which addresses of a chain stand for the same public key, in 11 bytes an address. Each address
// has a mark that all addresses of its key have, which is the hash of their P2SH-P2WPKH script; a
// P2PK address, which names the key, has those of both encodings of it and that of its P2TR script.
// The table knows the first address with each mark.
class KeyTable {
 public:
  // Empties the table and makes room for the chain's first `addresses` addresses.
  void Reset(uint64_t addresses);
  // Whether there is room for so many.
  bool Fits(uint64_t addresses) const { return addresses <= room_; }

  // Adds an address by its key, which is that of a script. The earlier ones that it shares a public
  // key with, at most one for each mark, are put into `same`. `view` has them all.
  absl::Status Add(const LedgerView& view, AddressId id, absl::string_view key,
                   std::vector<AddressId>* same);

  // Forgets the addresses from `end` on.
  void Shrink(uint64_t end);

 private:
  // The address with that mark, or the place for it.
  absl::Status Visit(const LedgerView& view, AddressId id, absl::string_view mark, bool of_p2pk,
                     std::vector<AddressId>* same);

  uint64_t room_ = 0;
  // 0, or the address + 1 in five bytes and three bytes of the mark's hash above. Where a mark's
  // place is taken, the next free one is its: so what came last may go without moving the rest.
  std::vector<uint64_t> slots_;
  // The marks of P2PK addresses, which may be several to an address, by their hashes.
  absl::flat_hash_map<uint64_t, uint64_t> of_p2pk_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_KEY_TABLE_H_

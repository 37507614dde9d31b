#ifndef SPOOR_LIB_ENTITY_REVEALED_KEYS_H_
#define SPOOR_LIB_ENTITY_REVEALED_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Addresses of one key that only an input shows to be of one key: those of the key's other
// encoding, and the P2TR address of BIP 86. (What else there is has the same mark as the address
// that the input spends from, and KeyTable finds it.) It is known from the movement on that has
// both: in which the input reveals the key, if the other address is there, or else in which that
// appears.
//
// An address that appears later is found by rows of the table, one for each mark that a revealed
// key has besides its address's own: "F", the first eight bytes of the mark, the address that
// revealed it (5). They are a memory and no state: what they say is seen to be so when they are
// used, so those of movements that were taken back, or of a run that was killed, do no harm.
class RevealedKeys {
 public:
  explicit RevealedKeys(LedgerTable* table) : table_(*table) {}

  // Finds what there is to tell of the movements of `view` from `movements` on, before which the
  // chain had `addresses` addresses. The same must have been done for the movements before.
  absl::Status Start(const LedgerView& view, uint64_t movements, uint64_t addresses);

  // Visits the pairs that are known from the movement at `position` on, with which the chain has
  // `addresses` addresses: which revealed a key, and which is of it. Of each movement in turn.
  void Visit(uint64_t position, uint64_t addresses,
             absl::FunctionRef<void(uint64_t revealed, uint64_t other)> visit);

 private:
  struct Reveal {
    AddressId id;
    RevealedScript script;
  };
  struct Pair {
    uint64_t position;  // at which the key is revealed
    uint64_t revealed;
    uint64_t other;
    friend auto operator<=>(const Pair&, const Pair&) = default;
  };
  // What one thread made of some reveals.
  struct Part {
    std::vector<Pair> pairs;
    std::vector<LedgerTable::Change> rows;
  };

  absl::Status FindReveals(uint64_t movements, uint64_t addresses);
  absl::Status FindNewAddresses(uint64_t movements, uint64_t addresses);
  absl::Status Take(absl::Span<const Reveal> reveals);
  static absl::Status Match(const LedgerView& view, absl::Span<const Reveal> reveals, Part* out);

  LedgerTable& table_;
  const LedgerView* view_ = nullptr;
  std::vector<Pair> pairs_;                    // ascending
  size_t next_ = 0;                            // of these
  std::multimap<uint64_t, uint64_t> waiting_;  // by the other address, which is not there yet
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_REVEALED_KEYS_H_

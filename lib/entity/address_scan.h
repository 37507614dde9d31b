#ifndef SPOOR_LIB_ENTITY_ADDRESS_SCAN_H_
#define SPOOR_LIB_ENTITY_ADDRESS_SCAN_H_

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/entity/key_table.h"
#include "spoor/chain/script.h"
#include "spoor/entity/heuristic.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// What is to be known of addresses that follow each other.
struct AddressChunk {
  uint64_t end = 0;  // the address behind the last
  // In the order of the addresses; none unless Heuristic::kSameKey is chosen.
  std::vector<SameKey> same;
  std::vector<uint64_t> anyones;  // from which anybody can spend
  std::vector<ScriptKind> kinds;  // of each, if TellsKinds()
};

// Reads the addresses of a chain in their order, and compares their keys, a chunk ahead on a thread
// of its own.
class AddressScan {
 public:
  explicit AddressScan(HeuristicSet heuristics) : heuristics_(heuristics) {}
  ~AddressScan() { Stop(); }

  // Whether one of these heuristics asks for addresses' kinds.
  static bool TellsKinds(HeuristicSet heuristics) {
    return heuristics.Has(Heuristic::kAddressTypeChange) ||
           heuristics.Has(Heuristic::kFingerprintChange);
  }
  // What it keeps for so many addresses.
  static uint64_t BytesFor(HeuristicSet heuristics, uint64_t addresses) {
    return heuristics.Has(Heuristic::kSameKey) ? KeyTable::BytesFor(addresses) : 0;
  }

  // Chunks will come from address `first` on, or from 0 on if those before it are not known any
  // more: which of the two is returned. `view` must outlive them, up to Stop().
  uint64_t Start(const LedgerView* view, uint64_t first);
  // The next chunk. DATA_LOSS if there are no more addresses.
  absl::StatusOr<AddressChunk> Next();
  void Stop();

  // Forgets the addresses from `end` on.
  void Shrink(uint64_t end);
  void ForgetAll() { known_ = false; }

 private:
  absl::StatusOr<AddressChunk> Read(uint64_t first);
  void ReadAhead(uint64_t first);

  const HeuristicSet heuristics_;
  const LedgerView* view_ = nullptr;
  bool known_ = false;      // those before what Start() is told
  uint64_t addresses_ = 0;  // of the view
  KeyTable table_;
  std::vector<std::string> keys_;
  std::future<absl::StatusOr<AddressChunk>> ahead_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_ADDRESS_SCAN_H_

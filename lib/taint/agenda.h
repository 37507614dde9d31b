#ifndef SPOOR_LIB_TAINT_AGENDA_H_
#define SPOOR_LIB_TAINT_AGENDA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"

namespace spoor {

enum class Direction { kForward, kBack };

// The movements still to visit, in order of position, backwards the last first. They are read ahead
// in batches: while the first is being worked on, the ones that wait behind it are already known,
// though another may still come in between.
//
// If fees are followed, a coinbase comes after the rest of its block, as CoinbaseWithFees().
class Agenda {
 public:
  Agenda(const LedgerView& view, Direction direction, FeeRule fees)
      : view_(view), direction_(direction), fees_(fees) {}

  // Requires a movement that Pop() has not gone past.
  absl::Status Add(Position position);
  // The coinbase of the block at `height`, if fees are followed.
  absl::Status AddCoinbase(uint32_t height);

  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }

  // Takes the first. Requires one.
  absl::StatusOr<Movement> Pop();

 private:
  // Places in the order: a movement's is even, and a block's coinbase with its fees has the odd one
  // after the block's last movement.
  static uint64_t PlaceOf(Position position) { return 2 * position.number; }
  static uint64_t CoinbasePlace(const BlockInfo& block) { return 2 * block.totals.movements - 1; }
  static bool IsCoinbase(uint64_t place) { return place % 2 == 1; }

  absl::StatusOr<BlockInfo> Block(Position position);
  absl::Status ReadAhead();
  template <typename Iterator>
  void Unread(Iterator it, Iterator end);

  const LedgerView& view_;
  Direction direction_;
  FeeRule fees_;
  absl::btree_set<uint64_t> waiting_;
  absl::flat_hash_map<Position, Movement> read_;
  std::optional<BlockInfo> block_;  // the one last asked for: often the next one too
  std::vector<Position> positions_;
  std::vector<Movement> batch_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_AGENDA_H_

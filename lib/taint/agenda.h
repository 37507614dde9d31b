#ifndef SPOOR_LIB_TAINT_AGENDA_H_
#define SPOOR_LIB_TAINT_AGENDA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/taint/scan_ahead.h"
#include "lib/taint/window_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"

namespace spoor {

enum class Direction { kForward, kBack };

// What waits when all movements have been visited waits for one that does not take it up: the
// ledger contradicts itself.
absl::Status NotTakenUp();
// The same of an output that has another amount where it is spent.
absl::Status NotTheSameAmount();

// The movements still to visit, in order of position, backwards the last first. They are read ahead
// in batches: while the first is being worked on, the ones that wait behind it are already known,
// though another may still come in between. Where so many wait that reading the ledger straight
// through is cheaper, they are read that way, a window of positions at a time; what is visited is
// the same.
//
// If fees are followed, a coinbase comes after the rest of its block, as CoinbaseWithFees().
class Agenda {
 public:
  // `scan_ahead`: may have a thread of its own for scanning forward.
  Agenda(const LedgerView& view, Direction direction, FeeRule fees,
         ReadRule reading = ReadRule::kCheaper, bool scan_ahead = false);

  // Requires a movement that Pop() has not gone past. OUT_OF_RANGE if the ledger has none there.
  absl::Status Add(Position position);
  // The coinbase of the block at `height`, if fees are followed: its position.
  absl::StatusOr<Position> AddCoinbase(uint32_t height);

  bool empty() const { return in_window_ == 0 && later_.empty(); }
  // How many wait; one may be counted once for each time that it was added.
  uint64_t size() const { return in_window_ + in_later_; }

  // Takes the first, which stands until the next call. Requires one.
  absl::StatusOr<const Movement*> Pop();
  // Takes one after another until none waits, and shows each to `visit`, which may add others.
  // Forward, this reads straight through without keeping what it reads.
  absl::Status Run(absl::FunctionRef<absl::Status(const Movement&)> visit);

 private:
  // Places in the order: a movement's is even, and a block's coinbase with its fees has the odd one
  // after the block's last movement. A window is so many places, aligned.
  static constexpr uint64_t kWindowBits = 14;
  static constexpr uint64_t kWindow = uint64_t{1} << kWindowBits;
  static uint64_t PlaceOf(Position position) { return 2 * position.number; }
  static uint64_t CoinbasePlace(const BlockInfo& block) { return 2 * block.totals.movements - 1; }
  static bool IsCoinbase(uint64_t place) { return place % 2 == 1; }

  bool forward() const { return direction_ == Direction::kForward; }
  absl::StatusOr<BlockInfo> Block(Position position);
  void AddPlace(uint64_t place);
  absl::Status AddCoinbase(const BlockInfo& block);
  // The first place that waits, in the window. Requires one there.
  uint64_t First();
  void Take(uint64_t place);
  // The first window after `window`, or of all, that something waits for; backwards, the last
  // before it. Nullopt if there is none.
  std::optional<uint64_t> NextWindow(std::optional<uint64_t> window) const;
  void EnterNextWindow();
  const Movement* FindScanned(Position position) const;
  // Reads the movement at `position`, the first that waits, and others with it.
  absl::Status ReadFrom(Position position);
  bool ScanIsCheaper(Position position) const;
  absl::Status ScanWindow(Position position);
  static absl::Status CheckScanned(const Movement& movement, uint64_t expected);
  absl::Status PastTheEnd(uint64_t number) const;
  void ForgetRead(uint64_t first, uint64_t last);
  // Forward: from the first that waits on, to the window's end at most.
  absl::Status ScanThrough(absl::FunctionRef<absl::Status(const Movement&)> visit);
  // As LedgerView::ScanMovements(), here or in a thread.
  absl::Status Scan(Position from, absl::FunctionRef<absl::Status(const Movement&)> visit);
  absl::Status ReadAhead(Position position);

  const LedgerView& view_;
  Direction direction_;
  FeeRule fees_;
  ReadRule reading_;
  std::optional<ScanAhead> scan_ahead_;
  uint64_t end_;  // of the ledger's movements

  // The window that is worked on: which, the places in it that wait, how many of them and from
  // where on they stand. Before the first there is none.
  std::optional<uint64_t> window_;
  std::array<uint64_t, kWindow / 64> bits_ = {};
  uint64_t in_window_ = 0;
  size_t word_ = 0;
  // Movements visited in this window, and in the one before if that was its neighbour.
  uint64_t visited_ = 0;
  uint64_t visited_before_ = 0;
  // Places in other windows, each in its window, unsorted, some more than once.
  WindowTable<std::vector<uint16_t>> later_;
  uint64_t in_later_ = 0;

  // What has been read: one by one, and straight through from scanned_first_ on.
  absl::flat_hash_map<Position, Movement> read_;
  Movement taken_;
  std::vector<Movement> scanned_;
  size_t scanned_count_ = 0;
  uint64_t scanned_first_ = 0;

  // Some of those added last: each policy adds the same ones.
  std::array<uint64_t, 16> added_ = {};  // position + 1, at position % 16
  std::optional<BlockInfo> block_;       // the one last asked for: often the next one too
  std::vector<Position> positions_;
  std::vector<Movement> batch_;
  std::vector<Movement> spare_;  // done with: the next ones have their memory
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_AGENDA_H_

#ifndef SPOOR_TESTS_TAINT_CONTRADICTORY_H_
#define SPOOR_TESTS_TAINT_CONTRADICTORY_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/memory_ledger.h"

namespace spoor {

// A ledger that says something else of its movements than it was given.
class Misleading : public MemoryLedger {
 public:
  using MemoryLedger::MemoryLedger;
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override {
    SPOOR_RETURN_IF_ERROR(MemoryLedger::ReadMovements(positions, out));
    for (Movement& movement : *out) Mislead(&movement);
    return absl::OkStatus();
  }
  absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const override {
    return MemoryLedger::ScanMovements(from, [&](const Movement& movement) {
      Movement changed = movement;
      Mislead(&changed);
      return visit(changed);
    });
  }

 private:
  virtual void Mislead(Movement* movement) const = 0;
};

// A ledger that contradicts itself, as a damaged one may: of some receipts it does not tell, and of
// some outputs it names the wrong spender.
class Contradictory : public Misleading {
 public:
  Contradictory(const ChainInfo& chain, uint64_t seed) : Misleading(chain), seed_(seed) {}

  absl::StatusOr<std::vector<Position>> Receipts(AddressId id) const override {
    SPOOR_ASSIGN_OR_RETURN(std::vector<Position> receipts, MemoryLedger::Receipts(id));
    std::erase_if(receipts, [&](Position position) { return Lies(position.number, id.number); });
    return receipts;
  }

 private:
  bool Lies(uint64_t a, uint64_t b) const { return (seed_ + 7 * a + 31 * b) % 11 == 0; }
  void Mislead(Movement* movement) const override {
    for (Take& take : movement->takes) {
      if (!take.next.has_value() || !Lies(take.holding.major, take.holding.minor)) continue;
      if (take.next->number + 1 < tip()->totals.movements) ++take.next->number;
    }
  }

  uint64_t seed_;
};

// A ledger whose outputs have one unit less where they are spent.
class OtherAmounts : public Misleading {
 public:
  using Misleading::Misleading;

 private:
  void Mislead(Movement* movement) const override {
    for (Give& give : movement->gives) give.amount -= give.amount > 0 ? 1 : 0;
  }
};

// A ledger whose blocks say that they end far beyond the chain.
class OtherBlocks : public MemoryLedger {
 public:
  using MemoryLedger::MemoryLedger;
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override {
    SPOOR_ASSIGN_OR_RETURN(BlockInfo block, MemoryLedger::BlockAt(height));
    block.totals.movements += uint64_t{1} << 45;
    return block;
  }
};

}  // namespace spoor

#endif  // SPOOR_TESTS_TAINT_CONTRADICTORY_H_

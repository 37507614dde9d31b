#ifndef SPOOR_LIB_TAINT_MOVEMENT_NUMBERS_H_
#define SPOOR_LIB_TAINT_MOVEMENT_NUMBERS_H_

#include <cstdint>
#include <memory>

#include "spoor/ledger/model.h"
#include "spoor/taint/trace_lists.h"

namespace spoor {

// Numbers the movements that units went by, for all policies together.
class MovementNumbers {
 public:
  // Of the movement at hand: of others, one that it numbered before.
  uint32_t NumberOf(Position position, const Txid& txid, uint32_t height) {
    if (names_->empty() || names_->back().position != position) {
      names_->emplace_back(position, txid, height);
    }
    return static_cast<uint32_t>(names_->size() - 1);
  }
  const std::shared_ptr<MovementNames>& names() const { return names_; }
  uint64_t memory() const { return names_->size() * sizeof(MovementName); }

 private:
  std::shared_ptr<MovementNames> names_ = std::make_shared<MovementNames>();
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_MOVEMENT_NUMBERS_H_

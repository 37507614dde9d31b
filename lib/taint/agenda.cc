#include "lib/taint/agenda.h"

#include <utility>

#include "lib/taint/blocks.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Movements read in one request, when so many wait.
constexpr size_t kReadAhead = 256;

}  // namespace

absl::Status Agenda::Add(Position position) {
  if (fees_ != FeeRule::kEnd) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, Block(position));
    if (position == block.first) {
      waiting_.insert(CoinbasePlace(block));
      return absl::OkStatus();
    }
  }
  waiting_.insert(PlaceOf(position));
  return absl::OkStatus();
}

absl::Status Agenda::AddCoinbase(uint32_t height) {
  if (!block_.has_value() || block_->height != height) {
    SPOOR_ASSIGN_OR_RETURN(block_, view_.BlockAt(height));
  }
  waiting_.insert(CoinbasePlace(*block_));
  return absl::OkStatus();
}

absl::StatusOr<Movement> Agenda::Pop() {
  const auto first =
      direction_ == Direction::kForward ? waiting_.begin() : std::prev(waiting_.end());
  const uint64_t place = *first;
  const Position position{place / 2};
  if (IsCoinbase(place)) {
    waiting_.erase(first);
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, Block(position));
    return CoinbaseWithFees(view_, block, fees_);
  }
  auto it = read_.find(position);
  if (it == read_.end()) {
    SPOOR_RETURN_IF_ERROR(ReadAhead());
    it = read_.find(position);
  }
  waiting_.erase(first);
  Movement movement = std::move(it->second);
  read_.erase(it);
  return movement;
}

absl::StatusOr<BlockInfo> Agenda::Block(Position position) {
  if (!block_.has_value() || position < block_->first ||
      position.number >= block_->totals.movements) {
    SPOOR_ASSIGN_OR_RETURN(block_, BlockOf(view_, position));
  }
  return *block_;
}

template <typename Iterator>
void Agenda::Unread(Iterator it, Iterator end) {
  positions_.clear();
  // The window counts what has been read too: beyond it there is time enough.
  for (size_t looked = 0; it != end && looked < kReadAhead; ++it, ++looked) {
    const Position position{*it / 2};
    if (!IsCoinbase(*it) && !read_.contains(position)) positions_.push_back(position);
  }
}

absl::Status Agenda::ReadAhead() {
  if (direction_ == Direction::kForward) {
    Unread(waiting_.begin(), waiting_.end());
  } else {
    Unread(waiting_.rbegin(), waiting_.rend());
  }
  SPOOR_RETURN_IF_ERROR(view_.ReadMovements(positions_, &batch_));
  for (Movement& movement : batch_) read_.emplace(movement.position, std::move(movement));
  return absl::OkStatus();
}

}  // namespace spoor

#include "lib/taint/agenda.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/taint/blocks.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Movements read in one request, when so many wait.
constexpr size_t kReadAhead = 256;
// The second thread looks further ahead, so that it is done before what it has read is wanted.
constexpr size_t kAskAhead = 4 * kReadAhead;
// Reading a movement by its position costs about as much as reading this many straight through,
// where so many are wanted that it matters: measured, see README.md.
constexpr uint64_t kScanGain = 3;

}  // namespace

absl::Status Agenda::Add(Position position) {
  uint64_t& added = added_[position.number % added_.size()];
  if (added == position.number + 1) return absl::OkStatus();
  added = position.number + 1;
  if (fees_ != FeeRule::kEnd) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, Block(position));
    if (position == block.first) {
      AddPlace(CoinbasePlace(block));
      return absl::OkStatus();
    }
  }
  AddPlace(PlaceOf(position));
  return absl::OkStatus();
}

absl::StatusOr<Position> Agenda::AddCoinbase(uint32_t height) {
  if (!block_.has_value() || block_->height != height) {
    SPOOR_ASSIGN_OR_RETURN(block_, view_.BlockAt(height));
  }
  AddPlace(CoinbasePlace(*block_));
  return block_->first;
}

void Agenda::AddPlace(uint64_t place) {
  const uint64_t window = place >> kWindowBits;
  const uint64_t inside = place % kWindow;
  if (window != window_) {
    later_[window].push_back(static_cast<uint16_t>(inside));
    ++in_later_;
    return;
  }
  uint64_t& bits = bits_[inside / 64];
  const uint64_t bit = uint64_t{1} << (inside % 64);
  if ((bits & bit) != 0) return;
  bits |= bit;
  ++in_window_;
}

void Agenda::EnterNextWindow() {
  const auto next = forward() ? later_.begin() : std::prev(later_.end());
  const bool neighbour =
      window_.has_value() && next->first == *window_ + (forward() ? 1 : ~uint64_t{0});
  visited_before_ = neighbour ? visited_ : 0;
  visited_ = 0;
  window_ = next->first;
  word_ = forward() ? 0 : bits_.size() - 1;
  const std::vector<uint16_t> places = std::move(next->second);
  later_.erase(next);
  in_later_ -= places.size();
  for (const uint16_t inside : places) AddPlace((*window_ << kWindowBits) + inside);
}

uint64_t Agenda::First() {
  while (bits_[word_] == 0) word_ += forward() ? 1 : ~size_t{0};
  const int bit = forward() ? std::countr_zero(bits_[word_]) : 63 - std::countl_zero(bits_[word_]);
  return (*window_ << kWindowBits) + word_ * 64 + static_cast<uint64_t>(bit);
}

void Agenda::Take(uint64_t place) {
  bits_[place % kWindow / 64] &= ~(uint64_t{1} << (place % 64));
  --in_window_;
  ++visited_;
}

absl::Status Agenda::Run(absl::FunctionRef<absl::Status(const Movement&)> visit) {
  while (!empty()) {
    if (in_window_ == 0) EnterNextWindow();
    const uint64_t place = First();
    const Position position{place / 2};
    if (forward() && !IsCoinbase(place) && !read_.contains(position) && ScanIsCheaper(position)) {
      SPOOR_RETURN_IF_ERROR(ScanThrough(visit));
    } else {
      SPOOR_ASSIGN_OR_RETURN(const Movement* const movement, Pop());
      SPOOR_RETURN_IF_ERROR(visit(*movement));
    }
  }
  return absl::OkStatus();
}

absl::Status Agenda::ScanThrough(absl::FunctionRef<absl::Status(const Movement&)> visit) {
  const uint64_t first = First() / 2;
  uint64_t last = LastInWindow();
  SPOOR_RETURN_IF_ERROR(ForgetRead(first, last));
  uint64_t expected = first;
  bool done = false;
  const auto look = [&](const Movement& movement) -> absl::Status {
    SPOOR_RETURN_IF_ERROR(CheckScanned(movement, expected++));
    const uint64_t place = PlaceOf(movement.position);
    if (fees_ != FeeRule::kEnd) {
      while (in_window_ > 0 && First() < place) {
        SPOOR_ASSIGN_OR_RETURN(const Movement* const coinbase, Pop());
        SPOOR_RETURN_IF_ERROR(visit(*coinbase));
      }
    }
    if (place >> kWindowBits == *window_ &&
        (bits_[place % kWindow / 64] >> (place % 64) & 1) != 0) {
      Take(place);
      SPOOR_RETURN_IF_ERROR(visit(movement));
    }
    // Only what is visited adds to the window.
    if (in_window_ > 0 && movement.position.number != last) return absl::OkStatus();
    done = !ScansOn();
    if (done) return absl::CancelledError();
    last = LastInWindow();
    return ForgetRead(First() / 2, last);
  };
  const absl::Status status = second_thread_ ? view_.ScanMovementsAhead(Position{first}, look)
                                             : view_.ScanMovements(Position{first}, look);
  if (done) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(status);
  // Of the chain's last block the coinbase may wait still.
  return IsCoinbase(First()) ? absl::OkStatus() : PastTheEnd(First() / 2);
}

bool Agenda::ScansOn() {
  if (in_window_ > 0 || later_.empty() || later_.begin()->first != *window_ + 1) return false;
  EnterNextWindow();
  const uint64_t place = First();
  return !IsCoinbase(place) && ScanIsCheaper(Position{place / 2});
}

absl::Status Agenda::CheckScanned(const Movement& movement, uint64_t expected) {
  if (movement.position.number == expected) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("scanning the movements: number ",
                                          movement.position.number, " comes where ", expected,
                                          " is due"));
}

absl::Status Agenda::PastTheEnd(uint64_t number) const {
  return absl::OutOfRangeError(absl::StrCat(view_.chain().name, " has no movement ", number));
}

absl::Status Agenda::ForgetRead(uint64_t first, uint64_t last) {
  SPOOR_RETURN_IF_ERROR(TakeAnswer());
  absl::erase_if(read_, [&](const auto& read) {
    return read.first.number >= first && read.first.number <= last;
  });
  return absl::OkStatus();
}

absl::StatusOr<const Movement*> Agenda::Pop() {
  if (in_window_ == 0) EnterNextWindow();
  const uint64_t place = First();
  Take(place);
  const Position position{place / 2};
  if (IsCoinbase(place)) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, Block(position));
    SPOOR_ASSIGN_OR_RETURN(taken_, CoinbaseWithFees(view_, block, fees_));
    return &taken_;
  }
  if (const Movement* const scanned = FindScanned(position); scanned != nullptr) return scanned;
  auto it = read_.find(position);
  if (it == read_.end()) {
    SPOOR_RETURN_IF_ERROR(ReadFrom(position));
    if (const Movement* const scanned = FindScanned(position); scanned != nullptr) return scanned;
    it = read_.find(position);
  }
  // A few large ones must not come to be many, whatever they hold.
  constexpr size_t kMostKept = 64;
  if (taken_.gives.capacity() + taken_.takes.capacity() <= kMostKept) {
    spare_.push_back(std::move(taken_));
  }
  taken_ = std::move(it->second);
  read_.erase(it);
  return &taken_;
}

absl::StatusOr<BlockInfo> Agenda::Block(Position position) {
  if (!block_.has_value() || position < block_->first ||
      position.number >= block_->totals.movements) {
    SPOOR_ASSIGN_OR_RETURN(block_, BlockOf(view_, position));
  }
  return *block_;
}

const Movement* Agenda::FindScanned(Position position) const {
  const uint64_t index = position.number - scanned_first_;
  return index < scanned_count_ ? &scanned_[index] : nullptr;
}

absl::Status Agenda::ReadFrom(Position position) {
  return ScanIsCheaper(position) ? ScanWindow(position) : ReadAhead(position);
}

bool Agenda::ScanIsCheaper(Position position) const {
  if (reading_ != ReadRule::kCheaper) return reading_ == ReadRule::kScan;
  // What waits by now is a part of what will: in a wide trace most of a window's movements are
  // found from within it. The window before says how many those are.
  const uint64_t inside = position.number % (kWindow / 2);
  const uint64_t left = forward() ? kWindow / 2 - inside : inside + 1;
  const uint64_t expected = visited_before_ * left / (kWindow / 2);
  return std::max(in_window_ + 1, expected) * kScanGain >= left;
}

absl::Status Agenda::ScanWindow(Position position) {
  const uint64_t begin = *window_ * (kWindow / 2);
  uint64_t first = position.number;
  uint64_t last = begin + kWindow / 2 - 1;
  if (!forward()) {
    first = begin;
    last = position.number;
  }
  SPOOR_RETURN_IF_ERROR(ForgetRead(first, last));
  scanned_first_ = first;
  scanned_count_ = 0;
  const absl::Status done = absl::CancelledError();
  const absl::Status status =
      view_.ScanMovements(Position{first}, [&](const Movement& movement) -> absl::Status {
        SPOOR_RETURN_IF_ERROR(CheckScanned(movement, first + scanned_count_));
        if (scanned_count_ == scanned_.size()) scanned_.emplace_back();
        scanned_[scanned_count_++] = movement;
        return movement.position.number == last ? done : absl::OkStatus();
      });
  if (!status.ok() && status != done) return status;
  return FindScanned(position) == nullptr ? PastTheEnd(position.number) : absl::OkStatus();
}

absl::Status Agenda::ReadAhead(Position position) {
  if (IsAsked(position)) {
    SPOOR_RETURN_IF_ERROR(TakeAnswer());
  } else {
    positions_.assign({position});
    AddUnread(kReadAhead);
    std::vector<Movement> movements = TakeSpare(positions_.size());
    SPOOR_RETURN_IF_ERROR(view_.ReadMovements(positions_, &movements));
    Keep(&movements);
  }
  if (second_thread_ && asked_.empty()) AskAhead();
  return absl::OkStatus();
}

void Agenda::AddUnread(size_t most) {
  // The look ahead counts what has been read too: beyond it there is time enough.
  size_t looked = positions_.size();
  const auto look = [&](uint64_t place) {
    ++looked;
    const Position ahead{place / 2};
    if (IsCoinbase(place) || read_.contains(ahead) || IsAsked(ahead)) return;
    positions_.push_back(ahead);
  };
  for (size_t word = word_; word < bits_.size() && looked < most;
       word += forward() ? 1 : ~size_t{0}) {
    for (uint64_t bits = bits_[word]; bits != 0; bits &= bits - 1) {
      look((*window_ << kWindowBits) + word * 64 + static_cast<uint64_t>(std::countr_zero(bits)));
    }
  }
  const auto look_at_window = [&](const auto& window) {
    // A window with more is read when its turn comes.
    if (looked + window.second.size() > most) return false;
    for (const uint16_t inside : window.second) look((window.first << kWindowBits) + inside);
    return true;
  };
  if (forward()) {
    for (auto it = later_.begin(); it != later_.end() && look_at_window(*it); ++it) {
    }
  } else {
    for (auto it = later_.rbegin(); it != later_.rend() && look_at_window(*it); ++it) {
    }
  }
  std::sort(positions_.begin(), positions_.end());
  positions_.erase(std::unique(positions_.begin(), positions_.end()), positions_.end());
}

std::vector<Movement> Agenda::TakeSpare(size_t most) {
  std::vector<Movement> movements;
  movements.reserve(most);
  while (movements.size() < most && !spare_.empty()) {
    movements.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  return movements;
}

void Agenda::Keep(std::vector<Movement>* movements) {
  for (Movement& movement : *movements) read_.emplace(movement.position, std::move(movement));
}

bool Agenda::IsAsked(Position position) const {
  return std::binary_search(asked_.begin(), asked_.end(), position);
}

void Agenda::AskAhead() {
  positions_.clear();
  AddUnread(kAskAhead);
  if (positions_.size() < kReadAhead) return;
  asked_ = positions_;
  const auto read =
      [this](std::vector<Movement> movements) -> absl::StatusOr<std::vector<Movement>> {
    SPOOR_RETURN_IF_ERROR(view_.ReadMovements(asked_, &movements));
    return movements;
  };
  // Where the system has no more threads to give, it is read when it is wanted.
  answer_ = std::async(std::launch::async | std::launch::deferred, read, TakeSpare(asked_.size()));
}

absl::Status Agenda::TakeAnswer() {
  if (asked_.empty()) return absl::OkStatus();
  absl::StatusOr<std::vector<Movement>> movements = answer_.get();
  asked_.clear();
  SPOOR_RETURN_IF_ERROR(movements.status());
  Keep(&*movements);
  return absl::OkStatus();
}

}  // namespace spoor

#include "lib/taint/agenda.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/taint/blocks.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Movements read in one request, when so many wait.
constexpr size_t kReadAhead = 256;
// Reading a movement by its position costs about as much as reading this many straight through,
// where so many are wanted that it matters: measured, see README.md.
constexpr uint64_t kScanGain = 4;

}  // namespace

absl::Status NotTakenUp() {
  return absl::DataLossError(
      "the ledger contradicts itself: it names a transaction by which some of the units moved, and "
      "that one does not touch them; run trace check");
}

absl::Status NotTheSameAmount() {
  return absl::DataLossError(
      "the ledger contradicts itself: an output has another amount where it is spent; run trace "
      "check");
}

Agenda::Agenda(const LedgerView& view, Direction direction, FeeRule fees, ReadRule reading,
               bool scan_ahead)
    : view_(view), direction_(direction), fees_(fees), reading_(reading) {
  if (scan_ahead) scan_ahead_.emplace(view);
  const std::optional<BlockInfo> tip = view.tip();
  end_ = tip.has_value() ? tip->totals.movements : 0;
}

absl::Status Agenda::Add(Position position) {
  if (position.number >= end_) return PastTheEnd(position.number);
  uint64_t& added = added_[position.number % added_.size()];
  if (added == position.number + 1) return absl::OkStatus();
  added = position.number + 1;
  if (fees_ != FeeRule::kEnd) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, Block(position));
    if (position == block.first) return AddCoinbase(block);
  }
  AddPlace(PlaceOf(position));
  return absl::OkStatus();
}

absl::StatusOr<Position> Agenda::AddCoinbase(uint32_t height) {
  if (!block_.has_value() || block_->height != height) {
    SPOOR_ASSIGN_OR_RETURN(block_, view_.BlockAt(height));
  }
  SPOOR_RETURN_IF_ERROR(AddCoinbase(*block_));
  return block_->first;
}

absl::Status Agenda::AddCoinbase(const BlockInfo& block) {
  if (block.first.number >= block.totals.movements || block.totals.movements > end_) {
    return absl::DataLossError(absl::StrCat("block ", block.height, " of ", view_.chain().name,
                                            " begins or ends where the chain has nothing"));
  }
  AddPlace(CoinbasePlace(block));
  return absl::OkStatus();
}

void Agenda::AddPlace(uint64_t place) {
  const uint64_t window = place >> kWindowBits;
  const uint64_t inside = place % kWindow;
  if (window != window_) {
    later_.At(window).push_back(static_cast<uint16_t>(inside));
    ++in_later_;
    return;
  }
  uint64_t& bits = bits_[inside / 64];
  const uint64_t bit = uint64_t{1} << (inside % 64);
  // Without a branch, for whether it waits already is anybody's guess.
  in_window_ += (bits & bit) == 0 ? 1 : 0;
  bits |= bit;
}

std::optional<uint64_t> Agenda::NextWindow(std::optional<uint64_t> window) const {
  if (forward()) return later_.FirstFrom(window.has_value() ? *window + 1 : 0);
  return later_.LastBefore(window.value_or(std::numeric_limits<uint64_t>::max()));
}

void Agenda::EnterNextWindow() {
  // A ledger that contradicts itself may name a movement that was gone past.
  std::optional<uint64_t> following = NextWindow(window_);
  if (!following.has_value()) following = NextWindow(std::nullopt);
  const uint64_t next = *following;
  const bool neighbour = window_.has_value() && next == *window_ + (forward() ? 1 : ~uint64_t{0});
  visited_before_ = neighbour ? visited_ : 0;
  visited_ = 0;
  window_ = next;
  word_ = forward() ? 0 : bits_.size() - 1;
  const std::vector<uint16_t> places = later_.Take(next);
  in_later_ -= places.size();
  for (const uint16_t inside : places) bits_[inside / 64] |= uint64_t{1} << (inside % 64);
  for (const uint64_t word : bits_) in_window_ += static_cast<uint64_t>(std::popcount(word));
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
  const uint64_t last = (*window_ + 1) * (kWindow / 2) - 1;
  ForgetRead(first, last);
  uint64_t expected = first;
  bool done = false;
  const absl::Status status = Scan(Position{first}, [&](const Movement& movement) -> absl::Status {
    SPOOR_RETURN_IF_ERROR(CheckScanned(movement, expected++));
    const uint64_t place = PlaceOf(movement.position);
    if (fees_ != FeeRule::kEnd) {
      while (in_window_ > 0 && First() < place) {
        SPOOR_ASSIGN_OR_RETURN(const Movement* const coinbase, Pop());
        SPOOR_RETURN_IF_ERROR(visit(*coinbase));
      }
    }
    if ((bits_[place % kWindow / 64] >> (place % 64) & 1) != 0) {
      Take(place);
      SPOOR_RETURN_IF_ERROR(visit(movement));
    }
    // Only what is visited adds to the window.
    done = in_window_ == 0 || movement.position.number == last;
    return done ? absl::CancelledError() : absl::OkStatus();
  });
  if (done) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(status);
  // Of the chain's last block the coinbase may wait still.
  return IsCoinbase(First()) ? absl::OkStatus() : PastTheEnd(First() / 2);
}

absl::Status Agenda::Scan(Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) {
  // For fewer it does not pay to begin a thread, and to go on with one wins nothing to speak of.
  constexpr uint64_t kLeastAhead = kWindow / 2;
  if (scan_ahead_.has_value() && end_ - from.number >= kLeastAhead) {
    return scan_ahead_->ScanMovements(from, visit);
  }
  return view_.ScanMovements(from, visit);
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

void Agenda::ForgetRead(uint64_t first, uint64_t last) {
  absl::erase_if(read_, [&](const auto& read) {
    return read.first.number >= first && read.first.number <= last;
  });
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
  ForgetRead(first, last);
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
  positions_.assign({position});
  // The look ahead counts what has been read too: beyond it there is time enough.
  size_t looked = 1;
  const auto look = [&](uint64_t place) {
    ++looked;
    const Position ahead{place / 2};
    if (!IsCoinbase(place) && !read_.contains(ahead)) positions_.push_back(ahead);
  };
  for (size_t word = word_; word < bits_.size() && looked < kReadAhead;
       word += forward() ? 1 : ~size_t{0}) {
    for (uint64_t bits = bits_[word]; bits != 0; bits &= bits - 1) {
      look((*window_ << kWindowBits) + word * 64 + static_cast<uint64_t>(std::countr_zero(bits)));
    }
  }
  size_t windows = later_.size();  // for beyond the last there is nothing to look for
  for (auto window = window_; windows > 0; --windows) {
    window = NextWindow(window);
    if (!window.has_value()) break;
    const std::vector<uint16_t>& places = *later_.Find(*window);
    // A window with more is read when its turn comes.
    if (looked + places.size() > kReadAhead) break;
    for (const uint16_t inside : places) look((*window << kWindowBits) + inside);
  }
  std::sort(positions_.begin() + 1, positions_.end());
  positions_.erase(std::unique(positions_.begin() + 1, positions_.end()), positions_.end());
  batch_.clear();
  while (batch_.size() < positions_.size() && !spare_.empty()) {
    batch_.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  SPOOR_RETURN_IF_ERROR(view_.ReadMovements(positions_, &batch_));
  for (Movement& movement : batch_) read_.emplace(movement.position, std::move(movement));
  batch_.clear();
  return absl::OkStatus();
}

}  // namespace spoor

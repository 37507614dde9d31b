#include "lib/taint/scan_ahead.h"

#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

uint64_t BytesOf(const Movement& movement) {
  return sizeof(movement) + movement.gives.capacity() * sizeof(Give) +
         movement.takes.capacity() * sizeof(Take);
}

}  // namespace

absl::Status ScanAhead::ScanMovements(Position from,
                                      absl::FunctionRef<absl::Status(const Movement&)> visit) {
  const bool goes_on =
      ahead_.has_value() && from.number >= next_ && from.number - next_ <= kMostPassedBy;
  if (!goes_on && !Start(from)) return view_.ScanMovements(from, visit);
  while (batch_ != nullptr || (batch_ = ahead_->Take()) != nullptr) {
    while (at_ < batch_->count) {
      const Movement& movement = batch_->movements[at_++];
      if (next_++ < from.number) continue;
      SPOOR_RETURN_IF_ERROR(visit(movement));
    }
    at_ = 0;
    ahead_->GiveBack(std::move(batch_));
  }
  if (next_ < from.number) {
    // What could not be read was not asked for.
    ahead_.reset();
    return ScanMovements(from, visit);
  }
  return ahead_->End();
}

bool ScanAhead::Start(Position from) {
  batch_.reset();
  at_ = 0;
  next_ = from.number;
  try {
    ahead_.emplace([this, from](ReadAhead<Batch>* ahead) { return Read(from, ahead); }, kMemory);
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

absl::Status ScanAhead::Read(Position from, ReadAhead<Batch>* ahead) const {
  std::unique_ptr<Batch> batch;
  // However it ends, what was read before is shown before.
  const auto hand_over_rest = absl::MakeCleanup([&] {
    if (batch != nullptr) ahead->HandOver(std::move(batch));
  });
  return view_.ScanMovements(from, [&](const Movement& movement) -> absl::Status {
    if (batch == nullptr) {
      batch = ahead->TakeSpare();
      batch->count = 0;
    }
    if (batch->count == batch->movements.size()) {
      batch->bytes += BytesOf(batch->movements.emplace_back());
    }
    Movement& copy = batch->movements[batch->count];
    batch->bytes -= BytesOf(copy);
    copy = movement;
    batch->bytes += BytesOf(copy);
    if (++batch->count < kInBatch && batch->bytes < kMostBytes) return absl::OkStatus();
    return ahead->HandOver(std::move(batch)) ? absl::OkStatus() : absl::CancelledError();
  });
}

}  // namespace spoor
